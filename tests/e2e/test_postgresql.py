"""Conversations and records on PostgreSQL: a first start, a dialogue, a server on another machine, a crash."""

import asyncio
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.client import Client
from tests.e2e.serving import BUILD_S, MAYA, Server, run_kefu
from tests.postgres import PostgresServer


@pytest.fixture(scope="module")
def urls(postgres: PostgresServer) -> dict[str, str]:
    """Two empty databases, as settings."""
    names = [asyncio.run(postgres.make_database()) for _ in range(2)]
    return {
        "KEFU_DATABASE_URL": postgres.url(names[0]),
        "KEFU_CRM_URL": postgres.url(names[1]),
        "KEFU_DEMO": "true",
    }


@pytest.fixture(scope="module")
def server(
    built_home: Path, urls: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A first start on empty databases; only the exported encoders are there already, since they take long."""
    home = tmp_path_factory.mktemp("postgresql") / "home"
    home.mkdir(mode=0o700)
    shutil.copytree(built_home / "cache", home / "cache", copy_function=os.link)
    serving = Server(home, urls)
    try:
        yield serving.start(within_s=BUILD_S)
    finally:
        serving.stop()


@pytest.fixture
def elsewhere(server: Server, tmp_path: Path) -> Iterator[Server]:
    """A server on another machine: it shares the databases and the secrets, and no file."""
    home = tmp_path / "elsewhere"
    home.mkdir(mode=0o700)
    shutil.copy2(server.home / "secrets.toml", home)
    serving = Server(home, server.settings)
    try:
        yield serving.start()
    finally:
        serving.stop()


def test_a_dialogue_goes_on_at_another_machine_and_after_a_crash(
    server: Server, elsewhere: Server
) -> None:
    here, there = (Client(each, server.token(MAYA)) for each in (server, elsewhere))

    asked = here.say("I want to cancel order CP-200101", message_id="m1")
    there.conversation_id, there.secret = here.conversation_id, here.secret
    done = there.say("yes please", message_id="m2")
    helped = there.say("how long do I have to send something back?", message_id="m3")
    server.restart()
    again = here.say("yes please", message_id="m2")
    status = here.say("what is the status of CP-200101?", message_id="m4")

    assert "yes" in [payload for _, payload in asked.buttons]
    assert "cancelled" in done.words
    assert "60 days" in helped.words
    assert again.body == done.body
    assert "cancelled" in status.words.lower()
    assert [entry["number"] for entry in here.entries().json()] == list(range(1, 9))
    for home in (server.home, elsewhere.home):
        assert not [*home.glob("*.db")]


def test_the_doctor_finds_both_databases_in_order(server: Server, urls: dict[str, str]) -> None:
    found = run_kefu(server.home, "doctor", COLUMNS="200", **urls, KEFU_PORT=str(server.port))

    assert "postgresql+asyncpg" in found
    assert "All is well." in found


def test_a_server_that_is_down_is_named_at_the_start(server: Server, urls: dict[str, str]) -> None:
    lost = dict.fromkeys(
        ("KEFU_DATABASE_URL", "KEFU_CRM_URL"), "postgresql+asyncpg://k@127.0.0.1:1/k"
    )

    for command in (("rollback", "--list"), ("serve",)):
        with pytest.raises(subprocess.CalledProcessError) as told:
            run_kefu(server.home, *command, **{**urls, **lost, "KEFU_PORT": "0"})

        assert "127.0.0.1:1/k cannot be used" in told.value.output
        assert "Traceback" not in told.value.output
