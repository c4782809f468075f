"""The shop's rules (docs/shop.md) as pure functions: None is yes, else why not.

Reasons are stable words that the wording explains. Dates in values are ISO dates in the shop's time zone, amounts
are pounds with two decimals and no sign.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta, tzinfo
from typing import Final

from bot.domain.customer import Address, Order, OrderLine, OrderStatus, Ticket
from bot.domain.ports import ChangeRejected

RETURN_DAYS: Final = 60
SEND_BACK_DAYS: Final = 14
REPORT_DAYS: Final = 30
DELETION_DAYS: Final = 30
RETURN_ABROAD_CENTS: Final = 695
VAT_PERCENT: Final = 20
HOME_COUNTRY: Final = "GB"
STANDARD: Final = "standard"
CLICK_AND_COLLECT: Final = "click_and_collect"
BULKY: Final = "bulky"
FAULTY: Final = "faulty"

_GOING: Final = (OrderStatus.SHIPPED, OrderStatus.OUT_FOR_DELIVERY)
_ARRIVED: Final = (OrderStatus.DELIVERED, OrderStatus.RETURNED)


def unknown_order(number: str) -> ChangeRejected:
    """Say that the customer has no order of this number."""
    return ChangeRejected("unknown_order", {"order_number": number})


def reject_unless_placed(order: Order, zone: tzinfo) -> ChangeRejected | None:
    """Refuse what is possible only while an order is *placed*: cancelling, another address."""
    values = {"order_number": order.number, "status": order.status.value}
    if order.shipments:
        values["expected_on"] = max(parcel.expected_on for parcel in order.shipments).isoformat()
    if order.delivered_at is not None:
        values["delivered_on"] = _day(order.delivered_at, zone).isoformat()
    match order.status:
        case OrderStatus.PLACED:
            return None
        case OrderStatus.PACKED:
            return ChangeRejected("already_packed", values)
        case OrderStatus.SHIPPED | OrderStatus.OUT_FOR_DELIVERY:
            return ChangeRejected("already_shipped", values)
        case OrderStatus.DELIVERED | OrderStatus.RETURNED:
            return ChangeRejected("already_delivered", values)
        case OrderStatus.CANCELLED:
            return ChangeRejected("already_cancelled", values)


def reject_address(order: Order, address: Address, zone: tzinfo) -> ChangeRejected | None:
    """Refuse another address once packed, for a parcel that is collected, or in another country."""
    rejected = reject_unless_placed(order, zone)
    if rejected is not None:
        return rejected
    values = {"order_number": order.number, "country": order.address.country}
    if order.delivery_way == CLICK_AND_COLLECT:
        return ChangeRejected("click_and_collect", values)
    if address.country != order.address.country:
        return ChangeRejected("other_country", {**values, "wanted_country": address.country})
    return None


def reject_return(
    order: Order, lines: Sequence[int], reason: str, now: datetime, zone: tzinfo
) -> ChangeRejected | None:
    """Refuse a return of these lines; none named are all that can still come back."""
    return (
        _reject_before_arrival(order)
        or _reject_lines(order, lines)
        or _reject_after(order, RETURN_DAYS, "window_over", now, zone)
        or _reject_unreturnable(order, lines, reason)
    )


def reject_problem(
    order: Order, lines: Sequence[int], now: datetime, zone: tzinfo
) -> ChangeRejected | None:
    """Refuse a report of missing or damaged lines."""
    rejected = _reject_before_arrival(order) or _reject_after(
        order, REPORT_DAYS, "too_late_to_report", now, zone
    )
    if rejected is not None:
        return rejected
    if not lines:
        return _unknown_line(order)
    return _reject_lines(order, lines)


def reject_invoice(order: Order) -> ChangeRejected | None:
    """Refuse an invoice that does not exist: before the order ships, or when it never will."""
    values = {"order_number": order.number, "status": order.status.value}
    if order.status in (*_GOING, *_ARRIVED):
        return None
    if order.status is OrderStatus.CANCELLED:
        return ChangeRejected("already_cancelled", values)
    return ChangeRejected("not_invoiced_yet", values)


def reject_newsletter(email: str, *, is_subscribed: bool, is_wanted: bool) -> ChangeRejected | None:
    """Refuse a change that would change nothing."""
    if is_subscribed != is_wanted:
        return None
    return ChangeRejected("already_subscribed" if is_wanted else "not_subscribed", {"email": email})


def deletion_waits(ticket: Ticket, zone: tzinfo) -> ChangeRejected:
    """Say that the deletion was asked for before and is being worked on."""
    done_by = _day(ticket.created_at, zone) + timedelta(days=DELETION_DAYS)
    return ChangeRejected(
        "already_requested", {"ticket": ticket.number, "done_by": done_by.isoformat()}
    )


def returnable_lines(order: Order, lines: Sequence[int], reason: str) -> tuple[OrderLine, ...]:
    """Return the lines that a return takes: those named, or all that can still come back."""
    if lines:
        return named_lines(order, lines)
    gone = _returned(order)
    return tuple(
        line
        for line in order.lines
        if line.line not in gone and (line.is_returnable or reason == FAULTY)
    )


def named_lines(order: Order, lines: Sequence[int]) -> tuple[OrderLine, ...]:
    """Return the lines with these numbers, in the order's order."""
    return tuple(line for line in order.lines if line.line in lines)


def return_value_cents(order: Order, lines: Sequence[OrderLine]) -> int:
    """Return what is paid back for lines: with the standard delivery fee when nothing stays, less the label abroad."""
    cents = sum(line.price_cents * line.quantity for line in lines)
    everything = _returned(order) | {line.line for line in lines}
    if order.delivery_way == STANDARD and len(everything) == len(order.lines):
        cents += order.delivery_cents
    return max(0, cents - return_cost_cents(order))


def return_cost_cents(order: Order) -> int:
    """Return what sending back costs the customer."""
    return 0 if order.address.country == HOME_COUNTRY else RETURN_ABROAD_CENTS


def vat_cents(total_cents: int) -> int:
    """Return the VAT inside a price, rounded half up."""
    return (total_cents * VAT_PERCENT * 2 + 100 + VAT_PERCENT) // (2 * (100 + VAT_PERCENT))


def local_day(moment: datetime, zone: tzinfo) -> date:
    """Return the day in the shop's time zone."""
    return _day(moment, zone)


def _day(moment: datetime, zone: tzinfo) -> date:
    return moment.astimezone(zone).date()


def _returned(order: Order) -> set[int]:
    return {line for case in order.returns for line in case.lines}


def _reject_before_arrival(order: Order) -> ChangeRejected | None:
    values = {"order_number": order.number, "status": order.status.value}
    if order.status is OrderStatus.CANCELLED:
        return ChangeRejected("already_cancelled", values)
    if order.status not in _ARRIVED or order.delivered_at is None:
        if order.shipments:
            expected_on = max(parcel.expected_on for parcel in order.shipments)
            values["expected_on"] = expected_on.isoformat()
        return ChangeRejected("not_delivered_yet", values)
    return None


def _reject_after(
    order: Order, days: int, reason: str, now: datetime, zone: tzinfo
) -> ChangeRejected | None:
    if order.delivered_at is None:
        return None
    delivered_on = _day(order.delivered_at, zone)
    last_day = delivered_on + timedelta(days=days)
    if _day(now, zone) <= last_day:
        return None
    return ChangeRejected(
        reason,
        {
            "order_number": order.number,
            "delivered_on": delivered_on.isoformat(),
            "last_day": last_day.isoformat(),
            "days": str(days),
        },
    )


def _reject_lines(order: Order, lines: Sequence[int]) -> ChangeRejected | None:
    known = {line.line for line in order.lines}
    if any(line not in known for line in lines):
        return _unknown_line(order)
    gone = _returned(order)
    again = [line.name for line in named_lines(order, lines) if line.line in gone]
    if again or gone >= known:
        names = again or [line.name for line in order.lines]
        return ChangeRejected(
            "already_returned", {"order_number": order.number, "items": ", ".join(names)}
        )
    return None


def _unknown_line(order: Order) -> ChangeRejected:
    values = {"order_number": order.number, "lines": str(len(order.lines))}
    return ChangeRejected("unknown_line", values)


def _reject_unreturnable(order: Order, lines: Sequence[int], reason: str) -> ChangeRejected | None:
    if reason == FAULTY:
        return None
    gone = _returned(order)
    wanted = named_lines(order, lines) or tuple(
        line for line in order.lines if line.line not in gone
    )
    kept = [line.name for line in wanted if not line.is_returnable]
    if kept and (lines or len(kept) == len(wanted)):
        return ChangeRejected(
            "not_returnable", {"order_number": order.number, "items": ", ".join(kept)}
        )
    return None
