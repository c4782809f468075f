"""Scores of predictions against what is right."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Classes = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class ClassScore:
    """How well one class was told from the others; all but ``examples`` in [0, 1]."""

    examples: int
    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """Return the harmonic mean of precision and recall."""
        total = self.precision + self.recall
        return 2.0 * self.precision * self.recall / total if total else 0.0


def share(claims: NDArray[np.bool_]) -> float:
    """Return the share of claims that hold; 0 of none."""
    return float(claims.mean()) if len(claims) else 0.0


def score_classes(right: Classes, predicted: Classes, count: int) -> tuple[ClassScore, ...]:
    """Score every class from 0 to ``count - 1``; one never predicted has precision 0."""
    scores = []
    for number in range(count):
        own, said = right == number, predicted == number
        hits = int((own & said).sum())
        scores.append(
            ClassScore(
                int(own.sum()), hits / max(1, int(said.sum())), hits / max(1, int(own.sum()))
            )
        )
    return tuple(scores)
