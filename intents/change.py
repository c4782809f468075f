"""What changes in an intent head when a few of its examples do: small to keep, quick to load, exact to apply."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from intents.calibration import ScoreLink
from intents.classifier import Detector, KernelIntentHead

Floats = NDArray[np.float32]
Places = NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class Correction:
    """How weights change: those of rows that were there by ``-moved @ added``, and new rows join them.

    Attributes:
        moved: Shape ``(rows, k)``; k is how many examples are new or gone.
        added: Shape ``(k, columns)``; its last rows are the weights of the new examples.
    """

    moved: Floats
    added: Floats

    def fits(self, rows: int, columns: int) -> bool:
        """Tell whether it goes with weights of so many rows, and leaves so many columns."""
        return self.moved.shape == (rows, len(self.added)) and self.added.shape[1:] == (columns,)

    def apply(self, weights: Floats, columns: Places, new: int) -> Floats:
        """Return the weights of all rows that were there, gone or not, and then of the new ones.

        Args:
            weights: Of the rows that were there.
            columns: Which of their columns each column is; -1 for one that is new.
            new: How many rows are new.
        """
        before = weights[:, columns]
        before[:, columns < 0] = 0.0
        before -= self.moved @ self.added
        found: Floats = np.concatenate([before, self.added[len(self.added) - new :]])
        return found


@dataclass(frozen=True, slots=True, eq=False)
class WeightChange:
    """How rows, columns and weights of a head change.

    Attributes:
        vectors: Encodings of the new examples, shape ``(new, dim)``.
        rows: Where each row of the changed head comes from, backdrop and all: a row of the head before or, counted on
            from its end, a new example.
        columns: Which column of the weights before each column is, ``out_of_scope`` last; -1 for a new intent.
        head: For the weights.
        guard: For the guard's; without rows where there is no guard.
    """

    vectors: Floats
    rows: Places
    columns: Places
    head: Correction
    guard: Correction

    @property
    def count(self) -> int:
        """Return how many examples are new or gone."""
        return len(self.head.added)


@dataclass(frozen=True, slots=True, eq=False)
class HeadChange:
    """How a head changes; the other fields are those of the changed head."""

    names: tuple[str, ...]
    in_scope: int
    link: ScoreLink
    detector: Detector
    weights: WeightChange

    def apply(self, head: KernelIntentHead) -> KernelIntentHead:
        """Return the changed head; costs a copy of its numbers.

        Raises:
            ValueError: The change was made for a head of another size.
        """
        change, before = self.weights, len(head.examples)
        backdrop = before - len(head.weights)
        self._check(head)
        own = change.rows[: len(change.rows) - backdrop]
        # The backdrop has no weights: new examples follow the others at once.
        own = np.where(own >= before, own - backdrop, own)
        new = len(change.vectors)
        weights = change.head.apply(head.weights, change.columns, new)[own]
        guard = head.guard[:0, change.columns[:-1]]
        if len(head.guard):
            guard = change.guard.apply(head.guard, change.columns[:-1], new)[change.rows]
        return replace(
            head,
            names=self.names,
            examples=np.concatenate([head.examples, change.vectors])[change.rows],
            weights=weights,
            in_scope=self.in_scope,
            link=self.link,
            detector=self.detector,
            guard=guard,
            cosines=None,
        )

    def _check(self, head: KernelIntentHead) -> None:
        change, intents = self.weights, len(self.names)
        rows, columns = len(head.examples) + len(change.vectors), head.weights.shape[1]
        fits = (
            change.head.fits(len(head.weights), intents + 1)
            and change.guard.fits(len(head.guard), intents)
            and change.vectors.shape[1:] == (head.dim,)
            and len(change.vectors) <= change.count
            and change.columns.shape == (intents + 1,)
            and _are_places(change.rows, 0, rows)
            and _are_places(change.columns, -1, columns)
            and 0 < self.in_scope <= len(change.rows) - (len(head.examples) - len(head.weights))
        )
        if not fits:
            raise ValueError(
                f"the change is not one of a head with {head.examples.shape} examples and {head.weights.shape} weights"
            )


def _are_places(places: Places, first: int, end: int) -> bool:
    return bool(len(places)) and bool(places.min() >= first) and bool(places.max() < end)
