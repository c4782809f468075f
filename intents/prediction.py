"""What heads predict from encodings, and the protocols of the heads."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class IntentPrediction:
    """What an utterance may mean.

    Attributes:
        ranking: Intents with probabilities that add up to 1, best first; ``out_of_scope`` is not among them.
        out_of_scope_probability: That no intent of the ranking is meant.
    """

    ranking: tuple[tuple[str, float], ...]
    out_of_scope_probability: float


@dataclass(frozen=True, slots=True)
class SentimentPrediction:
    """Probabilities of the three sentiments; they add up to 1."""

    negative: float
    neutral: float
    positive: float


class IntentClassifier(Protocol):
    """Ranks intents."""

    def predict(self, vectors: NDArray[np.float32]) -> tuple[IntentPrediction, ...]:
        """Rank the intents for encodings of shape ``(n, dim)``, one prediction each."""
        ...


class SentimentClassifier(Protocol):
    """Tells how an utterance feels."""

    def predict(self, moods: NDArray[np.float32]) -> SentimentPrediction:
        """Predict for one utterance from the moods of its readings, shape ``(n, dim)``; see ``intents.feeling``."""
        ...
