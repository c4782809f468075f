"""Words that name a product and something else."""

import pytest

from bot.dialogue.homonyms import without_homonyms
from bot.domain.understanding import SlotValue, Understanding
from tests.builders import a_playbook, an_understanding


def _says(text: str, intent: str, *, also: bool = True) -> Understanding:
    start = text.index("courier")
    product = SlotValue("product", "P-0065", start, start + len("courier"), "product", 0.6)
    carrier = SlotValue("carrier", "courier", start, start + len("courier"), "lookup")
    understanding = an_understanding(text, intent)
    return Understanding(
        utterance=text,
        intents=understanding.intents,
        out_of_scope_probability=understanding.out_of_scope_probability,
        sentiment=understanding.sentiment,
        slot_values=(product, carrier) if also else (product,),
        vector=understanding.vector,
    )


@pytest.mark.parametrize(
    ("text", "intent", "is_product"),
    [
        ("the courier never turned up", "delivery_time", False),
        ("is the courier in stock", "product_availability", True),
        ("the courier", "delivery_time", True),
    ],
)
def test_a_word_that_a_list_claims_is_a_product_only_where_products_are_meant(
    text: str, intent: str, *, is_product: bool
) -> None:
    read = without_homonyms(_says(text, intent), a_playbook())

    assert bool(read.values_of("product")) is is_product


def test_a_word_that_no_list_claims_stays_a_product() -> None:
    said = _says("the courier never turned up", "delivery_time", also=False)

    assert without_homonyms(said, a_playbook()) == said
