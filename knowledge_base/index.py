"""The protocol of a vector index."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class VectorIndex(Protocol):
    """Finds the vectors nearest to one, by inner product."""

    @property
    def dim(self) -> int:
        """Return the length of a vector."""
        ...

    def __len__(self) -> int:
        """Return how many vectors it holds; they are numbered from 0."""
        ...

    def search(
        self, vector: NDArray[np.float32], top_k: int
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return numbers and inner products of the nearest vectors, nearest first.

        Args:
            vector: Shape ``(dim,)``.
            top_k: How many at most.

        Raises:
            IndexMismatchError: The vector has another length.
        """
        ...

    def scores_of(
        self, vector: NDArray[np.float32], numbers: NDArray[np.int64]
    ) -> NDArray[np.float32]:
        """Return the inner products with these vectors, in their order.

        Raises:
            IndexMismatchError: The vector has another length.
        """
        ...

    def to_bytes(self) -> bytes:
        """Return it as bytes."""
        ...
