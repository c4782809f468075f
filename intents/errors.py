"""Errors of intents.

IntentError
├── UnknownIntentError
├── CatalogueError
└── ArtifactError
"""


class IntentError(Exception):
    """Root of all errors of ``intents``."""


class UnknownIntentError(IntentError):
    """The catalogue has no such intent."""


class CatalogueError(IntentError):
    """A catalogue file cannot be used; the message names file, line and remedy."""


class ArtifactError(IntentError):
    """A model file is missing, corrupt or of another kind than its manifest says."""
