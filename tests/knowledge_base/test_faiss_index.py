import numpy as np
import pytest
from numpy.typing import NDArray

from knowledge_base.errors import IndexMismatchError, IndexMissingError
from knowledge_base.faiss_index import FaissIndex
from tests.contracts.vector_index import VectorIndexContract, some_vectors


class TestExactIndex(VectorIndexContract):
    def make_index(self, vectors: NDArray[np.float32]) -> FaissIndex:
        return FaissIndex.build(vectors)

    def read_index(self, data: bytes) -> FaissIndex:
        return FaissIndex.from_bytes(data)


class TestGraphIndex(VectorIndexContract):
    def make_index(self, vectors: NDArray[np.float32]) -> FaissIndex:
        return FaissIndex.build(vectors, exact_up_to=0)

    def read_index(self, data: bytes) -> FaissIndex:
        return FaissIndex.from_bytes(data)


def test_a_graph_finds_nearly_all_that_exact_search_finds() -> None:
    vectors = some_vectors(2000)
    exact, graph = FaissIndex.build(vectors), FaissIndex.build(vectors, exact_up_to=0)

    shared = [
        len({*exact.search(query, 10)[0]} & {*graph.search(query, 10)[0]}) for query in vectors[:50]
    ]

    assert sum(shared) >= 0.9 * 10 * 50


def test_a_question_of_another_dimension_is_refused() -> None:
    index = FaissIndex.build(some_vectors(3))

    with pytest.raises(IndexMismatchError, match="8-dimensional"):
        index.search(np.zeros(5, dtype=np.float32), 1)


@pytest.mark.parametrize("data", [b"", b"nonsense", b"IxFI" + b"\0" * 20])
def test_other_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(IndexMissingError, match="kefu publish"):
        FaissIndex.from_bytes(data)


def test_nothing_cannot_be_indexed() -> None:
    with pytest.raises(IndexMissingError, match="add articles"):
        FaissIndex.build(np.zeros((0, 8), dtype=np.float32))
