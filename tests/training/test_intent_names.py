"""Names of intents in words, and what they are good for."""

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from training.intent import fit_intent_head
from training.intent_names import encode_names, words_of_name


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
    named = fit_intent_head(texts, names, vectors, seed=1, titles=encode_names(encoder, names))

    assert [one.ranking[0][0] for one in named.head.predict(asked)] == ["order", "refund"]
    unsure = [one.ranking[0][1] for one in plain.head.predict(asked)]
    assert max(unsure) < 0.6


def test_names_are_learnt_from_and_never_counted() -> None:
    encoder = OneAxisEach()
    texts = [f"{word} {number}" for word in OneAxisEach.words for number in range(6)]
    names = [text.split()[0] for text in texts]

    fitted = fit_intent_head(
        texts, names, encoder.encode(texts), seed=1, titles=encode_names(encoder, names)
    )

    assert fitted.held_out is not None
    assert sorted(fitted.held_out.texts) == sorted(texts)
    assert len(fitted.head.examples) == len(texts) + 3
    assert fitted.report is not None
    assert fitted.report.metrics["examples"] == len(texts)
