"""The stage, with conversations in memory and in a database."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.sql import open_database
from bot.stores.conversations import SqlConversationStore
from tests.bot.stage import Stage
from tests.fakes import MemoryConversationStore, SetClock


@pytest.fixture(params=["memory", "sql"])
async def stage(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Stage]:
    if request.param == "memory":
        yield Stage(MemoryConversationStore())
        return
    database = open_database(f"sqlite:///{tmp_path}/kefu.db")
    store = SqlConversationStore(database, SetClock(), lease_s=10.0)
    await store.set_up()
    yield Stage(store)
    await database.close()
