"""A database with the CRM's tables."""

from collections.abc import AsyncIterator

import pytest

from bot.crm.schema import insert_records, prepare_tables
from bot.sql import Database, open_database
from tests.contracts.crm_wishes import contract_records


@pytest.fixture
async def empty_database(database_url: str) -> AsyncIterator[Database]:
    database = open_database(database_url)
    await prepare_tables(database)
    yield database
    await database.close()


@pytest.fixture
async def filled_database(empty_database: Database) -> Database:
    await empty_database.write(lambda lent: insert_records(lent, contract_records()))
    return empty_database
