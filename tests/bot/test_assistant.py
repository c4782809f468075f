"""One message in, one reply out: the assistant on real turns, with a release and actions that follow a script."""

import asyncio
from dataclasses import replace

import pytest

from bot.domain.conversation import ConversationStatus
from bot.domain.entries import HandoffOpened, MessageReceived, TurnClosed
from bot.domain.message import GUEST
from bot.domain.outcome import ActionFailed, ActionUnclear
from bot.domain.reply import Reply
from bot.domain.understanding import Understanding
from tests.bot.stage import MAYA, Stage, words
from tests.builders import a_match, an_understanding
from tests.scripted import ScriptedSearch

NUMBER = "CP-200101"

CANCEL = an_understanding(
    f"cancel {NUMBER}", "cancel_order", values={"order_number": (NUMBER, NUMBER)}
)
YES = an_understanding("yes", "affirm")
POINTS = an_understanding("how many points do I have", "loyalty_balance")
ORDERS = an_understanding("which orders do I have", "list_orders")
RETURNS = an_understanding("how long can I return things", "return_policy")
PERSON = an_understanding("let me talk to a person", "talk_to_person")


def several(*wishes: Understanding) -> Understanding:
    """Return the understanding of a message that holds these wishes."""
    text = " and ".join(wish.utterance for wish in wishes)
    return replace(an_understanding(text, wishes[0].intent), wishes=wishes)


async def test_a_reply_is_stored_with_why_it_was_given(stage: Stage) -> None:
    stage.knows(POINTS)

    reply = await stage.says(POINTS)

    received, closed = (await stage.conversation()).entries
    assert isinstance(received, MessageReceived)
    assert isinstance(closed, TurnClosed)
    assert closed.reply == reply
    (step,) = closed.trace.steps
    assert (step.decision, step.outcome) == ("RunAction", "ActionDone")
    assert step.detail == "action_loyalty_balance"
    assert closed.trace.release == 1
    assert set(closed.trace.took_ms) >= {"understand", "decide", "act", "judge"}


async def test_a_repeated_message_is_not_acted_on_again(stage: Stage) -> None:
    stage.knows(POINTS)
    first = await stage.says(POINTS, "m1")

    again = await stage.says(POINTS, "m1")

    assert again == first
    assert stage.actions.names == ["action_loyalty_balance"]
    assert len((await stage.conversation()).entries) == 2


async def test_nothing_is_done_before_the_message_is_on_disk(stage: Stage) -> None:
    stage.knows(POINTS)
    opening = stage.store.open_turn(stage.message(POINTS.utterance, message_id="m1"))
    async with opening:  # somebody else works on it
        waiting = asyncio.create_task(stage.says(POINTS, "m1"))
        await asyncio.sleep(0.05)
        assert stage.release.understood == [POINTS.utterance]
        assert stage.actions.names == []
    await waiting

    assert stage.actions.names == ["action_loyalty_balance"]


async def test_a_message_is_understood_once(stage: Stage) -> None:
    stage.knows(POINTS)
    await stage.says(POINTS)

    assert stage.release.understood == [POINTS.utterance]


async def test_a_message_in_a_flow_is_understood_by_the_release_that_the_flow_began_on(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.knows(POINTS)
    newer = replace(stage.release, script={}, number=2, understood=[])
    monkeypatch.setattr(stage.release, "live", lambda: newer)

    await stage.says(POINTS)

    assert stage.actions.names == ["action_loyalty_balance"]
    closed = (await stage.conversation()).entries[-1]
    assert isinstance(closed, TurnClosed)
    assert closed.trace.release == 1


async def test_what_goes_wrong_in_understanding_reaches_the_caller_once(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def breaks(_: str) -> Understanding:
        raise RuntimeError("a bug")

    monkeypatch.setattr(stage.release, "understand", breaks)

    with pytest.raises(RuntimeError, match="a bug"):
        await stage.says(POINTS)


async def test_a_change_is_made_by_the_message_that_confirms_it(stage: Stage) -> None:
    stage.knows(CANCEL, YES)

    await stage.says(CANCEL, "ask")
    await stage.says(YES, "confirm")
    await stage.says(YES, "confirm")

    (preview, asked), (change, confirmed) = stage.actions.calls
    assert (preview.action, preview.reads_only, asked) == (
        "action_preview_cancel_order",
        True,
        "ask",
    )
    assert (change.action, change.reads_only, confirmed) == (
        "action_cancel_order",
        False,
        "confirm",
    )
    assert change.slots["order_number"] == NUMBER
    assert (await stage.conversation()).flow is None


async def test_actions_are_run_for_whoever_sent_the_message(stage: Stage) -> None:
    stage.knows(POINTS)

    await stage.says(POINTS)

    assert [caller.token for caller in stage.actions.callers] == [MAYA.token]


async def test_a_guest_gets_no_action_on_an_account(stage: Stage) -> None:
    stage.knows(POINTS)

    reply = await stage.assistant.reply(stage.message(POINTS.utterance, caller=GUEST))

    assert "sign in" in words(reply).lower()
    assert stage.actions.names == []


async def test_two_wishes_of_one_message_are_answered_in_order(stage: Stage) -> None:
    both = several(POINTS, ORDERS)
    stage.knows(both)

    reply = await stage.says(both)

    assert stage.actions.names == ["action_loyalty_balance", "action_list_orders"]
    said = words(reply)
    assert said.index("action_loyalty_balance") < said.index("action_list_orders")
    assert len((await stage.conversation()).entries) == 2


async def test_a_wish_that_waits_for_the_customer_keeps_the_others_in_line(stage: Stage) -> None:
    both = several(CANCEL, POINTS)
    stage.knows(both, YES, POINTS)

    await stage.says(both)
    waiting = (await stage.conversation()).wishes
    await stage.says(YES)

    assert waiting == (POINTS.utterance,)
    assert stage.actions.names == [
        "action_preview_cancel_order",
        "action_cancel_order",
        "action_loyalty_balance",
    ]
    assert (await stage.conversation()).wishes == ()


async def test_wishes_after_a_handoff_are_left_to_the_agent(stage: Stage) -> None:
    both = several(PERSON, POINTS)
    stage.knows(both)

    await stage.says(both)

    assert stage.actions.names == []
    assert (await stage.conversation()).wishes == ()


async def test_a_question_is_searched_with_the_vector_of_its_own_words(stage: Stage) -> None:
    stage.release.retriever = ScriptedSearch((a_match("You can return things for 60 days."),))
    stage.knows(RETURNS)

    reply = await stage.says(RETURNS)

    assert "60 days" in words(reply)
    assert stage.release.retriever.asked == [RETURNS.utterance]
    assert stage.release.understood == [RETURNS.utterance]


async def test_while_an_agent_has_the_conversation_the_assistant_records_and_is_silent(
    stage: Stage,
) -> None:
    stage.knows(PERSON, POINTS)
    await stage.says(PERSON)

    reply = await stage.says(POINTS)

    conversation = await stage.conversation()
    last = conversation.entries[-1]
    assert reply == Reply()
    assert stage.actions.names == []
    assert conversation.status is ConversationStatus.HANDED_OFF
    assert isinstance(last, TurnClosed)
    assert last.trace.steps[0].decision == "StaySilent"


@pytest.mark.parametrize(
    ("outcome", "reason", "said"),
    [
        (ActionFailed("action_cancel_order", "down"), "action_failed", "nothing has been changed"),
        (ActionUnclear("action_cancel_order", "TimeoutError"), "action_unclear", "certain"),
    ],
)
async def test_a_change_that_did_not_come_through_is_said_so_and_handed_over(
    stage: Stage, outcome: ActionFailed | ActionUnclear, reason: str, said: str
) -> None:
    stage.knows(CANCEL, YES)
    stage.actions.outcomes = {"action_cancel_order": outcome}
    await stage.says(CANCEL)

    reply = await stage.says(YES)

    opened = (await stage.conversation()).entries[-1]
    assert said in words(reply)
    assert isinstance(opened, HandoffOpened)
    assert opened.reason == reason
    assert NUMBER in opened.summary


async def test_an_error_nobody_foresaw_leaves_the_message_open_and_unanswered(stage: Stage) -> None:
    stage.knows(POINTS)
    stage.actions.outcomes = {"action_loyalty_balance": RuntimeError("a bug")}

    with pytest.raises(RuntimeError, match="a bug"):
        await stage.says(POINTS, "m1")
    left = (await stage.conversation()).entries
    stage.actions.outcomes = {}
    reply = await stage.says(POINTS, "m1")

    assert [type(entry) for entry in left] == [MessageReceived]
    assert "action_loyalty_balance is done" in words(reply)
    assert len((await stage.conversation()).entries) == 2
