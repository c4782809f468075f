"""What a yes or a no means when nothing was asked, and a yes with another wish behind it."""

from bot.domain.decision import Clarify, RunAction, Say
from bot.domain.outcome import ActionRejected, ActionText
from tests.bot.flow_talks import FIRST, a_confirming_talk, an_order
from tests.builders import Talk, an_understanding


def test_a_no_after_a_refusal_offers_nothing() -> None:
    refused = ActionRejected("x", "already_packed", (ActionText(text="It is packed."),))
    talk = Talk(outcomes={"action_preview_cancel_order": refused})
    talk.says(an_order("cancel CP-104233", FIRST, "cancel_order"))

    decision = talk.says(an_understanding("no i didn't ask that", "deny"))

    assert isinstance(decision, Say)


def test_a_yes_after_a_refusal_offers_a_person() -> None:
    refused = ActionRejected("x", "already_packed", (ActionText(text="It is packed."),))
    talk = Talk(outcomes={"action_preview_cancel_order": refused})
    talk.says(an_order("cancel CP-104233", FIRST, "cancel_order"))

    decision = talk.says(an_understanding("yes", "affirm"))

    assert isinstance(decision, Clarify)
    assert decision.intents == ("talk_to_person",)


def test_a_yes_after_a_dropped_change_offers_it_again() -> None:
    talk = a_confirming_talk()
    talk.says(an_understanding("no", "deny"))

    decision = talk.says(an_understanding("ok do it", "affirm"))

    assert isinstance(decision, Clarify)
    assert decision.intents == ("cancel_order",)
    assert not any(run.action == "action_cancel_order" for run in talk.ran)


def test_a_dropped_change_named_again_is_offered() -> None:
    talk = a_confirming_talk()
    talk.says(an_understanding("no", "deny"))

    decision = talk.says(an_understanding("ok cancel it after all"))

    assert isinstance(decision, Clarify)
    assert decision.intents == ("cancel_order",)


def test_who_wants_nothing_else_is_offered_nothing() -> None:
    talk = a_confirming_talk()
    talk.says(an_understanding("yes", "affirm"))

    decision = talk.says(an_understanding("ok no thats all", "deny"))

    assert isinstance(decision, Say)


def test_a_yes_with_another_wish_carries_the_change_out_and_keeps_the_wish() -> None:
    talk = a_confirming_talk()

    decision = talk.says(an_understanding("yes and what are my points", "loyalty_balance"))

    assert isinstance(decision, RunAction)
    assert decision.action == "action_cancel_order"
    assert talk.conversation.wishes == ("what are my points",)


def test_a_yes_with_more_about_the_same_change_is_no_plain_yes() -> None:
    talk = a_confirming_talk()

    talk.says(an_understanding("yes and cancel the other one too", "cancel_order"))

    assert not any(run.action == "action_cancel_order" for run in talk.ran)
