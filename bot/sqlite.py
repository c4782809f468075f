"""SQLite: readers apart, and one writer that commits waiting works together.

SQLite takes one writer at a time and pays one disk flush per commit. So all changes that wait are run in one
transaction, each behind a savepoint of its own, and committed by one flush.

A statement on a file that is in memory anyway takes some 20 µs; handing it to a thread and back takes ten times that,
and much more on a busy machine. So statements run right in the event loop, on SQLAlchemy's plain engine. Only what
waits for the disk leaves it: a commit goes to a thread, and the lock that another process may hold is asked for again
and again, asleep in between.
"""

import asyncio
import os
import sqlite3
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sqlalchemy import (
    Connection,
    CursorResult,
    Dialect,
    Engine,
    QueuePool,
    RootTransaction,
    create_engine,
)
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from bot.sql_work import Parameters, T, Work

BEGIN: Final = "BEGIN IMMEDIATE"

_MAX_TOGETHER: Final = 128
_FIRST_PAUSE_S: Final = 0.001
_LONGEST_PAUSE_S: Final = 0.02
_CACHED_STATEMENTS: Final = 256
_PRIMARY_CODE: Final = 0xFF  # the rest of an error code says which kind of busy


class LoopConnection:
    """A plain connection that is awaited like a server's; see ``SqlConnection``."""

    def __init__(self, plain: Connection) -> None:
        self.plain = plain

    @property
    def dialect(self) -> Dialect:
        """Return which SQL it speaks."""
        return self.plain.dialect

    # Rows have columns of any kind; who calls sees the overloads of ``SqlConnection``.
    async def execute(self, statement: Any, parameters: Parameters | None = None) -> Any:  # noqa: ANN401 - see above
        """Run a statement, here and now."""
        found: CursorResult[*tuple[Any, ...]] = self.plain.execute(statement, parameters)
        return found

    async def run_sync(self, fn: Callable[[Connection], T]) -> T:
        """Call a function that wants a plain connection."""
        return fn(self.plain)


class SqliteReaders:
    """Connections that may not write."""

    def __init__(self, path: Path, busy_timeout_s: float) -> None:
        self._engine = _engine(path, busy_timeout_s, is_reader=True)

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[LoopConnection]:
        """Lend a connection; every statement sees what is committed when it runs."""
        with self._engine.connect() as connection:
            yield LoopConnection(connection)

    async def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()


@dataclass(frozen=True, slots=True, eq=False)
class _Waiting:
    """A work and where its caller waits; the results of a group have many types, hence ``Any``."""

    work: Work[Any]
    done: asyncio.Future[Any]

    def settle(self, outcome: Any) -> None:  # noqa: ANN401 - see the class
        """Wake the caller with a result or an error; one who left is not told."""
        if self.done.done():
            return
        if isinstance(outcome, _Failed):
            self.done.set_exception(outcome.error)
        else:
            self.done.set_result(outcome)


@dataclass(frozen=True, slots=True)
class _Failed:
    error: Exception


class SqliteWriter:
    """Commits waiting works together, over one connection that it keeps."""

    def __init__(self, path: Path, busy_timeout_s: float) -> None:
        self.engine: Final = _engine(path, busy_timeout_s, is_reader=False)
        self._busy_timeout_s = busy_timeout_s
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="sqlite-commit")
        self._connection: Connection | None = None
        self._waiting: list[_Waiting] = []
        self._task: asyncio.Task[None] | None = None
        self._is_closed = False

    async def write(self, work: Work[T]) -> T:
        """Run a work with others that wait, and return its result once that is on disk."""
        if self._is_closed:
            raise RuntimeError("the database is closed")
        done: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(work, done))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._drain())
        return await done

    async def close(self) -> None:
        """Finish the works that wait, then close the connection."""
        self._is_closed = True
        if self._task is not None:
            await asyncio.wait({self._task})
        if self._connection is not None:
            self._connection.close()
        self.engine.dispose()
        self._threads.shutdown()

    async def _drain(self) -> None:
        while self._waiting:
            taken, self._waiting = self._waiting[:_MAX_TOGETHER], self._waiting[_MAX_TOGETHER:]
            group = [waiting for waiting in taken if not waiting.done.done()]
            try:
                outcomes = await self._commit(group)
            except Exception as error:  # noqa: BLE001 - background task; every caller hears it
                self._drop_connection()
                outcomes = [_Failed(error)] * len(group)
            except BaseException:
                for waiting in group:
                    waiting.done.cancel()
                raise
            for waiting, outcome in zip(group, outcomes, strict=True):
                waiting.settle(outcome)

    async def _commit(self, group: list[_Waiting]) -> list[Any]:
        if not group:
            return []
        transaction = await self._begin()
        loop = LoopConnection(transaction.connection)
        try:
            if len(group) == 1:
                outcomes = [await _outcome(group[0].work, loop)]
            else:
                outcomes = []
                for waiting in group:
                    outcomes.append(await _isolated(waiting.work, loop))
                    await asyncio.sleep(0)  # statements run in the event loop: let others have a go
            if len(group) == 1 and isinstance(outcomes[0], _Failed):
                transaction.rollback()
            else:
                running = asyncio.get_running_loop()
                await running.run_in_executor(self._threads, transaction.commit)
        except BaseException:
            self._drop_connection()
            raise
        return outcomes

    async def _begin(self) -> RootTransaction:
        """Begin a transaction that writes, once no other process is in one.

        Raises:
            OperationalError: The others took too long.
        """
        if self._connection is None:
            self._connection = self.engine.connect()
        loop = asyncio.get_running_loop()
        deadline, pause_s = loop.time() + self._busy_timeout_s, _FIRST_PAUSE_S
        transaction = self._connection.begin()
        while True:
            try:
                self._connection.exec_driver_sql(BEGIN)
            except OperationalError as error:
                if not _is_busy(error) or loop.time() > deadline:
                    transaction.close()
                    raise
            else:
                return transaction
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)

    def _drop_connection(self) -> None:
        """Forget a connection whose transaction broke; the next group gets a fresh one."""
        broken, self._connection = self._connection, None
        if broken is None:
            return
        with suppress(SQLAlchemyError):
            broken.invalidate()
            broken.close()


async def _outcome(work: Work[Any], connection: LoopConnection) -> Any:  # noqa: ANN401 - see _Waiting
    try:
        return await work(connection)
    except Exception as error:  # noqa: BLE001 - handed to the caller of this work
        return _Failed(error)


async def _isolated(work: Work[Any], connection: LoopConnection) -> Any:  # noqa: ANN401 - see _Waiting
    savepoint = connection.plain.begin_nested()
    outcome = await _outcome(work, connection)
    if isinstance(outcome, _Failed):
        savepoint.rollback()
    else:
        savepoint.commit()
    return outcome


def _engine(path: Path, busy_timeout_s: float, *, is_reader: bool) -> Engine:
    def connect() -> sqlite3.Connection:
        _make_private(path)
        # No isolation level: the driver would begin transactions by itself, and too late.
        connection = sqlite3.connect(
            path,
            timeout=busy_timeout_s,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=_CACHED_STATEMENTS,
        )
        for pragma in _pragmas(is_reader=is_reader):
            connection.execute(f"PRAGMA {pragma}")
        return connection

    # A reader is lent for some statements; to wait for one in the event loop would be to wait for ever.
    return create_engine(
        "sqlite://",
        creator=connect,
        poolclass=QueuePool,
        max_overflow=-1,
        pool_reset_on_return=None if is_reader else "rollback",
    )


def _make_private(path: Path) -> None:
    """Make a file that nobody else may read; SQLite gives the files beside it the same mode."""
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


def _is_busy(error: OperationalError) -> bool:
    code = getattr(error.orig, "sqlite_errorcode", 0)
    return bool(code & _PRIMARY_CODE == sqlite3.SQLITE_BUSY)


def _pragmas(*, is_reader: bool) -> tuple[str, ...]:
    settings = (
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        "cache_size = -16384",
    )
    # A writer that waits for the lock must not hold the event loop meanwhile: see ``_begin``.
    return (*settings, "query_only = ON" if is_reader else "busy_timeout = 0")
