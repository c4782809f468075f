import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.extraction.money import find_amounts


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("£45", "45.00"),
        ("£ 45.5", "45.50"),
        ("45 quid", "45.00"),
        ("45.00 pounds", "45.00"),
        ("1,200.50 GBP", "1200.50"),
        ("99p", "0.99"),
        ("it cost me 12£", "12.00"),
        ("twenty quid", "20.00"),
        ("a tenner", "10.00"),
    ],
)
def test_an_amount_is_in_pounds_with_pence(text: str, amount: str) -> None:
    assert [(value.value, value.role) for value in find_amounts(text)] == [(amount, None)]


@pytest.mark.parametrize("text", ["€20,50", "20.50 euros", "20,50 EUR"])
def test_euros_say_so(text: str) -> None:
    assert [(value.value, value.role) for value in find_amounts(text)] == [("20.50", "EUR")]


@pytest.mark.parametrize(
    "text", ["45", "3 people", "45 lb", "10 %", "2pm", "CP-104233", "ten tents"]
)
def test_other_numbers_are_no_amounts(text: str) -> None:
    assert not list(find_amounts(text))


@given(st.integers(min_value=0, max_value=99_999_999))
def test_an_amount_is_read_as_it_was_written(cents: int) -> None:
    written = f"{cents / 100:,.2f}"

    found = [value.value for value in find_amounts(f"I paid £{written} for it")]

    assert found == ([f"{cents // 100}.{cents % 100:02d}"] if cents < 100_000_000 else [])
