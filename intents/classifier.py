"""Heads over an encoding in plain numpy: which intent is meant, and how an utterance feels."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from intents.calibration import ScoreLink, softmax
from intents.feeling import overall
from intents.prediction import IntentPrediction, SentimentPrediction

Floats = NDArray[np.float32]

FEATURES: Final = (
    "out_of_scope_score",
    "best_score",
    "lead",
    "nearest_example",
    "near_examples",
    "nearest_out_of_scope",
    "energy",
    "evidence",
    "guarded",
)
"""What the out-of-scope detector looks at, in this order."""

_NEAR: Final = 5
_FLOOR: Final = 1e-6
_EVIDENCE: Final = 10.0


@dataclass(frozen=True, slots=True)
class Detector:
    """Logistic regression that tells out-of-scope utterances from the others.

    Attributes:
        weights: One for each of ``FEATURES``.
        bias: Added to the weighted sum.
    """

    weights: Floats
    bias: float

    def probabilities(self, features: Floats) -> Floats:
        """Return the probability of being out of scope, for features of shape ``(n, len(FEATURES))``."""
        sums = features @ self.weights + np.float32(self.bias)
        shares: Floats = (1.0 / (1.0 + np.exp(-np.clip(sums, -30.0, 30.0)))).astype(np.float32)
        return shares


@dataclass(frozen=True, slots=True)
class KernelIntentHead:
    """Kernel ridge regression over the catalogue's examples, with calibrated probabilities.

    An utterance's score for an intent is a weighted sum of its likeness to every example. On short, finely divided
    intents it was better than logistic regression, it is fitted in closed form, and so are its cross-validated
    scores (Rifkin and Lippert, Notes on Regularized Least Squares, 2007).

    Attributes:
        names: Intents, in the order of the columns of ``weights``; without ``out_of_scope``.
        examples: Encodings, shape ``(n, dim)``; those of ``out_of_scope`` come behind the others, the guard's backdrop
            last.
        weights: Of all but the backdrop, ``len(names) + 1`` columns; the last one is that of ``out_of_scope``.
        in_scope: How many of the examples are not out of scope.
        sharpness: Likeness is ``exp(2 * sharpness * (cosine - 1))``.
        guard: A second regression, shape ``(n, len(names))``, or without rows: its scores are low also where an
            utterance is like what people write elsewhere (the backdrop). It says what is strange, never what is meant.
        cosines: Quicker than ``vectors @ examples.T``, where there is something; see ``bot.cosines``.
    """

    names: tuple[str, ...]
    examples: Floats
    weights: Floats
    in_scope: int
    sharpness: float
    link: ScoreLink
    detector: Detector
    guard: Floats
    cosines: Callable[[Floats], Floats] | None = field(default=None, compare=False)

    @property
    def dim(self) -> int:
        """Return the length of the encodings that it takes."""
        return int(self.examples.shape[1])

    def predict(self, vectors: Floats) -> tuple[IntentPrediction, ...]:
        """Rank the intents for encodings of shape ``(n, dim)``, one prediction each."""
        scores, strangeness = self.weigh(vectors)
        return ranked(self.names, softmax(self.link.logits(scores)), strangeness)

    def weigh(self, vectors: Floats) -> tuple[Floats, Floats]:
        """Return the intents' scores, shape ``(n, len(names))``, and probabilities of being out of scope."""
        cosines = self.cosines(vectors) if self.cosines else vectors @ self.examples.T
        likeness = sharpened(cosines, self.sharpness)
        own = likeness[:, : len(self.weights)]
        scores = own @ self.weights
        guarded = guarded_scores(likeness, self.guard)
        logits = self.link.logits(scores[:, :-1])
        features = detector_features(scores, guarded, logits, own, self.in_scope)
        return scores[:, :-1], self.detector.probabilities(features)


@dataclass(frozen=True, slots=True)
class LinearSentimentHead:
    """A linear layer with a temperature.

    Attributes:
        weights: Shape ``(3, dim)``; rows: negative, neutral, positive.
        bias: Shape ``(3,)``.
        temperature: Scores are divided by it.
        sentence_share: How much the single sentences of a longer text say; see ``intents.feeling``.
    """

    weights: Floats
    bias: Floats
    temperature: float
    sentence_share: float = 1.0

    @property
    def dim(self) -> int:
        """Return the length of the encodings that it takes."""
        return int(self.weights.shape[1])

    def predict(self, moods: Floats) -> SentimentPrediction:
        """Predict for one utterance from the moods of its readings, shape ``(n, dim)``."""
        scores = (moods @ self.weights.T + self.bias) / np.float32(self.temperature)
        return SentimentPrediction(*overall(softmax(scores), self.sentence_share).tolist())


def ranked(
    names: tuple[str, ...], probabilities: Floats, strangeness: Floats
) -> tuple[IntentPrediction, ...]:
    """Put intents in order, one prediction for each row of probabilities."""
    shares = probabilities.astype(np.float64)
    orders = np.argsort(-shares, axis=1, kind="stable")
    return tuple(
        IntentPrediction(
            tuple((names[place], float(row[place])) for place in order), float(strange)
        )
        for row, order, strange in zip(shares, orders, strangeness, strict=True)
    )


def likenesses(vectors: Floats, examples: Floats, sharpness: float) -> Floats:
    """Return how alike unit vectors are, in (0, 1], shape ``(len(vectors), len(examples))``."""
    return sharpened(vectors @ examples.T, sharpness)


def sharpened(cosines: Floats, sharpness: float) -> Floats:
    """Turn cosines into likenesses, in place."""
    cosines -= np.float32(1.0)
    cosines *= np.float32(2.0 * sharpness)
    likeness: Floats = np.exp(cosines, out=cosines)
    return likeness


def guarded_scores(likeness: Floats, guard: Floats) -> Floats:
    """Return the guard's best score for each utterance; 0 where there is no guard."""
    if not len(guard):
        return np.zeros(len(likeness), dtype=np.float32)
    best: Floats = (likeness @ guard).max(axis=1)
    return best


def detector_features(
    scores: Floats, guarded: Floats, logits: Floats, likeness: Floats, in_scope: int
) -> Floats:
    """Compute what the detector looks at.

    Args:
        scores: Shape ``(n, intents + 1)``, the last column being that of ``out_of_scope``.
        guarded: The guard's best scores, shape ``(n,)``.
        logits: Of the intents, shape ``(n, intents)``.
        likeness: To every example but the backdrop, shape ``(n, examples)``; 0 where an example must not be looked at.
        in_scope: How many of the examples are not out of scope; those come first.

    Returns:
        Shape ``(n, len(FEATURES))``.
    """
    inside, outside = likeness[:, :in_scope], likeness[:, in_scope:]
    near = -np.partition(-inside, min(_NEAR, in_scope) - 1, axis=1)[:, :_NEAR]
    first, second = _two_best(scores[:, :-1])
    highest = logits.max(axis=1)
    columns = (
        scores[:, -1],
        first,
        first - second,
        np.log(np.maximum(near.max(axis=1), _FLOOR)),
        np.log(np.maximum(near.mean(axis=1), _FLOOR)),
        np.log(np.maximum(outside.max(axis=1), _FLOOR))
        if outside.shape[1]
        else np.zeros(len(scores)),
        highest + np.log(np.exp(logits - highest[:, None]).sum(axis=1)),
        np.log(np.exp(_EVIDENCE * scores[:, :-1]).sum(axis=1)),
        guarded,
    )
    return np.stack(columns, axis=1).astype(np.float32)


def _two_best(scores: Floats) -> tuple[Floats, Floats]:
    if scores.shape[1] == 1:
        return scores[:, 0], np.zeros(len(scores), dtype=np.float32)
    best = -np.partition(-scores, 1, axis=1)[:, :2]
    return best[:, 0], best[:, 1]
