"""What is done about a message that no intent is sure of: the articles, a guess, small talk, a likely task."""

import pytest

from bot.dialogue.situation import Rule
from bot.domain.decision import (
    Confirm,
    LookUp,
    RunAction,
    Say,
)
from tests.builders import (
    Talk,
    a_match,
    an_understanding,
    decided,
)


def test_the_less_likely_a_question_for_the_articles_is_the_more_strictly_they_are_asked() -> None:
    thresholds = [
        decision.threshold
        for confidence in (0.05, 0.2, 0.4)
        if isinstance(
            decision := decided(an_understanding("islands?", "delivery_abroad", confidence)), LookUp
        )
    ]

    assert thresholds == pytest.approx([0.58, 0.52, 0.44])


def test_without_a_confident_intent_the_knowledge_base_is_asked_strictly() -> None:
    decision = decided(an_understanding("wibble the wobble", "greet", 0.2))

    assert isinstance(decision, LookUp)
    assert decision.threshold == 0.6
    assert decision.why.rule == Rule.KNOWLEDGE


def test_nothing_found_asks_once_for_other_words_then_hands_over() -> None:
    talk = Talk(matches=(a_match(probability=0.1),))

    talk.says(an_understanding("wibble wobble", "greet", 0.1))
    asked, failures = talk.reply.handoff, talk.conversation.failures
    talk.says(an_understanding("wobble wibble", "greet", 0.1))

    assert asked is None
    assert failures == 1
    assert talk.reply.handoff is not None
    assert talk.reply.handoff.reason == "failures"


def test_an_answer_in_between_forgets_the_failure() -> None:
    talk = Talk()
    talk.says(an_understanding("wibble", "greet", 0.1))
    talk.matches = (a_match(),)
    talk.says(an_understanding("how do returns work", "how_to_send_back"))
    talk.matches = ()

    talk.says(an_understanding("wobble", "greet", 0.1))

    assert talk.reply.handoff is None


def test_nothing_found_offers_the_task_that_was_likely_meant() -> None:
    talk = Talk()

    talk.says(an_understanding("i do not want my thing", "cancel_order", 0.4))

    assert talk.conversation.clarification is not None
    assert talk.conversation.clarification.intents == ("cancel_order",)
    assert "Cancel an order" in talk.said


def test_out_of_scope_is_turned_down_kindly_and_is_no_failure() -> None:
    talk = Talk()
    understanding = an_understanding("what's the weather in Leeds", "greet", 0.3, out_of_scope=0.9)

    decision = talk.says(understanding)

    assert isinstance(decision, LookUp)
    assert decision.why.rule == Rule.OUT_OF_SCOPE
    assert "orders" in talk.said
    assert talk.conversation.failures == 0


def test_out_of_scope_is_still_looked_up() -> None:
    talk = Talk(matches=(a_match("Keswick is open daily.", 0.9, "stores#0"),))

    talk.says(an_understanding("keswick sunday?", "greet", 0.3, out_of_scope=0.9))

    assert "Keswick is open daily." in talk.said


def test_a_confident_intent_is_not_taken_where_out_of_scope_is_likelier() -> None:
    decision = decided(an_understanding("cancel my train", "cancel_order", 0.99, out_of_scope=0.6))

    assert isinstance(decision, LookUp)


@pytest.mark.parametrize("intent", ["greet", "thank", "goodbye", "what_can_you_do", "complaint"])
def test_small_talk_is_answered(intent: str) -> None:
    talk = Talk()

    decision = talk.says(an_understanding("…", intent))

    assert decision == Say(intent, why=decision.why, facts=decision.facts)
    assert talk.said


@pytest.mark.parametrize(
    ("intent", "wording"),
    [("affirm", "yes_to_what"), ("deny", "no_to_what"), ("never_mind", "nothing_to_leave")],
)
def test_a_yes_or_no_to_nothing_is_taken_calmly(intent: str, wording: str) -> None:
    decision = decided(an_understanding("…", intent))

    assert isinstance(decision, Say)
    assert decision.wording == wording


def test_the_last_reply_is_repeated_with_all_its_parts() -> None:
    talk = Talk(matches=(a_match(),))
    talk.says(an_understanding("returns?", "return_policy"))
    before = talk.reply.parts

    talk.says(an_understanding("pardon?", "repeat_that"))

    assert talk.reply.parts == before


def test_nothing_is_repeated_where_nothing_was_said() -> None:
    talk = Talk()

    talk.says(an_understanding("pardon?", "repeat_that"))

    assert "haven't said anything" in talk.said


def test_a_likely_task_that_only_reads_is_done_for_a_customer() -> None:
    talk = Talk()

    decision = talk.says(an_understanding("what about my stuff", "order_status", 0.4))

    assert isinstance(decision, RunAction)
    assert decision.action == "action_order_status"


def test_a_likely_task_about_an_account_is_not_assumed_of_a_guest() -> None:
    talk = Talk(customer=None)

    decision = talk.says(an_understanding("what about my stuff", "order_status", 0.4))

    assert isinstance(decision, LookUp)


def test_an_order_number_speaks_for_a_task_about_orders() -> None:
    talk = Talk()
    understanding = an_understanding(
        "scrap CP-200101",
        "cancel_order",
        0.5,
        values={"order_number": "CP-200101"},
        out_of_scope=0.7,
    )

    decision = talk.says(understanding)

    assert isinstance(decision, Confirm)
