"""One server in demo mode with all doors open, one without, and one of actions, on the same folder."""

import asyncio
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from bot.bootstrap import open_agent_desk
from bot.domain.colleague import Role
from bot.domain.message import AgentId
from bot.settings import Settings
from tests.e2e.client import Client
from tests.e2e.serving import (
    KEFU,
    ROOT,
    START_S,
    NotServingError,
    Server,
    copy_home,
    environment_of,
    free_port,
    request,
    serving,
)

API_TOKEN = "the-api-token-of-these-tests"  # noqa: S105 - a test's
ACTION_SECRET = "the-secret-of-the-action-server"  # noqa: S105 - a test's
PASSWORD = "long enough for an agent"  # noqa: S105 - a test's


@pytest.fixture(scope="package")
def home(built_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_home(built_home, tmp_path_factory.mktemp("access") / "home")


@pytest.fixture(scope="package")
def kefu(home: Path) -> Iterator[Server]:
    """A demo server that also has an API token, and logs as much as it can."""
    with serving(home, KEFU_API_TOKEN=API_TOKEN, KEFU_LOG_LEVEL="debug") as server:
        yield server


@pytest.fixture(scope="package")
def plain(kefu: Server) -> Iterator[Server]:
    """A server without demo mode and without an API token, on the same folder; takes user hashes."""
    more = {"KEFU_DEMO": "false", "KEFU_ACCEPT_USER_HASH": "true"}
    with serving(kefu.home, **more) as server:
        yield server


@dataclass(frozen=True)
class ActionServer:
    """A running ``kefu actions``."""

    url: str
    log_path: Path


@pytest.fixture(scope="package")
def actions(kefu: Server) -> Iterator[ActionServer]:
    port = free_port()
    log_path = kefu.home.with_name("actions.log")
    environment = environment_of(
        kefu.home, KEFU_ACTION_SECRET=ACTION_SECRET, KEFU_LOG_LEVEL="debug"
    )
    with log_path.open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 - our own command
            [*KEFU, "actions", "--port", str(port)],
            cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
        try:
            url = f"http://127.0.0.1:{port}"
            _wait_for(process, f"{url}/health", log_path)
            yield ActionServer(url, log_path)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(10)


def _wait_for(process: subprocess.Popen[bytes], url: str, log_path: Path) -> None:
    until = time.monotonic() + START_S
    while time.monotonic() < until and process.poll() is None:
        try:
            if request("GET", url).is_success:
                return
        except httpx.HTTPError:
            time.sleep(0.1)
    raise NotServingError(log_path.read_text("utf-8", "replace")[-4000:])


@dataclass(frozen=True)
class Sessions:
    """Sessions of colleagues, by their one role."""

    agent: str
    trainer: str


@pytest.fixture(scope="package")
def sessions(kefu: Server) -> Sessions:
    """Two colleagues, added as ``kefu user add`` does."""
    asyncio.run(_add_colleagues(kefu.home))
    found = {}
    for name, role in (("nadia", "agent"), ("theo", "trainer")):
        answer = request(
            "POST",
            f"{kefu.url}/api/v1/sessions",
            json={"name": name, "password": PASSWORD},
        )
        found[role] = answer.json()["token"]
    return Sessions(**found)


async def _add_colleagues(home: Path) -> None:
    async with open_agent_desk(Settings.model_validate({"home": home})) as desk:
        for name, role in (("nadia", Role.AGENT), ("theo", Role.TRAINER)):
            await desk.colleagues.add(AgentId(name), name.capitalize(), PASSWORD, frozenset({role}))


@pytest.fixture
def guest(kefu: Server) -> Client:
    return Client(kefu)


@pytest.fixture
def maya(kefu: Server) -> Client:
    return Client(kefu, kefu.token("C-1001"))


@pytest.fixture
def aisha(kefu: Server) -> Client:
    """Aisha, who has asked where her order is."""
    client = Client(kefu, kefu.token("C-1006"))
    said = client.say("where is my order?", message_id="their-message")
    assert "CP-200601" in said.text
    return client
