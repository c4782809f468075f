"""Messages that come twice, at once, or from somebody else."""

import asyncio

import pytest

from bot.domain.message import GUEST
from bot.errors import ConversationAccessError, MessageConflictError
from tests.bot.stage import Stage, words
from tests.bot.test_assistant import CANCEL, ORDERS, POINTS, YES


async def test_a_client_that_leaves_in_the_middle_gets_its_reply_when_it_comes_back(
    stage: Stage,
) -> None:
    stage.knows(POINTS)
    stage.actions.gate = asyncio.Event()
    leaving = asyncio.create_task(stage.says(POINTS, "m1"))
    await stage.actions.called.wait()
    leaving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leaving
    stage.actions.gate.set()

    reply = await stage.says(POINTS, "m1")

    assert "action_loyalty_balance is done" in words(reply)
    assert len((await stage.conversation()).entries) == 2


async def test_the_same_message_twice_at_once_is_worked_on_once(stage: Stage) -> None:
    stage.knows(POINTS)

    first, second = await asyncio.gather(stage.says(POINTS, "m1"), stage.says(POINTS, "m1"))

    assert first == second
    assert stage.actions.names == ["action_loyalty_balance"]


async def test_messages_that_come_at_once_are_answered_one_after_the_other(stage: Stage) -> None:
    stage.knows(CANCEL, YES)
    await stage.says(CANCEL)

    await asyncio.gather(stage.says(YES, "yes-1"), stage.says(YES, "yes-2"))

    assert stage.actions.names.count("action_cancel_order") == 1
    numbers = [entry.number for entry in (await stage.conversation()).entries]
    assert numbers == list(range(1, len(numbers) + 1))


async def test_another_text_under_the_same_id_changes_nothing(stage: Stage) -> None:
    stage.knows(POINTS, ORDERS)
    await stage.says(POINTS, "m1")

    with pytest.raises(MessageConflictError):
        await stage.says(ORDERS, "m1")

    assert stage.actions.names == ["action_loyalty_balance"]


async def test_nobody_else_gets_into_a_customers_conversation(stage: Stage) -> None:
    stage.knows(POINTS)
    await stage.says(POINTS)

    with pytest.raises(ConversationAccessError):
        await stage.assistant.reply(stage.message(POINTS.utterance, caller=GUEST))

    assert stage.actions.names == ["action_loyalty_balance"]
    assert len((await stage.conversation()).entries) == 2
