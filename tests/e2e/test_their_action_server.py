"""Somebody else's action server, run by rasa-sdk, for our assistant."""

import sys
from collections.abc import Iterator

import pytest

from bot.actions.calls import ActionDomain
from bot.actions.runner import LocalActionRunner
from bot.actions.server_runner import ServerActionRunner
from bot.crm.records import ShopRecords
from bot.domain.decision import RunAction, Why
from bot.domain.facts import ItemsListed, SlotFilled
from bot.domain.message import Caller, MessageId
from bot.domain.outcome import ActionDone, ActionFailed, ActionRejected, ActionText, ActionUnclear
from bot.domain.reply import Button, Buttons
from tests.e2e.action_caller import MAYA, a_conversation
from tests.e2e.action_servers import running
from tests.e2e.serving import free_port
from tests.memory_crm import MemoryCrm

THEIR_ACTIONS = '''
import time
from rasa_sdk import Action, ActionExecutionRejection
from rasa_sdk.events import SlotSet


class Weather(Action):
    def name(self):
        return "action_mountain_weather"

    async def run(self, dispatcher, tracker, domain):
        place = tracker.get_slot("place")
        user = tracker.user_id
        said = [e["text"] for e in tracker.events if e["event"] == "user"]
        known = sorted(domain["responses"])
        dispatcher.utter_message(text=f"Snow on {place} for {user} <b>{said}</b> {known}")
        dispatcher.utter_message(
            text="Again?", buttons=[{"title": "Tomorrow", "payload": '/choose{"place": "Ben Nevis"}'}]
        )
        return [
            SlotSet("place", place.upper()),
            SlotSet("user_id", "C-1002"),
            SlotSet("listed_place", ["Ben Nevis", "Snowdon"]),
        ]


class BookHut(Action):
    """A change of theirs: keeps what it did by operation id, as it should."""

    done = {}

    def name(self):
        return "action_book_hut"

    def run(self, dispatcher, tracker, domain):
        operation = tracker.latest_message["metadata"]["operation_id"]
        bed = self.done.setdefault(operation, len(self.done) + 1)
        dispatcher.utter_message(text=f"Bed {bed} is yours.")
        return []


class Slow(Action):
    def name(self):
        return "action_slow"

    def run(self, dispatcher, tracker, domain):
        time.sleep(2)
        return []


class No(Action):
    def name(self):
        return "action_no"

    async def run(self, dispatcher, tracker, domain):
        raise ActionExecutionRejection("action_no", "not for you")


class Broken(Action):
    def name(self):
        return "action_broken"

    async def run(self, dispatcher, tracker, domain):
        raise RuntimeError(tracker.latest_message["text"])
'''


@pytest.fixture(scope="module")
def their_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("theirs")
    (folder / "their_actions.py").write_text(THEIR_ACTIONS, "utf-8")
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "rasa_sdk", "--actions", "their_actions", "--port", str(port)]
    with running(command, folder, folder / "log.txt", url):
        yield url


def _theirs(name: str, *, reads_only: bool = True) -> RunAction:
    return RunAction(name, {"place": "Snowdon"}, reads_only, why=Why("test"))


async def _run(url: str, action: RunAction, message_id: str = "m1") -> object:
    crm = MemoryCrm(ShopRecords())
    runner = await ServerActionRunner.connect(
        url,
        LocalActionRunner([], crm, timeout_s=1),
        timeout_s=1,
        domain_of=lambda: ActionDomain(slots=("place",), responses={"greet": ("Hi",)}),
    )
    try:
        caller = Caller(MAYA, "a-token-that-stays-here")
        return await runner.run(action, a_conversation(message_id), caller, MessageId(message_id))
    finally:
        await runner.close()


async def test_their_server_runs_what_it_lists(their_server: str) -> None:
    outcome = await _run(their_server, _theirs("action_mountain_weather"))

    said = "Snow on Snowdon for C-1001 <b>['is it snowing']</b> ['greet']"
    button = Button("Tomorrow", '/choose{"place": "Ben Nevis"}')
    assert outcome == ActionDone(
        "action_mountain_weather",
        (ActionText(text=said), Buttons("Again?", (button,))),
        (SlotFilled("place", "SNOWDON"), ItemsListed("place", ("Ben Nevis", "Snowdon"))),
    )


async def test_their_server_makes_a_change_once_per_message(their_server: str) -> None:
    book = _theirs("action_book_hut", reads_only=False)

    first = await _run(their_server, book)
    again = await _run(their_server, book)
    other = await _run(their_server, book, "m2")

    assert first == again == ActionDone("action_book_hut", (ActionText(text="Bed 1 is yours."),))
    assert other == ActionDone("action_book_hut", (ActionText(text="Bed 2 is yours."),))


async def test_their_server_may_refuse_break_or_sleep(their_server: str) -> None:
    refused = await _run(their_server, _theirs("action_no"))
    broken = await _run(their_server, _theirs("action_broken"))
    broken_change = await _run(their_server, _theirs("action_broken", reads_only=False))
    slow_change = await _run(their_server, _theirs("action_slow", reads_only=False))
    unlisted = await _run(their_server, _theirs("action_not_listed"))

    assert isinstance(refused, ActionRejected)
    assert broken == ActionFailed("action_broken", "HTTP 500")
    assert broken_change == ActionUnclear("action_broken", "HTTP 500")
    assert slow_change == ActionUnclear("action_slow", "ReadTimeout")
    assert isinstance(unlisted, ActionFailed)
