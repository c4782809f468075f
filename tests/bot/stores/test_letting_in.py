"""Whose message is let into a conversation, also after a process was killed in the middle of a turn."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.message import (
    GUEST,
    Caller,
    ConversationId,
    CustomerId,
    Message,
    MessageId,
)
from bot.domain.reply import Reply, Text
from bot.domain.trace import Trace
from bot.errors import ConversationAccessError
from bot.sql import open_database
from bot.stores.conversations import SqlConversationStore
from tests.fakes import SetClock

MAYA, TOM = Caller(CustomerId("C-1001")), Caller(CustomerId("C-1002"))
HELLO = Reply((Text("Hello!"),))


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
async def store(tmp_path: Path, clock: SetClock) -> AsyncIterator[SqlConversationStore]:
    database = open_database(f"sqlite:///{tmp_path}/kefu.db")
    made = SqlConversationStore(database, clock, lease_s=10.0)
    await made.set_up()
    yield made
    await database.close()


def a_message(text: str, message_id: str, caller: Caller) -> Message:
    moment = SetClock().now()
    return Message(ConversationId("c1"), MessageId(message_id), text, "test", moment, caller)


async def answer(store: SqlConversationStore, message: Message) -> Reply:
    async with store.open_turn(message) as turn:
        return turn.stored_reply if turn.is_repeated else await turn.close(HELLO, Trace(release=1))


async def break_off(store: SqlConversationStore, message: Message) -> None:
    with pytest.raises(RuntimeError, match="killed"):
        async with store.open_turn(message):
            raise RuntimeError("killed before the reply")


async def test_a_guests_open_message_is_finished_although_a_customer_was_verified_since(
    store: SqlConversationStore, clock: SetClock
) -> None:
    """Else it would stay the first in line for ever, and nobody could write in the conversation any more."""
    await break_off(store, a_message("as a guest", "m1", GUEST))
    waiting = asyncio.create_task(answer(store, a_message("as maya", "m2", MAYA)))
    await asyncio.sleep(0.05)
    clock.pass_time(timedelta(seconds=11))

    left = (await store.abandoned())[0][0]
    await answer(store, left)

    assert left.message_id == "m1"
    assert await waiting == HELLO
    with pytest.raises(ConversationAccessError):
        await answer(store, a_message("as a guest", "m1", GUEST))


@pytest.mark.parametrize("caller", [GUEST, TOM])
async def test_an_open_message_is_taken_over_by_nobody_else(
    store: SqlConversationStore, caller: Caller
) -> None:
    await break_off(store, a_message("mine", "m1", MAYA))

    with pytest.raises(ConversationAccessError):
        await answer(store, a_message("mine", "m1", caller))


@pytest.mark.parametrize("caller", [GUEST, TOM])
async def test_a_reply_is_repeated_to_nobody_else(
    store: SqlConversationStore, caller: Caller
) -> None:
    await answer(store, a_message("mine", "m1", MAYA))

    with pytest.raises(ConversationAccessError):
        await answer(store, a_message("mine", "m1", caller))
