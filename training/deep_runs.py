"""Runs of deep tuning, one after the other, each gone on with after a kill; says how long they will take."""

import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from shutil import rmtree
from typing import Final
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from training.deep_base import DeepBase
from training.deep_tuning import DeepRecipe, DeepTuner, Lessons, TunedIntents, shares_of
from training.progress import Report

Floats = NDArray[np.float32]

# Examples times epochs: what takes about fifteen minutes of one core in all, with utterances of a dozen words. It holds
# two fifths of 10,000 examples out. As many of more, which takes longer: one fifth of 15,000 cannot tell a gain of 0.3
# points from chance.
_BUDGET: Final = 80_000
_FEWEST_FOLDS: Final = 2
_WANTED: Final = 20_000
_MOST_EPOCHS: Final = 12
_FOLDS: Final = 5
_MINUTE_S: Final = 60


@dataclass(frozen=True, slots=True)
class Schedule:
    """How much is tuned.

    Attributes:
        epochs: Of each run; more where there are few examples.
        folds: How many fifths are held out in turn before everything is tuned on.
    """

    epochs: int
    folds: int


def schedule_for(examples: int, fewest_epochs: int) -> Schedule:
    """Spend the same time on up to 10,000 examples, more epochs and folds where they are few; on more, more time."""
    epochs = max(fewest_epochs, min(_MOST_EPOCHS, -(-_WANTED // max(1, examples))))
    passes = examples * epochs
    left = (_BUDGET - passes) / max(1.0, passes * (1 - 1 / _FOLDS))
    return Schedule(epochs, max(_FEWEST_FOLDS, min(_FOLDS, int(left))))


@dataclass(slots=True)
class Pace:
    """Estimates how long several runs still take, from how long they took so far.

    Attributes:
        total: Examples times epochs of all runs.
        done: Those of runs that ended.
        worked: Those that this process did itself; a run that is gone on with was partly done before.
        spent_s: Seconds that these took; what happens between runs is not counted.
        now: Seconds of a clock that only goes forward.
    """

    total: float
    done: float = 0.0
    worked: float = 0.0
    spent_s: float = 0.0
    now: Callable[[], float] = time.monotonic

    def reporting(self, size: float, report: Report) -> Report:
        """Return what a run of this size reports to; adds how many minutes are left in all."""
        before: list[tuple[float, float]] = []

        def told(share: float, word: str) -> None:
            moment = self.now()
            if before:
                self.worked += (share - before[0][0]) * size
                self.spent_s += moment - before[0][1]
            before[:] = [(share, moment)]
            report(share, f"{word}, {self._left(self.done + share * size)}")

        return told

    def end(self, size: float) -> None:
        """Count a run as done."""
        self.done += size

    def _left(self, overall: float) -> str:
        if self.worked <= 0:
            return "estimating how long it takes"
        left_s = self.spent_s / self.worked * max(0.0, self.total - overall)
        return f"about {left_s / _MINUTE_S:.0f} min left" if left_s >= _MINUTE_S else "nearly done"


@dataclass(frozen=True, slots=True)
class DeepTrainer:
    """Tunes copies of a base.

    Attributes:
        folder: Holds checkpoints and what was found out, until everything is done.
    """

    base: DeepBase
    recipe: DeepRecipe
    folder: Path

    def with_epochs(self, epochs: int) -> "DeepTrainer":
        """Return the same with another number of epochs."""
        return replace(self, recipe=replace(self.recipe, epochs=epochs))

    def tune(self, lessons: Lessons, name: str, report: Report) -> TunedIntents:
        """Tune a copy; goes on where a killed run of this name stopped."""
        prefixed = replace(lessons, texts=self._prefixed(lessons.texts))
        model = TunedIntents(
            self.base.fresh(),
            lessons.intents,
            pooling=self.base.pooling,
            dropout=self.recipe.dropout,
        )
        tuner = DeepTuner(model, self.base.tokenizer, prefixed, self.recipe, self.base.fingerprint)
        self.folder.mkdir(parents=True, exist_ok=True)
        tuner.run(self.folder / f"{name}.pt", report)
        return model

    def shares(self, lessons: Lessons, texts: Sequence[str], name: str, report: Report) -> Floats:
        """Tune a copy, and return what it says about other texts; known at once where it was found out before."""
        asked = hashlib.sha256("\n".join(texts).encode()).hexdigest()
        key = f"{self.recipe!r} {lessons.fingerprint} {self.base.fingerprint} {asked}"
        file = self.folder / f"{name}.npz"
        known = _read(file, key)
        if known is not None:
            report(1.0, "known from before")
            return known
        model = self.tune(lessons, name, report)
        found = shares_of(model, self.base.tokenizer, self._prefixed(texts))
        fresh = self.folder / f"{name}.part.npz"
        np.savez(fresh, key=np.array(key), shares=found)
        fresh.replace(file)
        (self.folder / f"{name}.pt").unlink(missing_ok=True)
        return found

    def clean_up(self) -> None:
        """Forget everything; nothing can be gone on with any more."""
        rmtree(self.folder, ignore_errors=True)

    def _prefixed(self, texts: Sequence[str]) -> tuple[str, ...]:
        return tuple(self.base.prefix + text for text in texts)


def _read(file: Path, key: str) -> Floats | None:
    try:
        with np.load(file, allow_pickle=False) as arrays:
            shares: Floats = arrays["shares"]
            return shares if str(arrays["key"]) == key else None
    except (OSError, ValueError, KeyError, BadZipFile):
        return None
