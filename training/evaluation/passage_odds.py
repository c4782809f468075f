"""How likely the first passage of a ranking answers the question: a logistic curve over what its scores look like."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from training.evaluation.passages import Passage, PassageSet

Floats = NDArray[np.float32]

# Scores are multiplied by it before they become shares, as in tuning.
_SHARPNESS: Final = 25.0
_C: Final = 10.0


class _Search(Protocol):
    """Scores every passage for every question."""

    def scores(self, passages: Sequence[Passage], questions: Sequence[str]) -> Floats:
        """Return scores, shape ``(questions, passages)``."""
        ...


@dataclass(frozen=True, slots=True)
class Odds:
    """Weights of the log-odds that the first passage answers (Platt, 1999, over three signs).

    Attributes:
        best: Of the highest score.
        lead: Of how far it is above the second.
        share: Of the logarithm of its softmax share among all passages.
        bias: Added to the sum.
    """

    best: float
    lead: float
    share: float
    bias: float

    def as_json(self) -> Mapping[str, float]:
        """Return the weights by name."""
        return asdict(self)

    def probabilities(self, passages: Sequence[Passage], scores: Floats) -> Floats:
        """Return the probability that each question's first passage answers it, shape ``(questions,)``.

        Args:
            passages: What was searched.
            scores: Shape ``(questions, passages)``.
        """
        odds = signs_of(passages, scores) @ np.array([self.best, self.lead, self.share]) + self.bias
        found: Floats = (1.0 / (1.0 + np.exp(-odds))).astype(np.float32)
        return found


def signs_of(passages: Sequence[Passage], scores: Floats) -> NDArray[np.float64]:
    """Return highest score, lead and log share of each question, shape ``(questions, 3)``; a single passage leads by 0.

    Passages under one head are no rivals: where the first does not answer, neither do they, and the best stands for all.
    """
    heads: dict[str, list[int]] = {}
    for n, passage in enumerate(passages):
        heads.setdefault(passage.head, []).append(n)
    rivals = np.stack([scores[:, places].max(axis=1) for places in heads.values()], axis=1)
    ordered = np.sort(rivals.astype(np.float64), axis=1)[:, ::-1]
    best = ordered[:, 0]
    lead = best - ordered[:, min(1, ordered.shape[1] - 1)]
    powers = np.exp(_SHARPNESS * (ordered - ordered[:, :1]))
    return np.stack([best, lead, -np.log(powers.sum(axis=1))], axis=1)


def fit_odds(search: _Search, sets: Sequence[PassageSet]) -> Odds:
    """Fit the odds on questions that the search has not learned from; every set counts the same.

    Right and wrong are smoothed as Platt does it: the fewer of a kind there are, the less sure either is.

    Args:
        search: That is to be calibrated.
        sets: At least one question in all.
    """
    signs, truths, weights = [], [], []
    for one in sets:
        scores = search.scores(one.passages, [asked.text for asked in one.questions])
        first = scores.argmax(axis=1)
        signs.append(signs_of(one.passages, scores))
        truths += [int(n) in asked.relevant for n, asked in zip(first, one.questions, strict=True)]
        weights += [1.0 / len(one.questions)] * len(one.questions)
    rows, is_right = np.concatenate(signs), np.array(truths, dtype=bool)
    counts = np.array(weights) * len(truths) / len(sets)
    sure = np.where(
        is_right, (is_right.sum() + 1) / (is_right.sum() + 2), 1 / ((~is_right).sum() + 2)
    )
    model = LogisticRegression(C=_C, max_iter=1000)
    model.fit(
        np.concatenate([rows, rows]),
        np.repeat([True, False], len(rows)),
        sample_weight=np.concatenate([counts * sure, counts * (1 - sure)]),
    )
    best, lead, share = map(float, model.coef_[0])
    return Odds(best, lead, share, float(model.intercept_[0]))
