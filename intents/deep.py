"""A second opinion on what is meant: a linear layer over an encoder that was tuned for these very intents.

Its probabilities and the instant head's scores are both near 1 for the right intent and near 0 else, and they err on
different utterances: their weighted mean is better than either. What is strange is left to the instant head alone.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from intents.calibration import ScoreLink, softmax
from intents.classifier import KernelIntentHead, ranked
from intents.prediction import IntentPrediction

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class DeepPart:
    """What deep tuning adds to an instant head.

    Attributes:
        names: Intents, in the order of the rows of ``weights``; those of the instant head.
        weights: Over the tuned encoder's unit vectors, shape ``(len(names), dim)``.
        bias: Shape ``(len(names),)``.
        share: How much its probabilities count beside the instant head's scores, from 0 to 1.
        link: Turns the weighted mean of both into logits.
    """

    names: tuple[str, ...]
    weights: Floats
    bias: Floats
    share: float
    link: ScoreLink

    @property
    def dim(self) -> int:
        """Return the length of the tuned encoder's vectors."""
        return int(self.weights.shape[1])

    def shares(self, vectors: Floats) -> Floats:
        """Return its own probabilities for vectors of the tuned encoder, shape ``(n, len(names))``."""
        return softmax(vectors @ self.weights.T + self.bias)


@dataclass(frozen=True, slots=True)
class DeepIntentHead:
    """Instant head and deep part together; takes both encoders' vectors side by side, the tuned one's last."""

    instant: KernelIntentHead
    deep: DeepPart

    def __post_init__(self) -> None:
        """Refuse parts that were made for different intents."""
        if self.instant.names != self.deep.names:
            raise ValueError(
                f"an instant head of {len(self.instant.names)} intents and a deep part of {len(self.deep.names)} "
                "do not know the same ones"
            )

    @property
    def names(self) -> tuple[str, ...]:
        """Return the intents."""
        return self.instant.names

    def predict(self, vectors: Floats) -> tuple[IntentPrediction, ...]:
        """Rank the intents, one prediction for each row.

        Args:
            vectors: Shape ``(n, instant.dim + deep.dim)``.
        """
        own, tuned = np.split(vectors, [self.instant.dim], axis=1)
        scores, strangeness = self.instant.weigh(np.ascontiguousarray(own))
        mean = blended(scores, self.deep.shares(tuned), self.deep.share)
        return ranked(self.names, softmax(self.deep.link.logits(mean)), strangeness)


def blended(scores: Floats, shares: Floats, share: float) -> Floats:
    """Return the weighted mean of the instant head's scores and the deep part's probabilities."""
    mean: Floats = ((1.0 - share) * scores + share * shares).astype(np.float32)
    return mean
