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
from intents.classifier import FEATURES, Detector, detector_features, likenesses

Floats = NDArray[np.float32]
Places = NDArray[np.int64]

_PSEUDO_SHARE: Final = 0.2
_STEPS: Final = 40
_SHRINKAGE: Final = 1e-3
_SMALLEST: Final = 1e-9
# With fewer real strangers than this, weights fitted on intents that were left out would be weights for these alone.
ENOUGH: Final = 50
_SURE: Final = ("evidence", "near_examples", "guarded")


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
class HeldOut:
    """Examples that a regression was not fitted on.

    Attributes:
        places: Which.
        scores: Of the intents and of ``out_of_scope``.
        guarded: The guard's best scores.
    """

    places: Places
    scores: Floats
    guarded: Floats


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
    evidence: Evidence, groups: Sequence[HeldOut], *, asked: Places, folds: int
) -> DetectorData:
    """Compute the detector's features for groups of examples with their held-out scores.

    Args:
        evidence: The examples.
        groups: Each is looked at as if it were not among the examples.
        asked: Places of what stands in the folds, ascending; the rest is only learnt from.
        folds: How many groups, from the first, are folds; the others are whole intents.
    """
    features = [_features(evidence, group) for group in groups]
    of_examples = np.empty((len(evidence.vectors), features[0].shape[1]), dtype=np.float32)
    for group, rows in zip(groups[:folds], features[:folds], strict=True):
        of_examples[group.places] = rows
    in_scope = int((asked < evidence.in_scope).sum())
    return DetectorData(of_examples[asked], in_scope, np.concatenate(features[folds:]))


def fit_detector(data: DetectorData, *, share: float) -> Detector:
    """Fit a logistic regression by Newton's method.

    Where hardly anything real is known to be out of scope, the three features that were best on sets of all kinds
    count alike, and only slope and bias are fitted.

    Args:
        data: Features.
        share: Share of out-of-scope utterances expected in use; decides how much each kind weighs.
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
    shift, scale = _directions(rows, inside, is_sure=len(real) < ENOUGH)
    inputs = np.column_stack([(rows - shift) @ scale, np.ones(len(rows))])
    found = _newton(inputs, strange, weights / weights.sum())
    slopes = scale @ found[:-1]
    return Detector(slopes.astype(np.float32), float(found[-1] - slopes @ shift))


def _directions(
    rows: NDArray[np.float64], inside: Floats, *, is_sure: bool
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return what to subtract from features, and the columns to multiply them by: each its own, or one for three."""
    if not is_sure:
        return rows.mean(axis=0), np.diag(1.0 / (rows.std(axis=0) + _SMALLEST))
    spread = inside.std(axis=0).astype(np.float64)
    chosen = np.isin(FEATURES, _SURE) & (spread > _SMALLEST)
    column = np.where(chosen, -1.0 / np.maximum(spread, _SMALLEST), 0.0)
    return inside.mean(axis=0).astype(np.float64), column[:, None]


def _features(evidence: Evidence, group: HeldOut) -> Floats:
    vectors = evidence.vectors[group.places]
    likeness = likenesses(vectors, evidence.vectors, evidence.sharpness)
    likeness[:, group.places] = 0.0
    logits = evidence.link.logits(group.scores[:, :-1])
    return detector_features(group.scores, group.guarded, logits, likeness, evidence.in_scope)


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
