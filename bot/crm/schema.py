"""Makes the CRM's tables, and fills them with a shop's records in bulk."""

from collections.abc import Iterable, Mapping
from itertools import chain, islice
from typing import Any, Final

from sqlalchemy import Table, insert, select

from bot.crm import tables
from bot.crm.records import ShopRecords
from bot.crm.tables import META, METADATA, SCHEMA_NUMBER
from bot.crm.writing import RETURN_COUNTER, TICKET_COUNTER
from bot.domain.customer import Customer, Order
from bot.errors import CrmError
from bot.sql import Database, make_tables
from bot.sql_work import SqlConnection

_Row = Mapping[str, Any]  # columns of many types

FIRST_RETURN: Final = 300000
FIRST_TICKET: Final = 500000
_SCHEMA_KEY: Final = "schema"
_CHUNK: Final = 5000


async def prepare_tables(database: Database) -> None:
    """Make the tables where they are missing; do nothing where they are there.

    Raises:
        CrmError: They were made by another release of the program.
    """

    async def prepare(connection: SqlConnection) -> str | None:
        await make_tables(connection, METADATA)
        found = await read_meta(connection, _SCHEMA_KEY)
        if found is None:
            await write_meta(connection, {_SCHEMA_KEY: str(SCHEMA_NUMBER)})
            await connection.execute(
                insert(tables.COUNTERS),
                [
                    {"name": RETURN_COUNTER, "value": FIRST_RETURN},
                    {"name": TICKET_COUNTER, "value": FIRST_TICKET},
                ],
            )
        return found

    found = await database.write(prepare)
    if found is not None and found != str(SCHEMA_NUMBER):
        raise CrmError(
            f"the CRM's tables have schema {found} but this program needs {SCHEMA_NUMBER}; "
            "name another database, or delete this one and make the shop again with 'kefu demo'"
        )


async def read_meta(connection: SqlConnection, key: str) -> str | None:
    """Read what is kept about the records themselves."""
    statement = select(META.c.value).where(META.c.key == key)
    return (await connection.execute(statement)).scalar_one_or_none()


async def write_meta(connection: SqlConnection, values: Mapping[str, str]) -> None:
    """Keep facts about the records themselves, in place of older ones."""
    await connection.execute(META.delete().where(META.c.key.in_(values)))
    rows = [{"key": key, "value": value} for key, value in values.items()]
    await connection.execute(insert(META), rows)


async def delete_records(connection: SqlConnection) -> None:
    """Empty the tables, operations included; counters and meta stay."""
    for table in reversed(METADATA.sorted_tables):
        if table not in (META, tables.COUNTERS):
            await connection.execute(table.delete())


async def insert_records(
    connection: SqlConnection, records: ShopRecords, *, are_generated: bool = True
) -> None:
    """Insert a shop's records and set the counters beyond their numbers."""
    customers, orders = records.customers, records.orders
    for table, rows in (
        (tables.PRODUCTS, map(_fields, records.products)),
        (tables.CUSTOMERS, (_customer(customer, are_generated) for customer in customers)),
        (tables.ADDRESSES, map(_address, customers)),
        (tables.ORDERS, map(_order, orders)),
        (tables.ORDER_LINES, _hanging(orders, "lines")),
        (tables.SHIPMENTS, _hanging(orders, "shipments")),
        (tables.RETURNS, _hanging(orders, "returns")),
        (tables.RETURN_LINES, _return_lines(orders)),
        (tables.REFUNDS, _hanging(orders, "refunds")),
        (tables.LOYALTY_ENTRIES, map(_fields, records.loyalty)),
        (
            tables.TICKETS,
            ({**_fields(filed.ticket), **_fields(filed)} for filed in records.tickets),
        ),
        (tables.CONTACTS, map(_fields, records.contacts)),
        (tables.CONSENTS, map(_fields, records.consents)),
        (tables.SURVEYS, map(_fields, records.surveys)),
    ):
        await _insert(connection, table, rows)
    numbers = chain(
        (case.return_number for order in orders for case in order.returns),
        (filed.ticket.number for filed in records.tickets),
    )
    await _raise_counters(connection, numbers)


async def _insert(connection: SqlConnection, table: Table, rows: Iterable[_Row]) -> None:
    remaining = iter(rows)
    while chunk := list(islice(remaining, _CHUNK)):
        await connection.execute(insert(table), chunk)


async def _raise_counters(connection: SqlConnection, numbers: Iterable[str]) -> None:
    highest: dict[str, int] = {}
    for number in numbers:
        name, _, digits = number.partition("-")
        highest[name] = max(highest.get(name, 0), int(digits))
    counters = tables.COUNTERS
    for name, value in highest.items():
        await connection.execute(
            counters.update()
            .where(counters.c.name == name, counters.c.value < value)
            .values(value=value)
        )


def _fields(thing: object) -> dict[str, Any]:
    """Return a value's own fields, those that are no column (lines of a return, a ticket) left out."""
    names: tuple[str, ...] = thing.__slots__  # type: ignore[attr-defined]  # every word of the domain has slots
    return {name: getattr(thing, name) for name in names if name not in ("ticket", "lines")}


def _customer(customer: Customer, is_generated: bool) -> _Row:  # noqa: FBT001 - called in one place
    return {
        "customer_id": customer.customer_id,
        "name": customer.name,
        "email": customer.email,
        "phone": customer.phone,
        "joined_on": customer.joined_on,
        "is_generated": is_generated,
    }


def _address(customer: Customer) -> _Row:
    return {
        "customer_id": customer.customer_id,
        **_fields(customer.address),
        "is_main": True,
    }


def _order(order: Order) -> _Row:
    return {
        "number": order.number,
        "customer_id": order.customer_id,
        "status": order.status.value,
        "placed_at": order.placed_at,
        "delivery_way": order.delivery_way,
        "delivery_cents": order.delivery_cents,
        "total_cents": order.total_cents,
        "payment_method": order.payment_method,
        **_fields(order.address),
    }


def _hanging(orders: Iterable[Order], name: str) -> Iterable[_Row]:
    for order in orders:
        for thing in getattr(order, name):
            row = _fields(thing)
            row["order_number"] = order.number
            yield row


def _return_lines(orders: Iterable[Order]) -> Iterable[_Row]:
    for order in orders:
        for case in order.returns:
            for line in case.lines:
                yield {
                    "return_number": case.return_number,
                    "order_number": order.number,
                    "line": line,
                }
