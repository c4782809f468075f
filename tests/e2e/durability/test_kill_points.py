"""The process dies in the middle of a confirmed change: after a restart the change happened once and is answered."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.e2e.client import Client
from tests.e2e.durability.dying import FATAL, Point
from tests.e2e.durability.files import Files
from tests.e2e.serving import ROOT, START_S, Server, environment_of, serving

SETTINGS = {"KEFU_DEMO": "true", "KEFU_LEASE_S": "1"}


@dataclass(frozen=True)
class Task:
    """A change that a customer talks the assistant into, up to the yes."""

    customer: str
    order: str
    says: tuple[str, ...]
    kind: str
    done: str
    effects: tuple[tuple[str, int], ...]


def cancelling(customer: str, order: str) -> Task:
    return Task(
        customer,
        order,
        (f"I want to cancel order {order}",),
        "cancel_order",
        "cancelled",
        (
            (f"orders WHERE number = '{order}' AND status = 'cancelled'", 1),
            (f"contacts WHERE order_number = '{order}' AND kind = 'order_cancelled'", 1),
        ),
    )


def returning(customer: str, order: str, item: str) -> Task:
    return Task(
        customer,
        order,
        (f"I want to return the {item} from order {order}", f"the {item}", "too small"),
        "start_return",
        "RT-",
        (
            (f"returns WHERE order_number = '{order}' AND status = 'announced'", 1),
            (f"return_lines WHERE order_number = '{order}'", 1),
            (f"contacts WHERE order_number = '{order}' AND kind = 'return_label'", 1),
        ),
    )


@contextmanager
def dying(home: Path, port: int, point: Point) -> Iterator[subprocess.Popen[bytes]]:
    """Serve with the process that dies at a point, until it is dead."""
    log = home.with_name(f"dying-{point.name}.log")
    with log.open("wb") as out:
        process = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-m", "tests.e2e.durability.dying", point.value],
            cwd=ROOT,
            env=environment_of(home, **SETTINGS, KEFU_PORT=str(port)),
            stdout=out,
            stderr=out,
        )
        try:
            probe, until = Server(home, port=port), time.monotonic() + START_S
            while not probe.is_ready():
                assert process.poll() is None, log.read_text()
                assert time.monotonic() < until, log.read_text()
                time.sleep(0.05)
            yield process
        finally:
            process.kill()
            process.wait()


def talk_up_to_yes(client: Client, task: Task) -> list[str]:
    """Say everything but the yes; returns the ids of the messages."""
    ids = [f"before-{number}" for number in range(len(task.says))]
    for message_id, text in zip(ids, task.says, strict=True):
        said = client.say(text, message_id=message_id)
        assert said.status == 200, said.text
    assert "yes" in [payload for _, payload in said.buttons], said.words
    return ids


def stock_of(files: Files, order: str) -> dict[str, int]:
    statement = (
        "SELECT p.product_id, p.stock FROM products p JOIN order_lines l"
        " ON l.product_id = p.product_id WHERE l.order_number = ?"
    )
    return dict(files.rows("crm", statement, order))


@pytest.mark.parametrize(
    ("point", "task"),
    [
        (Point.OPEN, cancelling("C-1001", "CP-200101")),
        (Point.TRANSACTION, cancelling("C-1004", "CP-200401")),
        (Point.COMMIT, cancelling("C-1006", "CP-200601")),
        (Point.COMMIT, returning("C-1001", "CP-200103", "boots")),
        (Point.CLOSE, returning("C-1004", "CP-200402", "fleece")),
        (Point.CLOSED, returning("C-1011", "CP-201101", "tent")),
    ],
    ids=lambda given: given.name.lower() if isinstance(given, Point) else given.kind,
)
def test_a_confirmed_change_happens_once_wherever_the_process_dies(
    home: Path, files: Files, point: Point, task: Task
) -> None:
    server = Server(home, SETTINGS)
    client = Client(server, server.token(task.customer))
    stock_before = stock_of(files, task.order)

    with dying(home, server.port, point) as process:
        sent = talk_up_to_yes(client, task)
        with pytest.raises(httpx.TransportError):
            client.say("yes please", message_id=FATAL)
        assert process.wait(10) == -9
    has_happened = files.operations(task.customer, task.kind)
    was_closed = bool(files.reply_to(client.conversation_id, FATAL))
    with serving(home, **SETTINGS) as again:
        client.server = again
        if point is Point.COMMIT:  # the customer waits; else they send it again at once
            wait_for_reply(files, client, FATAL)
        reply = client.say("yes please", message_id=FATAL)
        resent = client.say("yes please", message_id=FATAL)
        more = client.say(f"what is the status of {task.order}?", message_id="after")

    assert has_happened == (1 if point in {Point.COMMIT, Point.CLOSE, Point.CLOSED} else 0)
    assert was_closed is (point is Point.CLOSED)
    assert task.done in reply.words
    assert files.outcome_of(client.conversation_id, FATAL) == "ActionDone"
    assert not reply.body["is_handed_off"]
    assert resent.body == reply.body
    assert more.status == 200
    assert task.order in more.words
    files.check_log(client.conversation_id, [*sent, FATAL, "after"])
    assert files.operations(task.customer, task.kind) == 1
    for effect, times in task.effects:
        assert files.count("crm", effect) == times, effect
    grown = {
        item: count - stock_before[item] for item, count in stock_of(files, task.order).items()
    }
    assert set(grown.values()) == ({1} if task.kind == "cancel_order" else {0})


def wait_for_reply(files: Files, client: Client, message_id: str) -> None:
    """Wait until the restarted process has finished the turn by itself."""
    until = time.monotonic() + 15
    while not files.reply_to(client.conversation_id, message_id):
        assert time.monotonic() < until, "nobody finished the turn"
        time.sleep(0.05)


def test_a_message_whose_turn_died_three_times_is_handed_over(home: Path, files: Files) -> None:
    server = Server(home, SETTINGS)
    client = Client(server, server.token("C-1010"))

    with dying(home, server.port, Point.OPEN) as process:
        client.begin()
        with pytest.raises(httpx.TransportError):
            client.say("how many points do I have?", message_id=FATAL)
        process.wait(10)
    files.change(
        "kefu", "UPDATE conversation SET attempts = 3 WHERE id = ?", client.conversation_id
    )
    with serving(home, **SETTINGS) as again:
        client.server = again
        wait_for_reply(files, client, FATAL)
        reply = client.say("how many points do I have?", message_id=FATAL)
        silent = client.say("hello?", message_id="after")

    assert "interrupted" in reply.words
    assert reply.body["is_handed_off"]
    assert silent.body["parts"] == []
    assert files.handoff_reasons(client.conversation_id) == ["interrupted"]
