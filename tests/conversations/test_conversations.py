"""Plays every script of this folder with the built release, on a fresh copy of the demo shop each."""

import ast
import inspect
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from pathlib import Path

import pytest
import pytest_asyncio

from bot.actions.registry import local_actions
from bot.actions.runner import LocalActionRunner
from bot.assistant import Assistant
from bot.bootstrap import Kefu, open_kefu
from bot.crm import rules
from bot.crm.demo.making import demo_day
from bot.crm.gateway import SqlCrm
from bot.domain.conversation import Conversation
from bot.domain.decision import RunAction
from bot.domain.facts import FlowStarted
from bot.domain.message import Caller, Message, MessageId
from bot.domain.outcome import ActionRejected, Outcome
from bot.domain.ports import ActionRunner
from bot.domain.reply import Reply
from bot.rehearsal import Rehearsal, Stray
from bot.scripts import Script, read_scripts
from bot.seed import seed_documents
from bot.settings import Settings
from bot.sql import open_database
from intents.catalogue import read_catalogue
from intents.text import comparable
from tests.e2e.serving import copy_home
from tests.fakes import SetClock

HERE = Path(__file__).parent
SCRIPTS = read_scripts({file.name: file.read_text("utf-8") for file in HERE.glob("*.yml")})
AT_LEAST = 60
LEAST_CHARACTERS = 12
# Reasons that no conversation can come to, and why: the action server's other callers can.
BEHIND_THE_DIALOGUE = {
    "unknown_line": "a line is only taken from what was listed for this very order",
}
_TIMEOUT_S = 10.0

on_stage = pytest.mark.asyncio(loop_scope="module")


@dataclass
class Seen:
    """What scripts have reached."""

    flows: set[str] = field(default_factory=set)
    reasons: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class NotingRunner:
    """Runs actions and keeps the reasons of those that were rejected."""

    runner: ActionRunner
    seen: Seen

    async def run(
        self, action: RunAction, conversation: Conversation, caller: Caller, message_id: MessageId
    ) -> Outcome:
        outcome = await self.runner.run(action, conversation, caller, message_id)
        if isinstance(outcome, ActionRejected):
            self.seen.reasons.add(outcome.reason)
        return outcome


class NotingAssistant(Assistant):
    """An assistant whose replies are looked at for the flows that began."""

    def __init__(self, kefu: Kefu, actions: NotingRunner, clock: SetClock) -> None:
        super().__init__(kefu.conversations, kefu.shelf, actions, clock)
        self.seen = actions.seen

    async def reply(self, message: Message) -> Reply:
        reply = await super().reply(message)
        self.seen.flows |= {fact.flow for fact in reply.facts if isinstance(fact, FlowStarted)}
        return reply


@dataclass
class Stage:
    """The built release with a shop for each script; a script is played once."""

    kefu: Kefu
    shop: Path
    clock: SetClock
    seen: Seen = field(default_factory=Seen)
    played: dict[Script, tuple[Stray, ...]] = field(default_factory=dict)

    async def play(self, script: Script) -> tuple[Stray, ...]:
        if script not in self.played:
            async with self._rehearsal() as rehearsal:
                self.played[script] = await rehearsal.play(script)
        return self.played[script]

    @asynccontextmanager
    async def _rehearsal(self) -> AsyncIterator[Rehearsal]:
        fresh = self.shop.with_name("fresh.db")
        shutil.copyfile(self.shop, fresh)
        records = open_database(f"sqlite:///{fresh}")
        zone = self.kefu.settings.zone
        crm = SqlCrm(records, zone=zone)
        local = LocalActionRunner(local_actions(crm, self.clock, zone), crm, timeout_s=_TIMEOUT_S)
        assistant = NotingAssistant(self.kefu, NotingRunner(local, self.seen), self.clock)
        try:
            yield Rehearsal(assistant, self.kefu.conversations, self.clock)
        finally:
            await records.close()
            for left in self.shop.parent.glob("fresh.db*"):
                left.unlink()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(built_home: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    home = copy_home(built_home, tmp_path_factory.mktemp("conversations") / "home")
    records = open_database(f"sqlite:///{home / 'crm.db'}")
    day = await demo_day(records)
    await records.close()
    assert day is not None
    shop = home / "shop.db"
    shutil.copyfile(home / "crm.db", shop)
    # Noon of the shop's day, so that a run around midnight sees the same shop.
    clock = SetClock(datetime.combine(day.anchor, time(12), tzinfo=UTC))
    async with open_kefu(Settings.model_validate({"home": home})) as kefu:
        yield Stage(kefu, shop, clock)


@on_stage
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
async def test_the_conversation_goes_as_scripted(stage: Stage, script: Script) -> None:
    strays = await stage.play(script)

    assert not strays, "\n".join(str(stray) for stray in strays)


@on_stage
async def test_every_flow_is_reached_by_some_script(stage: Stage) -> None:
    for script in SCRIPTS:
        await stage.play(script)

    wanted = set(stage.kefu.shelf.live().playbook.flows)
    assert wanted - stage.seen.flows == set()


@on_stage
async def test_every_reason_to_say_no_is_reached_by_some_script(stage: Stage) -> None:
    for script in SCRIPTS:
        await stage.play(script)

    assert set(reasons_of_rules()) - stage.seen.reasons == set(BEHIND_THE_DIALOGUE)


def test_there_are_enough_scripts_and_each_has_a_name_of_its_own() -> None:
    assert len(SCRIPTS) >= AT_LEAST
    assert len({script.name for script in SCRIPTS}) == len(SCRIPTS)


def test_no_line_of_a_customer_is_a_training_example() -> None:
    examples = {comparable(example.text) for example in read_catalogue(seed_documents()).examples()}
    lines = [
        (script.file, turn.line, turn.says)
        for script in SCRIPTS
        for turn in script.turns
        if len(turn.says) >= LEAST_CHARACTERS
    ]

    assert len(lines) > AT_LEAST
    assert [line for line in lines if comparable(line[2]) in examples] == []


def reasons_of_rules() -> Iterator[str]:
    """Yield the reasons with which the shop's rules refuse, read from their source."""
    for node in ast.walk(ast.parse(inspect.getsource(rules))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id == "ChangeRejected":
                yield from _texts(node.args[0])
            elif node.func.id == "_reject_after":
                yield from _texts(node.args[2])


def _texts(node: ast.expr) -> Iterator[str]:
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.IfExp(body=body, orelse=orelse):
            yield from _texts(body)
            yield from _texts(orelse)
        case _:
            return


def test_the_reasons_of_the_rules_are_found_in_their_source() -> None:
    found = set(reasons_of_rules())

    assert {"unknown_order", "already_packed", "window_over", "not_subscribed"} <= found
    assert all(reason.islower() for reason in found)
