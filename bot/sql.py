"""One way to a database for CRM and stores: readers apart, and writers whose commits are shared.

SQLite takes one writer at a time and pays one disk flush per commit. Here all changes that wait are run in one
transaction, each behind a savepoint of its own, and committed by one flush. PostgreSQL does the like by itself, so
there every change gets its own transaction.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol, TypeVar

from sqlalchemy import event
from sqlalchemy.engine import URL, Connection, make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from bot.sqlite import BEGIN, LoopConnection

T = TypeVar("T")
Work = Callable[[AsyncConnection], Awaitable[T]]

_MAX_TOGETHER: Final = 128
_READERS: Final = 4


class _Writer(Protocol):
    async def write(self, work: Work[T]) -> T: ...

    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True, eq=False)
class Database:
    """A database that is open; made by ``open_database``, used from one event loop."""

    readers: AsyncEngine
    writer: _Writer

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """Lend a connection for reading; every statement sees what is committed when it runs."""
        async with self.readers.connect() as connection:
            yield connection

    async def write(self, work: Work[T]) -> T:
        """Run ``work`` in a transaction and return its result once that is on disk.

        Works that wait at the same time share a commit. One that raises is undone, alone, and its error comes out
        here. A caller that is cancelled while its work runs may find it committed all the same.
        ``work`` neither commits nor rolls back, and awaits nothing but its connection.
        """
        return await self.writer.write(work)

    async def close(self) -> None:
        """Finish the writes that wait, then close every connection."""
        await self.writer.close()
        await self.readers.dispose()


def open_database(url: str | URL, *, busy_timeout_s: float = 5.0) -> Database:
    """Open a database; connections are made when first needed.

    Args:
        url: Such as ``sqlite+aiosqlite:////data/kefu.db`` (a file: its folder is made where missing) or
            ``postgresql+asyncpg://…``.
        busy_timeout_s: How long SQLite waits for another process that writes.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        engine = create_async_engine(parsed, pool_pre_ping=True)
        return Database(engine.execution_options(isolation_level="AUTOCOMMIT"), _OwnWriter(engine))
    if not parsed.database or parsed.database == ":memory:":
        raise ValueError(f"{parsed} names no file; readers and writer could not share it")
    # Customers' words and records: nobody else on this machine may look into a folder that we make.
    Path(parsed.database).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    readers = _sqlite_engine(parsed, busy_timeout_s, size=_READERS, is_reader=True)
    writers = _sqlite_engine(parsed, busy_timeout_s, size=1, is_reader=False)
    return Database(readers, _GroupWriter(writers))


def _sqlite_engine(url: URL, busy_timeout_s: float, *, size: int, is_reader: bool) -> AsyncEngine:
    async def connect() -> LoopConnection:
        path = Path(url.database or "")
        return LoopConnection(path, busy_timeout_s=busy_timeout_s, is_reader=is_reader)

    def begin(connection: Connection) -> None:
        connection.exec_driver_sql(BEGIN)

    engine = create_async_engine(
        url,
        async_creator=connect,
        poolclass=AsyncAdaptedQueuePool,
        pool_size=size,
        max_overflow=0,
        pool_reset_on_return=None if is_reader else "rollback",
    )
    if not is_reader:
        event.listen(engine.sync_engine, "begin", begin)
    return engine


class _OwnWriter:
    """Gives every work a transaction and a connection of its own."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def write(self, work: Work[T]) -> T:
        async with self._engine.begin() as connection:
            return await work(connection)

    async def close(self) -> None:
        await self._engine.dispose()


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


class _GroupWriter:
    """Commits waiting works together, over one connection that it keeps."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._connection: AsyncConnection | None = None
        self._waiting: list[_Waiting] = []
        self._task: asyncio.Task[None] | None = None
        self._is_closed = False

    async def write(self, work: Work[T]) -> T:
        if self._is_closed:
            raise RuntimeError("the database is closed")
        done: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(work, done))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._drain())
        return await done

    async def close(self) -> None:
        self._is_closed = True
        if self._task is not None:
            await asyncio.wait({self._task})
        if self._connection is not None:
            await self._connection.close()
        await self._engine.dispose()

    async def _drain(self) -> None:
        while self._waiting:
            taken, self._waiting = self._waiting[:_MAX_TOGETHER], self._waiting[_MAX_TOGETHER:]
            group = [waiting for waiting in taken if not waiting.done.done()]
            try:
                outcomes = await self._commit(group)
            except Exception as error:  # noqa: BLE001 - background task; every caller hears it
                await self._drop_connection()
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
        if self._connection is None:
            self._connection = await self._engine.connect()
        async with self._connection.begin() as transaction:
            if len(group) == 1:
                outcome = await _outcome(group[0].work, self._connection)
                if isinstance(outcome, _Failed):
                    await transaction.rollback()
                return [outcome]
            outcomes = []
            for waiting in group:
                outcomes.append(await _isolated(waiting.work, self._connection))
                await asyncio.sleep(0)  # statements run in the event loop: let others have a go
            return outcomes

    async def _drop_connection(self) -> None:
        """Forget a connection whose transaction broke; the next group gets a fresh one."""
        broken, self._connection = self._connection, None
        if broken is None:
            return
        try:
            await broken.invalidate()
            await broken.close()
        except SQLAlchemyError:
            await self._engine.dispose()


async def _outcome(work: Work[Any], connection: AsyncConnection) -> Any:  # noqa: ANN401 - see _Waiting
    try:
        return await work(connection)
    except Exception as error:  # noqa: BLE001 - handed to the caller of this work
        return _Failed(error)


async def _isolated(work: Work[Any], connection: AsyncConnection) -> Any:  # noqa: ANN401 - see _Waiting
    savepoint = await connection.begin_nested()
    outcome = await _outcome(work, connection)
    if isinstance(outcome, _Failed):
        await savepoint.rollback()
    else:
        await savepoint.commit()
    return outcome
