"""Makes the demo shop in a database, once."""

import asyncio
from datetime import date
from typing import Final

from sqlalchemy import select

from bot.crm import tables
from bot.crm.demo.shop import CUSTOMERS, ORDERS, Progress, demo_records
from bot.crm.schema import (
    delete_records,
    insert_records,
    prepare_tables,
    read_meta,
    write_meta,
)
from bot.domain.message import CustomerId
from bot.domain.ports import DemoDay
from bot.sql import Database
from bot.sql_work import SqlConnection

DEFAULT_SEED: Final = 20231

_ANCHOR: Final = "demo_anchor"
_SEED: Final = "demo_seed"
_GENERATING_SHARE: Final = 0.6


async def ensure_demo(  # noqa: PLR0913 - what makes a shop, and how much of it
    database: Database,
    *,
    anchor: date,
    seed: int = DEFAULT_SEED,
    progress: Progress = lambda _step, _share: None,
    remake: bool = False,
    customers: int = CUSTOMERS,
    orders: int = ORDERS,
) -> DemoDay:
    """Make the demo shop where there is none; else leave it as it is.

    Args:
        database: Its CRM tables are made where missing.
        anchor: The shop's present day, where it has to be made.
        seed: Another one gives other customers; the story customers are always the same.
        progress: Told what is being done and which share of all is done.
        remake: Make it again with this anchor and seed; every record and operation is lost.
        customers: How many; fewer make a quick shop for tests.
        orders: At most how many.

    Returns:
        The anchor day and seed of the shop that is there.
    """
    await prepare_tables(database)
    found = await demo_day(database)
    if found is not None and not remake:
        return found
    # In a thread, so that a server that makes its first shop goes on answering.
    records = await asyncio.to_thread(
        demo_records,
        seed,
        anchor,
        customers=customers,
        orders=orders,
        progress=lambda step, share: progress(step, share * _GENERATING_SHARE),
    )

    async def fill(connection: SqlConnection) -> None:
        await delete_records(connection)
        await insert_records(connection, records)
        await write_meta(connection, {_ANCHOR: anchor.isoformat(), _SEED: str(seed)})

    progress("writing the records", _GENERATING_SHARE)
    await database.write(fill)
    progress("the demo shop is made", 1.0)
    return DemoDay(anchor, seed)


async def demo_day(database: Database) -> DemoDay | None:
    """Return the demo shop's anchor day and seed; None where no demo shop was made."""
    async with database.read() as connection:
        anchor = await read_meta(connection, _ANCHOR)
        seed = await read_meta(connection, _SEED)
    if anchor is None or seed is None:
        return None
    return DemoDay(date.fromisoformat(anchor), int(seed))


async def is_demo_customer(database: Database, customer_id: CustomerId) -> bool:
    """Tell whether a customer was generated: the records are a demo shop's, and it has this customer."""
    if await demo_day(database) is None:
        return False
    statement = select(tables.CUSTOMERS.c.customer_id).where(
        tables.CUSTOMERS.c.customer_id == customer_id
    )
    async with database.read() as connection:
        return (await connection.execute(statement)).one_or_none() is not None
