"""What every vector index promises."""

from abc import ABC, abstractmethod

import numpy as np
from numpy.typing import NDArray

from knowledge_base.index import VectorIndex


def some_vectors(count: int, dim: int = 8) -> NDArray[np.float32]:
    """Return unit vectors, the same ones every time."""
    vectors = np.random.default_rng(3).normal(size=(count, dim))
    units: NDArray[np.float32] = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return units.astype(np.float32)


class VectorIndexContract(ABC):
    """Inherited by the tests of every implementation."""

    @abstractmethod
    def make_index(self, vectors: NDArray[np.float32]) -> VectorIndex: ...

    @abstractmethod
    def read_index(self, data: bytes) -> VectorIndex: ...

    def test_the_nearest_comes_first(self) -> None:
        vectors = some_vectors(50)

        numbers, scores = self.make_index(vectors).search(vectors[7], 5)

        assert numbers[0] == 7
        assert list(scores) == sorted(scores, reverse=True)
        assert scores[0] == np.float32(scores[0]) <= 1.0001

    def test_asking_for_more_than_there_is_gives_what_there_is(self) -> None:
        numbers, _ = self.make_index(some_vectors(3)).search(some_vectors(3)[0], 10)

        assert sorted(numbers) == [0, 1, 2]

    def test_scores_of_named_vectors_are_inner_products(self) -> None:
        vectors = some_vectors(20)

        scores = self.make_index(vectors).scores_of(vectors[0], np.array([4, 0, 9]))

        assert np.allclose(scores, vectors[[4, 0, 9]] @ vectors[0], atol=1e-6)

    def test_bytes_give_the_same_index_back(self) -> None:
        vectors = some_vectors(30)
        index = self.make_index(vectors)

        again = self.read_index(index.to_bytes())

        assert (len(again), again.dim) == (30, 8)
        assert list(again.search(vectors[3], 4)[0]) == list(index.search(vectors[3], 4)[0])
