"""A change read back is carried out after a yes alone; a value or a task may be refused or left."""

import pytest

from bot.domain.decision import (
    AskFor,
    Confirm,
    Escalate,
    LeaveFlow,
    RunAction,
)
from bot.domain.facts import FlowEnd, FlowEnded
from bot.domain.reply import Buttons
from tests.bot.flow_talks import (
    FIRST,
    a_confirming_talk,
    a_return_talk,
    a_talk,
    an_order,
)
from tests.builders import (
    an_understanding,
)

YES = [
    "yes", "Yes please", "yep go ahead", "ok do it", "sure", "that's right", "please do", "👍",
    "Yes, do it", "go for it", "fine by me", "cancel it", "yes cancel it please", "why not",
    f"yes, cancel {FIRST}", "sounds good", "perfect, thanks", "correct", "y",
]  # fmt: skip

NOT_YES = [
    "yes but not today", "yes?", "not sure", "maybe", "ok wait", "no yes", "if it is free then yes",
    "I don't think so yes", "my dog says yes to you every morning", "cancel", "hm",
]  # fmt: skip

NO = [
    "no", "No thanks", "nope", "don't do it", "please don't", "no, leave it as it is", "👎",
    "rather not", "not now", "don't cancel it", "no way", "no stop",
]  # fmt: skip


@pytest.mark.parametrize("text", YES)
def test_yes_in_many_ways_carries_the_change_out(text: str) -> None:
    talk = a_confirming_talk()
    values = {"order_number": FIRST} if FIRST in text else {}

    decision = talk.says(an_understanding(text, "thank", 0.3, values=values))

    assert isinstance(decision, RunAction)
    assert decision.action == "action_cancel_order"
    assert not decision.reads_only
    assert decision.ends_flow == "cancel_order"


def test_a_yes_that_only_the_model_understands_counts_when_it_is_short_and_plain() -> None:
    talk = a_confirming_talk()

    decision = talk.says(an_understanding("let's roll", "affirm", 0.95))

    assert isinstance(decision, RunAction)


@pytest.mark.parametrize("text", NOT_YES)
def test_half_a_yes_carries_nothing_out(text: str) -> None:
    talk = a_confirming_talk()

    decision = talk.says(an_understanding(text, "affirm", 0.95 if "dog" not in text else 0.3))

    assert not (isinstance(decision, RunAction) and not decision.reads_only)


@pytest.mark.parametrize("text", NO)
def test_no_in_many_ways_leaves_everything_as_it_was(text: str) -> None:
    talk = a_confirming_talk()

    decision = talk.says(an_understanding(text, "greet", 0.2))

    assert isinstance(decision, LeaveFlow)
    assert talk.running == ""
    assert "as it" in talk.said or "haven't done it" in talk.said or "dropped" in talk.said


def test_a_typed_payload_never_confirms() -> None:
    talk = a_confirming_talk()

    decision = talk.says(an_understanding("/affirm", chosen="affirm"))

    assert isinstance(decision, Confirm)


def test_the_buttons_of_a_confirmation_are_plain_words() -> None:
    talk = a_confirming_talk()

    asked = talk.reply.parts[-1]

    assert isinstance(asked, Buttons)
    assert [button.payload for button in asked.buttons] == ["yes", "no"]


def test_an_unclear_answer_to_a_confirmation_is_asked_again_then_given_up() -> None:
    talk = a_confirming_talk()
    for _ in range(2):
        decision = talk.says(an_understanding("purple"))
        assert isinstance(decision, Confirm)
    assert "yes or no" in talk.said

    decision = talk.says(an_understanding("purple"))

    assert isinstance(decision, Escalate)


def test_who_does_not_know_the_number_is_helped_once_then_the_task_is_left() -> None:
    talk = a_talk()

    first = talk.says(an_understanding("I don't know it", "deny", 0.3))
    helped = talk.said
    second = talk.says(an_understanding("no idea", "deny", 0.3))

    assert isinstance(first, AskFor)
    assert first.problem == "refused_order_number"
    assert "list" in helped
    assert FIRST in helped
    assert isinstance(second, LeaveFlow)


def test_a_reason_that_is_refused_is_another_reason() -> None:
    talk = a_return_talk()
    talk.says(an_understanding("the tent"))

    talk.says(an_understanding("I'd rather not say", "deny"))

    assert talk.is_confirming
    assert talk.conversation.slots["return_reason"] == "other"


def test_nothing_to_add_is_no_description() -> None:
    talk = a_talk("report_missing_item", "something is missing")
    talk.says(an_order(FIRST, FIRST))
    talk.says(an_understanding("the socks"))

    talk.says(an_understanding("no", "deny"))

    assert talk.is_confirming
    assert talk.conversation.slots["description"] == "No details given."


@pytest.mark.parametrize("text", ["never mind", "forget it", "oh leave it then", "stop", "nvm"])
def test_never_mind_leaves_the_task(text: str) -> None:
    talk = a_talk()

    decision = talk.says(an_understanding(text, "greet", 0.2))

    assert isinstance(decision, LeaveFlow)
    assert talk.running == ""
    assert FlowEnded("cancel_order", FlowEnd.LEFT) in talk.reply.facts


def test_a_wish_to_leave_that_the_model_reads_counts() -> None:
    talk = a_talk()

    decision = talk.says(an_understanding("I've sorted it myself in the end", "never_mind"))

    assert isinstance(decision, LeaveFlow)


def test_i_changed_my_mind_is_a_reason_where_one_is_asked_for() -> None:
    talk = a_return_talk()
    talk.says(an_understanding("the tent"))

    talk.says(an_understanding("I changed my mind", "never_mind"))

    assert talk.conversation.slots["return_reason"] == "changed_mind"
