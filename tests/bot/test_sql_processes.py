"""Several processes on one database: one turn at a time, no gaps, and nobody who was overtaken writes."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.domain.entries import Entry, MessageReceived, TurnClosed
from bot.domain.message import ConversationId, Message, MessageId
from bot.domain.reply import Reply, Text
from bot.domain.trace import Trace
from bot.sql import open_database
from bot.stores.conversations import SqlConversationStore
from tests.bot.numbering_process import RealClock

ROOT = Path(__file__).parents[2]
CHAT = ConversationId("c1")
LEASE_S = 5.0


class Other:
    """Another process on the same database."""

    def __init__(self, url: str, *arguments: str) -> None:
        self.process = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-m", "tests.bot.numbering_process", url, *arguments],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def hears(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def go(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write("go\n")
        self.process.stdin.flush()

    def close(self) -> int:
        self.process.communicate(timeout=30)
        return self.process.returncode


@contextmanager
def processes(*started: Other) -> Iterator[None]:
    """Wait until processes are ready; kill what is left of them at the end of the block."""
    try:
        assert [other.hears() for other in started] == ["ready"] * len(started)
        yield
    finally:
        for other in started:
            other.process.kill()
            other.process.communicate()


async def opened(url: str, lease_s: float = LEASE_S) -> AsyncIterator[SqlConversationStore]:
    database = open_database(url)
    store = SqlConversationStore(database, RealClock(), lease_s=lease_s)
    await store.set_up()
    yield store
    await database.close()


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[SqlConversationStore]:
    async for made in opened(database_url):
        yield made


def a_message(message_id: str, text: str = "hello") -> Message:
    return Message(CHAT, MessageId(message_id), text, "test", RealClock().now())


def check_turns(entries: tuple[Entry, ...], messages: int) -> None:
    """Check that every message was answered once, in order, by a turn that saw all before it."""
    received = [entry for entry in entries if isinstance(entry, MessageReceived)]
    closed = [entry for entry in entries if isinstance(entry, TurnClosed)]
    assert [entry.number for entry in entries] == list(range(1, 2 * messages + 1))
    assert len(received) == len({entry.message_id for entry in received}) == messages
    assert [entry.message_id for entry in closed] == [entry.message_id for entry in received]


async def test_three_processes_take_turns_in_one_conversation(
    store: SqlConversationStore, database_url: str
) -> None:
    others = [Other(database_url, name, "6", str(LEASE_S)) for name in ("a", "b", "c")]

    with processes(*others):
        for other in others:
            other.go()
        codes = [await asyncio.to_thread(other.close) for other in others]

    assert codes == [0, 0, 0]
    check_turns((await store.get(CHAT)).entries, messages=18)


async def test_a_fold_kept_here_grows_by_what_others_write(
    store: SqlConversationStore, database_url: str
) -> None:
    other = Other(database_url, "b", "3", str(LEASE_S))
    with processes(other):
        for number in range(2):
            async with store.open_turn(a_message(f"a-{number}")) as turn:
                await turn.close(Reply((Text("ok"),)), Trace(release=1))
        other.go()
        await asyncio.to_thread(other.close)

    async with store.open_turn(a_message("a-2")) as turn:
        seen = turn.conversation.entries
        await turn.close(Reply((Text("ok"),)), Trace(release=1))

    assert len(seen) == 11
    check_turns((await store.get(CHAT)).entries, messages=6)


async def test_a_follower_sees_what_another_process_writes(
    store: SqlConversationStore, database_url: str
) -> None:
    other = Other(database_url, "b", "2", str(LEASE_S))
    seen: list[int] = []
    with processes(other):
        other.go()
        async with asyncio.timeout(10):
            async for entry in store.follow(CHAT, after=0):
                if entry is not None:
                    seen.append(entry.number)
                if len(seen) == 4:
                    break

    assert seen == [1, 2, 3, 4]


async def test_the_turn_of_a_killed_process_is_taken_over_when_its_lease_has_run_out(
    database_url: str,
) -> None:
    hung = Other(database_url, "killed", "1", "0.5", "hang")
    with processes(hung):
        hung.go()
        assert hung.hears() == "open"
        hung.process.kill()

    async for store in opened(database_url, lease_s=0.5):
        before = await store.abandoned()
        async with store.open_turn(a_message("killed-0", "message 0 of killed")) as turn:
            is_repeated = turn.is_repeated
            await turn.close(Reply((Text("taken over"),)), Trace(release=1))
        entries = (await store.get(CHAT)).entries

    assert not before
    assert not is_repeated
    check_turns(entries, messages=1)


async def test_a_process_that_lives_keeps_its_lease_for_as_long_as_it_works(
    database_url: str,
) -> None:
    hung = Other(database_url, "slow", "1", "0.3", "hang")
    with processes(hung):
        hung.go()
        assert hung.hears() == "open"
        async for store in opened(database_url, lease_s=0.3):
            waiting = asyncio.create_task(_answer(store, a_message("behind")))
            await asyncio.sleep(1)
            is_waiting, left = not waiting.done(), await store.abandoned()
            hung.process.kill()
            async with store.open_turn(a_message("slow-0", "message 0 of slow")) as turn:
                await turn.close(Reply((Text("taken over"),)), Trace(release=1))
            await waiting
            entries = (await store.get(CHAT)).entries

    assert is_waiting
    assert not left
    check_turns(entries, messages=2)


async def _answer(store: SqlConversationStore, message: Message) -> None:
    async with store.open_turn(message) as turn:
        await turn.close(Reply((Text("ok"),)), Trace(release=1))
