"""Reads the tables into the domain's words."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, Select

from bot.crm.records import LoyaltyEntry, LoyaltyKind
from bot.crm.statements import (
    SELECT_CUSTOMER,
    SELECT_CUSTOMER_REFUNDS,
    SELECT_LINES,
    SELECT_LOCKED,
    SELECT_LOYALTY,
    SELECT_OPEN_DELETION,
    SELECT_ORDER,
    SELECT_ORDERS,
    SELECT_PRODUCT,
    SELECT_PRODUCTS,
    SELECT_REFUNDS,
    SELECT_RETURNS,
    SELECT_SHIPMENTS,
)
from bot.domain.customer import (
    Address,
    Customer,
    Order,
    OrderLine,
    OrderStatus,
    Product,
    Refund,
    ReturnCase,
    ReturnStatus,
    Shipment,
    Ticket,
)
from bot.domain.message import CustomerId
from bot.errors import CustomerNotFoundError
from bot.sql_work import SqlConnection

# A row holds columns of many types, hence Any below.
_Rows = Sequence[Row[Any]]
_WAITING = (OrderStatus.PLACED, OrderStatus.PACKED)


async def read_customer(connection: SqlConnection, customer_id: CustomerId) -> Customer:
    """Read a customer.

    Raises:
        CustomerNotFoundError: There is none of this id.
    """
    row = (await connection.execute(SELECT_CUSTOMER, {"customer_id": customer_id})).first()
    if row is None:
        raise CustomerNotFoundError(f"no customer has the id {customer_id!r}")
    return Customer(
        CustomerId(row.customer_id),
        row.name,
        row.email,
        row.phone,
        _address(row),
        row.joined_on,
        is_subscribed=bool(row.is_subscribed),
    )


async def lock_customer(connection: SqlConnection, customer_id: CustomerId) -> None:
    """Let no other change of this customer run until the transaction ends (SQLite: none runs anyway)."""
    await connection.execute(SELECT_LOCKED, {"customer_id": customer_id})


async def read_orders(
    connection: SqlConnection, customer_id: CustomerId, limit: int
) -> tuple[Order, ...]:
    """Read a customer's orders, newest first."""
    rows = (
        await connection.execute(SELECT_ORDERS, {"customer_id": customer_id, "limit": limit})
    ).all()
    if not rows:
        await read_customer(connection, customer_id)
    return await _whole_orders(connection, rows)


async def read_order(
    connection: SqlConnection, customer_id: CustomerId, number: str
) -> Order | None:
    """Read a customer's order; None when they have none of this number."""
    rows = (
        await connection.execute(SELECT_ORDER, {"customer_id": customer_id, "number": number})
    ).all()
    if not rows:
        await read_customer(connection, customer_id)
        return None
    return (await _whole_orders(connection, rows))[0]


async def read_refunds(connection: SqlConnection, customer_id: CustomerId) -> tuple[Refund, ...]:
    """Read a customer's refunds, newest first."""
    rows = (await connection.execute(SELECT_CUSTOMER_REFUNDS, {"customer_id": customer_id})).all()
    if not rows:
        await read_customer(connection, customer_id)
    return tuple(_refund(row) for row in rows)


async def read_loyalty(
    connection: SqlConnection, customer_id: CustomerId
) -> tuple[LoyaltyEntry, ...]:
    """Read a customer's points as they came and went, in no order."""
    rows = (await connection.execute(SELECT_LOYALTY, {"customer_id": customer_id})).all()
    if not rows:
        await read_customer(connection, customer_id)
    return tuple(
        LoyaltyEntry(
            customer_id,
            LoyaltyKind(row.kind),
            row.points,
            row.at,
            row.expires_on,
            row.order_number,
        )
        for row in rows
    )


async def read_products(connection: SqlConnection) -> tuple[Product, ...]:
    """Read the whole range."""
    rows = (await connection.execute(SELECT_PRODUCTS)).all()
    return tuple(_product(row) for row in rows)


async def read_product(connection: SqlConnection, product_id: str) -> Product | None:
    """Read a product."""
    row = (await connection.execute(SELECT_PRODUCT, {"product_id": product_id})).first()
    return None if row is None else _product(row)


async def read_open_deletion(connection: SqlConnection, customer_id: CustomerId) -> Ticket | None:
    """Read a customer's request to delete their data that is still worked on."""
    row = (await connection.execute(SELECT_OPEN_DELETION, {"customer_id": customer_id})).first()
    if row is None:
        return None
    return Ticket(
        row.number, customer_id, row.subject, row.text, row.created_at, is_open=row.is_open
    )


async def _whole_orders(connection: SqlConnection, rows: _Rows) -> tuple[Order, ...]:
    """Read what hangs on orders; one that has not left has lines only."""
    lines = await _grouped(connection, SELECT_LINES, [row.number for row in rows])
    left = [row.number for row in rows if row.status not in _WAITING]
    shipments = await _grouped(connection, SELECT_SHIPMENTS, left)
    returns = await _grouped(connection, SELECT_RETURNS, left)
    refunds = await _grouped(connection, SELECT_REFUNDS, left)
    return tuple(
        Order(
            number=row.number,
            customer_id=CustomerId(row.customer_id),
            status=OrderStatus(row.status),
            placed_at=row.placed_at,
            lines=tuple(_line(line) for line in lines[row.number]),
            delivery_way=row.delivery_way,
            delivery_cents=row.delivery_cents,
            total_cents=row.total_cents,
            payment_method=row.payment_method,
            address=_address(row),
            shipments=tuple(_shipment(shipment) for shipment in shipments[row.number]),
            returns=_return_cases(returns[row.number]),
            refunds=tuple(_refund(refund) for refund in refunds[row.number]),
        )
        for row in rows
    )


async def _grouped(
    connection: SqlConnection, statement: Select[Any], numbers: list[str]
) -> defaultdict[str, list[Row[Any]]]:
    found: defaultdict[str, list[Row[Any]]] = defaultdict(list)
    if numbers:
        for row in await connection.execute(statement, {"numbers": numbers}):
            found[row.order_number].append(row)
    return found


def _address(row: Row[Any]) -> Address:
    return Address(row.street, row.city, row.postcode, row.country)


def _product(row: Row[Any]) -> Product:
    return Product(
        row.product_id,
        row.name,
        row.brand,
        row.department,
        row.price_cents,
        row.stock,
        is_returnable=row.is_returnable,
        is_bulky=row.is_bulky,
        restock_on=row.restock_on,
    )


def _line(row: Row[Any]) -> OrderLine:
    return OrderLine(
        row.line,
        row.product_id,
        row.name,
        row.quantity,
        row.price_cents,
        is_returnable=row.is_returnable,
    )


def _shipment(row: Row[Any]) -> Shipment:
    return Shipment(
        row.tracking_number,
        row.carrier,
        row.shipped_at,
        row.expected_on,
        row.last_place,
        row.last_seen_at,
        row.delivered_at,
    )


def _refund(row: Row[Any]) -> Refund:
    return Refund(
        row.order_number, row.amount_cents, row.method, row.reason, row.created_at, row.paid_at
    )


def _return_cases(rows: _Rows) -> tuple[ReturnCase, ...]:
    lines: defaultdict[str, list[int]] = defaultdict(list)
    for row in rows:
        lines[row.return_number].append(row.line)
    first = {row.return_number: row for row in reversed(rows)}
    return tuple(
        ReturnCase(
            number,
            tuple(numbers),
            first[number].reason,
            ReturnStatus(first[number].status),
            first[number].announced_at,
            first[number].received_at,
        )
        for number, numbers in lines.items()
    )
