from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from bot.domain.ports import Encodings
from bot.domain.understanding import OUT_OF_SCOPE, SentimentLabel
from bot.extraction.extractor import Extractor
from bot.nlu import Nlu, NluModels, WishRules
from intents.prediction import IntentPrediction, SentimentPrediction
from tests.fakes import SetClock

LONDON = ZoneInfo("Europe/London")
WORDS = {
    "where": "order_status",
    "track": "order_status",
    "invoice": "request_invoice",
    "cancel": "cancel_order",
    "thanks": "thank",
    "opening": "store_information",
}
INTENTS = tuple(dict.fromkeys(WORDS.values()))
TASKS = frozenset(INTENTS) - {"thank"}


@dataclass
class KeywordEncoder:
    """Encodes a text as the intent that its first known word stands for; remembers what it was asked."""

    dim: int = len(INTENTS)
    asked: list[str] = field(default_factory=list)

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.asked.extend(texts)
        return np.stack([self._encode(text) for text in texts])

    def encode_all(self, texts: Sequence[str]) -> Encodings:
        vectors = self.encode(texts)
        return Encodings(vectors, vectors)

    def _encode(self, text: str) -> NDArray[np.float32]:
        vector = np.zeros(self.dim, dtype=np.float32)
        found = [intent for word, intent in WORDS.items() if word in text.lower()]
        if found:
            vector[INTENTS.index(found[0])] = 1.0
        return vector


class KeywordHead:
    """Reads the intent back out of the vector."""

    def predict(self, vectors: NDArray[np.float32]) -> tuple[IntentPrediction, ...]:
        return tuple(self._predict(vector) for vector in vectors)

    def _predict(self, vector: NDArray[np.float32]) -> IntentPrediction:
        shares = 0.9 * vector + 0.1 / len(vector)
        ranked = sorted(zip(INTENTS, shares.tolist(), strict=True), key=lambda one: -one[1])
        return IntentPrediction(tuple(ranked), 0.05 if vector.any() else 0.95)


class Calm:
    """Finds everything slightly positive; remembers of how many readings it was told."""

    def __init__(self) -> None:
        self.told: list[int] = []

    def predict(self, moods: NDArray[np.float32]) -> SentimentPrediction:
        self.told.append(len(moods))
        return SentimentPrediction(0.1, 0.3, 0.6)


@dataclass
class Parts:
    """An Nlu and its encoder."""

    nlu: Nlu
    encoder: KeywordEncoder


def parts(moment: datetime = datetime(2026, 11, 20, 12, tzinfo=UTC)) -> Parts:
    """Return an Nlu that understands a few words."""
    encoder = KeywordEncoder()
    models = NluModels(encoder, KeywordHead(), encoder, Calm())
    nlu = Nlu(models, Extractor(), WishRules(TASKS, 0.6), SetClock(moment), LONDON)
    return Parts(nlu, encoder)


def test_an_utterance_is_understood_with_all_that_belongs_to_it() -> None:
    found = parts().nlu.understand("Where’s  my order CP–104233 ?")

    assert found.utterance == "Where’s  my order CP–104233 ?"
    assert found.intent == "order_status"
    assert found.confidence > 0.8
    assert found.sentiment.label is SentimentLabel.POSITIVE
    assert [(value.slot, value.value) for value in found.slot_values] == [
        ("order_number", "CP-104233")
    ]
    assert found.vector.shape == (len(INTENTS),)
    assert not found.wishes
    assert {"normalise", "encode", "intent", "sentiment", "slots"} <= set(found.took_ms)


def test_a_text_is_normalised_and_encoded_once() -> None:
    made = parts()

    made.nlu.understand("  Where’s\u00a0my order ")

    assert made.encoder.asked == ["Where's my order"]


def test_another_sentiment_encoder_is_asked_too() -> None:
    encoder, other = KeywordEncoder(), KeywordEncoder()
    models = NluModels(encoder, KeywordHead(), other, Calm())
    nlu = Nlu(models, Extractor(), WishRules(), SetClock(), LONDON)

    nlu.understand("where is it")

    assert (encoder.asked, other.asked) == (["where is it"], ["where is it"])


def test_a_paragraph_is_felt_by_its_sentences_too_but_means_one_thing() -> None:
    text = "I ordered it a week ago. Nothing has come so far. Where is it, please?"
    for is_same in (True, False):
        encoder, calm = KeywordEncoder(), Calm()
        other = encoder if is_same else KeywordEncoder()
        models = NluModels(encoder, KeywordHead(), other, calm)

        found = Nlu(models, Extractor(), WishRules(), SetClock(), LONDON).understand(text)

        assert other.asked[:4] == [
            text,
            "I ordered it a week ago.",
            "Nothing has come so far.",
            "Where is it, please?",
        ]
        assert encoder.asked[0] == text
        assert calm.told == [4]
        assert found.intent == "order_status"
        assert found.vector.shape == (len(INTENTS),)


@dataclass
class PairHead:
    """Believes what stands behind the first vector."""

    def predict(self, vectors: NDArray[np.float32]) -> tuple[IntentPrediction, ...]:
        assert vectors.shape[1] == 2 * len(INTENTS)
        return KeywordHead().predict(vectors[:, len(INTENTS) :])


def test_a_tuned_encoder_is_asked_for_the_intents_alone() -> None:
    encoder, tuned = KeywordEncoder(), KeywordEncoder()
    models = NluModels(encoder, PairHead(), encoder, Calm(), tuned)
    nlu = Nlu(models, Extractor(), WishRules(TASKS, 0.6), SetClock(), LONDON)

    found = nlu.understand("where is  it")

    assert found.intent == "order_status"
    assert found.vector.shape == (len(INTENTS),)
    assert (encoder.asked, tuned.asked) == (["where is it"], ["where is it"])


def test_yesterday_is_the_shops_yesterday() -> None:
    just_after_midnight_in_london = datetime(2026, 6, 30, 23, 30, tzinfo=UTC)

    (value,) = parts(just_after_midnight_in_london).nlu.understand("since yesterday").slot_values

    assert value.value == "2026-06-30"


def test_a_tapped_button_asks_no_head() -> None:
    made = parts()

    found = made.nlu.understand("/cancel_order{}", chosen_intent="cancel_order")

    assert (found.intent, found.confidence, found.chosen_intent) == (
        "cancel_order",
        1.0,
        "cancel_order",
    )
    assert made.encoder.asked == ["cancel order"]


@pytest.mark.parametrize("text", ["", "  ", "\u200b"])
def test_nothing_to_read_is_out_of_scope(text: str) -> None:
    found = parts().nlu.understand(text)

    assert found.intent == OUT_OF_SCOPE
    assert found.confidence == 0


def test_two_wishes_are_understood_one_by_one() -> None:
    text = "where is my order CP-104233 and can you send me the invoice for CP-104299"

    found = parts().nlu.understand(text)

    assert [wish.intent for wish in found.wishes] == ["order_status", "request_invoice"]
    assert [wish.utterance for wish in found.wishes] == [
        "where is my order CP-104233",
        "can you send me the invoice for CP-104299",
    ]
    for wish, number in zip(found.wishes, ("CP-104233", "CP-104299"), strict=True):
        (value,) = wish.values_of("order_number")
        assert value.value == number
        assert wish.utterance[value.start : value.end] == number


def test_a_value_outside_every_wish_belongs_to_all() -> None:
    text = "It's about CP-104233.\nWhere is my order?\nPlease send me the invoice."

    wishes = parts().nlu.understand(text).wishes

    assert [wish.intent for wish in wishes] == ["order_status", "request_invoice"]
    assert [wish.values_of("order_number")[0].value for wish in wishes] == ["CP-104233"] * 2


def test_greetings_and_thanks_are_no_wishes() -> None:
    found = parts().nlu.understand("Many thanks for the boots last week. Where is my order now?")

    assert not found.wishes


def test_what_led_to_a_wish_is_no_wish_of_its_own() -> None:
    made = parts()

    found = made.nlu.understand("I lost the invoice for my boots, can you cancel the order?")

    assert not found.wishes
    assert len(made.encoder.asked) == 1


def test_neighbours_with_the_same_wish_are_one() -> None:
    found = parts().nlu.understand(
        "Where is my order please? Can you track it for me? I also need the invoice today."
    )

    assert [wish.utterance for wish in found.wishes] == [
        "Where is my order please? Can you track it for me?",
        "I also need the invoice today.",
    ]


def test_a_single_wish_said_twice_is_no_list_of_wishes() -> None:
    found = parts().nlu.understand("Where is my order please? Can you track it for me?")

    assert not found.wishes


@given(st.text(max_size=120))
def test_any_text_is_understood_without_trouble(text: str) -> None:
    found = parts().nlu.understand(text)

    assert found.utterance == text
    assert 0 <= found.confidence <= 1
    for part in (found, *found.wishes):
        assert all(0 <= v.start <= v.end <= len(part.utterance) for v in part.slot_values)
