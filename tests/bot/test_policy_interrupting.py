"""A running task is interrupted by a question, another task or thanks, and comes to an end."""

import pytest

from bot.domain.decision import (
    AskFor,
    LookUp,
    RunAction,
    Say,
    SignIn,
)
from bot.domain.facts import FlowEnd, FlowEnded
from bot.domain.outcome import (
    ActionDone,
    ActionFailed,
    ActionRejected,
    ActionText,
    ActionUnclear,
)
from bot.domain.reply import Text
from tests.bot.flow_talks import (
    FIRST,
    SECOND,
    a_confirming_talk,
    a_return_talk,
    a_talk,
    an_order,
)
from tests.builders import (
    Talk,
    an_understanding,
    done,
)


def test_a_question_in_between_is_answered_and_the_task_resumed() -> None:
    talk = a_talk()

    decision = talk.says(an_understanding("how long do refunds take?", "refund_time"))

    assert isinstance(decision, LookUp)
    assert talk.running == "cancel_order"
    assert "Refunds take 5 working days." in talk.said
    assert "back to" in talk.said
    assert "Which order would you like to cancel?" in talk.said


def test_a_question_in_between_is_no_asking_in_vain() -> None:
    talk = a_talk()

    for _ in range(5):
        talk.says(an_understanding("how long do refunds take?", "refund_time"))

    assert talk.running == "cancel_order"


def test_a_question_at_the_confirmation_is_answered_and_the_yes_asked_for_again() -> None:
    talk = a_confirming_talk()

    talk.says(an_understanding("when do I get my money?", "refund_time"))
    decision = talk.says(an_understanding("ok, yes"))

    assert isinstance(decision, RunAction)


def test_an_unanswerable_question_in_between_does_not_end_the_task_at_once() -> None:
    talk = a_talk()
    talk.matches = ()

    talk.says(an_understanding("do you have a helicopter?"))

    assert talk.running == "cancel_order"
    assert "Which order" in talk.said


def test_a_look_at_the_records_in_between_does_not_end_the_task() -> None:
    talk = a_confirming_talk()
    text = f"where is {SECOND} by the way?"

    decision = talk.says(an_order(text, SECOND, "order_status"))

    assert isinstance(decision, RunAction)
    assert decision.action == "action_order_status"
    assert decision.slots == {"order_number": SECOND}
    assert talk.is_confirming
    assert talk.conversation.slots["order_number"] == FIRST


def test_another_task_takes_over_with_a_word_about_it() -> None:
    talk = a_confirming_talk()

    talk.says(an_understanding("no wait, I'd like to return it instead", "start_return"))

    assert talk.running == "start_return"
    assert talk.conversation.slots["order_number"] == FIRST
    assert isinstance(talk.reply.parts[0], Text)
    assert "leave" in talk.reply.parts[0].text


def test_thanks_does_not_break_the_task() -> None:
    talk = a_talk()

    decision = talk.says(an_understanding("thanks", "thank"))

    assert isinstance(decision, Say)
    assert talk.running == "cancel_order"
    assert "Which order" in talk.said


def test_a_question_asked_again_is_repeated() -> None:
    talk = a_talk()

    talk.says(an_understanding("what?", "repeat_that"))

    assert "Which order would you like to cancel?" in talk.said


def test_the_same_wish_again_asks_again_without_complaint() -> None:
    talk = a_talk()

    decision = talk.says(an_understanding("I really want to cancel", "cancel_order"))

    assert isinstance(decision, AskFor)
    assert decision.problem == ""


def test_a_customer_who_is_signed_out_in_the_middle_sees_nothing_more() -> None:
    talk = a_confirming_talk()
    talk.customer = None

    decision = talk.says(an_understanding("yes", "affirm"))

    assert isinstance(decision, SignIn)
    assert talk.running == ""


def test_a_change_done_ends_the_task_and_keeps_the_order_for_later() -> None:
    talk = a_return_talk()
    talk.says(an_understanding("the tent"))
    talk.says(an_understanding("faulty"))
    talk.outcomes["action_start_return"] = done("Return RT-300123 is announced.")

    talk.says(an_understanding("yes"))

    assert talk.said == "Return RT-300123 is announced."
    assert FlowEnded("start_return", FlowEnd.DONE) in talk.reply.facts
    assert dict(talk.conversation.slots) == {"order_number": FIRST}
    assert talk.conversation.last_intent == "start_return"


def test_a_rule_that_says_no_is_explained_and_ends_the_task() -> None:
    talk = a_talk()
    said = (ActionText(text="It is packed already."),)
    talk.outcomes["action_preview_cancel_order"] = ActionRejected("a", "already_packed", said)

    talk.says(an_order(FIRST, FIRST))

    assert talk.said == "It is packed already."
    assert FlowEnded("cancel_order", FlowEnd.REJECTED) in talk.reply.facts
    assert talk.reply.handoff is None


def test_an_unknown_order_is_asked_for_again_but_not_for_ever() -> None:
    talk = a_talk()
    said = (ActionText(text="I can't find that order."),)
    talk.outcomes["action_preview_cancel_order"] = ActionRejected("a", "unknown_order", said)

    talk.says(an_order("CP-999999", "CP-999999"))
    asked, running = talk.said, talk.running
    for _ in range(2):
        talk.says(an_order("CP-999999", "CP-999999"))

    assert running == "cancel_order"
    assert "Which order would you like to cancel?" in asked
    assert talk.reply.handoff is not None
    assert "I can't find that order." in talk.said


def test_no_orders_to_choose_from_ends_the_task() -> None:
    said = (ActionText(text="You have no orders."),)
    talk = Talk(outcomes={"action_choose_order": ActionRejected("a", "no_orders", said)})

    talk.says(an_understanding("cancel my order", "cancel_order"))

    assert talk.said == "You have no orders."
    assert talk.running == ""


@pytest.mark.parametrize(
    ("outcome", "reason", "word"),
    [
        (ActionFailed("a", "time-out"), "action_failed", "nothing has been changed"),
        (ActionUnclear("a", "time-out"), "action_unclear", "can't say for certain"),
    ],
)
def test_a_change_that_failed_or_is_unclear_goes_to_a_person(
    outcome: ActionFailed | ActionUnclear, reason: str, word: str
) -> None:
    talk = a_confirming_talk()
    talk.outcomes["action_cancel_order"] = outcome

    talk.says(an_understanding("yes"))

    assert talk.reply.handoff is not None
    assert talk.reply.handoff.reason == reason
    assert word in talk.said
    assert FlowEnded("cancel_order", FlowEnd.FAILED) in talk.reply.facts


def test_the_newsletter_carries_its_constant() -> None:
    talk = Talk()

    talk.says(an_understanding("sign me up for the newsletter", "newsletter_subscribe"))
    decision = talk.says(an_understanding("yes please"))

    assert isinstance(decision, RunAction)
    assert decision.slots == {"subscribed": "true"}


def test_stop_it_confirms_stopping_the_newsletter() -> None:
    talk = Talk()
    talk.says(an_understanding("unsubscribe me", "newsletter_unsubscribe"))

    decision = talk.says(an_understanding("stop it"))

    assert isinstance(decision, RunAction)
    assert not decision.reads_only


def test_a_reading_task_needs_no_yes() -> None:
    talk = Talk(outcomes={"action_loyalty_balance": ActionDone("a", (ActionText(text="720."),))})

    talk.says(an_understanding("how many points do I have", "loyalty_balance"))

    assert talk.said == "720."
    assert talk.running == ""
