"""One way to a database for CRM and stores: SQLite in a file, or a server such as PostgreSQL."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from sqlalchemy import MetaData, func, select
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import (
    ArgumentError,
    InvalidRequestError,
    NoSuchModuleError,
    SQLAlchemyError,
)
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bot.errors import ConfigurationError
from bot.sql_work import SqlConnection, T, Work
from bot.sqlite import SqliteReaders, SqliteWriter

_TABLES_LOCK: Final = 0x6B656675  # "kefu"; any number that others on the server do not take


class _Readers(Protocol):
    def connect(self) -> AbstractAsyncContextManager[SqlConnection]: ...

    async def close(self) -> None: ...


class _Writer(Protocol):
    async def write(self, work: Work[T]) -> T: ...

    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True, eq=False)
class Database:
    """A database that is open; made by ``open_database``, used from one event loop.

    Attributes:
        where: Its URL, to be shown: without a password.
    """

    where: str
    readers: _Readers
    writer: _Writer

    @asynccontextmanager
    async def read(self) -> AsyncIterator[SqlConnection]:
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

    async def check(self) -> None:
        """See that the database answers.

        Raises:
            ConfigurationError: It does not: no database, not to be reached, or not to be opened; names it.
        """
        try:
            async with self.read() as connection:
                await connection.execute(select(1))
        except (SQLAlchemyError, OSError) as problem:
            told = str(getattr(problem, "orig", None) or problem).partition("\n")[0]
            raise ConfigurationError(
                f"the database {self.where} cannot be used ({told}); restore it from a backup or start it, "
                "name another with KEFU_DATABASE_URL or KEFU_CRM_URL, and look at 'kefu doctor'"
            ) from problem

    async def close(self) -> None:
        """Finish the writes that wait, then close every connection."""
        await self.writer.close()
        await self.readers.close()


def open_database(url: str | URL, *, busy_timeout_s: float = 5.0) -> Database:
    """Open a database; connections are made when first needed.

    Args:
        url: Such as ``sqlite:////data/kefu.db`` (a file: its folder is made where missing) or
            ``postgresql+asyncpg://…``.
        busy_timeout_s: How long SQLite waits for another process that writes.

    Raises:
        ConfigurationError: The URL cannot be read, or its driver is not installed.
        ValueError: It is SQLite's without a file.
    """
    parsed = _read_url(url)
    where = parsed.render_as_string(hide_password=True)
    if parsed.get_backend_name() != "sqlite":
        engine = _server_engine(parsed)
        return Database(where, _ServerReaders(engine), _ServerWriter(engine))
    if not parsed.database or parsed.database == ":memory:":
        raise ValueError(f"{parsed} names no file; readers and writer could not share it")
    # Customers' words and records: nobody else on this machine may look into a folder that we make.
    path = Path(parsed.database)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    readers, writer = SqliteReaders(path, busy_timeout_s), SqliteWriter(path, busy_timeout_s)
    return Database(where, readers, writer)


async def make_tables(connection: SqlConnection, tables: MetaData) -> None:
    """Make the tables that are missing; processes that start together make them one after the other."""
    if connection.dialect.name == "postgresql":  # its IF NOT EXISTS fails for whoever comes second
        await connection.execute(select(func.pg_advisory_xact_lock(_TABLES_LOCK)))
    await connection.run_sync(tables.create_all)


def _read_url(url: str | URL) -> URL:
    try:
        return make_url(url)
    except (
        ArgumentError,
        ValueError,
    ) as problem:  # neither shows the URL: a password may stand in it
        raise ConfigurationError(
            "the database's URL cannot be read; write it like sqlite:////data/kefu.db or "
            "postgresql+asyncpg://user:password@host:5432/database (KEFU_DATABASE_URL, KEFU_CRM_URL)"
        ) from problem


def _server_engine(url: URL) -> AsyncEngine:
    try:
        return create_async_engine(url, pool_pre_ping=True)
    except (ModuleNotFoundError, NoSuchModuleError, InvalidRequestError) as problem:
        raise ConfigurationError(
            f"a database of the kind {url.drivername} cannot be used ({problem}); write postgresql+asyncpg://… and, "
            "where the driver is missing, run \"pip install 'kefu[postgres]'\""
        ) from problem


class _ServerReaders:
    """A server's connections; each statement is a transaction of its own."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT")

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[SqlConnection]:
        async with self._engine.connect() as connection:
            yield connection

    async def close(self) -> None:
        await self._engine.dispose()


class _ServerWriter:
    """Gives every work a transaction and a connection of its own: a server shares commits by itself."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self.engine: Final = (
            engine.sync_engine
        )  # what tells of statements and commits, as SQLite's does

    async def write(self, work: Work[T]) -> T:
        async with self._engine.begin() as connection:
            return await work(connection)

    async def close(self) -> None:
        await self._engine.dispose()
