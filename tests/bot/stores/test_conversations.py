import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import event

from bot.domain.conversation import ConversationStatus
from bot.domain.entries import AgentWrote, MessageReceived, TurnClosed
from bot.domain.facts import SlotFilled
from bot.domain.message import AgentId, Caller, ConversationId, MessageId
from bot.domain.reply import HandoffRequest, Reply, Text
from bot.errors import (
    ConversationAccessError,
    ConversationNotFoundError,
    HandoffStateError,
    LeaseLostError,
)
from bot.sql import Database
from bot.sqlite import BEGIN
from bot.stores.conversations import SqlConversationStore
from bot.stores.handoffs import Handoffs
from tests.contracts.conversation_store import (
    CHAT,
    HELLO,
    LEASE_S,
    MAYA,
    OTHER,
    TOM,
    TRACE,
    ConversationStoreContract,
    a_message,
    answer,
)
from tests.fakes import SetClock


class TestSqlConversationStore(ConversationStoreContract):
    @pytest.fixture
    async def store(self, database: Database) -> SqlConversationStore:
        made = SqlConversationStore(database, SetClock(), lease_s=LEASE_S)
        await made.set_up()
        return made


async def test_a_bound_conversation_is_closed_to_everybody_else(
    store: SqlConversationStore,
) -> None:
    await answer(store, a_message(caller=MAYA))

    for stranger in (TOM, Caller()):
        with pytest.raises(ConversationAccessError):
            await store.check_access(CHAT, stranger, "any secret")

    await store.check_access(CHAT, MAYA, None)


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
    store: SqlConversationStore, other: SqlConversationStore
) -> None:
    learnt = Reply((Text("ok"),), (SlotFilled("order_number", "CP-200101"),))
    await answer(store, a_message(), learnt)

    conversation = await other.get(CHAT)

    assert conversation.slots == {"order_number": "CP-200101"}
    assert conversation == await store.get(CHAT)


async def test_live_followers_see_old_and_new_entries_in_order(store: SqlConversationStore) -> None:
    await answer(store, a_message())
    seen: list[int] = []

    async def follow() -> None:
        async for entry in store.follow(CHAT, 1):
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

    await store.give_feedback(CHAT, MessageId("m1"), is_helpful=True, comment="")

    with pytest.raises(ConversationNotFoundError):
        await store.give_feedback(CHAT, MessageId("m9"), is_helpful=True, comment="")


async def test_erasure_leaves_nothing(store: SqlConversationStore) -> None:
    await answer(store, a_message())

    await store.erase(CHAT)

    with pytest.raises(ConversationNotFoundError):
        await store.get(CHAT)


async def test_what_was_erased_does_not_come_back_in_a_new_conversation_of_the_same_id(
    store: SqlConversationStore, other: SqlConversationStore, clock: SetClock
) -> None:
    await answer(store, a_message("a secret of old"))
    await other.get(CHAT)
    await store.erase(CHAT)
    clock.pass_time(timedelta(seconds=1))

    await answer(store, a_message("hello", caller=TOM))
    conversation = await other.get(CHAT)

    texts = [entry.text for entry in conversation.entries if isinstance(entry, MessageReceived)]
    assert texts == ["hello"]
    assert conversation.customer_id == "C-1002"


async def test_a_turn_that_was_open_when_its_conversation_was_erased_writes_nothing(
    store: SqlConversationStore, clock: SetClock
) -> None:
    opened = store.open_turn(a_message("a secret of old"))
    turn = await opened.__aenter__()
    await store.erase(CHAT)
    clock.pass_time(timedelta(seconds=1))
    async with store.open_turn(a_message("hello", "m2", TOM)) as new:
        with pytest.raises(LeaseLostError):
            await turn.close(OTHER, TRACE)
        await new.close(HELLO, TRACE)
    await opened.__aexit__(None, None, None)

    replies = [e.reply for e in (await store.get(CHAT)).entries if isinstance(e, TurnClosed)]
    assert replies == [HELLO]


async def test_two_conversations_may_be_started_in_the_same_moment_by_two_processes(
    store: SqlConversationStore, other: SqlConversationStore
) -> None:
    first, second = await asyncio.gather(
        answer(store, a_message("one", "m1")), answer(other, a_message("two", "m2"))
    )

    assert first == second == HELLO
    assert len((await store.get(CHAT)).entries) == 4


async def test_opening_and_closing_a_turn_take_two_statements_each(
    store: SqlConversationStore, database: Database
) -> None:
    await answer(store, a_message())
    statements: list[str] = []
    engine = database.writer.engine  # type: ignore[attr-defined]  # no other way to see statements
    event.listen(engine, "before_cursor_execute", lambda *told: statements.append(str(told[2])))

    await answer(store, a_message("more", "m2"))

    assert [line.split()[0] for line in statements if line != BEGIN] == [
        *("UPDATE", "INSERT"),
        *("UPDATE", "INSERT"),
    ]


async def test_an_agent_whose_words_are_sent_twice_at_once_says_them_once(
    store: SqlConversationStore, database: Database
) -> None:
    handoffs, nadia = Handoffs(database, store), AgentId("nadia")
    await answer(store, a_message(), Reply((), (), HandoffRequest("asked", "")))
    await handoffs.claim(CHAT, nadia, "Nadia")

    words = [
        handoffs.write(CHAT, nadia, "Nadia", text="hi", message_id=MessageId("a1"))
        for _ in range(4)
    ]
    written = await asyncio.gather(*words)

    entries = (await store.get(CHAT)).entries
    assert sum(isinstance(entry, AgentWrote) for entry in entries) == 1
    assert len({entry.number for entry in written}) == 1


async def test_an_agent_claims_writes_and_gives_back(
    store: SqlConversationStore, database: Database
) -> None:
    handoffs = Handoffs(database, store)
    handed = Reply(
        (Text("A colleague will help."),), handoff=HandoffRequest("asked", "wants a person")
    )
    await answer(store, a_message("a person please"), handed)
    nadia, conversation_id = AgentId("nadia"), CHAT

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
    await handoffs.claim(CHAT, AgentId("nadia"), "Nadia")
    await handoffs.resolve(CHAT, AgentId("nadia"))

    await answer(store, a_message("one more thing", "m2"))

    conversation = await store.get(CHAT)
    assert conversation.status is ConversationStatus.OPEN
    assert conversation.slots == {}
    assert conversation.customer_id == "C-1001"
