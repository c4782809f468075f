"""SQLite without a thread per connection, for SQLAlchemy's async engine.

A statement on a file that is in memory anyway takes some 20 µs; handing it to a thread and back takes ten times that,
and much more on a busy machine. So statements run right in the event loop. Only what waits for the disk leaves it:
a commit goes to a thread, and the lock that another process may hold is asked for again and again, asleep in between.

The classes look to SQLAlchemy like those of ``aiosqlite``, whose dialect drives them.
"""

import asyncio
import sqlite3
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final, Self

BEGIN: Final = "BEGIN IMMEDIATE"

_FIRST_PAUSE_S: Final = 0.001
_LONGEST_PAUSE_S: Final = 0.02
_CACHED_STATEMENTS: Final = 256
_PRIMARY_CODE: Final = 0xFF  # the rest of an error code says which kind of busy

# Rows and parameters hold values of many types, hence Any below.


class LoopConnection:
    """A connection whose statements run in the event loop and whose commits run in a thread."""

    def __init__(self, path: Path, *, busy_timeout_s: float, is_reader: bool) -> None:
        """Open a file.

        Args:
            path: Made where it is missing.
            busy_timeout_s: How long to wait for another process that writes.
            is_reader: Writing is refused.
        """
        self._busy_timeout_s = busy_timeout_s
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="sqlite-commit")
        # No isolation level: the driver would begin transactions by itself, and too late.
        self._connection = sqlite3.connect(
            path,
            timeout=busy_timeout_s,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=_CACHED_STATEMENTS,
        )
        for pragma in _pragmas(is_reader=is_reader):
            self._connection.execute(f"PRAGMA {pragma}")

    @property
    def isolation_level(self) -> str | None:
        """Return None: transactions begin when they are told to."""
        return self._connection.isolation_level

    def cursor(self) -> "LoopCursor":
        """Return a cursor."""
        return LoopCursor(self, self._connection.cursor())

    async def create_function(self, *args: Any, **options: Any) -> None:  # noqa: ANN401 - as sqlite3 has it
        """Give SQL a function."""
        self._connection.create_function(*args, **options)

    async def begin(self, cursor: sqlite3.Cursor) -> None:
        """Begin a transaction that writes, once no other process is in one.

        Raises:
            sqlite3.OperationalError: The others took too long.
        """
        loop = asyncio.get_running_loop()
        deadline, pause_s = loop.time() + self._busy_timeout_s, _FIRST_PAUSE_S
        while True:
            try:
                cursor.execute(BEGIN)
            except sqlite3.OperationalError as error:
                is_busy = error.sqlite_errorcode & _PRIMARY_CODE == sqlite3.SQLITE_BUSY
                if not is_busy or loop.time() > deadline:
                    raise
            else:
                return
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)

    async def commit(self) -> None:
        """Commit and wait for the disk."""
        if self._connection.in_transaction:
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(self._threads, self._connection.commit)

    async def rollback(self) -> None:
        """Undo what the transaction did."""
        self._connection.rollback()

    async def close(self) -> None:
        """Close the file."""
        self.stop()

    def stop(self) -> None:
        """Close the file, outside a coroutine too."""
        self._threads.shutdown()
        self._connection.close()


class LoopCursor:
    """A cursor of such a connection."""

    def __init__(self, connection: LoopConnection, cursor: sqlite3.Cursor) -> None:
        self._connection = connection
        self._cursor = cursor

    async def __aenter__(self) -> Self:
        return self

    @property
    def description(self) -> Any:  # noqa: ANN401 - as sqlite3 has it
        """Return the columns of the rows."""
        return self._cursor.description

    @property
    def rowcount(self) -> int:
        """Return how many rows a change touched."""
        return self._cursor.rowcount

    @property
    def lastrowid(self) -> int | None:
        """Return the key of the last row inserted."""
        return self._cursor.lastrowid

    async def execute(self, statement: str, parameters: Sequence[Any] = ()) -> None:
        """Run a statement."""
        if statement == BEGIN:
            await self._connection.begin(self._cursor)
        else:
            self._cursor.execute(statement, parameters)

    async def executemany(self, statement: str, parameters: Sequence[Sequence[Any]]) -> None:
        """Run a statement once for each row of parameters."""
        self._cursor.executemany(statement, parameters)

    async def fetchall(self) -> list[Any]:
        """Return all rows."""
        return self._cursor.fetchall()

    async def close(self) -> None:
        """Forget the rows."""
        self._cursor.close()


def _pragmas(*, is_reader: bool) -> tuple[str, ...]:
    settings = (
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        "cache_size = -16384",
    )
    # A writer that waits for the lock must not hold the event loop meanwhile: see ``begin``.
    return (*settings, "query_only = ON" if is_reader else "busy_timeout = 0")
