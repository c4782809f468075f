"""Errors of training.

TrainingError
├── AlreadyRunningError
├── DatasetError
├── RegressionError
└── SplitLeakError
"""


class TrainingError(Exception):
    """Root of all errors of ``training``."""


class AlreadyRunningError(TrainingError):
    """Another process does this already."""


class DatasetError(TrainingError):
    """A data file cannot be used; the message names file, line and remedy."""


class RegressionError(TrainingError):
    """A candidate strays from the conversations that every release must still be able to hold."""


class SplitLeakError(TrainingError):
    """The same example stands in the training part and in a part held out for testing."""
