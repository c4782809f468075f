"""Cosines on int8 are those of float32, nearly."""

import numpy as np
import pytest
from numpy.typing import NDArray

from bot.cosines import ChangedRows, RoundedRows


def units(rows: int, dim: int, seed: int) -> NDArray[np.float32]:
    vectors = np.random.default_rng(seed).normal(size=(rows, dim))
    scaled: NDArray[np.float64] = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return scaled.astype(np.float32)


def test_cosines_are_right_to_some_thousandths() -> None:
    rows, vectors = units(500, 384, 1), units(20, 384, 2)
    vectors[:5] = rows[:5]

    found = RoundedRows(rows).cosines(vectors)

    assert found.shape == (20, 500)
    assert found.dtype == np.float32
    assert np.abs(found - vectors @ rows.T).max() < 0.01
    assert found[:5].argmax(axis=1).tolist() == [0, 1, 2, 3, 4]


def test_company_does_not_matter() -> None:
    table, vectors = RoundedRows(units(50, 32, 1)), units(8, 32, 2)

    together = table.cosines(vectors)

    alone = np.concatenate([table.cosines(vectors[[place]]) for place in range(8)])
    assert (together == alone).all()


@pytest.mark.parametrize("vectors", [0, 1])
def test_no_vectors_and_rows_of_nothing_are_no_problem(vectors: int) -> None:
    rows = np.vstack([units(3, 8, 1), np.zeros((1, 8), dtype=np.float32)])

    found = RoundedRows(rows).cosines(units(vectors, 8, 2))

    assert found.shape == (vectors, 4)
    assert np.isfinite(found).all()


@pytest.mark.parametrize("new", [0, 2])
def test_changed_rows_stand_where_they_should(new: int) -> None:
    before, more, vectors = units(6, 32, 1), units(new, 32, 3).reshape(new, 32), units(4, 32, 2)
    places = [5, 0, *range(6, 6 + new), 3]

    found = ChangedRows(
        RoundedRows(before).cosines, more, np.array(places, dtype=np.int32)
    ).cosines(vectors)

    wanted = RoundedRows(np.concatenate([before, more])[places]).cosines(vectors)
    assert found.shape == (4, 3 + new)
    assert np.array_equal(found, wanted)
