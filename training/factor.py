"""The Cholesky factor of likeness + ridge, laid out block by block: half the memory of a square, or a mapped file."""

from collections.abc import Callable, Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import blas, lapack

from intents.classifier import likenesses

Floats = NDArray[np.float32]

_WIDTH: Final = 512


class Factor:
    """A lower Cholesky factor in blocks of columns, each from the diagonal down.

    What is solved with it reads the factor twice from end to end and computes little else, so that it may as well lie
    on disk and be read from the system's file cache.
    """

    def __init__(self, numbers: Floats, rows: int) -> None:
        """Take the numbers of a factor, or room for one.

        Args:
            numbers: As many as ``numbers_of`` says.
            rows: Of the system.

        Raises:
            ValueError: These are not so many numbers.
        """
        if numbers.shape != (numbers_of(rows),):
            raise ValueError(f"{numbers.shape} numbers are no factor of {rows} rows")
        self.rows: Final = rows
        self._blocks: Final = tuple(
            numbers[begin : begin + width * height].reshape(width, height).T
            for begin, width, height in _layout(rows)
        )

    def fill(
        self,
        vectors: Floats,
        ridges: Floats,
        sharpness: float,
        goes_on: Callable[[], bool] = lambda: True,
    ) -> bool:
        """Factorise; costs ``n³ / 3`` multiplications in float32, 20 seconds for 15,000 rows on one core.

        Args:
            vectors: Unit vectors, shape ``(rows, dim)``.
            ridges: One for each; added on the diagonal.
            sharpness: Of the likeness; see ``KernelIntentHead``.
            goes_on: Asked between blocks; False ends the work.

        Returns:
            Whether the factor is whole.

        Raises:
            ValueError: The ridges are too small for these vectors.
        """
        room = np.empty((self.rows, min(_WIDTH, self.rows)), dtype=np.float32)
        for number, block in enumerate(self._blocks):
            if not goes_on():
                return False
            start, width = number * _WIDTH, block.shape[1]
            panel = likenesses(vectors[start:], vectors[start : start + width], sharpness)
            panel[np.arange(width), np.arange(width)] += ridges[start : start + width]
            for before, done in enumerate(self._blocks[:number]):
                rest = done[start - before * _WIDTH :]
                panel -= np.matmul(rest, rest[:width].T, out=room[: len(rest), :width])
            corner, flaw = lapack.spotrf(panel[:width], lower=1)
            if flaw:
                raise ValueError(
                    f"the examples' likenesses cannot be factorised (row {start + flaw}); raise the ridge"
                )
            block[:width] = corner
            if start + width < self.rows:
                block[width:] = blas.strsm(1.0, corner, panel[width:], side=1, lower=1, trans_a=1)
        return True

    def solve(self, columns: Floats, *, first: int | None = None) -> Floats:
        """Solve the system for columns of shape ``(rows, k)``.

        Args:
            columns: Right-hand sides.
            first: Solve the system of so many first rows and columns instead; the other rows come back as 0.
        """
        found = np.array(columns, dtype=np.float32, order="F")
        for number, block in enumerate(self._blocks):
            start, width = number * _WIDTH, block.shape[1]
            solved, _ = lapack.strtrs(block[:width], found[start : start + width], lower=1)
            found[start : start + width] = solved
            found[start + width :] -= block[width:] @ solved
        # The factor of a leading part is the leading part of the factor.
        found[first if first is not None else self.rows :] = 0.0
        for number, block in reversed(tuple(enumerate(self._blocks))):
            start, width = number * _WIDTH, block.shape[1]
            rest = found[start : start + width] - block[width:].T @ found[start + width :]
            found[start : start + width] = lapack.strtrs(block[:width], rest, lower=1, trans=1)[0]
        return found


def numbers_of(rows: int) -> int:
    """Return how many numbers the factor of a system with so many rows takes."""
    return sum(width * height for _, width, height in _layout(rows))


def _layout(rows: int) -> Iterator[tuple[int, int, int]]:
    """Yield where each block begins among the numbers, its columns and its rows."""
    begin = 0
    for start in range(0, rows, _WIDTH):
        width, height = min(_WIDTH, rows - start), rows - start
        yield begin, width, height
        begin += width * height
