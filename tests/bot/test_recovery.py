"""Turns that were left open are answered or handed over."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.assistant import Assistant
from bot.domain.conversation import ConversationStatus
from bot.domain.entries import HandoffOpened, MessageReceived, TurnClosed
from bot.domain.message import AgentId, ConversationId
from bot.domain.reply import HandoffRequest, Reply, part_as_text
from bot.recovery import Recovery
from bot.sql import Database, open_database
from bot.stores.conversations import SqlConversationStore
from bot.stores.handoffs import Handoffs
from tests.builders import an_understanding
from tests.contracts.conversation_store import CHAT, MAYA, a_message, answer, crash
from tests.fakes import SetClock
from tests.scripted import ScriptedActions, ScriptedRelease

LEASE_S = 10.0
QUIET = timedelta(seconds=2)
POINTS = an_understanding("how many points do I have", "loyalty_balance")


class Bench:
    """A store with abandoned turns, and the recovery that finds them."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.clock = SetClock()
        self.store = SqlConversationStore(database, self.clock, lease_s=LEASE_S)
        self.actions = ScriptedActions()
        release = ScriptedRelease({POINTS.utterance: POINTS})
        self.assistant = Assistant(self.store, release, self.actions, self.clock)
        self.recovery = Recovery(self.store, self.assistant, every_s=LEASE_S / 3)

    async def leave_open(self, message_id: str = "m1", conversation: str = CHAT) -> None:
        await crash(self.store, a_message(POINTS.utterance, message_id, MAYA, conversation))
        self.clock.pass_time(QUIET)

    async def replies(self, conversation: str = CHAT) -> list[str]:
        entries = (await self.store.get(ConversationId(conversation))).entries
        closed = [entry for entry in entries if isinstance(entry, TurnClosed)]
        return ["\n".join(part_as_text(part) for part in entry.reply.parts) for entry in closed]


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    database = open_database(f"sqlite:///{tmp_path}/kefu.db")
    made = Bench(database)
    await made.store.set_up()
    yield made
    await database.close()


async def test_an_abandoned_message_is_answered_for_the_customer_who_sent_it(bench: Bench) -> None:
    await bench.leave_open()

    finished = await bench.recovery.finish_open_turns()

    (reply,) = await bench.replies()
    assert finished == 1
    assert "action_loyalty_balance is done" in reply
    assert [caller.customer_id for caller in bench.actions.callers] == [MAYA.customer_id]
    assert await bench.recovery.finish_open_turns() == 0


async def test_a_message_that_is_sent_again_meanwhile_is_answered_once(bench: Bench) -> None:
    await bench.leave_open()
    left = await bench.store.abandoned()
    resent = await bench.assistant.reply(a_message(POINTS.utterance))

    await bench.assistant.reply(left[0][0])

    assert await bench.replies() == [part_as_text(resent.parts[0])]
    assert bench.actions.names == ["action_loyalty_balance"]


async def test_open_messages_of_one_conversation_are_finished_in_order(bench: Bench) -> None:
    await bench.leave_open("m1")
    behind = asyncio.create_task(answer(bench.store, a_message(POINTS.utterance, "m2")))
    await asyncio.sleep(0.02)
    behind.cancel()

    finished = []
    for _ in range(3):
        bench.clock.pass_time(QUIET)
        finished.append(await bench.recovery.finish_open_turns())

    entries = (await bench.store.get(CHAT)).entries
    assert finished == [1, 1, 0]
    assert [e.message_id for e in entries if isinstance(e, TurnClosed)] == ["m1", "m2"]


async def test_a_message_that_fails_again_and_again_is_handed_over(bench: Bench) -> None:
    bench.actions.outcomes = {"action_loyalty_balance": RuntimeError("a bug")}
    await bench.leave_open()

    for _ in range(3):
        await bench.recovery.finish_open_turns()
        bench.clock.pass_time(QUIET)

    conversation = await bench.store.get(CHAT)
    received, closed, opened = conversation.entries
    assert isinstance(received, MessageReceived)
    assert isinstance(closed, TurnClosed)
    assert isinstance(opened, HandoffOpened)
    assert conversation.status is ConversationStatus.HANDED_OFF
    assert opened.reason == "interrupted"
    assert "interrupted" in part_as_text(closed.reply.parts[0])
    assert POINTS.utterance in opened.summary
    assert await bench.recovery.finish_open_turns() == 0


async def test_one_message_that_fails_does_not_keep_the_others_waiting(bench: Bench) -> None:
    await bench.leave_open(conversation="c1")
    await bench.leave_open(conversation="c2")
    await bench.leave_open(conversation="c3")

    bench.actions.fails_in = frozenset({"c2"})

    finished = await bench.recovery.finish_open_turns()

    assert finished == 2
    assert [len(await bench.replies(name)) for name in ("c1", "c2", "c3")] == [1, 0, 1]


async def test_a_hopeless_message_says_nothing_while_an_agent_has_the_conversation(
    bench: Bench,
) -> None:
    handoffs, nadia = Handoffs(bench.database, bench.store), AgentId("nadia")
    await answer(
        bench.store, a_message("help", "m0"), Reply((), (), HandoffRequest("asked", "wants help"))
    )
    await handoffs.claim(CHAT, nadia, "Nadia")
    for _ in range(3):
        await bench.leave_open("m1")

    await bench.recovery.finish_open_turns()

    entries = (await bench.store.get(CHAT)).entries
    assert isinstance(entries[-1], TurnClosed)
    assert entries[-1].reply == Reply()
    assert sum(isinstance(entry, HandoffOpened) for entry in entries) == 1


async def test_recovery_goes_on_after_a_failure_of_the_database(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    await bench.leave_open()
    quick = replace(bench.recovery, every_s=0.01)
    await bench.database.write(
        lambda lent: lent.execute(text("ALTER TABLE conversation RENAME TO c"))
    )
    running = asyncio.create_task(quick.run())
    await asyncio.sleep(0.05)
    assert "no such table" in caplog.text

    await bench.database.write(
        lambda lent: lent.execute(text("ALTER TABLE c RENAME TO conversation"))
    )
    async with asyncio.timeout(5):
        async for entry in bench.store.follow(CHAT, after=1):
            if entry is not None:
                break
    running.cancel()

    assert len(await bench.replies()) == 1
