"""Colleagues in SQL: who they are, and signing in with a password."""

import asyncio
from typing import Final

from sqlalchemy import insert, select, update

from bot.domain.colleague import Colleague, Role
from bot.domain.message import AgentId
from bot.domain.ports import Clock, Passwords
from bot.errors import SignInError
from bot.sql import Database
from bot.sql_work import SqlConnection
from bot.stores import tables

_MAX_FAILURES: Final = 5
_LOCKED_S: Final = 60.0
_WRONG: Final = "name or password is wrong; after five wrong tries wait a minute"


class SqlColleagues:
    """Adds colleagues, finds them, signs them in."""

    def __init__(self, database: Database, clock: Clock, passwords: Passwords) -> None:
        self._database = database
        self._clock = clock
        self._passwords = passwords

    async def add(
        self, colleague_id: AgentId, name: str, password: str, roles: frozenset[Role]
    ) -> Colleague:
        """Add a colleague.

        Raises:
            SignInError: The id is taken or empty, the password too short, or no role is named.
        """
        if not colleague_id.strip() or not roles:
            raise SignInError("a colleague needs a sign-in name and at least one role")
        stored = await asyncio.to_thread(self._passwords.hash, password)

        async def work(connection: SqlConnection) -> None:
            table = tables.colleague
            known = await connection.execute(select(table.c.id).where(table.c.id == colleague_id))
            if known.one_or_none() is not None:
                raise SignInError(
                    f"there is a colleague {colleague_id!r} already; choose another name"
                )
            await connection.execute(
                insert(table).values(
                    id=colleague_id,
                    name=name,
                    password_hash=stored,
                    roles=",".join(sorted(roles)),
                    is_active=True,
                    failures=0,
                    locked_until=0.0,
                )
            )

        await self._database.write(work)
        return Colleague(colleague_id, name, roles)

    async def find(self, colleague_id: AgentId) -> Colleague | None:
        """Find an active colleague; None when there is none."""
        table = tables.colleague
        async with self._database.read() as connection:
            found = await connection.execute(
                select(table.c.name, table.c.roles).where(
                    table.c.id == colleague_id, table.c.is_active
                )
            )
            row = found.one_or_none()
        if row is None:
            return None
        roles = frozenset(Role(role) for role in row.roles.split(","))
        return Colleague(colleague_id, row.name, roles)

    async def sign_in(self, colleague_id: AgentId, password: str) -> Colleague:
        """Check a password; five wrong ones lock the name for a minute.

        Raises:
            SignInError: It does not fit, or the name is locked.
        """
        table = tables.colleague
        async with self._database.read() as connection:
            found = await connection.execute(
                select(table.c.password_hash, table.c.failures, table.c.locked_until).where(
                    table.c.id == colleague_id, table.c.is_active
                )
            )
            row = found.one_or_none()
        now = self._clock.now().timestamp()
        fits = await asyncio.to_thread(self._passwords.fits, password, row and row.password_hash)
        if row is None or row.locked_until > now:
            raise SignInError(_WRONG)
        failures = 0 if fits else row.failures + 1
        locked_until = now + _LOCKED_S if failures >= _MAX_FAILURES else 0.0
        if failures != row.failures:
            await self._note_try(colleague_id, failures % _MAX_FAILURES, locked_until)
        colleague = await self.find(colleague_id)
        if not fits or colleague is None:
            raise SignInError(_WRONG)
        return colleague

    async def _note_try(self, colleague_id: AgentId, failures: int, locked_until: float) -> None:
        async def work(connection: SqlConnection) -> None:
            await connection.execute(
                update(tables.colleague)
                .where(tables.colleague.c.id == colleague_id)
                .values(failures=failures, locked_until=locked_until)
            )

        await self._database.write(work)
