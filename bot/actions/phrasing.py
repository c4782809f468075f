"""Values as people read them: money, days, lists of things."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import Final

from bot.domain.customer import Order, OrderLine, OrderStatus

_WEEKDAYS: Final = (
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
)
_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_FAR_DAYS: Final = 180
_COUNTRIES: Final = MappingProxyType(
    {
        "GB": "the United Kingdom",
        "IE": "Ireland",
        "FR": "France",
        "DE": "Germany",
        "NL": "the Netherlands",
        "BE": "Belgium",
    }
)
_STATUSES: Final = MappingProxyType(
    {
        OrderStatus.PLACED: "placed",
        OrderStatus.PACKED: "packed",
        OrderStatus.SHIPPED: "on its way",
        OrderStatus.OUT_FOR_DELIVERY: "out for delivery",
        OrderStatus.DELIVERED: "delivered",
        OrderStatus.CANCELLED: "cancelled",
        OrderStatus.RETURNED: "returned",
    }
)
_DAYS: Final = ("expected_on", "delivered_on", "last_day", "send_by", "done_by")
_AMOUNTS: Final = ("amount", "vat", "return_cost")
_PLACES: Final = ("country", "wanted_country")
# {email} is the shop's own address in every wording.
_RENAMED: Final = MappingProxyType({"email": "customer_email"})


def pounds(cents: int) -> str:
    """Write pence as pounds: ``£1,289.00``."""
    return f"£{cents / 100:,.2f}"


def long_day(day: date, today: date) -> str:
    """Write a day: ``Tuesday 24 November``; far from today with its year."""
    year = f" {day.year}" if _is_far(day, today) else ""
    return f"{_WEEKDAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]}{year}"


def short_day(day: date, today: date) -> str:
    """Write a day for buttons and lists: ``20 Nov``; far from today with its year."""
    year = f" {day.year}" if _is_far(day, today) else ""
    return f"{day.day} {_MONTHS[day.month - 1][:3]}{year}"


def _is_far(day: date, today: date) -> bool:
    return abs((day - today).days) > _FAR_DAYS


def country_name(code: str) -> str:
    """Write a country's name; an unknown code stays as it is."""
    return _COUNTRIES.get(code, code)


def status_name(status: OrderStatus) -> str:
    """Write a status in plain words."""
    return _STATUSES[status]


def joined(names: Sequence[str]) -> str:
    """Write a list: ``a, b and c``."""
    if len(names) <= 1:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"


def item_name(line: OrderLine) -> str:
    """Write a line of an order: ``2 × Norfell gas cartridge``."""
    return f"{line.quantity} × {line.name}" if line.quantity > 1 else line.name


def items_of(order: Order) -> str:
    """Write what is in an order."""
    return joined([item_name(line) for line in order.lines])


def order_title(order: Order, today: date) -> str:
    """Write an order as a button does: ``CP-104233 · Skarv 2 tent + 1 more · 20 Nov``."""
    first = item_name(order.lines[0]) if order.lines else ""
    others = f" + {len(order.lines) - 1} more" if len(order.lines) > 1 else ""
    placed = short_day(order.placed_at.date(), today)
    return " · ".join(filter(None, [order.number, first + others, placed]))


def for_people(values: Mapping[str, str], today: date) -> dict[str, str]:
    """Write the CRM's values for people: ISO dates, bare pounds, country codes, comma lists."""
    return {
        _RENAMED.get(name, name): _written(name, value, today) for name, value in values.items()
    }


def _written(name: str, value: str, today: date) -> str:
    if name in _DAYS:
        return long_day(date.fromisoformat(value), today)
    if name in _AMOUNTS:
        return _amount(value)
    if name in _PLACES:
        return country_name(value)
    if name == "items":
        return joined([part.replace(" x ", " × ", 1) for part in value.split(", ")])
    return value


def _amount(value: str) -> str:
    try:
        return f"£{Decimal(value):,.2f}"
    except InvalidOperation:
        return value
