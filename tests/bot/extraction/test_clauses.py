from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.extraction.clauses import asks, clauses_of


def pieces(text: str) -> list[str]:
    """Return the clauses as text."""
    return [text[start:end] for start, end in clauses_of(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "where is my order CP-104233 and can you send me the invoice",
            ["where is my order CP-104233", "can you send me the invoice"],
        ),
        (
            "cancel CP-104233 and also change the address of CP-104234",
            ["cancel CP-104233", "change the address of CP-104234"],
        ),
        (
            "Where's my parcel? How much does express cost?",
            ["Where's my parcel?", "How much does express cost?"],
        ),
        (
            "track 104233 please\nthen I need an invoice",
            ["track 104233 please", "then I need an invoice"],
        ),
    ],
)
def test_a_message_is_cut_where_another_wish_begins(text: str, expected: list[str]) -> None:
    assert pieces(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "cancel it",
        "I want to return the boots and get a refund",
        "can I return boots and jackets in the store",
        "If it's late, can I get a refund for it?",
        "please send it back and forth between the stores",
        "my address is 14 St. Mary Road in Sheffield",
    ],
)
def test_one_wish_stays_whole(text: str) -> None:
    assert pieces(text) == [text]


@given(st.text(max_size=200))
def test_clauses_lie_in_order_within_the_text(text: str) -> None:
    spans = clauses_of(text)

    assert all(0 <= start <= end <= len(text) for start, end in spans)
    assert all(before[1] <= after[0] for before, after in pairwise(spans))


@pytest.mark.parametrize(
    "clause",
    [
        "where is it",
        "is it there?",
        "Hi, can you help",
        "please cancel that",
        "I need an invoice",
        "also, track it",
        "cancel CP-104233.",
        "the newsletter please stop it",
        "the newsletter stopped",
    ],
)
def test_a_request_asks(clause: str) -> None:
    assert asks(clause)


@pytest.mark.parametrize(
    "clause",
    [
        "these boots pinch",
        "I've lost the receipt",
        "nobody answered the door",
        "I still wait",
        "my parcel was cancelled",
        "it got returned",
        "thanks a lot",
        "",
    ],
)
def test_what_only_tells_does_not_ask(clause: str) -> None:
    assert not asks(clause)
