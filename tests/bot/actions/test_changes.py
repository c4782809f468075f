"""Changes: read back, made once, refused with the reason."""

from dataclasses import replace

import pytest

from bot.domain.customer import OrderStatus
from bot.domain.message import MessageId
from bot.domain.outcome import ActionDone
from tests.bot.actions.counter import Counter, in_words, reason_of

AGAIN = MessageId("m2")


async def test_cancelling_is_read_back_and_then_done(counter: Counter) -> None:
    preview = await counter.ask("action_preview_cancel_order", order_number="CP-200101")

    assert "Nothing will be charged." in in_words(preview)
    assert "Cairn Stormline women's waterproof jacket" in in_words(preview)
    assert _status(counter) is OrderStatus.PLACED

    done = await counter.ask("action_cancel_order", order_number="CP-200101")

    assert "Done, order CP-200101 is cancelled." in in_words(done)
    assert _status(counter) is OrderStatus.CANCELLED


def _status(counter: Counter) -> OrderStatus:
    return counter.crm.stored_orders["CP-200101"].status


@pytest.mark.parametrize("action", ["action_preview_cancel_order", "action_cancel_order"])
@pytest.mark.parametrize(
    ("customer", "number", "reason", "words"),
    [
        ("C-1002", "CP-200202", "already_packed", "can't be stopped"),
        ("C-1001", "CP-200102", "already_shipped", "expected on Sunday 22 November"),
        ("C-1009", "CP-200901", "already_shipped", "refuse the parcel at the door"),
        ("C-1001", "CP-200103", "already_delivered", "returned within 60 days"),
        ("C-1012", "CP-201201", "already_cancelled", "cancelled already"),
    ],
)
async def test_an_order_that_cannot_be_cancelled_says_why(
    action: str, customer: str, number: str, reason: str, words: str
) -> None:
    outcome = await Counter(customer).ask(action, order_number=number)

    assert reason_of(outcome) == reason
    assert words in in_words(outcome)


async def test_an_address_is_read_back_and_then_changed(counter: Counter) -> None:
    slots = {"order_number": "CP-200101", "address": "12 Mill Lane, York, yo1 7hh"}

    preview = await counter.ask("action_preview_change_address", **slots)
    done = await counter.ask("action_change_delivery_address", **slots)

    assert "12 Mill Lane, York, YO1 7HH instead of 18 Crookes Road, Sheffield, S10 1UA" in in_words(
        preview
    )
    assert "now goes to 12 Mill Lane, York, YO1 7HH" in in_words(done)
    assert counter.crm.stored_orders["CP-200101"].address.postcode == "YO1 7HH"


@pytest.mark.parametrize(
    ("customer", "number", "address", "reason", "words"),
    [
        ("C-1001", "CP-200101", "somewhere nice", "address_invalid", "street and number"),
        ("C-1001", "CP-200101", "", "address_invalid", "street and number"),
        ("C-1001", "CP-200101", "Hauptstr. 5, 10115 Berlin, Germany", "other_country", "United"),
        ("C-1004", "CP-200401", "1 Mill Lane, York, YO1 7HH", "other_country", "Germany"),
        ("C-1002", "CP-200202", "1 Mill Lane, York, YO1 7HH", "already_packed", "packed already"),
        ("C-1001", "CP-200102", "1 Mill Lane, York, YO1 7HH", "already_shipped", "on its way"),
        ("C-1001", "CP-200103", "1 Mill Lane, York, YO1 7HH", "already_delivered", "delivered"),
        ("C-1012", "CP-201201", "1 Mill Lane, York, YO1 7HH", "already_cancelled", "cancelled"),
    ],
)
async def test_an_address_that_cannot_be_changed_says_why(
    customer: str, number: str, address: str, reason: str, words: str
) -> None:
    outcome = await Counter(customer).ask(
        "action_preview_change_address", order_number=number, address=address
    )

    assert reason_of(outcome) == reason
    assert words in in_words(outcome)


async def test_an_order_that_is_collected_has_no_address_to_change(counter: Counter) -> None:
    order = counter.crm.stored_orders["CP-200101"]
    counter.crm.stored_orders[order.number] = replace(order, delivery_way="click_and_collect")

    outcome = await counter.ask(
        "action_preview_change_address",
        order_number=order.number,
        address="1 Mill Lane, York, YO1 7HH",
    )

    assert reason_of(outcome) == "click_and_collect"
    assert "goes to a store for collection" in in_words(outcome)


async def test_an_address_in_the_orders_own_country_does() -> None:
    outcome = await Counter("C-1004").ask(
        "action_change_delivery_address", order_number="CP-200401", address="Allee 5, 10115 Berlin"
    )

    assert "now goes to Allee 5, Berlin, 10115" in in_words(outcome)


async def test_a_return_is_read_back_and_then_announced(counter: Counter) -> None:
    slots = {"order_number": "CP-200103", "lines": "1", "return_reason": "too_big"}

    preview = await counter.ask("action_preview_start_return", **slots)
    done = await counter.ask("action_start_return", **slots)

    assert "Halvorsen Granite women's walking boots" in in_words(preview)
    assert "the label is free" in in_words(preview)
    assert "RT-900001" in in_words(done)
    assert "send the parcel by Friday 4 December" in in_words(done)
    assert counter.crm.stored_orders["CP-200103"].returns[0].lines == (1,)


async def test_a_return_from_abroad_names_what_sending_costs() -> None:
    slots = {"order_number": "CP-200402", "lines": "1", "return_reason": "too_big"}

    preview = await Counter("C-1004").ask("action_preview_start_return", **slots)
    done = await Counter("C-1004").ask("action_start_return", **slots)

    assert "£6.95 for the label from abroad" in in_words(preview)
    assert "£6.95 for the label is taken off" in in_words(done)


@pytest.mark.parametrize(
    ("customer", "number", "lines", "why", "reason"),
    [
        ("C-1002", "CP-200201", "1", "too_big", "window_over"),
        ("C-1001", "CP-200102", "1", "too_big", "not_delivered_yet"),
        ("C-1001", "CP-200103", "7", "too_big", "unknown_line"),
        ("C-1001", "CP-200103", "the red one", "too_big", "unknown_line"),
        ("C-1003", "CP-200302", "1", "too_big", "already_returned"),
        ("C-1011", "CP-201101", "2", "changed_mind", "not_returnable"),
        ("C-1012", "CP-201201", "1", "too_big", "already_cancelled"),
    ],
)
async def test_a_return_that_is_not_taken_says_why(
    customer: str, number: str, lines: str, why: str, reason: str
) -> None:
    outcome = await Counter(customer).ask(
        "action_preview_start_return", order_number=number, lines=lines, return_reason=why
    )

    assert reason_of(outcome) == reason
    assert in_words(outcome)


async def test_what_is_faulty_may_always_come_back() -> None:
    outcome = await Counter("C-1011").ask(
        "action_preview_start_return", order_number="CP-201101", lines="2", return_reason="faulty"
    )

    assert "Norfell gas cartridge" in in_words(outcome)


@pytest.mark.parametrize(
    ("kind", "previewed", "done"),
    [
        ("missing", "send it again or refund it", "or refund it within 2 working days"),
        ("damaged", "replace or refund it", "ask you for a photo"),
    ],
)
async def test_a_problem_is_read_back_and_then_reported(
    kind: str, previewed: str, done: str
) -> None:
    counter = Counter("C-1012")
    slots = {"order_number": "CP-201202", "lines": "1,3", "kind": kind, "description": "Dented"}

    preview = await counter.ask("action_preview_report_problem", **slots)
    assert not counter.crm.tickets
    outcome = await counter.ask("action_report_problem", **slots)

    assert previewed in in_words(preview)
    assert "Tarnbrook Glow solar camping lantern and Tarnbrook steel water bottle" in in_words(
        preview
    )
    assert done in in_words(outcome)
    assert counter.crm.tickets[0].text == "Dented"
    assert counter.crm.tickets[0].number in in_words(outcome)


@pytest.mark.parametrize(
    ("number", "lines", "reason"),
    [
        ("CP-201204", "1", "too_late_to_report"),
        ("CP-201205", "1", "not_delivered_yet"),
        ("CP-201202", "", "unknown_line"),
        ("CP-201202", "9", "unknown_line"),
        ("CP-201201", "1", "already_cancelled"),
    ],
)
async def test_a_problem_that_cannot_be_reported_says_why(
    number: str, lines: str, reason: str
) -> None:
    outcome = await Counter("C-1012").ask(
        "action_report_problem", order_number=number, lines=lines, kind="missing"
    )

    assert reason_of(outcome) == reason
    assert in_words(outcome)


async def test_an_invoice_is_sent_to_the_accounts_own_address(counter: Counter) -> None:
    preview = await counter.ask("action_preview_send_invoice", order_number="CP-200103")
    done = await counter.ask("action_send_invoice", order_number="CP-200103")

    assert "INV-200103" in in_words(preview)
    assert "VAT" in in_words(preview)
    assert "maya.okafor@example.com" in in_words(done)
    assert counter.crm.mails == ["maya.okafor@example.com"]


@pytest.mark.parametrize(
    ("customer", "number", "reason", "words"),
    [
        ("C-1001", "CP-200101", "not_invoiced_yet", "made when the order ships"),
        ("C-1012", "CP-201201", "already_cancelled", "never charged"),
    ],
)
async def test_an_invoice_that_does_not_exist_is_explained(
    customer: str, number: str, reason: str, words: str
) -> None:
    outcome = await Counter(customer).ask("action_preview_send_invoice", order_number=number)

    assert reason_of(outcome) == reason
    assert words in in_words(outcome)


async def test_a_ticket_is_written_in_the_customers_words(counter: Counter) -> None:
    subject = "My boots squeak on wet rock, " * 5

    preview = await counter.ask("action_preview_open_ticket", subject=subject)
    done = await counter.ask("action_open_ticket", subject=subject)

    assert "My boots squeak" in in_words(preview)
    assert counter.crm.tickets[0].number in in_words(done)
    assert counter.crm.tickets[0].text == subject.strip()
    assert len(counter.crm.tickets[0].subject) <= 80


async def test_the_same_message_makes_a_change_once(counter: Counter) -> None:
    slots = {"order_number": "CP-200103", "lines": "1", "return_reason": "too_big"}

    first = await counter.ask("action_start_return", **slots)
    second = await counter.ask("action_start_return", **slots)

    assert isinstance(first, ActionDone)
    assert first == second
    assert len(counter.crm.stored_orders["CP-200103"].returns) == 1


async def test_slots_that_have_nothing_to_do_with_a_change_do_not_make_it_another(
    counter: Counter,
) -> None:
    slots = {"order_number": "CP-200103", "lines": "1", "return_reason": "too_big"}

    await counter.ask("action_start_return", **slots)
    await counter.ask("action_start_return", **slots, date="2026-11-19")

    assert len(counter.crm.stored_orders["CP-200103"].returns) == 1
