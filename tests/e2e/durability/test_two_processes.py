"""Two serving processes on the same files: a customer may come through either, and notices nothing."""

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from bot.domain.entries import MessageReceived, TurnClosed
from tests.e2e.client import Client
from tests.e2e.durability.files import Files
from tests.e2e.serving import MAYA, Server, serving


@pytest.fixture(scope="module")
def first(home: Path) -> Iterator[Server]:
    with serving(home, KEFU_LEASE_S="5") as server:
        yield server


@pytest.fixture(scope="module")
def second(first: Server) -> Iterator[Server]:
    with serving(first.home, KEFU_LEASE_S="5") as server:
        yield server


@pytest.fixture
def clients(first: Server, second: Server) -> tuple[Client, Client]:
    """One customer's conversation, through either process."""
    one, two = (Client(server, first.token(MAYA)) for server in (first, second))
    one.begin()
    two.conversation_id, two.secret = one.conversation_id, one.secret
    return one, two


def test_a_task_begun_at_one_process_goes_on_at_the_other(
    clients: tuple[Client, Client], files: Files
) -> None:
    one, two = clients

    asked = one.say("I want to cancel order CP-200101", message_id="m1")
    done = two.say("yes please", message_id="m2")
    again = one.say("yes please", message_id="m2")
    status = one.say("what is the status of CP-200101?", message_id="m3")

    assert "yes" in [payload for _, payload in asked.buttons]
    assert "cancelled" in done.words
    assert again.body == done.body
    assert "cancelled" in status.words.lower()
    assert files.operations(MAYA, "cancel_order") == 1
    files.check_log(one.conversation_id, ["m1", "m2", "m3"])


def test_messages_that_come_at_both_at_once_are_answered_one_after_the_other(
    clients: tuple[Client, Client], files: Files
) -> None:
    ids = [f"m{number}" for number in range(12)]

    with ThreadPoolExecutor(6) as threads:
        said = list(
            threads.map(
                lambda number: clients[number % 2].say(
                    f"how many trail points do I have? ({number})", message_id=ids[number]
                ),
                range(12),
            )
        )

    assert [answer.status for answer in said] == [200] * 12
    conversation_id = clients[0].conversation_id
    files.check_log(conversation_id, ids)
    waiting = running = 0
    for entry in files.entries(conversation_id):
        waiting += isinstance(entry, MessageReceived)
        running += isinstance(entry, TurnClosed)
        assert running <= waiting


def test_the_same_message_at_both_at_once_is_answered_once(
    clients: tuple[Client, Client], files: Files
) -> None:
    clients[0].say("please unsubscribe me from the newsletter", message_id="ask")

    with ThreadPoolExecutor(4) as threads:
        said = list(threads.map(lambda n: clients[n % 2].say("yes", message_id="yes"), range(4)))

    assert len({answer.words for answer in said}) == 1
    assert files.operations(MAYA, "set_newsletter") == 1
    files.check_log(clients[0].conversation_id, ["ask", "yes"])


def test_live_updates_cross_from_one_process_to_the_other(
    clients: tuple[Client, Client],
) -> None:
    one, two = clients
    one.say("hello", message_id="m1")
    seen: list[tuple[int, str]] = []
    is_listening = threading.Event()

    def listen() -> None:
        with httpx.stream(
            "GET",
            f"{two.server.url}/api/v1/conversations/{two.conversation_id}/live?after=1",
            headers=two.headers(),
            trust_env=False,
            timeout=20,
        ) as answer:
            for line in answer.iter_lines():
                is_listening.set()
                if line.startswith("data: "):
                    entry = json.loads(line.removeprefix("data: "))
                    seen.append((entry["number"], entry["kind"]))
                if len(seen) == 3:
                    return

    listener = threading.Thread(target=listen)
    listener.start()
    assert is_listening.wait(10)
    one.say("how many trail points do I have?", message_id="m2")
    listener.join(10)

    assert seen == [(2, "reply"), (3, "message"), (4, "reply")]
