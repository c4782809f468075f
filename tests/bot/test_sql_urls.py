"""Databases by URL: what cannot be used is refused in words, without the password; tables are made once."""

import asyncio
import sys

import pytest
from sqlalchemy import func, select

from bot.crm.schema import prepare_tables
from bot.crm.tables import COUNTERS
from bot.errors import ConfigurationError
from bot.settings import read_settings
from bot.sql import open_database
from bot.stores.tables import create_tables
from tests.postgres import PostgresServer

SECRET = "do-not-tell"  # noqa: S105 - made up


async def test_servers_that_start_together_make_the_tables_once(database_url: str) -> None:
    databases = [open_database(database_url) for _ in range(4)]

    await asyncio.gather(*(prepare_tables(database) for database in databases))
    await asyncio.gather(*(database.write(create_tables) for database in databases))

    async with databases[0].read() as connection:
        counters = (
            await connection.execute(select(func.count()).select_from(COUNTERS))
        ).scalar_one()
    for database in databases:
        await database.close()
    assert counters == 2


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql+asyncpg//kefu:{SECRET}@host/kefu",
        f"postgresql+asyncpg://kefu:{SECRET}@host:port/kefu",
        f"postgresql://kefu:{SECRET}@host/kefu",
        f"oracle9://kefu:{SECRET}@host/kefu",
    ],
)
def test_a_url_that_cannot_be_used_is_refused_with_the_right_form(url: str) -> None:
    with pytest.raises(ConfigurationError, match=r"postgresql\+asyncpg://") as told:
        open_database(url)

    assert SECRET not in str(told.value)


def test_a_missing_driver_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "asyncpg", None)

    with pytest.raises(ConfigurationError, match=r"asyncpg.*pip install 'kefu\[postgres\]'"):
        open_database("postgresql+asyncpg://kefu@127.0.0.1/kefu")


async def test_a_server_that_lets_nobody_in_is_named_without_the_password(
    postgres: PostgresServer,
) -> None:
    wrong = postgres.url("postgres").replace(postgres.password, SECRET)
    database = open_database(wrong)

    with pytest.raises(ConfigurationError, match=f"127.0.0.1:{postgres.port}") as told:
        await database.check()

    await database.close()
    assert SECRET not in str(told.value)


def test_settings_do_not_show_a_password() -> None:
    url = f"postgresql+asyncpg://kefu:{SECRET}@host/kefu"

    settings = read_settings({"KEFU_DATABASE_URL": url, "KEFU_CRM_URL": url})

    assert settings.store_url == settings.records_url == url
    assert SECRET not in repr(settings)
