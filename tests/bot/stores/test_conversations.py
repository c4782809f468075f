import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.conversation import ConversationStatus
from bot.domain.entries import AgentWrote, MessageReceived, TurnClosed
from bot.domain.facts import SlotFilled
from bot.domain.message import AgentId, Caller, ConversationId, CustomerId, Message, MessageId
from bot.domain.reply import HandoffRequest, Reply, Text
from bot.domain.trace import Trace
from bot.errors import (
    ConversationAccessError,
    ConversationNotFoundError,
    HandoffStateError,
    LeaseLostError,
    MessageConflictError,
)
from bot.sql import Database, open_database
from bot.stores.conversations import SqlConversationStore
from bot.stores.handoffs import Handoffs
from tests.fakes import SetClock

LEASE_S = 10.0
MAYA = Caller(CustomerId("C-1001"))
TOM = Caller(CustomerId("C-1002"))
HELLO = Reply((Text("Hello!"),))


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = open_database(f"sqlite+aiosqlite:///{tmp_path}/kefu.db")
    yield opened
    await opened.close()


@pytest.fixture
async def store(database: Database, clock: SetClock) -> SqlConversationStore:
    made = SqlConversationStore(database, clock, lease_s=LEASE_S)
    await made.set_up()
    return made


def a_message(
    text: str = "hi", message_id: str = "m1", caller: Caller = MAYA, conversation: str = "c1"
) -> Message:
    return Message(
        ConversationId(conversation), MessageId(message_id), text, "test", SetClock().now(), caller
    )


async def answer(store: SqlConversationStore, message: Message, reply: Reply = HELLO) -> Reply:
    async with store.open_turn(message) as turn:
        if turn.is_repeated:
            return turn.stored_reply
        return await turn.close(reply, Trace(release=1))


async def test_a_message_is_in_the_log_before_anything_is_computed(
    store: SqlConversationStore,
) -> None:
    async with store.open_turn(a_message("where is my parcel")):
        entries = (await store.get(ConversationId("c1"))).entries

    assert [type(entry) for entry in entries] == [MessageReceived]


async def test_the_same_message_again_gets_the_stored_reply(store: SqlConversationStore) -> None:
    await answer(store, a_message())

    again = await answer(store, a_message(), Reply((Text("something else"),)))

    assert again == HELLO
    assert len((await store.get(ConversationId("c1"))).entries) == 2


async def test_the_same_id_with_another_text_is_a_conflict(store: SqlConversationStore) -> None:
    await answer(store, a_message("hi"))

    with pytest.raises(MessageConflictError, match="own id"):
        await answer(store, a_message("bye"))


async def test_a_repeat_waits_for_the_reply_of_the_first(store: SqlConversationStore) -> None:
    opened = asyncio.Event()

    async def slow() -> Reply:
        async with store.open_turn(a_message()) as turn:
            opened.set()
            await asyncio.sleep(0.05)
            return await turn.close(HELLO, Trace(release=1))

    first = asyncio.create_task(slow())
    await opened.wait()
    second = await answer(store, a_message(), Reply((Text("twice"),)))

    assert second == await first == HELLO


async def test_turns_of_one_conversation_run_one_after_the_other(
    store: SqlConversationStore,
) -> None:
    running = most = 0

    async def one(number: int) -> None:
        nonlocal running, most
        async with store.open_turn(a_message(f"text {number}", f"m{number}")) as turn:
            running += 1
            most = max(most, running)
            await asyncio.sleep(0.01)
            running -= 1
            await turn.close(HELLO, Trace(release=1))

    await asyncio.gather(*(one(number) for number in range(6)))
    entries = (await store.get(ConversationId("c1"))).entries

    assert most == 1
    assert [entry.number for entry in entries] == list(range(1, 13))


async def test_turns_of_two_conversations_run_side_by_side(store: SqlConversationStore) -> None:
    async with store.open_turn(a_message(conversation="c1")) as first:
        async with store.open_turn(a_message(conversation="c2")) as second:
            await second.close(HELLO, Trace(release=1))
        await first.close(HELLO, Trace(release=1))

    assert len((await store.get(ConversationId("c2"))).entries) == 2


async def test_a_turn_that_another_process_took_over_cannot_be_closed(
    store: SqlConversationStore, database: Database, clock: SetClock
) -> None:
    other = SqlConversationStore(database, clock, lease_s=LEASE_S)

    async def overtaken() -> None:
        async with store.open_turn(a_message()) as turn:
            clock.pass_time(timedelta(seconds=LEASE_S + 1))
            assert await answer(other, a_message(), Reply((Text("from the other"),)))
            await turn.close(HELLO, Trace(release=1))

    with pytest.raises(LeaseLostError):
        await overtaken()

    replies = [
        e for e in (await store.get(ConversationId("c1"))).entries if isinstance(e, TurnClosed)
    ]
    assert [entry.reply.parts for entry in replies] == [(Text("from the other"),)]


async def test_an_abandoned_turn_is_found_and_finished(
    store: SqlConversationStore, clock: SetClock
) -> None:
    with pytest.raises(RuntimeError, match="crash"):
        async with store.open_turn(a_message("cancel it")):
            raise RuntimeError("crash")

    (left, is_hopeless), *more = await store.abandoned()
    await answer(store, left)

    assert (left.text, left.caller.customer_id, is_hopeless) == ("cancel it", "C-1001", False)
    assert not more
    assert not await store.abandoned()


async def test_a_turn_that_crashes_again_and_again_is_hopeless(store: SqlConversationStore) -> None:
    async def crash() -> None:
        async with store.open_turn(a_message()):
            raise RuntimeError("crash")

    for _ in range(3):
        with pytest.raises(RuntimeError, match="crash"):
            await crash()

    assert [is_hopeless for _, is_hopeless in await store.abandoned()] == [True]


async def test_a_bound_conversation_is_closed_to_everybody_else(
    store: SqlConversationStore,
) -> None:
    await answer(store, a_message(caller=MAYA))

    for stranger in (TOM, Caller()):
        with pytest.raises(ConversationAccessError):
            await answer(store, a_message("hello?", "m2", caller=stranger))
        with pytest.raises(ConversationAccessError):
            await store.check_access(ConversationId("c1"), stranger, "any secret")

    await store.check_access(ConversationId("c1"), MAYA, None)
    assert len((await store.get(ConversationId("c1"))).entries) == 2


async def test_a_guests_secret_opens_their_conversation_and_no_other(
    store: SqlConversationStore,
) -> None:
    mine, secret = await store.start()
    other, _ = await store.start()

    await store.check_access(mine, Caller(), secret)

    for conversation, tried in (
        (other, secret),
        (mine, None),
        (mine, "x"),
        (ConversationId("none"), secret),
    ):
        with pytest.raises(ConversationAccessError):
            await store.check_access(conversation, Caller(), tried)


async def test_a_guests_secret_no_longer_opens_a_conversation_that_a_customer_signed_in_to(
    store: SqlConversationStore,
) -> None:
    mine, secret = await store.start()
    await answer(store, a_message(conversation=mine, caller=MAYA))

    with pytest.raises(ConversationAccessError):
        await store.check_access(mine, Caller(), secret)


async def test_facts_are_folded_from_the_log_in_another_process(
    store: SqlConversationStore, database: Database, clock: SetClock
) -> None:
    learnt = Reply((Text("ok"),), (SlotFilled("order_number", "CP-200101"),))
    await answer(store, a_message(), learnt)

    other = SqlConversationStore(database, clock, lease_s=LEASE_S)
    conversation = await other.get(ConversationId("c1"))

    assert conversation.slots == {"order_number": "CP-200101"}
    assert conversation == await store.get(ConversationId("c1"))


async def test_live_followers_see_old_and_new_entries_in_order(store: SqlConversationStore) -> None:
    await answer(store, a_message())
    seen: list[int] = []

    async def follow() -> None:
        async for entry in store.follow(ConversationId("c1"), 1):
            if entry is not None:
                seen.append(entry.number)
            if len(seen) == 3:
                return

    following = asyncio.create_task(follow())
    await asyncio.sleep(0)
    await answer(store, a_message("more", "m2"))
    await asyncio.wait_for(following, 5)

    assert seen == [2, 3, 4]


async def test_feedback_needs_an_answered_message(store: SqlConversationStore) -> None:
    await answer(store, a_message())

    await store.give_feedback(ConversationId("c1"), MessageId("m1"), is_helpful=True, comment="")

    with pytest.raises(ConversationNotFoundError):
        await store.give_feedback(
            ConversationId("c1"), MessageId("m9"), is_helpful=True, comment=""
        )


async def test_erasure_leaves_nothing(store: SqlConversationStore) -> None:
    await answer(store, a_message())

    await store.erase(ConversationId("c1"))

    with pytest.raises(ConversationNotFoundError):
        await store.get(ConversationId("c1"))


async def test_an_agent_claims_writes_and_gives_back(
    store: SqlConversationStore, database: Database
) -> None:
    handoffs = Handoffs(database, store)
    handed = Reply(
        (Text("A colleague will help."),), handoff=HandoffRequest("asked", "wants a person")
    )
    await answer(store, a_message("a person please"), handed)
    nadia, conversation_id = AgentId("nadia"), ConversationId("c1")

    (line,) = await handoffs.waiting()
    with pytest.raises(HandoffStateError, match="claim"):
        await handoffs.write(conversation_id, nadia, "Nadia", text="hi", message_id=MessageId("a1"))
    await handoffs.claim(conversation_id, nadia, "Nadia")
    with pytest.raises(HandoffStateError, match="nadia"):
        await handoffs.claim(conversation_id, AgentId("omar"), "Omar")
    for _ in range(2):
        await handoffs.write(conversation_id, nadia, "Nadia", text="hi", message_id=MessageId("a1"))
    await handoffs.give_back(conversation_id, nadia)

    conversation = await store.get(conversation_id)
    assert (line.reason, line.summary, line.last_message) == (
        "asked",
        "wants a person",
        "a person please",
    )
    assert sum(isinstance(entry, AgentWrote) for entry in conversation.entries) == 1
    assert conversation.status is ConversationStatus.OPEN
    assert not await handoffs.waiting()


async def test_a_message_to_a_resolved_conversation_opens_it_with_empty_slots(
    store: SqlConversationStore, database: Database
) -> None:
    handoffs = Handoffs(database, store)
    handed = Reply((), (SlotFilled("order_number", "CP-1"),), HandoffRequest("asked", ""))
    await answer(store, a_message(), handed)
    await handoffs.claim(ConversationId("c1"), AgentId("nadia"), "Nadia")
    await handoffs.resolve(ConversationId("c1"), AgentId("nadia"))

    await answer(store, a_message("one more thing", "m2"))

    conversation = await store.get(ConversationId("c1"))
    assert conversation.status is ConversationStatus.OPEN
    assert conversation.slots == {}
    assert conversation.customer_id == "C-1001"
