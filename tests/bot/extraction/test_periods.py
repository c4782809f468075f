"""Spans of days."""

from datetime import date

import pytest

from bot.extraction.extractor import Extractor
from bot.extraction.periods import find_periods

FRIDAY = date(2026, 11, 20)


def spans(text: str) -> list[str]:
    """Return the spans found."""
    return [value.value for value in find_periods(text, FRIDAY)]


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("it came last week", "2026-11-09/2026-11-15"),
        ("the order from this week", "2026-11-16/2026-11-22"),
        ("I need it next week", "2026-11-23/2026-11-29"),
        ("bought last weekend", "2026-11-14/2026-11-15"),
        ("ordered over the weekend", "2026-11-14/2026-11-15"),
        ("will it be here at the weekend?", "2026-11-21/2026-11-22"),
        ("last month's order", "2026-10-01/2026-10-31"),
        ("next month", "2026-12-01/2026-12-31"),
        ("I ordered in October", "2026-10-01/2026-10-31"),
        ("the one from december", "2025-12-01/2025-12-31"),
        ("I need it in December", "2026-12-01/2026-12-31"),
        ("we will come in march", "2027-03-01/2027-03-31"),
        ("placed at the beginning of November", "2026-11-01/2026-11-10"),
        ("mid-october", "2026-10-11/2026-10-20"),
        ("end of february", "2026-02-21/2026-02-28"),
    ],
)
def test_a_span_is_read_as_the_sentence_means_it(text: str, span: str) -> None:
    assert spans(text) == [span]


@pytest.mark.parametrize(
    "text",
    [
        "may I return this",
        "we march on",
        "3-5 working days a week",
        "how many weeks does it take",
        "in march 3 it came",
        "a monthly newsletter",
        "every weekend",
    ],
)
def test_what_is_no_span_is_left_alone(text: str) -> None:
    assert spans(text) == []


@pytest.mark.parametrize("text", ["Tuesday last week", "the 3rd of May", "on 12 October"])
def test_a_day_is_not_a_span_as_well(text: str) -> None:
    found = Extractor().extract(text, FRIDAY)

    assert [value.slot for value in found] == ["date"]


def test_a_span_has_its_place_in_the_text() -> None:
    text = "the order from last week, please"

    (found,) = find_periods(text, FRIDAY)

    assert text[found.start : found.end] == "last week"
