"""The audit log: who was refused or changed something; ids only, never texts or tokens."""

from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import insert, select

from bot.domain.ports import Clock
from bot.sql import Database
from bot.sql_work import SqlConnection
from bot.stores import tables

_MOST_A_MINUTE: Final = 200
_MINUTE_S: Final = 60


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One line of the audit log; ``what`` is a stable word such as ``token_refused``."""

    at: float
    what: str
    who: str
    detail: str


@dataclass(slots=True)
class _Tally:
    """How many refusals of a kind were noted and left out within a minute."""

    minute: int = 0
    noted: int = 0
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class Audit:
    """Writes and reads the audit log."""

    database: Database
    clock: Clock
    _refusals: dict[str, _Tally] = field(default_factory=dict)

    async def note(self, what: str, *, who: str = "", detail: str = "") -> None:
        """Write a line."""
        now = self.clock.now().timestamp()

        async def work(connection: SqlConnection) -> None:
            await connection.execute(
                insert(tables.audit).values(at=now, what=what, who=who[:128], detail=detail)
            )

        await self.database.write(work)

    async def note_refusal(self, detail: str) -> None:
        """Write that somebody was refused.

        Whoever is refused on and on does not fill the disk: a minute has 200 lines of a detail at most, and the first
        line after it says how many there were besides.

        Args:
            detail: Why and where: one of few, never anything that the caller chose.
        """
        minute = int(self.clock.now().timestamp() // _MINUTE_S)
        before = self._refusals.get(detail, _Tally())
        if before.minute != minute:
            self._refusals[detail] = _Tally(minute, noted=1)
            besides = f" (and {before.left_out} more before)" if before.left_out else ""
            await self.note("access_refused", detail=f"{detail}{besides}")
        elif before.noted < _MOST_A_MINUTE:
            before.noted += 1
            await self.note("access_refused", detail=detail)
        else:
            before.left_out += 1

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
