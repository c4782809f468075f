"""Names of intents in words, and what they are good for."""

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from training.besides import (
    Besides,
    backdrop_texts,
    encode_besides,
    encode_names,
    words_of_name,
)
from training.intent import fit_intent_head


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("order_status", "order status"),
        ("orderStatus", "order status"),
        ("pay.by-card", "pay by card"),
        ("Refund_not_showing_up", "refund not showing up"),
        ("intent_12", "intent 12"),
        ("a1", ""),
        ("42", ""),
    ],
)
def test_names_are_read_as_words(name: str, words: str) -> None:
    assert words_of_name(name) == words


class OneAxisEach:
    """Knows three words, each a direction of its own."""

    dim = 4
    words = ("order", "refund", "gift")

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        rows = np.full((len(texts), self.dim), 0.05, dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for place, word in enumerate(self.words):
                row[place] += word in text
        scaled: NDArray[np.float32] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return scaled


def test_only_names_with_words_are_encoded_and_never_out_of_scope() -> None:
    found = encode_names(OneAxisEach(), ["refund", "a1", "out_of_scope", "refund"])

    assert list(found) == ["refund"]
    assert found["refund"].shape == (4,)


def test_a_name_helps_where_examples_say_little() -> None:
    encoder = OneAxisEach()
    texts = ["my thing", "that one", "some of it", "the other"]
    names = ["order", "order", "refund", "refund"]
    asked = encoder.encode(["where is my order", "refund me"])
    vectors = encoder.encode(texts)

    plain = fit_intent_head(texts, names, vectors, seed=1)
    named = fit_intent_head(
        texts, names, vectors, seed=1, besides=Besides(encode_names(encoder, names))
    )

    assert [one.ranking[0][0] for one in named.head.predict(asked)] == ["order", "refund"]
    unsure = [one.ranking[0][1] for one in plain.head.predict(asked)]
    assert max(unsure) < 0.6


def test_names_are_learnt_from_and_never_counted() -> None:
    encoder = OneAxisEach()
    texts = [f"{word} {number}" for word in OneAxisEach.words for number in range(6)]
    names = [text.split()[0] for text in texts]

    fitted = fit_intent_head(
        texts, names, encoder.encode(texts), seed=1, besides=Besides(encode_names(encoder, names))
    )

    assert fitted.held_out is not None
    assert sorted(fitted.held_out.texts) == sorted(texts)
    assert len(fitted.head.examples) == len(texts) + 3
    assert fitted.report is not None
    assert fitted.report.metrics["examples"] == len(texts)


def test_people_elsewhere_are_asked_for_where_hardly_anything_is_known_to_be_out_of_scope() -> None:
    encoder = OneAxisEach()

    without = encode_besides(encoder, ["x"], ["order"])
    with_own = encode_besides(encoder, ["x"] * 60, ["out_of_scope"] * 60)

    assert len(without.backdrop) > 1_000
    assert len(with_own.backdrop) == 0


def test_a_sentence_that_is_an_example_is_no_backdrop() -> None:
    some = backdrop_texts()[7]

    found = encode_besides(OneAxisEach(), [some.upper()], ["order"])

    assert len(found.backdrop) == len(backdrop_texts()) - 1


def test_what_people_write_elsewhere_is_strange_and_examples_are_not() -> None:
    generator = np.random.default_rng(3)

    def around(axis: int, count: int) -> NDArray[np.float32]:
        rows = generator.normal(scale=0.25, size=(count, 6))
        rows[:, axis] += 1.0
        scaled: NDArray[np.float64] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return scaled.astype(np.float32)

    names = ["a"] * 20 + ["b"] * 20 + ["c"] * 20
    vectors = np.concatenate([around(axis, 20) for axis in range(3)])
    elsewhere = around(4, 60)

    fitted = fit_intent_head(names, names, vectors, seed=1, besides=Besides(backdrop=elsewhere))

    strange = [one.out_of_scope_probability for one in fitted.head.predict(around(4, 30))]
    known = [one.out_of_scope_probability for one in fitted.head.predict(around(1, 30))]
    assert np.median(strange) > 0.5 > np.median(known)
    assert len(fitted.head.examples) == 120
    assert len(fitted.head.weights) == 60
