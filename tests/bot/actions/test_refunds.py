"""What is said about refunds."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.bot.actions.counter import Counter, in_words


@pytest.mark.parametrize(
    ("customer", "number", "words"),
    [
        ("C-1003", "CP-200301", "Your refund of £219.00 for order CP-200301 is being made"),
        ("C-1003", "CP-200302", "RT-399002 for order CP-200302 is announced"),
        ("C-1003", "CP-200303", "was paid on Wednesday 5 August to Visa"),
        ("C-1012", "CP-201201", "nothing was charged"),
        ("C-1001", "CP-200103", "I can't see a refund or a return for order CP-200103"),
    ],
)
async def test_the_refund_of_an_order_is_told(customer: str, number: str, words: str) -> None:
    outcome = await Counter(customer).ask("action_refund_status", order_number=number)

    assert words in in_words(outcome)


async def test_without_a_number_the_refund_on_its_way_is_told() -> None:
    outcome = await Counter("C-1003").ask("action_refund_status")

    assert "£219.00" in in_words(outcome)
    assert "£62.00" not in in_words(outcome)
    assert "by Wednesday 25 November" in in_words(outcome)


async def test_a_refund_that_takes_too_long_is_admitted() -> None:
    counter = Counter("C-1003")
    counter.clock.pass_time(timedelta(days=10))

    outcome = await counter.ask("action_refund_status")

    assert "should have left us by Wednesday 25 November" in in_words(outcome)


async def test_the_newest_refund_is_told_when_all_are_paid() -> None:
    outcome = await Counter("C-1012").ask("action_refund_status")

    assert "£119.00" in in_words(outcome)
    assert "was paid on Saturday 10 October" in in_words(outcome)


async def test_no_refund_at_all_is_said() -> None:
    outcome = await Counter("C-1001").ask("action_refund_status")

    assert "any refund or return in your account" in in_words(outcome)


async def test_a_return_that_arrived_says_when_the_money_goes() -> None:
    counter = Counter("C-1001")
    slots = {"order_number": "CP-200103", "lines": "1"}
    await counter.ask("action_start_return", **slots)
    order = counter.crm.stored_orders["CP-200103"]

    case = replace(order.returns[0], received_at=counter.clock.now())
    counter.crm.stored_orders[order.number] = replace(order, returns=(case,))

    outcome = await counter.ask("action_refund_status")

    assert "reached us on Friday 20 November" in in_words(outcome)
    assert "by Friday 27 November" in in_words(outcome)
