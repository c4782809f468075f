"""What there is to choose from."""

import pytest

from bot.dialogue.payload import read_payload
from bot.domain.facts import ItemsListed
from bot.domain.outcome import ActionDone
from tests.bot.actions.counter import Counter, buttons_of, in_words, reason_of


def _offered(outcome: object) -> list[str]:
    assert isinstance(outcome, ActionDone)
    payloads = [read_payload(button.payload) for button in buttons_of(outcome)]
    assert all(payload is not None and payload.intent == "choose" for payload in payloads)
    return [next(iter(payload.slots.values())) for payload in payloads if payload is not None]


@pytest.mark.parametrize(
    ("customer", "flow", "numbers"),
    [
        ("C-1001", "cancel_order", ["CP-200101"]),
        ("C-1001", "change_delivery_address", ["CP-200101"]),
        ("C-1002", "cancel_order", ["CP-200202"]),
        ("C-1001", "start_return", ["CP-200103"]),
        ("C-1002", "start_return", ["CP-200201"]),
        ("C-1012", "report_damaged_item", ["CP-201202"]),
        ("C-1001", "request_invoice", ["CP-200102", "CP-200103"]),
        ("C-1003", "refund_status", ["CP-200302", "CP-200301", "CP-200303"]),
        ("C-1001", "track_parcel", ["CP-200102"]),
        ("C-1001", "", ["CP-200101", "CP-200102", "CP-200103"]),
    ],
)
async def test_only_orders_worth_choosing_are_listed(
    customer: str, flow: str, numbers: list[str]
) -> None:
    outcome = await Counter(customer).ask("action_choose_order", for_flow=flow)

    assert isinstance(outcome, ActionDone)
    assert _offered(outcome) == numbers
    assert ItemsListed("order_number", tuple(numbers)) in outcome.facts


async def test_at_most_five_orders_are_listed() -> None:
    outcome = await Counter("C-1007").ask("action_choose_order", for_flow="request_invoice")

    assert len(_offered(outcome)) == 5


async def test_a_customer_without_orders_has_nothing_to_choose() -> None:
    outcome = await Counter("C-1005").ask("action_choose_order", for_flow="cancel_order")

    assert reason_of(outcome) == "no_orders"
    assert "I can't see any orders" in in_words(outcome)


async def test_lines_are_listed_with_names_and_everything(counter: Counter) -> None:
    outcome = await counter.ask(
        "action_choose_lines", order_number="CP-200103", for_flow="report_missing_item"
    )

    assert isinstance(outcome, ActionDone)
    assert _offered(outcome) == ["1", "2", "1,2"]
    assert "2 × Halvorsen mid wool walking socks" in buttons_of(outcome)[1].title
    assert ItemsListed("lines", ("1", "2")) in outcome.facts
    names = ("Halvorsen Granite women's walking boots", "2 × Halvorsen mid wool walking socks")
    assert ItemsListed("lines_names", names) in outcome.facts


async def test_lines_that_come_back_already_are_not_offered_for_a_return() -> None:
    outcome = await Counter("C-1003").ask(
        "action_choose_lines", order_number="CP-200302", for_flow="start_return"
    )

    assert _offered(outcome) == ["2"]


@pytest.mark.parametrize(
    ("customer", "number", "flow", "reason", "words"),
    [
        ("C-1002", "CP-200201", "start_return", "window_over", "the 60 days for returns ended"),
        ("C-1001", "CP-200102", "start_return", "not_delivered_yet", "Sunday 22 November"),
        ("C-1012", "CP-201201", "start_return", "already_cancelled", "nothing to send back"),
        ("C-1003", "CP-200301", "start_return", "already_returned", "announced as a return"),
        ("C-1012", "CP-201204", "report_missing_item", "too_late_to_report", "30 days"),
        ("C-1001", "CP-200101", "report_damaged_item", "not_delivered_yet", "isn't marked"),
        ("C-1012", "CP-201201", "report_damaged_item", "already_cancelled", "nothing was sent"),
        ("C-1003", "CP-200301", "report_missing_item", "already_returned", "announced for that"),
    ],
)
async def test_an_order_that_will_not_do_is_refused_before_its_lines_are_asked_for(
    customer: str, number: str, flow: str, reason: str, words: str
) -> None:
    outcome = await Counter(customer).ask("action_choose_lines", order_number=number, for_flow=flow)

    assert reason_of(outcome) == reason
    assert words in in_words(outcome)
