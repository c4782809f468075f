"""The kept factor of likeness and ridge."""

import numpy as np
import pytest

from tests.training.test_instant import ROWS, unit
from training.factor import Factor, numbers_of


@pytest.mark.parametrize("first", [None, 530, 40])
def test_a_factor_solves_the_system_and_its_leading_parts(first: int | None) -> None:
    vectors, columns = unit(ROWS, 3), unit(ROWS, 4)[:, :3]
    factor = Factor(np.empty(numbers_of(ROWS), dtype=np.float32), ROWS)

    assert factor.fill(vectors, np.full(ROWS, 0.1, dtype=np.float32), 1.0)
    found = factor.solve(columns, first=first)

    system = np.exp(2.0 * (vectors.astype(np.float64) @ vectors.T - 1.0)) + 0.1 * np.eye(ROWS)
    end = first or ROWS
    assert np.allclose(found[:end], np.linalg.solve(system[:end, :end], columns[:end]), atol=1e-4)
    assert not found[end:].any()


def test_a_factor_of_too_small_a_ridge_is_refused() -> None:
    twice = np.repeat(unit(30, 1), 20, axis=0)
    factor = Factor(np.empty(numbers_of(ROWS), dtype=np.float32), ROWS)

    with pytest.raises(ValueError, match="raise the ridge"):
        factor.fill(twice, np.full(ROWS, -0.5, dtype=np.float32), 1.0)
