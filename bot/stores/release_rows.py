"""Statements on the rows of releases; every function runs inside a transaction of the caller."""

from typing import Final

from sqlalchemy import insert, select, update

from bot.sql_work import SqlConnection
from bot.stores import tables
from bot.stores.blobs import drop_unused
from bot.stores.manifest import DRAFT, Manifest, manifest_from_json, manifest_to_json

LIVE_ROW: Final = 1


async def write_draft(connection: SqlConnection, before: Manifest | None, after: Manifest) -> None:
    """Write the draft's row, and drop the blobs that only its former self needed."""
    table = tables.release
    text = manifest_to_json(after)
    if before is None:
        await connection.execute(insert(table).values(number=DRAFT, manifest=text))
        return
    await connection.execute(update(table).where(table.c.number == DRAFT).values(manifest=text))
    await drop_unused(connection, before.hashes - after.hashes)


async def find_manifest(connection: SqlConnection, number: int) -> Manifest | None:
    """Read a manifest; None when there is none."""
    found = await connection.execute(
        select(tables.release.c.manifest).where(tables.release.c.number == number)
    )
    text = found.scalar_one_or_none()
    return None if text is None else manifest_from_json(text)


async def live_number(connection: SqlConnection) -> int | None:
    """Read the live release's number; None before the first one."""
    found = await connection.execute(
        select(tables.live.c.number).where(tables.live.c.id == LIVE_ROW)
    )
    number: int | None = found.scalar_one_or_none()
    return number


async def next_number(connection: SqlConnection) -> int:
    """Return the number of the next release."""
    found = await connection.execute(
        select(tables.release.c.number).order_by(tables.release.c.number.desc()).limit(1)
    )
    newest: int | None = found.scalar_one_or_none()
    return (newest or DRAFT) + 1
