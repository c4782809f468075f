"""A change of a head is applied exactly, comes back from bytes, and is refused where it was made for another head."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from intents.artifact import CHANGE_KIND, read_head_change, write_head_change
from intents.calibration import ScoreLink
from intents.change import Correction, HeadChange, WeightChange
from intents.classifier import FEATURES, Detector, KernelIntentHead
from intents.container import HeadManifest
from intents.errors import ArtifactError

Floats = NDArray[np.float32]

DIM = 4
BASE = "a1" * 32
LINK, DETECTOR = ScoreLink(3.0, 1.0, 0.1), Detector(np.ones(len(FEATURES), dtype=np.float32), -1.0)


def numbers(*shape: int, seed: int = 1) -> Floats:
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def a_head(*, backdrop: int = 2) -> KernelIntentHead:
    """Make a head with three examples in scope, one that is not, and a backdrop."""
    guard = numbers(4 + backdrop, 2, seed=3) if backdrop else numbers(0, 2)
    examples = numbers(4 + backdrop, DIM)
    names = ("cancel", "pay")
    return KernelIntentHead(names, examples, numbers(4, 3, seed=2), 3, 1.5, LINK, DETECTOR, guard)


def a_change(*, backdrop: int = 2) -> HeadChange:
    """Take the second example away, and add one of a new intent between the two that were there."""
    before = 4 + backdrop
    rows = np.array([0, before, 2, 3, *range(4, before)], dtype=np.int32)
    guard = Correction(
        numbers(before if backdrop else 0, 2 if backdrop else 0, seed=6),
        numbers(2 if backdrop else 0, 3, seed=7),
    )
    weights = WeightChange(
        vectors=numbers(1, DIM, seed=5),
        rows=rows,
        columns=np.array([0, -1, 1, 2], dtype=np.int32),
        head=Correction(numbers(4, 2, seed=8), numbers(2, 4, seed=9)),
        guard=guard,
    )
    return HeadChange(("cancel", "hire", "pay"), 3, replace(LINK, slope=4.0), DETECTOR, weights)


def manifest(change: HeadChange, encoder: str = "e") -> HeadManifest:
    return HeadManifest(CHANGE_KIND, change.names, encoder, DIM, "data")


@pytest.mark.parametrize("backdrop", [0, 2])
def test_a_change_moves_rows_columns_and_weights(backdrop: int) -> None:
    head, change = a_head(backdrop=backdrop), a_change(backdrop=backdrop)

    changed = change.apply(head)

    assert (changed.names, changed.in_scope) == (("cancel", "hire", "pay"), 3)
    assert changed.link.slope == 4.0
    assert np.array_equal(changed.examples[1], change.weights.vectors[0])
    assert np.array_equal(changed.examples[2:], head.examples[2:])
    correction = change.weights.head
    moved = correction.moved @ correction.added
    assert np.allclose(changed.weights[0, [0, 2, 3]], head.weights[0] - moved[0, [0, 2, 3]])
    assert np.allclose(changed.weights[2:, 1], -moved[2:, 1])
    assert np.array_equal(changed.weights[1], correction.added[1])
    assert changed.guard.shape == ((6, 3) if backdrop else (0, 3))
    if backdrop:
        moved = change.weights.guard.moved @ change.weights.guard.added
        assert np.allclose(changed.guard[2:, [0, 2]], head.guard[2:] - moved[2:, [0, 2]])
        assert np.array_equal(changed.guard[1], change.weights.guard.added[1])


def test_a_change_comes_back_from_its_bytes() -> None:
    change, head = a_change(), a_head()
    blob = write_head_change(change, manifest(change), base=BASE)

    again = read_head_change(blob, "change.safetensors", encoder="e", base=BASE)

    assert write_head_change(again, manifest(again), base=BASE) == blob
    assert np.array_equal(again.apply(head).weights, change.apply(head).weights)


def test_a_change_of_another_head_or_encoder_is_refused() -> None:
    change = a_change()
    blob = write_head_change(change, manifest(change), base=BASE)

    with pytest.raises(ArtifactError, match=r"made for another head than b2.*kefu publish"):
        read_head_change(blob, "change.safetensors", encoder="e", base="b2" * 32)
    with pytest.raises(ArtifactError, match="encoder"):
        read_head_change(blob, "change.safetensors", encoder="another", base=BASE)
    with pytest.raises(ArtifactError, match="corrupt"):
        read_head_change(blob[:-40], "change.safetensors", encoder="e", base=BASE)


def other_rows(change: HeadChange, *rows: int) -> HeadChange:
    return replace(change, weights=replace(change.weights, rows=np.array(rows, dtype=np.int32)))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda change: replace(change, names=("cancel", "pay")),
        lambda change: replace(change, in_scope=0),
        lambda change: replace(change, in_scope=5),
        lambda change: other_rows(change, 0, 7, 2, 3, 4, 5),
        lambda change: other_rows(change, 0, -1, 2, 3, 4, 5),
        other_rows,
        lambda change: replace(
            change, weights=replace(change.weights, vectors=numbers(1, DIM + 1))
        ),
        lambda change: replace(change, weights=replace(change.weights, guard=change.weights.head)),
    ],
)
def test_a_change_that_does_not_fit_is_refused(spoil: Callable[[HeadChange], HeadChange]) -> None:
    with pytest.raises(ValueError, match="not one of a head with"):
        spoil(a_change()).apply(a_head())
