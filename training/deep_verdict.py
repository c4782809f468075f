"""Whether a deep result is taken: the instant head and both together, on the same held-out examples."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from training.deep_trial import HeldOutTrial
from training.evaluation.scores import Scores, score_intents

Doubles = NDArray[np.float64]

_DRAWS: Final = 2_000
_SMALLEST: Final = 1e-12
_TWO_SIDED: Final = (0.025, 0.975)
_ONE_SIDED: Final = 0.05


@dataclass(frozen=True, slots=True)
class Gain:
    """A mean difference per held-out example, with the interval that holds it in 95 of 100 draws.

    Attributes:
        mean: Deep minus instant.
        low: Lower end.
        high: Upper end.
        surely: What it is above in 95 of 100 draws.
    """

    mean: float
    low: float
    high: float
    surely: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """What cross-validation says.

    Attributes:
        examples: How many in scope were held out.
        parts: How many fifths of the examples were held out in turn.
        instant: The instant head's scores.
        deep: Of both together.
        accuracy: Share of examples whose intent is right; differs by so much.
        evidence: The logarithm of the right intent's probability; differs by so much.
    """

    examples: int
    parts: int
    instant: Scores
    deep: Scores
    accuracy: Gain
    evidence: Gain

    @property
    def is_better(self) -> bool:
        """Tell whether more examples are right, and their probability is higher by more than chance would make it."""
        return self.accuracy.mean > 0.0 and self.evidence.surely > 0.0

    def sentence(self) -> str:
        """Say what came of it."""
        gain = self.accuracy
        measured = (
            f"{100 * (self.deep.in_scope_accuracy or 0.0):.1f} % of {self.examples:,} held-out examples right instead of "
            f"{100 * (self.instant.in_scope_accuracy or 0.0):.1f} % ({100 * gain.mean:+.1f} points, 95 % interval "
            f"{100 * gain.low:+.1f} to {100 * gain.high:+.1f})"
        )
        if self.is_better:
            return f"deep tuning is better and was taken: {measured}"
        return f"deep tuning is not better, the instant head stays: {measured}"

    def as_json(self) -> dict[str, object]:
        """Return it as JSON values."""
        return {
            "taken": self.is_better,
            "held_out": self.examples,
            "parts": self.parts,
            "instant": dict(self.instant.as_json()),
            "deep": dict(self.deep.as_json()),
            "accuracy_gain": self.accuracy.mean,
            "accuracy_gain_interval": [self.accuracy.low, self.accuracy.high],
            "log_likelihood_gain": self.evidence.mean,
            "log_likelihood_gain_interval": [self.evidence.low, self.evidence.high],
        }


def judge(trial: HeldOutTrial, parts: int, *, seed: int) -> Verdict:
    """Compare both on each example, and draw examples with replacement to see how far chance goes.

    A paired bootstrap: Efron and Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13.
    """
    instant, deep = trial.instant(), trial.deep()
    inside = np.flatnonzero(instant.is_in_scope)
    columns = instant.classes[inside]
    hits = deep.is_right[inside].astype(np.float64) - instant.is_right[inside]
    logs = [
        np.log(np.maximum(said.probabilities[inside, columns], _SMALLEST), dtype=np.float64)
        for said in (instant, deep)
    ]
    return Verdict(
        len(inside),
        parts,
        score_intents(instant),
        score_intents(deep),
        _gain(hits, seed),
        _gain(logs[1] - logs[0], seed),
    )


def _gain(differences: Doubles, seed: int) -> Gain:
    chance = np.random.default_rng(seed)
    count = len(differences)
    means = np.sort([differences[chance.integers(count, size=count)].mean() for _ in range(_DRAWS)])
    low, high = (float(np.quantile(means, share)) for share in _TWO_SIDED)
    return Gain(float(differences.mean()), low, high, float(np.quantile(means, _ONE_SIDED)))
