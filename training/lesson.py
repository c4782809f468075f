"""What an intent head is fitted on, and what comes out: vectors, intents, weights."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.domain.understanding import OUT_OF_SCOPE

Floats = NDArray[np.float32]
Key = tuple[bytes, str]


@dataclass(frozen=True, slots=True, eq=False)
class Lesson:
    """What is to be learnt.

    Attributes:
        vectors: Of the examples, unit vectors, shape ``(n, dim)``.
        names: The intent of each.
        backdrop: What the guard learns besides; no rows for no guard.
        sharpness: Of the likeness.
        ridge: How much a single example's word is doubted.
    """

    vectors: Floats
    names: tuple[str, ...]
    backdrop: Floats
    sharpness: float
    ridge: float

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the intents in alphabetical order, ``out_of_scope`` last, there or not."""
        return (*sorted(set(self.names) - {OUT_OF_SCOPE}), OUT_OF_SCOPE)

    def is_like(self, other: "Lesson") -> bool:
        """Tell whether two lessons differ in their examples at most."""
        return (
            (self.sharpness, self.ridge, len(self.backdrop))
            == (other.sharpness, other.ridge, len(other.backdrop))
            and self.vectors.shape[1] == other.vectors.shape[1]
            and (not len(self.backdrop) or np.array_equal(self.backdrop, other.backdrop))
        )

    def keys(self) -> Iterable[Key]:
        """Return what tells one example from another."""
        return zip((row.tobytes() for row in self.vectors), self.names, strict=True)


@dataclass(frozen=True, slots=True, eq=False)
class Weights:
    """Weights of a lesson's examples, as a fresh fit would have given them.

    Attributes:
        head: One column per intent and one for ``out_of_scope``.
        guard: Of examples and backdrop, one column per intent; no rows without a backdrop.
    """

    head: Floats
    guard: Floats


def targets_of(names: Sequence[str], columns: tuple[str, ...]) -> Floats:
    """Return 1 in the column of each example's intent, shape ``(len(names), len(columns))``."""
    places = {name: number for number, name in enumerate(columns)}
    targets = np.zeros((len(names), len(columns)), dtype=np.float32)
    for row, name in zip(targets, names, strict=True):
        if name in places:  # the guard has no column for what is out of scope
            row[places[name]] = 1.0
    return targets
