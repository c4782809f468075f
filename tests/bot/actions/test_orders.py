"""What is said about orders and parcels, in every state."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.dialogue.payload import read_payload
from bot.domain.customer import OrderStatus
from bot.domain.facts import ItemsListed, SlotFilled
from bot.domain.message import CustomerId
from bot.domain.outcome import ActionDone
from tests.bot.actions.counter import ANCHOR, NOW, Counter, buttons_of, card_of, in_words, reason_of


@pytest.mark.parametrize(
    ("customer", "number", "words"),
    [
        ("C-1001", "CP-200101", "waiting to be packed"),
        ("C-1002", "CP-200202", "is packed"),
        ("C-1001", "CP-200102", "should reach you on Sunday 22 November"),
        ("C-1009", "CP-200901", "out for delivery"),
        ("C-1008", "CP-200801", "I'm sorry, order CP-200801 is late"),
        ("C-1001", "CP-200103", "until Saturday 9 January"),
        ("C-1002", "CP-200201", "was delivered on Sunday 6 September."),
        ("C-1012", "CP-201201", "Nothing was charged"),
        ("C-1003", "CP-200301", "£219.00 goes back to Visa"),
        ("C-1003", "CP-200302", "A return is announced for it (RT-399002)"),
    ],
)
async def test_status_says_how_far_an_order_is(customer: str, number: str, words: str) -> None:
    counter = Counter(customer)

    outcome = await counter.ask("action_order_status", order_number=number)

    assert words in in_words(outcome)
    assert number in in_words(outcome)


async def test_a_late_parcel_is_told_what_happens_next() -> None:
    outcome = await Counter("C-1008").ask("action_order_status", order_number="CP-200801")

    said = in_words(outcome)

    # Expected on Tuesday 17 November, and lost 7 working days later.
    assert "Tuesday 17 November" in said
    assert "by Thursday 26 November, it counts as lost" in said
    assert card_of(outcome)["Status"] == "on its way"


async def test_a_parcel_that_counts_as_lost_is_a_choice_of_the_customer() -> None:
    counter = Counter("C-1008")
    counter.clock.pass_time(timedelta(days=7))

    outcome = await counter.ask("action_track_parcel", order_number="CP-200801")

    assert "now counts as lost" in in_words(outcome)
    assert "new parcel or a refund" in in_words(outcome)


async def test_an_order_in_two_parcels_says_which_is_missing() -> None:
    counter = Counter()
    order = counter.crm.stored_orders["CP-200102"]
    arrived = replace(order.shipments[0], delivered_at=NOW - timedelta(hours=3))
    counter.crm.stored_orders[order.number] = replace(
        order, shipments=(arrived, order.shipments[0])
    )

    outcome = await counter.ask("action_order_status", order_number="CP-200102")

    assert "A part of order CP-200102 has arrived" in in_words(outcome)


async def test_an_order_that_waits_in_a_store_says_until_when() -> None:
    counter = Counter()
    order = counter.crm.stored_orders["CP-200103"]
    counter.crm.stored_orders[order.number] = replace(order, delivery_way="click_and_collect")

    outcome = await counter.ask("action_order_status", order_number="CP-200103")

    assert "It's kept for you until Friday 20 November" in in_words(outcome)


@pytest.mark.parametrize("typed", ["CP-200101", "cp200101", "#200101", "200101", "cp 200101"])
async def test_an_order_number_may_be_typed_in_many_ways(counter: Counter, typed: str) -> None:
    outcome = await counter.ask("action_order_status", order_number=typed)

    assert "CP-200101" in in_words(outcome)


@pytest.mark.parametrize(
    ("number", "changed", "words"),
    [
        ("CP-200102", {"delivery_way": "click_and_collect"}, "is on its way to the store"),
        ("CP-200103", {"shipments": ()}, "has been delivered"),
        ("CP-200103", {"status": OrderStatus.RETURNED}, "The refund follows"),
    ],
)
async def test_rarer_states_have_words_too(
    counter: Counter, number: str, changed: dict[str, Any], words: str
) -> None:
    counter.crm.stored_orders[number] = replace(counter.crm.stored_orders[number], **changed)

    outcome = await counter.ask("action_order_status", order_number=number)

    assert words in in_words(outcome)


async def test_a_lost_order_is_a_choice_of_the_customer() -> None:
    counter = Counter("C-1008")
    counter.clock.pass_time(timedelta(days=7))

    outcome = await counter.ask("action_order_status", order_number="CP-200801")

    assert "new parcel or a refund" in in_words(outcome)


async def test_a_short_list_shows_all_orders(counter: Counter) -> None:
    outcome = await counter.ask("action_list_orders")

    assert "Here are your orders, the newest first" in in_words(outcome)
    assert len(buttons_of(outcome)) == 3


async def test_without_a_number_several_open_orders_are_offered(counter: Counter) -> None:
    outcome = await counter.ask("action_order_status")

    assert isinstance(outcome, ActionDone)
    assert "2 orders" in in_words(outcome)
    titles = [button.title for button in buttons_of(outcome)]
    assert titles[0] == "CP-200101 · Cairn Stormline women's waterproof jacket · 20 Nov"
    assert titles[1] == "CP-200102 · Cairn Ridgeway 30 l rucksack + 1 more · 17 Nov"
    payload = read_payload(buttons_of(outcome)[1].payload)
    assert payload is not None
    assert (payload.intent, dict(payload.slots)) == ("choose", {"order_number": "CP-200102"})
    assert ItemsListed("order_number", ("CP-200101", "CP-200102")) in outcome.facts


async def test_without_a_number_the_only_open_order_is_told_and_remembered() -> None:
    outcome = await Counter("C-1006").ask("action_order_status")

    assert isinstance(outcome, ActionDone)
    assert "CP-200601" in in_words(outcome)
    assert SlotFilled("order_number", "CP-200601") in outcome.facts


async def test_without_an_open_order_the_last_delivered_is_told() -> None:
    outcome = await Counter("C-1007").ask("action_order_status")

    assert "CP-200712" in in_words(outcome)


@pytest.mark.parametrize(
    "action", ["action_order_status", "action_track_parcel", "action_list_orders"]
)
async def test_a_customer_without_orders_hears_so(action: str) -> None:
    outcome = await Counter("C-1005").ask(action)

    assert "I can't see any orders" in in_words(outcome)


@pytest.mark.parametrize(
    ("customer", "number", "words"),
    [
        ("C-1001", "CP-200101", "hasn't left yet"),
        ("C-1002", "CP-200202", "is packed but hasn't left yet"),
        ("C-1001", "CP-200102", "expected on Sunday 22 November"),
        ("C-1009", "CP-200901", "on the van in Manchester"),
        ("C-1008", "CP-200801", "is late"),
        ("C-1001", "CP-200103", "as delivered on Tuesday 10 November"),
        ("C-1012", "CP-201201", "was cancelled"),
        ("C-1003", "CP-200301", "has come back to us"),
    ],
)
async def test_tracking_says_where_a_parcel_is(customer: str, number: str, words: str) -> None:
    outcome = await Counter(customer).ask("action_track_parcel", order_number=number)

    assert words in in_words(outcome)


async def test_tracking_without_a_number_takes_the_parcel_on_its_way(counter: Counter) -> None:
    outcome = await counter.ask("action_track_parcel")

    assert "PW200102" in in_words(outcome)
    assert card_of(outcome)["Tracking"].startswith("Parcelway PW200102")


async def test_tracking_an_order_that_has_left_without_a_scan(counter: Counter) -> None:
    order = counter.crm.stored_orders["CP-200102"]
    counter.crm.stored_orders[order.number] = replace(order, shipments=())

    tracked = await counter.ask("action_track_parcel", order_number=order.number)
    status = await counter.ask("action_order_status", order_number=order.number)

    assert "hasn't scanned it yet" in in_words(tracked)
    assert "has left our warehouse" in in_words(status)


async def test_the_list_shows_the_newest_orders_in_lines_and_buttons() -> None:
    outcome = await Counter("C-1007").ask("action_list_orders")

    assert isinstance(outcome, ActionDone)
    said = in_words(outcome)
    assert "Here are your 5 newest orders" in said
    assert "1. CP-200712 · Bivvy & Co Cairngorms waterproof map" in said
    assert len(buttons_of(outcome)) == 5
    listed = next(fact for fact in outcome.facts if isinstance(fact, ItemsListed))
    assert listed.values[0] == "CP-200712"


async def test_the_list_of_a_single_order_is_in_the_singular() -> None:
    outcome = await Counter("C-1006").ask("action_list_orders")

    assert "There is one order in your account" in in_words(outcome)


@pytest.mark.parametrize(
    "action",
    [
        "action_order_status",
        "action_track_parcel",
        "action_refund_status",
        "action_choose_lines",
        "action_preview_cancel_order",
        "action_cancel_order",
        "action_preview_start_return",
        "action_send_invoice",
    ],
)
@pytest.mark.parametrize("number", ["CP-200601", "CP-999999"])
async def test_anothers_order_sounds_like_one_that_does_not_exist(
    counter: Counter, action: str, number: str
) -> None:
    outcome = await counter.ask(action, order_number=number, lines="1")

    assert reason_of(outcome) == "unknown_order"
    assert in_words(outcome).startswith(f"I can't find order {number} in your account.")
    assert counter.crm.stored_orders["CP-200601"].status is OrderStatus.PLACED


def test_the_story_customers_are_those_of_this_day() -> None:
    counter = Counter()

    assert counter.crm.stored_orders["CP-200101"].placed_at.date() == ANCHOR
    assert counter.crm.customers[CustomerId("C-1001")].name == "Maya Okafor"
