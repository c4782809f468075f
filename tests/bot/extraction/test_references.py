import pytest

from bot.extraction.references import find_positions, find_references


def positions(text: str) -> list[str]:
    """Return positions in the order of the text."""
    found = sorted(find_positions(text), key=lambda value: value.start)
    return [value.value for value in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("the second one", ["2"]),
        ("second one please", ["2"]),
        ("2nd", ["2"]),
        ("the first", ["1"]),
        ("the last one", ["-1"]),
        ("last", ["-1"]),
        ("the third order", ["3"]),
        ("number 3", ["3"]),
        ("no. 2", ["2"]),
        ("option two", ["2"]),
        ("#3", ["3"]),
        ("2", ["2"]),
        ("1 and 3", ["1", "3"]),
        ("1, 2 & 4 please", ["1", "2", "4"]),
        ("the first and the third one", ["1", "3"]),
        ("it's the second", ["2"]),
        ("the top one", ["1"]),
        ("the second to last", ["-2"]),
        ("where is my latest order", ["1"]),
        ("cancel my last order", ["1"]),
        ("the second in the list", ["2"]),
        ("and the 3?", ["3"]),
        ("what about number 2", ["2"]),
    ],
)
def test_a_place_in_a_list_is_found(text: str, expected: list[str]) -> None:
    assert positions(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "last Tuesday",
        "last week",
        "first of all",
        "at first",
        "wait a second",
        "one second please",
        "second hand jackets",
        "what is Second Summit",
        "10 % off my first order",
        "two tents",
        "I bought 3 mats",
        "house number 12",
        "order number 104233",
        "for the first time",
        "last but not least",
        "on the 3rd",
        "size 9",
        "the last time I called",
    ],
)
def test_quantities_and_times_are_no_places(text: str) -> None:
    assert positions(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "cancel it",
        "where is it?",
        "cancel that order",
        "this one please",
        "the same one",
        "can I send it back",
        "is it on its way",
        "it hasn't arrived",
        "when will it come",
        "what about that one",
    ],
)
def test_words_that_point_back_are_found(text: str) -> None:
    assert {value.value for value in find_references(text)} == {"same"}


@pytest.mark.parametrize("text", ["the other one", "no, the other order", "I meant the other."])
def test_the_other_one_is_another(text: str) -> None:
    assert {value.value for value in find_references(text)} == {"other"}


@pytest.mark.parametrize(
    "text",
    [
        "is it possible to pay by card",
        "how long does it take",
        "how much does it cost",
        "it is raining",
        "does it matter",
        "the other day I ordered",
        "where is my order",
        "that is fine",
    ],
)
def test_words_that_point_nowhere_are_left(text: str) -> None:
    assert not list(find_references(text))
