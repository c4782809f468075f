"""What tests of several folders share."""

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.e2e.serving import build_home
from tests.postgres import PostgresServer, running_postgres


def pytest_configure() -> None:
    """Forget settings of the shell that the tests are run from."""
    for name in [name for name in os.environ if name.startswith("KEFU_")]:
        del os.environ[name]


@pytest.fixture(scope="session")
def built_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a KEFU_HOME with demo shop and release 1, made by a real first start; copy it, never change it."""
    return build_home(tmp_path_factory.mktemp("built"))


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """Run a PostgreSQL server for as long as there are tests."""
    with running_postgres() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
async def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """Return the URL of an empty database; whoever asks for it is tested on both kinds."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'kefu.db'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    async with server.fresh_database() as url:
        yield url
