import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.extraction.orders import find_emails, find_order_numbers
from bot.extraction.values import readable


def numbers(text: str) -> list[str]:
    """Return order numbers, each once."""
    return list(dict.fromkeys(value.value for value in find_order_numbers(readable(text))))


@pytest.mark.parametrize(
    "text",
    [
        "CP-104233",
        "cp104233",
        "Cp 104233",
        "C P-104233",
        "cp_104233",
        "CP–104233",
        "CP-1O4233",
        "#104233",
        "# 104233",
        "104233",
        "it's 104233, thanks",
        "order 104233",
        "Order no. 104233.",
        "my order number is 104-233",
        "order ref: 104233",
        "(CP-104233)",
        "when will CP-104233's parcel come?",
    ],
)
def test_an_order_number_is_read_in_every_spelling(text: str) -> None:
    assert numbers(text) == ["CP-104233"]


@pytest.mark.parametrize(
    "text",
    [
        "call me on 07700 900123",
        "my number is 01433 621234",
        "phone 0114 496 0182",
        "+44 7700 900123",
        "it cost £104233",
        "104233 pounds",
        "104,233.50",
        "return number 300123",
        "RT-300123",
        "ticket TK-500321",
        "my security code is 482913",
        "1042333",
        "10423",
        "jo104233@mail.example",
        "AB104233",
        "tracking number 482913",
        "104233 steps a day",
    ],
)
def test_other_numbers_are_no_order_numbers(text: str) -> None:
    assert numbers(text) == []


def test_two_order_numbers_are_both_found() -> None:
    assert numbers("not cp104233, I mean 104299") == ["CP-104233", "CP-104299"]


@given(
    st.integers(min_value=0, max_value=999_999),
    st.sampled_from(["CP-{}", "cp{}", "#{}", "order {}"]),
)
def test_whatever_is_found_is_a_number_of_the_shop(number: int, spelling: str) -> None:
    digits = f"{number:06d}"

    found = numbers(f"where is {spelling.format(digits)} please")

    assert found == [f"CP-{digits}"]


@given(st.text(max_size=80))
def test_any_text_gives_well_formed_numbers_at_their_place(text: str) -> None:
    for value in find_order_numbers(text):
        assert re.fullmatch(r"CP-\d{6}", value.value)
        assert 0 <= value.start < value.end <= len(text)


@pytest.mark.parametrize(
    ("text", "email"),
    [
        ("it's Jo.Bloggs+shop@Mail.example.", "jo.bloggs+shop@mail.example"),
        ("mail me at jo@bloggs.co.uk please", "jo@bloggs.co.uk"),
        ("<o'neil@post.example>", "o'neil@post.example"),
    ],
)
def test_an_email_is_found_in_lower_case(text: str, email: str) -> None:
    assert [value.value for value in find_emails(text)] == [email]


@pytest.mark.parametrize("text", ["jo@bloggs", "meet @ six", "jo at mail.example", "@jo.example"])
def test_what_only_looks_like_an_email_is_none(text: str) -> None:
    assert not list(find_emails(text))
