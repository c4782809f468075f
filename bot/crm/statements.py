"""The CRM's reading statements, built once so that the driver's cache knows them. A row has columns of many types: Any."""

from typing import Any, Final

from sqlalchemy import BindParameter, Select, bindparam, select

from bot.crm.records import NEWSLETTER, TicketKind
from bot.crm.tables import (
    ADDRESSES,
    CONSENTS,
    CUSTOMERS,
    LOYALTY_ENTRIES,
    ORDER_LINES,
    ORDERS,
    PRODUCTS,
    REFUNDS,
    RETURN_LINES,
    RETURNS,
    SHIPMENTS,
    TICKETS,
)

_is_subscribed = (
    select(CONSENTS.c.is_given)
    .where(CONSENTS.c.customer_id == CUSTOMERS.c.customer_id, CONSENTS.c.kind == NEWSLETTER)
    .order_by(CONSENTS.c.at.desc(), CONSENTS.c.consent_id.desc())
    .limit(1)
    .scalar_subquery()
)
SELECT_CUSTOMER: Final[Select[Any]] = (
    select(
        CUSTOMERS,
        ADDRESSES.c.street,
        ADDRESSES.c.city,
        ADDRESSES.c.postcode,
        ADDRESSES.c.country,
        _is_subscribed.label("is_subscribed"),
    )
    .join_from(CUSTOMERS, ADDRESSES)
    .where(CUSTOMERS.c.customer_id == bindparam("customer_id"), ADDRESSES.c.is_main)
)
SELECT_LOCKED: Final[Select[Any]] = (
    select(CUSTOMERS.c.customer_id)
    .where(CUSTOMERS.c.customer_id == bindparam("customer_id"))
    .with_for_update()
)
SELECT_ORDERS: Final[Select[Any]] = (
    select(ORDERS)
    .where(ORDERS.c.customer_id == bindparam("customer_id"))
    .order_by(ORDERS.c.placed_at.desc(), ORDERS.c.number.desc())
    .limit(bindparam("limit"))
)
SELECT_ORDER: Final[Select[Any]] = select(ORDERS).where(
    ORDERS.c.customer_id == bindparam("customer_id"), ORDERS.c.number == bindparam("number")
)
_numbers: BindParameter[Any] = bindparam("numbers", expanding=True)
SELECT_LINES: Final[Select[Any]] = (
    select(ORDER_LINES)
    .where(ORDER_LINES.c.order_number.in_(_numbers))
    .order_by(ORDER_LINES.c.order_number, ORDER_LINES.c.line)
)
SELECT_SHIPMENTS: Final[Select[Any]] = (
    select(SHIPMENTS).where(SHIPMENTS.c.order_number.in_(_numbers)).order_by(SHIPMENTS.c.shipped_at)
)
SELECT_RETURNS: Final[Select[Any]] = (
    select(RETURNS, RETURN_LINES.c.line)
    .join_from(RETURNS, RETURN_LINES, RETURNS.c.return_number == RETURN_LINES.c.return_number)
    .where(RETURNS.c.order_number.in_(_numbers))
    .order_by(RETURNS.c.announced_at, RETURNS.c.return_number, RETURN_LINES.c.line)
)
SELECT_REFUNDS: Final[Select[Any]] = (
    select(REFUNDS)
    .where(REFUNDS.c.order_number.in_(_numbers))
    .order_by(REFUNDS.c.created_at, REFUNDS.c.refund_id)
)
SELECT_CUSTOMER_REFUNDS: Final[Select[Any]] = (
    select(REFUNDS)
    .join_from(REFUNDS, ORDERS, REFUNDS.c.order_number == ORDERS.c.number)
    .where(ORDERS.c.customer_id == bindparam("customer_id"))
    .order_by(REFUNDS.c.created_at.desc(), REFUNDS.c.refund_id.desc())
)
SELECT_LOYALTY: Final[Select[Any]] = select(LOYALTY_ENTRIES).where(
    LOYALTY_ENTRIES.c.customer_id == bindparam("customer_id")
)
SELECT_PRODUCTS: Final[Select[Any]] = select(PRODUCTS).order_by(PRODUCTS.c.product_id)
SELECT_PRODUCT: Final[Select[Any]] = select(PRODUCTS).where(
    PRODUCTS.c.product_id == bindparam("product_id")
)
SELECT_OPEN_DELETION: Final[Select[Any]] = select(TICKETS).where(
    TICKETS.c.customer_id == bindparam("customer_id"),
    TICKETS.c.kind == TicketKind.DELETION.value,
    TICKETS.c.is_open,
)
