"""Turns that several processes want, that are left, or that their process did not live to end."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.entries import FeedbackGiven, MessageReceived, TurnClosed
from bot.domain.message import ConversationId, MessageId
from bot.errors import (
    LeaseLostError,
)
from bot.sql import Database, open_database
from bot.sql_work import SqlConnection
from bot.stores.conversations import SqlConversationStore
from tests.contracts.conversation_store import (
    CHAT,
    HELLO,
    LEASE_S,
    OTHER,
    QUIET,
    TRACE,
    a_message,
    answer,
    crash,
)
from tests.fakes import SetClock


async def test_whoever_is_overtaken_gives_the_reply_of_the_one_who_answered(
    store: SqlConversationStore, other: SqlConversationStore, clock: SetClock
) -> None:
    async with store.open_turn(a_message()) as turn:
        clock.pass_time(timedelta(seconds=LEASE_S + 1))
        await answer(other, a_message(), OTHER)
        counts = await turn.close(HELLO, TRACE)

    entries = (await store.get(CHAT)).entries
    assert counts == OTHER
    assert [entry.reply for entry in entries if isinstance(entry, TurnClosed)] == [OTHER]


async def test_whoever_is_overtaken_cannot_close_while_the_other_still_works(
    store: SqlConversationStore, other: SqlConversationStore, clock: SetClock
) -> None:
    async def overtaken() -> None:
        async with store.open_turn(a_message()) as turn:
            clock.pass_time(timedelta(seconds=LEASE_S + 1))
            async with other.open_turn(a_message()) as others:
                try:
                    await turn.close(HELLO, TRACE)
                finally:
                    await others.close(OTHER, TRACE)

    with pytest.raises(LeaseLostError, match="send it again"):
        await overtaken()

    assert await answer(store, a_message()) == OTHER


async def test_an_overtaken_turn_that_ends_does_not_touch_the_lease_of_the_other(
    store: SqlConversationStore, other: SqlConversationStore, clock: SetClock
) -> None:
    first = store.open_turn(a_message())
    await first.__aenter__()
    clock.pass_time(timedelta(seconds=LEASE_S + 1))
    async with other.open_turn(a_message()) as others:
        await first.__aexit__(None, None, None)
        third = asyncio.create_task(answer(store, a_message("more", "m2")))
        await asyncio.sleep(0.02)
        is_waiting = not third.done()
        await others.close(OTHER, TRACE)

    assert is_waiting
    assert await third == HELLO


async def test_two_processes_take_turns_in_one_conversation(
    store: SqlConversationStore, other: SqlConversationStore
) -> None:
    for at, (where, text) in enumerate([(store, "a"), (other, "b"), (other, "c"), (store, "d")]):
        assert await answer(where, a_message(text, f"m{at}")) == HELLO

    entries = (await store.get(CHAT)).entries
    assert [entry.number for entry in entries] == list(range(1, 9))
    assert [e.text for e in entries if isinstance(e, MessageReceived)] == ["a", "b", "c", "d"]
    assert entries == (await other.get(CHAT)).entries


async def test_what_others_write_during_a_turn_stands_before_its_reply(
    store: SqlConversationStore, other: SqlConversationStore
) -> None:
    await answer(store, a_message())

    async with store.open_turn(a_message("more", "m2")) as turn:
        await other.give_feedback(CHAT, MessageId("m1"), is_helpful=True, comment="")
        await turn.close(HELLO, TRACE)

    kinds = [type(entry) for entry in (await other.get(CHAT)).entries]
    assert kinds == [MessageReceived, TurnClosed, MessageReceived, FeedbackGiven, TurnClosed]
    assert await answer(other, a_message("and more", "m3")) == HELLO


@pytest.mark.parametrize("pause_s", [0, 0.0003])
async def test_a_caller_who_leaves_at_whatever_moment_loses_nothing_and_keeps_nobody_waiting(
    store: SqlConversationStore, pause_s: float
) -> None:
    left_early = 0
    for steps in range(40):
        name = f"c{steps}"
        writing = asyncio.create_task(answer(store, a_message(conversation=name)))
        for _ in range(steps):
            await asyncio.sleep(pause_s)
        left_early += writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)

        async with asyncio.timeout(5):  # the clock stands still: no lease runs out
            reply = await answer(store, a_message(conversation=name))

        entries = (await store.get(ConversationId(name))).entries
        assert reply == HELLO
        assert [type(entry) for entry in entries] == [MessageReceived, TurnClosed]
    assert left_early


async def test_a_lease_is_kept_while_a_turn_takes_long(database: Database) -> None:
    clock = SetClock()
    store = SqlConversationStore(database, clock, lease_s=0.06)
    other = SqlConversationStore(database, clock, lease_s=0.06)
    await store.set_up()

    async with store.open_turn(a_message()) as turn:
        clock.pass_time(timedelta(seconds=0.05))
        await asyncio.sleep(0.05)  # time to renew it
        clock.pass_time(timedelta(seconds=0.05))
        overtaking = asyncio.create_task(answer(other, a_message(), OTHER))
        await asyncio.sleep(0.01)
        await turn.close(HELLO, TRACE)

    assert await overtaking == HELLO


async def test_a_lease_that_cannot_be_renewed_does_not_harm_the_turn(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path}/kefu.db", busy_timeout_s=0.02)
    blocker = open_database(f"sqlite:///{tmp_path}/kefu.db")
    store = SqlConversationStore(database, SetClock(), lease_s=0.03)
    await store.set_up()

    async def block(_: SqlConnection) -> None:
        await asyncio.sleep(0.2)

    async with store.open_turn(a_message()) as turn:
        await blocker.write(block)
        reply = await turn.close(HELLO, TRACE)

    await database.close()
    await blocker.close()
    assert reply == HELLO


async def test_an_abandoned_turn_is_found_and_finished(
    store: SqlConversationStore, clock: SetClock
) -> None:
    await crash(store, a_message("cancel it"))
    clock.pass_time(QUIET)

    (left, is_hopeless), *more = await store.abandoned()
    await answer(store, left)

    assert (left.text, left.caller.customer_id, is_hopeless) == ("cancel it", "C-1001", False)
    assert not more
    assert not await store.abandoned()


async def test_of_several_open_messages_the_first_is_finished_first(
    store: SqlConversationStore, clock: SetClock
) -> None:
    async with store.open_turn(a_message("first", "m1")):
        behind = asyncio.create_task(answer(store, a_message("second", "m2")))
        await asyncio.sleep(0.02)
        behind.cancel()
    await crash(store, a_message("elsewhere", "m1", conversation="c2"))
    clock.pass_time(QUIET)

    found = {message.text for message, _ in await store.abandoned()}

    assert found == {"first", "elsewhere"}


async def test_a_turn_that_somebody_may_just_be_taking_is_not_abandoned(
    store: SqlConversationStore, clock: SetClock
) -> None:
    await crash(store, a_message())

    assert not await store.abandoned()


async def test_a_turn_of_a_killed_process_is_abandoned_when_its_lease_has_run_out(
    store: SqlConversationStore, clock: SetClock
) -> None:
    killed = store.open_turn(a_message())
    await killed.__aenter__()

    clock.pass_time(timedelta(seconds=LEASE_S - 1))
    before = await store.abandoned()
    clock.pass_time(timedelta(seconds=2))
    after = await store.abandoned()

    await killed.__aexit__(None, None, None)
    assert (len(before), len(after)) == (0, 1)


async def test_a_turn_that_crashes_again_and_again_is_hopeless(
    store: SqlConversationStore, clock: SetClock
) -> None:
    found = []
    for _ in range(3):
        await crash(store, a_message())
        clock.pass_time(QUIET)
        found += [is_hopeless for _, is_hopeless in await store.abandoned()]

    assert found == [False, False, True]
