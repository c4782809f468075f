"""A store of conversations on an empty database, and that of another process."""

from collections.abc import AsyncIterator

import pytest

from bot.sql import Database, open_database
from bot.stores.conversations import SqlConversationStore
from tests.contracts.conversation_store import (
    LEASE_S,
)
from tests.fakes import SetClock


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = open_database(database_url)
    yield opened
    await opened.close()


@pytest.fixture
async def store(database: Database, clock: SetClock) -> SqlConversationStore:
    made = SqlConversationStore(database, clock, lease_s=LEASE_S)
    await made.set_up()
    return made


@pytest.fixture
def other(store: SqlConversationStore, database: Database, clock: SetClock) -> SqlConversationStore:
    """The store of another process, as far as leases and caches go."""
    return SqlConversationStore(database, clock, lease_s=LEASE_S)
