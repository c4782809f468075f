"""Weights for a draft that changes a little at a time: what was fitted is kept on disk, and only followed."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from intents.change import WeightChange
from training.kept_file import KeptFileError, sweep
from training.kept_fit import KeptFit, keep_fit, read_fit
from training.lesson import Lesson

_LOGGER: Final = logging.getLogger(__name__)
_FAR: Final = 32


@dataclass(slots=True)
class InstantFitter:
    """Follows a kept fit, and makes another one where there is none that is near enough.

    Attributes:
        file: Where the fit is kept, for the next process too; None keeps it in memory. Only one process may write it.
    """

    file: Path | None = None
    _kept: KeptFit | None = None
    _is_open: bool = False
    _last: Lesson | None = None
    _changes: int = 0

    def follow(self, lesson: Lesson) -> tuple[KeptFit, WeightChange]:
        """Return a fit, and what makes it the one that a fresh fit would give, but for rounding.

        Raises:
            ValueError: The ridge is too small for these vectors, or they are not finite.
        """
        self._open()
        kept = self._kept
        change = kept.follow(lesson) if kept else None
        if kept is None or change is None:
            kept = self._kept = self._fit(lesson, lambda: True)
            change = kept.follow(lesson) if kept else None
        if kept is None or change is None:
            raise RuntimeError("a fit does not follow itself")  # never: nothing has changed
        self._last, self._changes = lesson, change.count
        return kept, change

    @property
    def is_far(self) -> bool:
        """Tell whether so much has changed that following begins to take time."""
        return self._changes > _FAR

    def renew(self, goes_on: Callable[[], bool]) -> None:
        """Fit the last lesson anew, and follow that from then on; for a thread of its own.

        Args:
            goes_on: Asked now and then; False gives up, and all is as before.
        """
        self._changes = 0
        if self._last is not None:
            self._kept = self._fit(self._last, goes_on) or self._kept

    def _open(self) -> None:
        if self._is_open or self.file is None:
            return
        self._is_open = True
        sweep(self.file.parent)
        try:
            self._kept = read_fit(self.file)
        except KeptFileError as problem:
            _LOGGER.warning("%s", problem)

    def _fit(self, lesson: Lesson, goes_on: Callable[[], bool]) -> KeptFit | None:
        try:
            return keep_fit(lesson, self.file, goes_on)
        except (OSError, KeptFileError) as problem:
            _LOGGER.warning(
                "the fit of the draft is kept in memory, since %s: %s", self.file, problem
            )
            return keep_fit(lesson, None, goes_on)
