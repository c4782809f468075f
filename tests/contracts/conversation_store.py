"""What every ``ConversationStore`` promises; the tests of each implementation inherit it."""

import asyncio
from abc import ABC, abstractmethod
from datetime import timedelta
from typing import Final

import pytest

from bot.domain.conversation import ConversationStatus
from bot.domain.entries import HandoffOpened, MessageReceived, TurnClosed
from bot.domain.facts import SlotFilled
from bot.domain.message import GUEST, Caller, ConversationId, CustomerId, Message, MessageId
from bot.domain.ports import ConversationStore
from bot.domain.reply import HandoffRequest, Reply, Text
from bot.domain.trace import Trace
from bot.errors import ConversationAccessError, ConversationNotFoundError, MessageConflictError
from tests.fakes import SetClock

LEASE_S = 10.0
QUIET = timedelta(seconds=2)
MAYA: Final = Caller(CustomerId("C-1001"))
TOM: Final = Caller(CustomerId("C-1002"))
HELLO: Final = Reply((Text("Hello!"),))
OTHER: Final = Reply((Text("something else"),))
TRACE: Final = Trace(release=1)
CHAT: Final = ConversationId("c1")


class CrashError(Exception):
    """Stands for whatever ends a turn before it is closed."""


def a_message(
    text: str = "hi", message_id: str = "m1", caller: Caller = MAYA, conversation: str = CHAT
) -> Message:
    return Message(
        ConversationId(conversation), MessageId(message_id), text, "test", SetClock().now(), caller
    )


async def answer(store: ConversationStore, message: Message, reply: Reply = HELLO) -> Reply:
    """Answer a message as the assistant does, or return its stored reply."""
    async with store.open_turn(message) as turn:
        if turn.is_repeated:
            return turn.stored_reply
        return await turn.close(reply, TRACE)


async def crash(store: ConversationStore, message: Message) -> None:
    """Open a turn that ends in the middle."""
    with pytest.raises(CrashError):
        async with store.open_turn(message):
            raise CrashError


class ConversationStoreContract(ABC):
    """Inherited by the tests of every implementation; ``store`` is a fixture that they define."""

    @pytest.fixture
    @abstractmethod
    def store(self) -> ConversationStore:
        """Return an empty store."""

    async def test_a_message_is_in_the_log_before_anything_is_computed(
        self, store: ConversationStore
    ) -> None:
        async with store.open_turn(a_message("where is my parcel")):
            entries = (await store.get(CHAT)).entries

        assert [type(entry) for entry in entries] == [MessageReceived]

    async def test_the_turns_conversation_holds_its_message(self, store: ConversationStore) -> None:
        await answer(store, a_message("first", "m1"))

        async with store.open_turn(a_message("second", "m2")) as turn:
            texts = [e.text for e in turn.conversation.entries if isinstance(e, MessageReceived)]
            await turn.close(HELLO, TRACE)

        assert texts == ["first", "second"]

    async def test_the_same_message_again_gets_the_stored_reply(
        self, store: ConversationStore
    ) -> None:
        await answer(store, a_message())

        again = await answer(store, a_message(), OTHER)

        assert again == HELLO
        assert len((await store.get(CHAT)).entries) == 2

    async def test_the_same_id_in_another_conversation_is_another_message(
        self, store: ConversationStore
    ) -> None:
        await answer(store, a_message(conversation="c1"))

        assert await answer(store, a_message(conversation="c2"), OTHER) == OTHER

    async def test_the_same_id_with_another_text_is_a_conflict(
        self, store: ConversationStore
    ) -> None:
        await answer(store, a_message("hi"))

        with pytest.raises(MessageConflictError, match="own id"):
            await answer(store, a_message("bye"))

        assert len((await store.get(CHAT)).entries) == 2

    async def test_a_repeat_waits_for_the_reply_of_the_first(
        self, store: ConversationStore
    ) -> None:
        opened, go_on = asyncio.Event(), asyncio.Event()

        async def slow() -> Reply:
            async with store.open_turn(a_message()) as turn:
                opened.set()
                await go_on.wait()
                return await turn.close(HELLO, TRACE)

        first = asyncio.create_task(slow())
        await opened.wait()
        second = asyncio.create_task(answer(store, a_message(), OTHER))
        await asyncio.sleep(0.02)
        is_waiting = not second.done()
        go_on.set()

        assert is_waiting
        assert await first == await second == HELLO

    async def test_turns_of_one_conversation_run_one_after_the_other_in_order(
        self, store: ConversationStore
    ) -> None:
        running = most = 0
        order: list[str] = []

        async def one(name: str) -> None:
            nonlocal running, most
            async with store.open_turn(a_message(f"text of {name}", name)) as turn:
                running += 1
                most = max(most, running)
                order.append(name)
                await asyncio.sleep(0.005)
                running -= 1
                await turn.close(HELLO, TRACE)

        names = [f"m{number}" for number in range(6)]
        await asyncio.gather(*(one(name) for name in names))
        entries = (await store.get(CHAT)).entries
        received = [e.message_id for e in entries if isinstance(e, MessageReceived)]

        assert most == 1
        assert order == received
        assert sorted(received) == names
        assert [entry.number for entry in entries] == list(range(1, 13))

    async def test_turns_of_two_conversations_run_side_by_side(
        self, store: ConversationStore
    ) -> None:
        async with store.open_turn(a_message(conversation="c1")) as first:
            async with store.open_turn(a_message(conversation="c2")) as second:
                await second.close(HELLO, TRACE)
            await first.close(HELLO, TRACE)

        assert len((await store.get(ConversationId("c2"))).entries) == 2

    async def test_a_message_whose_turn_crashed_is_answered_when_it_comes_again(
        self, store: ConversationStore
    ) -> None:
        await crash(store, a_message())

        assert await answer(store, a_message()) == HELLO
        assert [type(e) for e in (await store.get(CHAT)).entries] == [MessageReceived, TurnClosed]

    async def test_a_message_behind_one_that_crashed_waits_until_that_is_answered(
        self, store: ConversationStore
    ) -> None:
        await crash(store, a_message("first", "m1"))
        behind = asyncio.create_task(answer(store, a_message("second", "m2")))
        await asyncio.sleep(0.02)
        is_waiting = not behind.done()

        await answer(store, a_message("first", "m1"))
        await behind
        entries = (await store.get(CHAT)).entries

        assert is_waiting
        assert [e.message_id for e in entries if isinstance(e, TurnClosed)] == ["m1", "m2"]

    async def test_a_caller_who_leaves_in_the_middle_loses_and_doubles_nothing(
        self, store: ConversationStore
    ) -> None:
        opened = asyncio.Event()

        async def never_ends() -> None:
            async with store.open_turn(a_message()):
                opened.set()
                await asyncio.Event().wait()

        leaving = asyncio.create_task(never_ends())
        await opened.wait()
        leaving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await leaving

        assert await asyncio.wait_for(answer(store, a_message()), 5) == HELLO
        assert len((await store.get(CHAT)).entries) == 2

    async def test_a_handoff_is_opened_with_the_reply_that_asks_for_it(
        self, store: ConversationStore
    ) -> None:
        await answer(store, a_message(), Reply((), (), HandoffRequest("asked", "wants a person")))

        conversation = await store.get(CHAT)

        assert conversation.status is ConversationStatus.HANDED_OFF
        assert isinstance(conversation.entries[-1], HandoffOpened)

    async def test_what_a_turn_learnt_is_known_to_the_next(self, store: ConversationStore) -> None:
        learnt = Reply((Text("ok"),), (SlotFilled("order_number", "CP-200101"),))
        await answer(store, a_message(), learnt)

        async with store.open_turn(a_message("and now?", "m2")) as turn:
            slots = turn.conversation.slots
            await turn.close(HELLO, TRACE)

        assert slots == {"order_number": "CP-200101"}

    async def test_a_turn_is_closed_once(self, store: ConversationStore) -> None:
        await answer(store, a_message())

        async with store.open_turn(a_message()) as turn:
            with pytest.raises(ValueError, match="closed before"):
                await turn.close(OTHER, TRACE)

    async def test_a_new_message_has_no_stored_reply(self, store: ConversationStore) -> None:
        async with store.open_turn(a_message()) as turn:
            with pytest.raises(ValueError, match="not answered"):
                _ = turn.stored_reply
            await turn.close(HELLO, TRACE)

    async def test_a_bound_conversation_takes_no_message_of_anybody_else(
        self, store: ConversationStore
    ) -> None:
        await answer(store, a_message(caller=MAYA))

        for stranger in (TOM, GUEST):
            for message_id, text in (("m2", "hello?"), ("m1", "hi")):
                with pytest.raises(ConversationAccessError):
                    await answer(store, a_message(text, message_id, caller=stranger))

        assert len((await store.get(CHAT)).entries) == 2

    async def test_a_guests_open_message_is_finished_though_a_customer_was_verified_behind_it(
        self, store: ConversationStore
    ) -> None:
        await crash(store, a_message("a guest's", "m1", GUEST))
        behind = asyncio.create_task(answer(store, a_message("a customer's", "m2", MAYA)))
        await asyncio.sleep(0.02)

        with pytest.raises(ConversationAccessError):
            await answer(store, a_message("a guest's", "m1", TOM))
        finished = await answer(store, a_message("a guest's", "m1", GUEST))

        assert finished == await behind == HELLO
        with pytest.raises(ConversationAccessError):
            await answer(store, a_message("a guest's", "m1", GUEST))

    @pytest.mark.parametrize("caller", [GUEST, TOM])
    async def test_an_open_message_is_taken_over_by_nobody_else(
        self, store: ConversationStore, caller: Caller
    ) -> None:
        await crash(store, a_message("mine", "m1", MAYA))

        with pytest.raises(ConversationAccessError):
            await answer(store, a_message("mine", "m1", caller))

    async def test_a_conversation_that_nobody_started_is_not_found(
        self, store: ConversationStore
    ) -> None:
        with pytest.raises(ConversationNotFoundError):
            await store.get(ConversationId("none"))
