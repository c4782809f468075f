"""Points of the curves that the report draws."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from training.evaluation.predictions import Predictions
from training.metrics import share

Doubles = NDArray[np.float64]
Points = tuple[tuple[float, float], ...]

_BINS: Final = 15
_MOST_POINTS: Final = 200


@dataclass(frozen=True, slots=True)
class Bin:
    """Utterances of like confidence.

    Attributes:
        low: Where the bin begins, in [0, 1]; ``high`` where it ends.
        confidence: Their mean confidence.
        accuracy: The share of them that is right.
    """

    low: float
    high: float
    count: int
    confidence: float
    accuracy: float


def reliability(confidences: NDArray[np.float32], is_right: NDArray[np.bool_]) -> tuple[Bin, ...]:
    """Return the bins of a reliability diagram, those of the expected calibration error; empty ones are left out."""
    places = np.minimum((confidences * _BINS).astype(np.int64), _BINS - 1)
    return tuple(
        Bin(
            number / _BINS,
            (number + 1) / _BINS,
            int((places == number).sum()),
            float(confidences[places == number].mean()),
            share(is_right[places == number]),
        )
        for number in np.unique(places).tolist()
    )


def out_of_scope_roc(predictions: Predictions) -> Points:
    """Return (share of in-scope refused, share of out-of-scope refused) for every threshold."""
    order = np.argsort(-predictions.strangeness, kind="stable")
    scores, outside = predictions.strangeness[order], ~predictions.is_in_scope[order]
    ends = np.append(np.flatnonzero(np.diff(scores)), len(scores) - 1)  # ties move together
    caught = np.cumsum(outside)[ends] / max(1, int(outside.sum()))
    lost = np.cumsum(~outside)[ends] / max(1, int((~outside).sum()))
    return _thinned(np.append(0.0, lost), np.append(0.0, caught))


def risk_coverage(predictions: Predictions) -> Points:
    """Return (share answered, share of these answered wrong), the surest first.

    El-Yaniv and Wiener, On the Foundations of Noise-free Selective Classification, JMLR 2010. Sureness is what the
    policy goes by: the best intent's probability times that of being in scope; whatever is out of scope and answered
    is answered wrong.
    """
    sureness = predictions.confidences * (1.0 - predictions.strangeness)
    order = np.argsort(-sureness, kind="stable")
    wrong = ~predictions.is_right[order]
    answered = np.arange(1, len(wrong) + 1)
    return _thinned(answered / len(wrong), np.cumsum(wrong) / answered)


def _thinned(across: Doubles, up: Doubles) -> Points:
    places = np.unique(np.linspace(0, len(across) - 1, _MOST_POINTS).astype(np.int64))
    return tuple((float(across[place]), float(up[place])) for place in places)
