"""Writes to the tables inside a change's transaction: small changes, numbers for new records, operations."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, insert, select, update

from bot.crm.outcomes import as_text, from_text
from bot.crm.records import Consent, Contact, FiledTicket
from bot.crm.tables import (
    CONSENTS,
    CONTACTS,
    COUNTERS,
    OPERATIONS,
    ORDERS,
    PRODUCTS,
    RETURN_LINES,
    RETURNS,
    TICKETS,
)
from bot.domain.customer import Address, Order, OrderLine, OrderStatus, ReturnStatus
from bot.domain.message import CustomerId, OperationId
from bot.domain.ports import Change, ChangeOrder
from bot.errors import CrmError
from bot.sql_work import SqlConnection

RETURN_COUNTER: Final = "RT"
TICKET_COUNTER: Final = "TK"

_COUNT = (
    update(COUNTERS)
    .where(COUNTERS.c.name == bindparam("counter"))
    .values(value=COUNTERS.c.value + 1)
    .returning(COUNTERS.c.value)
)
_OUTCOME = select(OPERATIONS.c.customer_id, OPERATIONS.c.outcome).where(
    OPERATIONS.c.operation_id == bindparam("operation_id")
)
_SET_STATUS = (
    update(ORDERS)
    .where(ORDERS.c.number == bindparam("order"))
    .values(status=bindparam("new_status"))
)
_RESTOCK = (
    update(PRODUCTS)
    .where(PRODUCTS.c.product_id == bindparam("product"))
    .values(stock=PRODUCTS.c.stock + bindparam("pieces"))
)
_SET_ADDRESS = (
    update(ORDERS)
    .where(ORDERS.c.number == bindparam("order"))
    .values(
        street=bindparam("new_street"),
        city=bindparam("new_city"),
        postcode=bindparam("new_postcode"),
    )
)


async def read_outcome(
    connection: SqlConnection,
    operation_id: OperationId,
    customer_id: CustomerId | None = None,
) -> Change | None:
    """Read what came of an operation; None when it never happened.

    Raises:
        CrmError: ``customer_id`` is given and the operation is another customer's.
    """
    row = (await connection.execute(_OUTCOME, {"operation_id": operation_id})).first()
    if row is None:
        return None
    if customer_id is not None and row.customer_id != customer_id:
        raise CrmError(f"operation {operation_id!r} belongs to another customer; use a new id")
    return from_text(row.outcome)


async def keep_outcome(
    connection: SqlConnection,
    order: ChangeOrder,
    operation_id: OperationId,
    kind: str,
    outcome: Change,
) -> None:
    """Keep what came of an operation, so that its repetition does nothing."""
    await connection.execute(
        insert(OPERATIONS),
        {
            "operation_id": operation_id,
            "customer_id": order.customer_id,
            "kind": kind,
            "outcome": as_text(outcome),
            "done_at": order.now,
        },
    )


async def next_number(connection: SqlConnection, counter: str) -> str:
    """Return a number that no other record has, such as ``RT-300123``."""
    value = (await connection.execute(_COUNT, {"counter": counter})).scalar_one()
    return f"{counter}-{value}"


async def write_cancellation(connection: SqlConnection, order: Order) -> None:
    """Cancel an order and put its pieces back into stock."""
    await connection.execute(
        _SET_STATUS, {"order": order.number, "new_status": OrderStatus.CANCELLED.value}
    )
    await connection.execute(
        _RESTOCK,
        [{"product": line.product_id, "pieces": line.quantity} for line in order.lines],
    )


async def write_address(connection: SqlConnection, number: str, address: Address) -> None:
    """Send an order somewhere else in its country."""
    await connection.execute(
        _SET_ADDRESS,
        {
            "order": number,
            "new_street": address.street,
            "new_city": address.city,
            "new_postcode": address.postcode,
        },
    )


async def write_return(
    connection: SqlConnection,
    order: Order,
    lines: Sequence[OrderLine],
    reason: str,
    now: datetime,
) -> str:
    """Announce a return and give it its number."""
    number = await next_number(connection, RETURN_COUNTER)
    await connection.execute(
        insert(RETURNS),
        {
            "return_number": number,
            "order_number": order.number,
            "reason": reason,
            "status": ReturnStatus.ANNOUNCED.value,
            "announced_at": now,
            "received_at": None,
        },
    )
    rows = [
        {"return_number": number, "order_number": order.number, "line": line.line} for line in lines
    ]
    await connection.execute(insert(RETURN_LINES), rows)
    return number


async def write_ticket(connection: SqlConnection, filed: FiledTicket) -> None:
    """Write a ticket down."""
    ticket = filed.ticket
    await connection.execute(
        insert(TICKETS),
        {
            "number": ticket.number,
            "customer_id": ticket.customer_id,
            "order_number": filed.order_number,
            "kind": filed.kind.value,
            "subject": ticket.subject,
            "text": ticket.text,
            "created_at": ticket.created_at,
            "is_open": ticket.is_open,
        },
    )


async def write_contact(connection: SqlConnection, contact: Contact) -> None:
    """Note down an e-mail that goes out."""
    await connection.execute(
        insert(CONTACTS),
        {
            "customer_id": contact.customer_id,
            "order_number": contact.order_number,
            "kind": contact.kind,
            "subject": contact.subject,
            "sent_at": contact.sent_at,
        },
    )


async def write_consent(connection: SqlConnection, consent: Consent) -> None:
    """Note down a consent given or taken back."""
    await connection.execute(
        insert(CONSENTS),
        {
            "customer_id": consent.customer_id,
            "kind": consent.kind,
            "is_given": consent.is_given,
            "at": consent.at,
        },
    )
