"""The database's promises: durable writes that share a commit and do not harm each other."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import Column, Connection, Integer, MetaData, Table, event, func, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from bot.errors import ConfigurationError
from bot.sql import Database, open_database
from bot.sql_work import SqlConnection

METADATA = MetaData()
NUMBERS = Table("numbers", METADATA, Column("value", Integer, primary_key=True))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "numbers.db"


@pytest.fixture
async def database(path: Path) -> AsyncIterator[Database]:
    opened = open_database(f"sqlite:///{path}")

    async def create(connection: SqlConnection) -> None:
        await connection.run_sync(METADATA.create_all)

    await opened.write(create)
    yield opened
    await opened.close()


def count_commits(database: Database) -> list[str]:
    commits: list[str] = []
    engine = database.writer.engine  # type: ignore[attr-defined]  # no other way to see commits
    event.listen(engine, "commit", lambda _: commits.append("commit"))
    return commits


async def add(database: Database, value: int) -> int:
    async def insert(connection: SqlConnection) -> int:
        await connection.execute(NUMBERS.insert().values(value=value))
        return value

    return await database.write(insert)


async def total(database: Database) -> int:
    async with database.read() as connection:
        return int(
            (await connection.execute(select(func.count()).select_from(NUMBERS))).scalar_one()
        )


async def test_nobody_else_may_read_a_database_or_the_files_beside_it(
    database: Database, path: Path
) -> None:
    await add(database, 1)

    modes = {file.name: file.stat().st_mode & 0o777 for file in path.parent.iterdir()}
    assert set(modes) >= {"numbers.db", "numbers.db-wal", "numbers.db-shm"}
    assert set(modes.values()) == {0o600}


async def test_a_file_that_is_there_keeps_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "shared.db"
    path.touch(0o660)
    path.chmod(0o660)
    opened = open_database(f"sqlite:///{path}")

    await opened.check()
    await opened.close()

    assert path.stat().st_mode & 0o777 == 0o660


async def test_a_file_that_is_no_database_is_named_with_a_remedy(tmp_path: Path) -> None:
    path = tmp_path / "kefu.db"
    path.write_bytes(b"this is no database" * 200)
    opened = open_database(f"sqlite:///{path}")

    with pytest.raises(ConfigurationError, match=r"kefu\.db cannot be used .*restore it"):
        await opened.check()

    await opened.close()


async def test_a_write_returns_its_result_and_is_on_disk_then(
    database: Database, path: Path
) -> None:
    result = await add(database, 7)

    assert result == 7
    with sqlite3.connect(path) as other:
        assert other.execute("SELECT value FROM numbers").fetchall() == [(7,)]
    other.close()


async def test_a_file_is_flushed_at_every_commit_and_checks_foreign_keys(
    database: Database,
) -> None:
    async def pragmas(connection: SqlConnection) -> list[object]:
        names = ("journal_mode", "synchronous", "foreign_keys")
        return [(await connection.execute(text(f"PRAGMA {name}"))).scalar_one() for name in names]

    assert await database.write(pragmas) == ["wal", 2, 1]


async def test_writes_that_wait_together_share_few_commits(database: Database) -> None:
    commits = count_commits(database)

    await asyncio.gather(*(add(database, value) for value in range(100)))

    assert await total(database) == 100
    assert len(commits) <= 2


@pytest.mark.parametrize("others", [0, 5])
async def test_a_write_that_fails_is_undone_and_harms_no_other(
    database: Database, others: int
) -> None:
    async def fail_late(connection: SqlConnection) -> None:
        await connection.execute(NUMBERS.insert().values(value=1000))
        await connection.execute(NUMBERS.insert().values(value=1000))

    results = await asyncio.gather(
        *(add(database, value) for value in range(others)),
        database.write(fail_late),
        *(add(database, 100 + value) for value in range(others)),
        return_exceptions=True,
    )

    assert [type(result) for result in results].count(IntegrityError) == 1
    assert await total(database) == 2 * others
    assert await add(database, 1000) == 1000


async def test_any_error_of_a_work_comes_out_at_its_caller(database: Database) -> None:
    async def refuse(_: SqlConnection) -> None:
        raise LookupError("nothing there")

    with pytest.raises(LookupError, match="nothing there"):
        await database.write(refuse)


def close_driver(connection: Connection) -> None:
    driver = connection.connection.driver_connection
    assert driver is not None
    driver.close()


async def test_a_writer_survives_a_connection_that_broke(database: Database) -> None:
    async def break_it(connection: SqlConnection) -> None:
        await connection.run_sync(close_driver)
        await connection.execute(NUMBERS.insert().values(value=1))

    with pytest.raises(Exception, match=r"(?i)closed|no active connection"):
        await database.write(break_it)

    assert await add(database, 2) == 2


async def test_a_locked_file_is_an_error_after_the_time_out_and_works_again_later(
    path: Path, database: Database
) -> None:
    impatient = open_database(f"sqlite:///{path}", busy_timeout_s=0.05)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(DBAPIError, match="locked"):
        await add(impatient, 1)
    other.execute("ROLLBACK")
    other.close()

    assert await add(impatient, 1) == 1
    await impatient.close()


async def test_waiting_for_another_process_does_not_hold_the_event_loop(
    path: Path, database: Database
) -> None:
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    writing = asyncio.create_task(add(database, 1))

    for _ in range(20):
        await asyncio.sleep(0.005)
    assert not writing.done()
    other.execute("ROLLBACK")
    other.close()

    assert await writing == 1


async def test_a_writer_lets_others_have_a_go_between_works(database: Database) -> None:
    progress: list[int] = []

    async def watch() -> None:
        for _ in range(5):
            progress.append(await total(database))
            await asyncio.sleep(0)

    seen: list[str] = []

    async def work(_: SqlConnection) -> None:
        seen.append("work")

    async def other() -> None:
        for _ in range(6):
            await asyncio.sleep(0)
            seen.append("other")

    await asyncio.gather(*(database.write(work) for _ in range(4)), other(), watch())

    assert progress == [0] * 5
    assert "other" in seen[seen.index("work") : len(seen) - 1 - seen[::-1].index("work")]


async def test_readers_cannot_write(database: Database) -> None:
    async with database.read() as connection:
        with pytest.raises(DBAPIError, match="readonly"):
            await connection.execute(NUMBERS.insert().values(value=1))


async def test_readers_do_not_wait_for_a_writer(database: Database) -> None:
    is_writing, may_end = asyncio.Event(), asyncio.Event()

    async def slow(connection: SqlConnection) -> None:
        await connection.execute(NUMBERS.insert().values(value=1))
        is_writing.set()
        await may_end.wait()

    writing = asyncio.create_task(database.write(slow))
    await is_writing.wait()

    assert await total(database) == 0
    may_end.set()
    await writing
    assert await total(database) == 1


async def test_a_cancelled_caller_does_not_stop_the_others(database: Database) -> None:
    cancelled = asyncio.create_task(add(database, 1))
    others = [asyncio.create_task(add(database, value)) for value in (2, 3)]
    await asyncio.sleep(0)
    cancelled.cancel()

    assert await asyncio.gather(*others) == [2, 3]


async def test_closing_finishes_what_waits_and_refuses_more(path: Path, database: Database) -> None:
    second = open_database(f"sqlite:///{path}")
    waiting = [asyncio.create_task(add(second, value)) for value in range(3)]
    await asyncio.sleep(0)

    await second.close()

    assert await asyncio.gather(*waiting) == [0, 1, 2]
    with pytest.raises(RuntimeError, match="closed"):
        await add(second, 9)


def test_a_database_in_memory_is_refused() -> None:
    with pytest.raises(ValueError, match="names no file"):
        open_database("sqlite:///:memory:")
