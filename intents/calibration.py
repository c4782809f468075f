"""Makes scores mean what they say: probabilities, how well they are calibrated, and thresholds chosen from data."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Booleans = NDArray[np.bool_]

_TEMPERATURES: Final = np.geomspace(0.05, 20.0, 240)
_SLOPES: Final = (0.0, 2.0, 4.0, 6.0, 9.0, 12.0, 16.0, 20.0, 25.0)
_POWERS: Final = (0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0)
_SMALLEST: Final = 1e-12
_BINS: Final = 15
_RIGHT_WHEN_CLOSE: Final = 0.65


@dataclass(frozen=True, slots=True)
class ScoreLink:
    """Turns regression scores, near 1 for the right intent and near 0 else, into logits.

    ``slope * score + power * log(max(score, 0) + floor)``: the logarithm tells 0.02 from 0.002, the line keeps
    order among large scores. Fitted where nothing was trained on, the softmax of it is calibrated.
    """

    slope: float = 6.0
    power: float = 2.0
    floor: float = 0.01

    def logits(self, scores: Floats) -> Floats:
        """Return logits of the same shape as ``scores``."""
        logarithms = np.log(np.maximum(scores, 0.0) + self.floor)
        logits: Floats = (self.slope * scores + self.power * logarithms).astype(np.float32)
        return logits


def softmax(logits: Floats) -> Floats:
    """Turn each row of logits into probabilities."""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares: Floats = (powers / powers.sum(axis=1, keepdims=True)).astype(np.float32)
    return shares


def negative_log_likelihood(probabilities: Floats, classes: NDArray[np.int64]) -> float:
    """Return the mean of ``-log p(right class)``; lower is better, 0 is perfect."""
    right = probabilities[np.arange(len(classes)), classes]
    return float(-np.log(np.maximum(right, _SMALLEST)).mean())


def fit_temperature(logits: Floats, classes: NDArray[np.int64]) -> float:
    """Find the temperature by which logits are to be divided so that their softmax is calibrated.

    Guo et al., On Calibration of Modern Neural Networks, ICML 2017.

    Args:
        logits: Of examples that the model was not fitted on, shape ``(n, classes)``.
        classes: The right class of each.
    """
    losses = [
        negative_log_likelihood(softmax((logits / temperature).astype(np.float32)), classes)
        for temperature in _TEMPERATURES
    ]
    return float(_TEMPERATURES[int(np.argmin(losses))])


def fit_link(scores: Floats, classes: NDArray[np.int64]) -> ScoreLink:
    """Find the link with the lowest negative log-likelihood.

    Args:
        scores: Cross-validated regression scores, shape ``(n, classes)``.
        classes: The right class of each.
    """
    candidates = [
        ScoreLink(slope, power) for slope in _SLOPES for power in _POWERS if slope + power > 0
    ]
    losses = [negative_log_likelihood(softmax(link.logits(scores)), classes) for link in candidates]
    return candidates[int(np.argmin(losses))]


def calibration_error(confidences: Floats, is_right: Booleans) -> float:
    """Return the expected calibration error over 15 bins of equal width, in [0, 1]."""
    if not len(confidences):
        return 0.0
    bins = np.minimum((confidences * _BINS).astype(np.int64), _BINS - 1)
    error = 0.0
    for number in np.unique(bins):
        inside = bins == number
        error += inside.mean() * abs(confidences[inside].mean() - is_right[inside].mean())
    return float(error)


def area_under_curve(scores: Floats, is_positive: Booleans) -> float:
    """Return the probability that a positive scores higher than a negative; 0.5 where one kind is missing."""
    positives, negatives = int(is_positive.sum()), int((~is_positive).sum())
    if not positives or not negatives:
        return 0.5
    _, inverse, counts = np.unique(scores, return_inverse=True, return_counts=True)
    middle_ranks = np.cumsum(counts) - (counts - 1) / 2.0  # ties share the mean of their ranks
    rank_sum = float(middle_ranks[inverse][is_positive].sum())
    return (rank_sum - positives * (positives + 1) / 2.0) / (positives * negatives)


def choose_threshold(scores: Floats, is_in_scope: Booleans, false_accept_rate: float) -> float:
    """Choose the lowest threshold at which few out-of-scope utterances are accepted.

    Args:
        scores: Cross-validated; an utterance is accepted at or above the threshold.
        is_in_scope: Which utterances should be accepted.
        false_accept_rate: Largest share of the others that may be accepted.

    Returns:
        A threshold; 0 where there is nothing to keep out.
    """
    outside = np.sort(scores[~is_in_scope].astype(np.float64))[::-1]
    if not len(outside):
        return 0.0
    allowed = int(np.floor(false_accept_rate * len(outside)))
    if allowed >= len(outside):
        return 0.0
    highest_refused = outside[allowed]
    above = scores[scores > highest_refused]
    # Halfway to the next score, so that rounding never tips an utterance over.
    return (
        float((highest_refused + above.min()) / 2.0)
        if len(above)
        else float(np.nextafter(highest_refused, np.inf))
    )


def choose_clarify_ratio(first: Floats, second: Floats, is_right: Booleans) -> float:
    """Choose from which ratio second / first two intents count as close.

    Args:
        first: Probability of the best intent, cross-validated.
        second: Probability of the second best.
        is_right: Whether the best intent is the right one.

    Returns:
        The lowest ratio, in [0.2, 0.9], from which on the best intent is right for at most 65 in 100 utterances.
    """
    ratios = second / np.maximum(first, _SMALLEST)
    for ratio in np.arange(0.2, 0.9, 0.02):
        close = ratios >= ratio
        if close.any() and is_right[close].mean() <= _RIGHT_WHEN_CLOSE:
            return round(float(ratio), 2)
    return 0.9
