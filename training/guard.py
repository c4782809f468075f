"""The guard of an intent head: a second regression that knows what people write elsewhere as one more class.

It is not asked what is meant: on sets of all kinds that cost a point. Its best score is what the detector looks at.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from training.kernel import KernelFit, fit_kernel, held_out_scores

Floats = NDArray[np.float32]
Places = NDArray[np.int64]

_DOUBT: Final = (
    3.0  # a text of the backdrop is doubted so much more than an example: some may well be in scope
)


@dataclass(frozen=True, slots=True)
class GuardFit:
    """A fitted guard, or none.

    Attributes:
        backdrop: Encodings of what people write elsewhere.
        weights: Of examples and backdrop, one column per intent; no rows where there is no guard.
        fit: What it comes from.
    """

    backdrop: Floats
    weights: Floats
    fit: KernelFit | None

    def held_out(self, groups: Iterable[Places]) -> list[Floats]:
        """Return each group's best score by a guard that was fitted without that group; 0 without a guard."""
        if self.fit is None:
            return [np.zeros(len(places), dtype=np.float32) for places in groups]
        return [scores[:, :-1].max(axis=1) for scores in held_out_scores(self.fit, groups)]


def fit_guard(
    examples: tuple[Floats, Floats], backdrop: Floats, *, sharpness: float, ridge: float
) -> GuardFit:
    """Fit a guard.

    Args:
        examples: Encodings and targets; the last column is that of ``out_of_scope``, to which the backdrop counts.
        backdrop: Encodings; without rows there is no guard.
        sharpness: As for the head.
        ridge: As for the head.
    """
    vectors, targets = examples
    if not len(backdrop):
        return GuardFit(backdrop, np.zeros((0, targets.shape[1] - 1), dtype=np.float32), None)
    strange = np.zeros((len(backdrop), targets.shape[1]), dtype=np.float32)
    strange[:, -1] = 1.0
    fit = fit_kernel(
        np.concatenate([vectors, backdrop]),
        np.concatenate([targets, strange]),
        sharpness=sharpness,
        ridge=ridges_of(len(vectors), len(backdrop), ridge),
    )
    return GuardFit(backdrop, np.ascontiguousarray(fit.weights[:, :-1]), fit)


def ridges_of(examples: int, backdrop: int, ridge: float) -> Floats:
    """Return how much each example's word is doubted, and then each text's of the backdrop."""
    ridges = np.full(examples + backdrop, ridge, dtype=np.float32)
    ridges[examples:] *= _DOUBT
    return ridges
