"""Customers keep writing while the process is killed and started again, at moments that a seed decides."""

import random
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from tests.e2e.client import Client
from tests.e2e.durability.files import Files
from tests.e2e.serving import Server

SEED = 20261120
KILLS = 3
PATIENCE_S = 60.0
STEPS = {
    "newsletter off": ("please unsubscribe me from the newsletter", "yes"),
    "newsletter on": ("please subscribe me to the newsletter", "yes"),
    "ticket": ("can you open a ticket for me", "the zip of my jacket is stuck", "yes"),
    "points": ("how many trail points do I have?",),
    "order": ("what is the status of order {order}?",),
}
# The customer, one of their orders, and whether they get the newsletter to begin with.
CUSTOMERS = (
    ("C-1001", "CP-200101", True),
    ("C-1002", "CP-200202", False),
    ("C-1003", "CP-200302", True),
    ("C-1004", "CP-200401", True),
    ("C-1007", "CP-200712", True),
    ("C-1009", "CP-200901", False),
)


@dataclass
class Customer:
    """Writes one message after the other, each until it is answered."""

    client: Client
    customer: str
    order: str
    is_subscribed: bool
    chance: random.Random
    steps: list[str] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)
    replies: list[str] = field(default_factory=list)
    repeats: int = 0

    def write_until(self, enough: threading.Event) -> None:
        self.begin()
        while not enough.is_set():
            for step in self.errands():
                self.steps.append(step)
                for text in STEPS[step]:
                    message_id = f"{self.customer}-{len(self.sent):03}"
                    self.sent.append(message_id)
                    self.replies.append(self.insist(text.format(order=self.order), message_id))

    def errands(self) -> list[str]:
        """Return a few errands; the newsletter is left and subscribed to in turn, so that every one counts."""
        self.is_subscribed = not self.is_subscribed
        news = "newsletter on" if self.is_subscribed else "newsletter off"
        return [news, *self.chance.sample(["ticket", "points", "order"], 2)]

    def begin(self) -> None:
        until = time.monotonic() + PATIENCE_S
        while not self.client.conversation_id:
            try:
                self.client.begin()
            except (httpx.TransportError, KeyError):
                assert time.monotonic() < until
                time.sleep(0.05)

    def insist(self, text: str, message_id: str) -> str:
        until = time.monotonic() + PATIENCE_S
        while True:
            try:
                said = self.client.say(text, message_id=message_id)
            except httpx.TransportError:
                said = None
            if said is not None and said.status == 200:
                return said.words
            assert said is None or said.status == 503, said.text
            assert time.monotonic() < until, f"{message_id} got no answer"
            self.repeats += 1
            time.sleep(0.05)

    def changes(self, step: str) -> int:
        return self.steps.count(step)


@pytest.fixture
def server(home: Path) -> Iterator[Server]:
    made = Server(home, {"KEFU_DEMO": "true", "KEFU_LEASE_S": "1"})
    yield made.start()
    made.stop()


def test_every_message_and_every_change_counts_once_however_often_the_process_is_killed(
    server: Server, files: Files
) -> None:
    chance, enough = random.Random(SEED), threading.Event()  # noqa: S311 - a test's dice
    people = [
        Customer(
            Client(server, server.token(customer)),
            customer,
            order,
            is_subscribed=is_subscribed,
            chance=random.Random(f"{SEED} {customer}"),  # noqa: S311 - a test's dice
        )
        for customer, order, is_subscribed in CUSTOMERS
    ]
    tickets_before = files.count("crm", "tickets")

    with ThreadPoolExecutor(len(people)) as threads:
        writing = [threads.submit(person.write_until, enough) for person in people]
        try:
            for _ in range(KILLS):
                wait_for_replies(people, chance.randint(12, 30))
                time.sleep(chance.uniform(0.0, 0.05))
                server.restart()
            wait_for_replies(people, 12)
        finally:
            enough.set()
        for done in writing:
            done.result(timeout=PATIENCE_S)

    assert sum(person.repeats for person in people) >= KILLS
    for person, (_, _, was_subscribed) in zip(people, CUSTOMERS, strict=True):
        check_person(files, person, was_subscribed=was_subscribed)
    tickets = sum(person.steps.count("ticket") for person in people)
    assert tickets > 0
    assert files.count("crm", "tickets") - tickets_before == tickets


def wait_for_replies(people: list[Customer], more: int) -> None:
    """Wait until the customers have so many more replies, however fast the machine is."""
    until = time.monotonic() + PATIENCE_S
    before = sum(len(person.replies) for person in people)
    while sum(len(person.replies) for person in people) < before + more:
        assert time.monotonic() < until, "the traffic has stopped"
        time.sleep(0.005)


def check_person(files: Files, person: Customer, *, was_subscribed: bool) -> None:
    conversation_id = person.client.conversation_id
    files.check_log(conversation_id, person.sent)
    assert files.handoff_reasons(conversation_id) == []
    assert "" not in person.replies
    news = person.steps.count("newsletter off") + person.steps.count("newsletter on")
    assert files.operations(person.customer, "set_newsletter") == news
    given = files.rows(
        "crm",
        "SELECT is_given FROM consents WHERE customer_id = ? AND kind = 'newsletter'"
        " ORDER BY at DESC LIMIT ?",
        person.customer,
        news,
    )
    turns = [was_subscribed is (number % 2 == 1) for number in range(news)]
    assert [bool(value) for (value,) in reversed(given)] == turns
    assert files.operations(person.customer, "open_ticket") == person.steps.count("ticket")
    filed = "tickets WHERE customer_id = ? AND subject LIKE '%zip of my jacket%'"
    assert files.count("crm", filed, person.customer) == person.steps.count("ticket")
