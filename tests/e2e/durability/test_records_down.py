"""The CRM or the action server is slow or down: an apology, a handoff, and the turn is recorded."""

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.e2e.client import Client
from tests.e2e.durability.files import Files
from tests.e2e.serving import AISHA, LENA, MAYA, Server, serving

QUICK = {"KEFU_ACTION_TIMEOUT_S": "1", "KEFU_LEASE_S": "5"}
UNCLEAR = "can't say for certain"
FAILED = "nothing has been changed"


@pytest.fixture(scope="module")
def server(home: Path) -> Iterator[Server]:
    with serving(home, **QUICK) as started:
        yield started


@contextmanager
def records_locked(home: Path) -> Iterator[None]:
    """Keep every writer out of the records, as a program that hangs in a transaction does."""
    with closing(sqlite3.connect(home / "crm.db", isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            connection.execute("ROLLBACK")


@contextmanager
def records_broken(files: Files) -> Iterator[None]:
    """Take the orders away, as a restore that went wrong would."""
    files.change("crm", "ALTER TABLE orders RENAME TO orders_aside")
    try:
        yield
    finally:
        files.change("crm", "ALTER TABLE orders_aside RENAME TO orders")


def test_a_change_that_the_records_do_not_answer_is_unclear_and_handed_over(
    server: Server, files: Files
) -> None:
    client = Client(server, server.token(MAYA))
    client.say("I want to cancel order CP-200101", message_id="m1")

    with records_locked(server.home):
        said = client.say("yes", message_id="m2")
    again = client.say("yes", message_id="m2")
    silent = client.say("and now?", message_id="m3")

    assert said.status == 200
    assert UNCLEAR in said.words
    assert said.body["is_handed_off"]
    assert again.body == said.body
    assert silent.body["parts"] == []
    assert files.handoff_reasons(client.conversation_id) == ["action_unclear"]
    assert files.operations(MAYA, "cancel_order") <= 1
    files.check_log(client.conversation_id, ["m1", "m2", "m3"])


def test_records_that_cannot_be_read_are_said_so_and_handed_over(
    server: Server, files: Files
) -> None:
    client = Client(server, server.token(LENA))

    with records_broken(files):
        said = client.say("what is the status of order CP-200401?", message_id="m1")

    assert said.status == 200
    assert FAILED in said.words
    assert said.body["is_handed_off"]
    assert files.handoff_reasons(client.conversation_id) == ["action_failed"]
    files.check_log(client.conversation_id, ["m1"])


class _Hanging(BaseHTTPRequestHandler):
    """Lists the cancelling of orders as its own, and does not answer when it is called."""

    server: "HangingActions"

    def do_GET(self) -> None:
        body = json.dumps([{"name": "action_cancel_order"}]).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        call = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.operations.append(call["tracker"]["latest_message"]["metadata"]["operation_id"])
        self.server.is_over.wait(30)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as the standard library names it
        """Print nothing."""


class HangingActions(ThreadingHTTPServer):
    """An action server that hangs in every call until it goes down."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Hanging)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.operations: list[str] = []
        self.is_over = threading.Event()
        self._thread = threading.Thread(target=self.serve_forever)
        self._thread.start()

    def go_down(self) -> None:
        self.is_over.set()
        self.shutdown()
        self.server_close()
        self._thread.join()


@pytest.fixture
def hanging() -> Iterator[HangingActions]:
    actions = HangingActions()
    yield actions
    actions.go_down()


def test_an_action_server_that_hangs_or_goes_down_in_a_change_ends_in_a_handoff(
    server: Server, files: Files, hanging: HangingActions
) -> None:
    with serving(server.home, **QUICK, KEFU_ACTION_SERVER=hanging.url) as other:
        first, second = (Client(other, other.token(AISHA)) for _ in range(2))
        for client in (first, second):
            client.say("I want to cancel order CP-200601", message_id="m1")
        unclear = first.say("yes", message_id="m2")
        again = first.say("yes", message_id="m2")
        hanging.go_down()
        failed = second.say("yes", message_id="m2")
        status = Client(other, other.token(AISHA)).say("what is the status of CP-200601?")

    assert UNCLEAR in unclear.words
    assert FAILED in failed.words
    assert again.body == unclear.body
    assert len(hanging.operations) == 1
    assert unclear.body["is_handed_off"]
    assert failed.body["is_handed_off"]
    assert "CP-200601" in status.words
    assert files.handoff_reasons(first.conversation_id) == ["action_unclear"]
    assert files.handoff_reasons(second.conversation_id) == ["action_failed"]
    assert files.operations(AISHA, "cancel_order") == 0
    for client in (first, second):
        files.check_log(client.conversation_id, ["m1", "m2"])
