"""Vector index by FAISS: exact while it is small, a graph (HNSW) when it is large."""

from typing import Any, Final

import faiss
import numpy as np
from numpy.typing import NDArray

from knowledge_base.errors import IndexMismatchError, IndexMissingError

EXACT_UP_TO: Final = 50_000
_NEIGHBOURS: Final = 32
_EF_BUILD: Final = 120
_EF_SEARCH: Final = 128


class FaissIndex:
    """A FAISS index over inner products; the vectors stay readable beside it."""

    def __init__(self, owner: faiss.Index) -> None:
        # A downcast index borrows the memory of the one it was made from, which must therefore live on.
        self._owner = owner
        # Any: FAISS gives back whichever class the index really has
        index: Any = faiss.downcast_index(owner)
        self._index = index
        flat: Any = faiss.downcast_index(index.storage) if hasattr(index, "hnsw") else index
        # A view into FAISS's own memory: no copy; valid as long as the index lives.
        self._vectors: NDArray[np.float32] = faiss.rev_swig_ptr(
            flat.get_xb(), flat.ntotal * flat.d
        ).reshape(flat.ntotal, flat.d)
        if hasattr(index, "hnsw"):
            index.hnsw.efSearch = _EF_SEARCH

    @classmethod
    def build(cls, vectors: NDArray[np.float32], *, exact_up_to: int = EXACT_UP_TO) -> "FaissIndex":
        """Build an index.

        Args:
            vectors: Shape ``(n, dim)``, n at least 1.
            exact_up_to: Larger sets become a graph, which misses a few of the nearest.

        Raises:
            IndexMissingError: There are no vectors.
        """
        if vectors.ndim != 2 or not len(vectors):  # noqa: PLR2004 - a matrix
            raise IndexMissingError(
                f"nothing to index: the vectors have shape {vectors.shape}; add articles"
            )
        dim = vectors.shape[1]
        if len(vectors) <= exact_up_to:
            index: faiss.Index = faiss.IndexFlatIP(dim)
        else:
            graph = faiss.IndexHNSWFlat(dim, _NEIGHBOURS, faiss.METRIC_INNER_PRODUCT)
            graph.hnsw.efConstruction = _EF_BUILD
            index = graph
        index.add(np.ascontiguousarray(vectors, dtype=np.float32))
        return cls(index)

    @classmethod
    def from_bytes(cls, data: bytes) -> "FaissIndex":
        """Read an index back.

        Raises:
            IndexMissingError: The bytes are no index.
        """
        try:
            return cls(faiss.deserialize_index(np.frombuffer(data, dtype=np.uint8)))
        except (RuntimeError, AttributeError, ValueError) as error:
            raise IndexMissingError(
                f"the search index ({len(data)} bytes) cannot be read; "
                "build the release again with 'kefu publish'"
            ) from error

    @property
    def dim(self) -> int:
        """Return the length of a vector."""
        return int(self._vectors.shape[1])

    def __len__(self) -> int:
        """Return how many vectors it holds; they are numbered from 0."""
        return len(self._vectors)

    def search(
        self, vector: NDArray[np.float32], top_k: int
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return numbers and inner products of the nearest vectors, nearest first."""
        self._check(vector)
        wanted = max(1, min(top_k, len(self)))
        scores, numbers = self._index.search(vector.reshape(1, -1).astype(np.float32), wanted)
        found = numbers[0] >= 0  # a graph may return fewer than asked for
        return numbers[0][found], scores[0][found]

    def scores_of(
        self, vector: NDArray[np.float32], numbers: NDArray[np.int64]
    ) -> NDArray[np.float32]:
        """Return the inner products with these vectors, in their order."""
        self._check(vector)
        scores: NDArray[np.float32] = self._vectors[numbers] @ vector
        return scores

    def to_bytes(self) -> bytes:
        """Return it as bytes."""
        return bytes(faiss.serialize_index(self._index).tobytes())

    def _check(self, vector: NDArray[np.float32]) -> None:
        if vector.shape != (self.dim,):
            raise IndexMismatchError(
                f"the index holds {self.dim}-dimensional vectors but the question's has shape "
                f"{vector.shape}; build the release again with 'kefu publish'"
            )
