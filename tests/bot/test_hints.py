"""What single words hint at: a comparison, a swap, a supposition, goods, what is left, what is missing."""

import pytest

from bot.dialogue import hints


@pytest.mark.parametrize("text", ["is A lighter than B", "A vs B", "which is better, A or B"])
def test_words_that_compare(text: str) -> None:
    assert hints.compares(text)


@pytest.mark.parametrize("text", ["are A and B in stock", "cancel A and B please"])
def test_words_that_do_not_compare(text: str) -> None:
    assert not hints.compares(text)


@pytest.mark.parametrize(
    ("text", "is_swap"),
    [
        ("hold on, not the mat, the pillow", True),
        ("the pillow instead of the mat please", True),
        ("it's the pillow", False),
        ("I'm not sure which", False),
    ],
)
def test_one_thing_is_put_in_the_place_of_another(text: str, *, is_swap: bool) -> None:
    assert hints.swaps(text) is is_swap


@pytest.mark.parametrize(
    "text", ["what happens if it tears", "and what if it rains", "what do i do if nobody comes"]
)
def test_a_supposition_is_heard(text: str) -> None:
    assert hints.supposes(text)


@pytest.mark.parametrize(
    ("before", "is_wanted"),
    [
        ("i need a ", True),
        ("we're looking for some light ", True),
        ("forget it. do you have ", True),
        ("are there any ", True),
        ("i need to return my ", False),
        ("i need a refund for a ", False),
        ("do i need a ", False),
        ("what if i need a ", False),
        ("i want help with the ", False),
        ("any news of my ", False),
    ],
)
def test_words_before_a_thing_say_whether_one_is_wanted(before: str, *, is_wanted: bool) -> None:
    assert hints.wants_goods(before) is is_wanted


@pytest.mark.parametrize(
    ("text", "is_asked"),
    [
        ("how many left", True),
        ("so how much do i have left now?", True),
        ("how many of them are there", True),
        ("how many tents are left", False),
        ("how much is delivery", False),
    ],
)
def test_what_is_left_is_asked_without_saying_of_what(text: str, *, is_asked: bool) -> None:
    assert hints.asks_what_is_left(text) is is_asked


@pytest.mark.parametrize(
    ("text", "is_asked"),
    [
        ("which items r in it", True),
        ("whats in that order?", True),
        ("what did i get in it", True),
        ("hang on, which order is that", True),
        ("what is in your gift card range", False),
        ("which order do I cancel first", False),
        ("is it in stock", False),
    ],
)
def test_what_an_order_holds_is_asked(text: str, *, is_asked: bool) -> None:
    assert hints.asks_about_order(text) is is_asked


@pytest.mark.parametrize(
    ("text", "exchanged"),
    [
        ("no, 24 not 22", ("24", "22")),
        ("sorry, not 22 but 24", ("24", "22")),
        ("lane instead of road", ("lane", "road")),
        ("no thanks", None),
        ("22", None),
    ],
)
def test_one_word_is_put_for_another(text: str, exchanged: tuple[str, str] | None) -> None:
    found = hints.exchange(text)

    assert found == exchanged


@pytest.mark.parametrize(
    ("text", "is_lacking"),
    [
        ("no receipt", True),
        ("but i've lost the label", True),
        ("no thanks", False),
        ("no worries", False),
        ("no more newsletters please", False),
    ],
)
def test_what_is_missing_is_said_in_passing(text: str, *, is_lacking: bool) -> None:
    assert hints.lacks_thing(text) is is_lacking


@pytest.mark.parametrize(
    ("text", "is_ahead"),
    [
        ("can they go back if they don't fit", True),
        ("in case it rains, is it waterproof", True),
        ("can you check if my parcel is there", False),
        ("when will it come", False),
    ],
)
def test_a_case_that_may_come_is_heard(text: str, *, is_ahead: bool) -> None:
    assert hints.asks_ahead(text) is is_ahead


@pytest.mark.parametrize(
    ("text", "is_enough"), [("no, that's all", True), ("nothing else", True), ("is that it", False)]
)
def test_nothing_more_is_wanted(text: str, *, is_enough: bool) -> None:
    assert hints.has_enough(text) is is_enough


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("yes, and cancel the jacket too", ("yes", "cancel the jacket too")),
        ("ok do it and also my points", ("ok do it", "my points")),
        ("yes", ("", "")),
    ],
)
def test_what_comes_after_a_yes_is_a_wish_of_its_own(text: str, parts: tuple[str, str]) -> None:
    assert hints.yes_and_more(text) == parts
