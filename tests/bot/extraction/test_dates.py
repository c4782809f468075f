import time
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.extraction.dates import find_dates

FRIDAY = date(2026, 11, 20)


def days(text: str, today: date = FRIDAY) -> list[str]:
    """Return the days found."""
    return [value.value for value in find_dates(text, today)]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("today", "2026-11-20"),
        ("it came yesterday", "2026-11-19"),
        ("the day before yesterday", "2026-11-18"),
        ("can it be here tomorrow?", "2026-11-21"),
        ("I ordered it last Tuesday", "2026-11-17"),
        ("last friday", "2026-11-13"),
        ("next Friday", "2026-11-27"),
        ("this saturday", "2026-11-21"),
        ("ordered on Monday", "2026-11-16"),
        ("nothing since wed", "2026-11-18"),
        ("need it by Tuesday", "2026-11-24"),
        ("we leave for Scotland on Friday", "2026-11-20"),
        ("bought on the 3rd", "2026-11-03"),
        ("we travel on the 3rd", "2026-12-03"),
        ("the 3rd of May", "2026-05-03"),
        ("ordered 3 May", "2026-05-03"),
        ("May 3rd", "2026-05-03"),
        ("3rd december 2025", "2025-12-03"),
        ("arrived 12/11", "2026-11-12"),
        ("on 12/11/2025", "2025-11-12"),
        ("5.6.26", "2026-06-05"),
        ("2026-10-01", "2026-10-01"),
        ("3 days ago", "2026-11-17"),
        ("two weeks ago", "2026-11-06"),
        ("a week ago", "2026-11-13"),
        ("in two days", "2026-11-22"),
        ("a couple of days ago", "2026-11-18"),
        ("we need it for our holiday on 28 December", "2026-12-28"),
        ("I bought it on 28 December", "2025-12-28"),
        ("Tuesday last week", "2026-11-10"),
    ],
)
def test_a_day_is_read_as_the_sentence_means_it(text: str, day: str) -> None:
    assert days(text) == [day]


@pytest.mark.parametrize(
    "text",
    [
        "may I return this",
        "I march up hills",
        "out in the sun all day",
        "we sat on it",
        "two tents please",
        "2 jackets and 3 mats",
        "is support 24/7",
        "a 3/4 length mat",
        "size 10/11",
        "in 3-5 days",
        "CP-104233",
        "£12.50",
        "the 3rd one",
        "it takes 5 days",
        "31/02",
        "the 2nd order",
        "mon ami",
        "",
    ],
)
def test_what_is_no_day_gives_none(text: str) -> None:
    assert days(text) == []


@given(st.dates(min_value=date(2020, 1, 1), max_value=date(2040, 12, 31)), st.integers(0, 6))
def test_last_and_next_weekday_are_within_a_week(today: date, weekday: int) -> None:
    name = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")[weekday]

    last = date.fromisoformat(days(f"last {name}", today)[0])
    following = date.fromisoformat(days(f"next {name}", today)[0])

    assert timedelta(days=1) <= today - last <= timedelta(days=7)
    assert timedelta(days=1) <= following - today <= timedelta(days=7)
    assert last.weekday() == following.weekday() == weekday


@given(st.text(max_size=60), st.dates(min_value=date(2000, 1, 1), max_value=date(2090, 1, 1)))
def test_any_text_gives_whole_days_at_their_place(text: str, today: date) -> None:
    for value in find_dates(text, today):
        assert date.fromisoformat(value.value)
        assert 0 <= value.start < value.end <= len(text)


def test_a_long_text_without_a_day_costs_little() -> None:
    text = "my tent pole snapped in the wind and the repair kit did not help at all " * 50

    started = time.perf_counter()
    found = days(text)

    assert not found
    assert time.perf_counter() - started < 0.5
