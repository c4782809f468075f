"""Fits the out-of-scope detector on two kinds of strangers.

These are the catalogue's own examples of ``out_of_scope``, and every intent's examples as a head that never saw this
intent scores them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from intents.calibration import ScoreLink
from intents.classifier import Detector, detector_features, likenesses

Floats = NDArray[np.float32]
Places = NDArray[np.int64]

_PSEUDO_SHARE: Final = 0.2
_STEPS: Final = 40
_SHRINKAGE: Final = 1e-3
_SMALLEST: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Evidence:
    """What features are computed from.

    Attributes:
        vectors: Of all examples; those of ``out_of_scope`` come last.
        in_scope: How many are not out of scope.
    """

    vectors: Floats
    in_scope: int
    sharpness: float
    link: ScoreLink


@dataclass(frozen=True, slots=True)
class DetectorData:
    """Features of held-out examples.

    Attributes:
        of_examples: In the order of the examples, shape ``(n, features)``.
        in_scope: How many of these are not out of scope.
        of_pseudo: Of examples whose whole intent was left out.
    """

    of_examples: Floats
    in_scope: int
    of_pseudo: Floats


def held_out_evidence(
    evidence: Evidence, groups: Sequence[tuple[Places, Floats]], *, asked: Places, folds: int
) -> DetectorData:
    """Compute the detector's features for groups of examples with their held-out scores.

    Args:
        evidence: The examples.
        groups: Places and scores; a group is looked at as if it were not among the examples.
        asked: Places of what stands in the folds, ascending; the rest is only learnt from.
        folds: How many groups, from the first, are folds; the others are whole intents.
    """
    features = [_features(evidence, places, scores) for places, scores in groups]
    of_examples = np.empty((len(evidence.vectors), features[0].shape[1]), dtype=np.float32)
    for (places, _), rows in zip(groups[:folds], features[:folds], strict=True):
        of_examples[places] = rows
    in_scope = int((asked < evidence.in_scope).sum())
    return DetectorData(of_examples[asked], in_scope, np.concatenate(features[folds:]))


def fit_detector(data: DetectorData, *, share: float, features: int) -> Detector:
    """Fit a logistic regression by Newton's method.

    Args:
        data: Features.
        share: Share of out-of-scope utterances expected in use; decides how much each kind weighs.
        features: How many features there are.
    """
    inside, real = data.of_examples[: data.in_scope], data.of_examples[data.in_scope :]
    pseudo_share = share * (_PSEUDO_SHARE if len(real) else 1.0)
    parts = (
        (inside, 0.0, 1.0 - share),
        (real, 1.0, share - pseudo_share),
        (data.of_pseudo, 1.0, pseudo_share),
    )
    rows = np.concatenate([part for part, _, _ in parts]).astype(np.float64)
    strange = np.concatenate([np.full(len(part), kind) for part, kind, _ in parts])
    weights = np.concatenate(
        [np.full(len(part), weight / max(1, len(part))) for part, _, weight in parts]
    )
    mean, spread = rows.mean(axis=0), rows.std(axis=0) + _SMALLEST
    inputs = np.column_stack([(rows - mean) / spread, np.ones(len(rows))])
    found = _newton(inputs, strange, weights / weights.sum())
    slopes = found[:features] / spread
    bias = float(found[features] - slopes @ mean)
    return Detector(slopes.astype(np.float32), bias)


def _features(evidence: Evidence, places: Places, scores: Floats) -> Floats:
    likeness = likenesses(evidence.vectors[places], evidence.vectors, evidence.sharpness)
    likeness[:, places] = 0.0
    logits = evidence.link.logits(scores[:, :-1])
    return detector_features(scores, logits, likeness, evidence.in_scope)


def _newton(
    inputs: NDArray[np.float64], strange: NDArray[np.float64], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    found = np.zeros(inputs.shape[1])
    penalty = np.full(inputs.shape[1], _SHRINKAGE)
    for _ in range(_STEPS):
        chances = 1.0 / (1.0 + np.exp(-np.clip(inputs @ found, -30.0, 30.0)))
        slope = inputs.T @ (weights * (chances - strange)) + penalty * found
        bend = (inputs * (weights * chances * (1.0 - chances))[:, None]).T @ inputs
        step = np.linalg.solve(bend + np.diag(penalty), slope)
        found -= step
        if np.abs(step).max() < _SMALLEST:
            break
    return found
