"""The audit log: who was refused or changed something; ids only, never texts or tokens."""

from dataclasses import dataclass

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.ports import Clock
from bot.sql import Database
from bot.stores import tables


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One line of the audit log; ``what`` is a stable word such as ``token_refused``."""

    at: float
    what: str
    who: str
    detail: str


@dataclass(frozen=True, slots=True)
class Audit:
    """Writes and reads the audit log."""

    database: Database
    clock: Clock

    async def note(self, what: str, *, who: str = "", detail: str = "") -> None:
        """Write a line."""
        now = self.clock.now().timestamp()

        async def work(connection: AsyncConnection) -> None:
            await connection.execute(
                insert(tables.audit).values(at=now, what=what, who=who[:128], detail=detail)
            )

        await self.database.write(work)

    async def newest(self, limit: int) -> tuple[AuditLine, ...]:
        """Read the newest lines, newest first."""
        table = tables.audit
        async with self.database.read() as connection:
            found = await connection.execute(
                select(table.c.at, table.c.what, table.c.who, table.c.detail)
                .order_by(table.c.id.desc())
                .limit(limit)
            )
            return tuple(AuditLine(row.at, row.what, row.who, row.detail) for row in found)
