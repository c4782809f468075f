"""A tiny release to publish, for every test that wants one."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.training.tiny_release import (
    House,
    TinyPlan,
    open_house,
    tiny_documents,
    write_tiny_models,
)


@pytest.fixture(scope="session")
def plan(tmp_path_factory: pytest.TempPathFactory) -> TinyPlan:
    """Return encoders that lie ready; they are only read."""
    return write_tiny_models(tmp_path_factory.mktemp("tiny"), tiny_documents())


@pytest.fixture
async def house(tmp_path: Path, plan: TinyPlan) -> AsyncIterator[House]:
    """Open a database of its own with the tiny draft in it."""
    async with open_house(tmp_path, plan) as opened:
        yield opened
