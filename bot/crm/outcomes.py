"""What a change that was made tells: values for the wording, and outcomes as text for the operations' table."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo

from bot.crm import rules
from bot.domain.customer import Address, Customer, Order, OrderLine
from bot.domain.ports import Change, ChangeDone, ChangeRejected


def pounds(cents: int) -> str:
    """Write pence as pounds, such as ``289.00``."""
    return f"{cents // 100}.{cents % 100:02d}"


def item_names(lines: Sequence[OrderLine]) -> str:
    """Write lines as a list, such as ``2 x Norfell gas cartridge 230 g, Cairn Fellside 2 tent``."""
    return ", ".join(
        f"{line.quantity} x {line.name}" if line.quantity > 1 else line.name for line in lines
    )


def invoice_number(order_number: str) -> str:
    """Return the number of an order's VAT invoice."""
    return order_number.replace("CP-", "INV-")


def cancelled(order: Order) -> dict[str, str]:
    """Tell about a cancelled order."""
    return {
        "order_number": order.number,
        "amount": pounds(order.total_cents),
        "items": item_names(order.lines),
        "payment_method": order.payment_method,
    }


def readdressed(order: Order, address: Address) -> dict[str, str]:
    """Tell about an order that goes somewhere else."""
    return {
        "order_number": order.number,
        "address": str(address),
        "old_address": str(order.address),
    }


def return_announced(
    order: Order, lines: Sequence[OrderLine], email: str, now: datetime, zone: tzinfo
) -> dict[str, str]:
    """Tell about a return; its number comes on top once there is one."""
    send_by = rules.local_day(now, zone) + timedelta(days=rules.SEND_BACK_DAYS)
    return {
        "order_number": order.number,
        "items": item_names(lines),
        "amount": pounds(rules.return_value_cents(order, lines)),
        "return_cost": pounds(rules.return_cost_cents(order)),
        "send_by": send_by.isoformat(),
        "is_collected": "yes" if order.delivery_way == rules.BULKY else "no",
        "email": email,
    }


def problem_reported(order: Order, kind: str, lines: Sequence[OrderLine]) -> dict[str, str]:
    """Tell about missing or damaged lines; the ticket comes on top once there is one."""
    return {"order_number": order.number, "kind": kind, "items": item_names(lines)}


def invoice_sent(order: Order, customer: Customer) -> dict[str, str]:
    """Tell about an invoice."""
    return {
        "order_number": order.number,
        "email": customer.email,
        "invoice_number": invoice_number(order.number),
        "amount": pounds(order.total_cents),
        "vat": pounds(rules.vat_cents(order.total_cents)),
    }


def deletion_requested(now: datetime, zone: tzinfo) -> dict[str, str]:
    """Tell about a request to delete an account's data."""
    done_by = rules.local_day(now, zone) + timedelta(days=rules.DELETION_DAYS)
    return {"done_by": done_by.isoformat()}


def as_text(change: Change) -> str:
    """Write an outcome as JSON."""
    match change:
        case ChangeDone(values):
            return json.dumps({"done": dict(values)})
        case ChangeRejected(reason, values):
            return json.dumps({"rejected": reason, "values": dict(values)})


def from_text(text: str) -> Change:
    """Read an outcome that ``as_text`` wrote."""
    stored = json.loads(text)
    if "done" in stored:
        return ChangeDone(stored["done"])
    return ChangeRejected(stored["rejected"], stored["values"])
