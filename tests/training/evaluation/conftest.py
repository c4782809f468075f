"""A KEFU_HOME with the tiny release live, for those who come in by the doors."""

import asyncio
from pathlib import Path

import pytest

from tests.training.tiny_release import TinyPlan, open_house


@pytest.fixture(scope="package")
def home(tmp_path_factory: pytest.TempPathFactory, plan: TinyPlan) -> Path:
    """Return a KEFU_HOME with the tiny release live."""
    folder = tmp_path_factory.mktemp("home")

    async def publish() -> None:
        async with open_house(folder, plan) as house:
            await house.publish()

    asyncio.run(publish())
    return folder


@pytest.fixture
def inside(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KEFU_HOME", str(home))
    return home
