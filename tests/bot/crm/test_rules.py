"""Every reason that the shop's rules can give, and the edges of their days."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import pytest

from bot.crm import outcomes, rules
from bot.domain.customer import (
    Address,
    Order,
    OrderLine,
    OrderStatus,
    ReturnCase,
    ReturnStatus,
    Shipment,
    Ticket,
)
from bot.domain.message import CustomerId
from bot.domain.ports import ChangeDone, ChangeRejected

LONDON: Final = ZoneInfo("Europe/London")
ARRIVAL: Final = datetime(2026, 9, 1, 13, tzinfo=UTC)
LAST_RETURN_DAY: Final = date(2026, 10, 31)
LAST_REPORT_DAY: Final = date(2026, 10, 1)
HOME: Final = Address("18 Crookes Road", "Sheffield", "S10 1UA")
TENT: Final = OrderLine(1, "P-0002", "Tent", 1, 25900, is_returnable=True)
GAS: Final = OrderLine(2, "P-0156", "Gas", 2, 750, is_returnable=False)
BOTH: Final = (TENT, GAS)


def an_order(
    status: OrderStatus = OrderStatus.DELIVERED,
    *,
    lines: tuple[OrderLine, ...] = BOTH,
    way: str = "standard",
    returned: tuple[int, ...] = (),
) -> Order:
    goods = sum(line.price_cents * line.quantity for line in lines)
    is_there = status in (OrderStatus.DELIVERED, OrderStatus.RETURNED)
    parcel = Shipment(
        "PW1", "Parcelway", ARRIVAL, date(2026, 9, 2), "hub", ARRIVAL, ARRIVAL if is_there else None
    )
    has_left = status not in (OrderStatus.PLACED, OrderStatus.PACKED, OrderStatus.CANCELLED)
    case = ReturnCase("RT-1", returned, "faulty", ReturnStatus.ANNOUNCED, ARRIVAL, None)
    return Order(
        "CP-1",
        CustomerId("C-1"),
        status,
        ARRIVAL - timedelta(days=5),
        lines,
        way,
        395,
        goods + 395,
        "Visa",
        HOME,
        shipments=(parcel,) if has_left else (),
        returns=(case,) if returned else (),
    )


def reason(rejected: ChangeRejected | None) -> str | None:
    return None if rejected is None else rejected.reason


def return_reason(
    order: Order, *lines: int, why: str = "too_small", now: datetime = ARRIVAL
) -> str | None:
    return reason(rules.reject_return(order, lines, why, now, LONDON))


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (OrderStatus.PLACED, None),
        (OrderStatus.PACKED, "already_packed"),
        (OrderStatus.SHIPPED, "already_shipped"),
        (OrderStatus.OUT_FOR_DELIVERY, "already_shipped"),
        (OrderStatus.DELIVERED, "already_delivered"),
        (OrderStatus.RETURNED, "already_delivered"),
        (OrderStatus.CANCELLED, "already_cancelled"),
    ],
)
def test_only_a_placed_order_is_cancelled_or_sent_elsewhere(
    status: OrderStatus, expected: str | None
) -> None:
    order = an_order(status)

    assert reason(rules.reject_unless_placed(order, LONDON)) == expected
    assert reason(rules.reject_address(order, HOME, LONDON)) == expected


def test_why_not_comes_with_the_days_that_explain_it() -> None:
    going = rules.reject_unless_placed(an_order(OrderStatus.SHIPPED), LONDON)
    there = rules.reject_unless_placed(an_order(OrderStatus.DELIVERED), LONDON)

    assert going is not None
    assert going.values["expected_on"] == "2026-09-02"
    assert there is not None
    assert there.values["delivered_on"] == "2026-09-01"


def test_an_address_stays_in_the_country_and_a_collected_parcel_in_its_store() -> None:
    order = an_order(OrderStatus.PLACED)
    abroad = replace(HOME, country="FR")
    collected = an_order(OrderStatus.PLACED, way="click_and_collect")

    assert reason(rules.reject_address(order, abroad, LONDON)) == "other_country"
    assert reason(rules.reject_address(collected, HOME, LONDON)) == "click_and_collect"


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (OrderStatus.PLACED, "not_delivered_yet"),
        (OrderStatus.PACKED, "not_delivered_yet"),
        (OrderStatus.SHIPPED, "not_delivered_yet"),
        (OrderStatus.OUT_FOR_DELIVERY, "not_delivered_yet"),
        (OrderStatus.CANCELLED, "already_cancelled"),
        (OrderStatus.DELIVERED, None),
    ],
)
def test_returns_and_reports_need_a_delivery(status: OrderStatus, expected: str | None) -> None:
    order = an_order(status)

    assert return_reason(order, 1) == expected
    assert reason(rules.reject_problem(order, [1], ARRIVAL, LONDON)) == expected


@pytest.mark.parametrize(
    ("hour", "days_after", "expected"),
    [(23, 0, None), (0, 1, "window_over")],
)
def test_the_return_window_ends_with_its_60th_day_in_london(
    hour: int, days_after: int, expected: str | None
) -> None:
    day = LAST_RETURN_DAY + timedelta(days=days_after)
    now = datetime(day.year, day.month, day.day, hour, 30, tzinfo=LONDON)

    rejected = rules.reject_return(an_order(), [1], "too_small", now, LONDON)

    assert reason(rejected) == expected
    if rejected is not None:
        assert rejected.values["last_day"] == LAST_RETURN_DAY.isoformat()
        assert rejected.values["days"] == "60"


def test_a_summer_night_counts_as_london_counts_it() -> None:
    # 23:30 UTC on 1 September is already 2 September in London, so the window lasts a day longer.
    late = replace(an_order().shipments[0], delivered_at=datetime(2026, 9, 1, 23, 30, tzinfo=UTC))
    order = replace(an_order(), shipments=(late,))
    now = datetime(2026, 11, 1, 12, tzinfo=LONDON)

    assert return_reason(order, 1, now=now) is None


@pytest.mark.parametrize(("days_after", "expected"), [(0, None), (1, "too_late_to_report")])
def test_problems_are_told_within_30_days(days_after: int, expected: str | None) -> None:
    day = LAST_REPORT_DAY + timedelta(days=days_after)
    now = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)

    assert reason(rules.reject_problem(an_order(), [1], now, LONDON)) == expected


def test_a_report_names_lines_that_exist_and_are_there() -> None:
    order = an_order(returned=(1,))

    assert reason(rules.reject_problem(order, [], ARRIVAL, LONDON)) == "unknown_line"
    assert reason(rules.reject_problem(order, [7], ARRIVAL, LONDON)) == "unknown_line"
    assert reason(rules.reject_problem(order, [1], ARRIVAL, LONDON)) == "already_returned"
    assert reason(rules.reject_problem(order, [2], ARRIVAL, LONDON)) is None


def test_what_is_not_returnable_stays_unless_it_is_faulty() -> None:
    order = an_order()

    assert return_reason(order, 1) is None
    assert return_reason(order, 2) == "not_returnable"
    assert return_reason(order, 1, 2) == "not_returnable"
    assert return_reason(order, 2, why="faulty") is None
    assert return_reason(an_order(lines=(GAS,))) == "not_returnable"


def test_a_whole_return_takes_what_can_go() -> None:
    order = an_order()

    assert return_reason(order) is None
    assert rules.returnable_lines(order, (), "too_small") == (TENT,)
    assert rules.returnable_lines(order, (), "faulty") == BOTH
    assert rules.returnable_lines(an_order(returned=(1,)), (), "faulty") == (GAS,)


def test_nothing_comes_back_twice() -> None:
    assert return_reason(an_order(returned=(1,)), 1) == "already_returned"
    assert return_reason(an_order(returned=(1, 2))) == "already_returned"
    assert return_reason(an_order(returned=(1,))) == "not_returnable"
    assert return_reason(an_order(OrderStatus.RETURNED, returned=(1, 2)), 1) == "already_returned"
    assert return_reason(an_order(), 9) == "unknown_line"


@pytest.mark.parametrize(
    ("order", "lines", "cents"),
    [
        (an_order(), (TENT,), 25900),
        (an_order(), BOTH, 27400 + 395),
        (an_order(returned=(2,)), (TENT,), 25900 + 395),
        (an_order(way="express"), BOTH, 27400),
        (replace(an_order(), address=replace(HOME, country="DE")), (TENT,), 25900 - 695),
        (replace(an_order(), address=replace(HOME, country="DE")), (), 0),
    ],
)
def test_a_refund_is_goods_with_the_standard_fee_for_all_less_the_label_abroad(
    order: Order, lines: tuple[OrderLine, ...], cents: int
) -> None:
    assert rules.return_value_cents(order, lines) == cents


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (OrderStatus.PLACED, "not_invoiced_yet"),
        (OrderStatus.PACKED, "not_invoiced_yet"),
        (OrderStatus.CANCELLED, "already_cancelled"),
        (OrderStatus.SHIPPED, None),
        (OrderStatus.DELIVERED, None),
        (OrderStatus.RETURNED, None),
    ],
)
def test_an_invoice_comes_with_shipping(status: OrderStatus, expected: str | None) -> None:
    assert reason(rules.reject_invoice(an_order(status))) == expected


@pytest.mark.parametrize(
    ("is_subscribed", "is_wanted", "expected"),
    [
        (True, True, "already_subscribed"),
        (False, False, "not_subscribed"),
        (True, False, None),
        (False, True, None),
    ],
)
def test_the_newsletter_changes_only_when_there_is_a_change(
    *, is_subscribed: bool, is_wanted: bool, expected: str | None
) -> None:
    rejected = rules.reject_newsletter(
        "a@b.example", is_subscribed=is_subscribed, is_wanted=is_wanted
    )

    assert reason(rejected) == expected


def test_an_unknown_order_and_a_waiting_deletion_say_which() -> None:
    ticket = Ticket("TK-1", CustomerId("C-1"), "", "", ARRIVAL, is_open=True)

    waits = rules.deletion_waits(ticket, LONDON)

    assert rules.unknown_order("CP-9") == ChangeRejected("unknown_order", {"order_number": "CP-9"})
    assert waits.reason == "already_requested"
    assert dict(waits.values) == {"ticket": "TK-1", "done_by": "2026-10-01"}


@pytest.mark.parametrize(
    ("total", "vat"), [(12000, 2000), (19500, 3250), (100, 17), (0, 0), (3, 1), (2, 0)]
)
def test_vat_is_a_sixth_of_the_price_rounded_half_up(total: int, vat: int) -> None:
    assert rules.vat_cents(total) == vat


def test_amounts_are_pounds_with_two_decimals() -> None:
    assert [outcomes.pounds(cents) for cents in (28900, 5, 0, 123456)] == [
        "289.00",
        "0.05",
        "0.00",
        "1234.56",
    ]


@pytest.mark.parametrize(
    "change",
    [ChangeDone({"amount": "1.00"}), ChangeDone(), ChangeRejected("already_packed", {"a": "ü"})],
)
def test_outcomes_survive_as_text(change: ChangeDone | ChangeRejected) -> None:
    assert outcomes.from_text(outcomes.as_text(change)) == change
