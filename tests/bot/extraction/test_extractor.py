from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from bot.extraction.extractor import Extractor
from bot.extraction.lookups import CatalogueEntities
from bot.extraction.products import ProductName

FRIDAY = date(2026, 11, 20)
EXTRACTOR = Extractor(
    [ProductName("P-0002", "Cairn Fellside 2 tent", "Cairn")],
    CatalogueEntities(
        regexes={"return_number": [r"\bRT-\d{6}\b"], "order_number": [r"\d{3}"], "broken": ["("]},
        lookups={"product_type": ["tent", "rucksack"]},
        synonyms={"rucksack": ["backpack", "daypack"]},
    ),
)


def found(text: str) -> list[tuple[str, str, str]]:
    """Return slot, value and the characters they were read from."""
    values = EXTRACTOR.extract(text, FRIDAY)
    return [(value.slot, value.value, text[value.start : value.end]) for value in values]


def test_values_stand_in_the_order_of_the_text() -> None:
    text = "I paid £45 last Tuesday for order #104233, mail jo@post.example"

    assert found(text) == [
        ("amount", "45.00", "£45"),
        ("date", "2026-11-17", "last Tuesday"),
        ("order_number", "CP-104233", "#104233"),
        ("email", "jo@post.example", "jo@post.example"),
    ]


def test_places_are_those_of_the_text_as_typed() -> None:
    text = "it’s – “CP–104233” …"

    assert found(text) == [("order_number", "CP-104233", "CP–104233")]


def test_a_postcode_inside_an_address_is_found_too() -> None:
    slots = [slot for slot, _, _ in found("14 Oak Street, Sheffield S1 4GF")]

    assert slots == ["address", "postcode"]


def test_an_order_number_is_not_found_twice() -> None:
    assert [slot for slot, _, _ in found("order no. 104233")] == ["order_number"]


def test_the_catalogues_patterns_and_lists_are_slots_of_their_names() -> None:
    assert found("RT-300123: my Daypack and two tents") == [
        ("return_number", "RT-300123", "RT-300123"),
        ("product_type", "rucksack", "Daypack"),
        ("product_type", "tent", "tents"),
    ]


def test_a_pattern_for_what_a_rule_finds_is_left_to_the_rule() -> None:
    assert found("123") == []


@given(st.text(max_size=200))
def test_any_text_is_read_without_trouble_and_in_bounds(text: str) -> None:
    for value in EXTRACTOR.extract(text, FRIDAY):
        assert 0 <= value.start < value.end <= len(text)
        assert value.value
        assert 0 < value.confidence <= 1
