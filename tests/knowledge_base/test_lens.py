import numpy as np
from numpy.typing import NDArray

from knowledge_base.lens import Lens

DIM = 16


def units(vectors: NDArray[np.float64]) -> NDArray[np.float32]:
    """Scale rows to length 1."""
    scaled: NDArray[np.float32] = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(
        np.float32
    )
    return scaled


def collection(count: int) -> NDArray[np.float32]:
    """Return texts of one subject: they vary most in their first direction, and share their last."""
    chance = np.random.default_rng(5)
    vectors = 0.1 * chance.normal(size=(count, DIM))
    vectors[:, 0] *= 20
    vectors[:, -1] += 2
    return units(vectors)


def test_what_all_have_in_common_does_not_make_two_texts_alike() -> None:
    texts = collection(3_000)

    seen = Lens.fit(texts).look(texts)

    assert float((texts[:1_500] * texts[1_500:]).sum(axis=1).mean()) > 0.4
    assert abs(float((seen[:1_500] * seen[1_500:]).sum(axis=1).mean())) < 0.05


def test_directions_count_by_how_much_they_tell_apart() -> None:
    texts = collection(3_000)

    seen = Lens.fit(texts).look(texts)

    assert texts[:, 0].std() > 10 * texts[:, 1].std()
    assert seen[:, 0].std() < 3 * seen[:, 1].std()


def test_few_texts_are_believed_little() -> None:
    texts = collection(8)
    lens = Lens.fit(texts)

    stretches = np.linalg.eigvalsh(lens.matrix)

    assert stretches.max() < 1.3 * stretches.min()


def test_seen_vectors_have_length_one() -> None:
    texts = collection(50)

    lengths = np.linalg.norm(Lens.fit(texts).look(texts), axis=1)

    assert np.allclose(lengths, 1, atol=1e-5)


def test_a_single_text_shows_nothing() -> None:
    text = collection(1)

    assert not Lens.fit(text).look(text).any()
