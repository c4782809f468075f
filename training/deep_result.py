"""What deep tuning is given and what it gives back; no torch, so that whoever only reads it starts quickly."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from bot.domain.ports import Encoder
from bot.encoder import OnnxEncoder
from training.datasets import LabelledText
from training.deep_folder import DeepFolder
from training.deep_verdict import Verdict
from training.evaluation.predictions import Predictions
from training.intent import FittedIntents
from training.progress import Timed

DEEP_STAGES: Final = 3


@dataclass(frozen=True, slots=True)
class DeepOutcome:
    """What came of it.

    Attributes:
        said: What both heads together say about held-out examples; a report is made from it where it was taken.
        taken: The result, where it is better; else None.
    """

    verdict: Verdict
    said: Predictions
    taken: DeepFolder | None


@dataclass(frozen=True, slots=True)
class Pupil:
    """What the instant head knows: its encoder, with its cache, and what was fitted on all examples."""

    encoder: OnnxEncoder
    cached: Encoder
    fitted: FittedIntents


class Deepen(Protocol):
    """Tries deep tuning."""

    @property
    def seed(self) -> int:
        """Return the seed of everything that is drawn at random."""
        ...

    def __call__(
        self, pupil: Pupil, rows: Sequence[LabelledText], place: Path, shown: Timed
    ) -> DeepOutcome:
        """Try deep tuning on examples, and write a folder at ``place`` where it is better."""
        ...
