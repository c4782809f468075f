"""Which of two intents is meant is asked, and answered in many ways."""

import pytest

from bot.dialogue.policy import decide
from bot.dialogue.situation import Rule
from bot.domain.decision import (
    Escalate,
    LookUp,
    Say,
)
from bot.domain.facts import (
    ClarificationAsked,
    ClarificationClosed,
)
from tests.builders import (
    NOON,
    Talk,
    a_conversation,
    a_match,
    a_playbook,
    an_understanding,
)


def a_clarifying_talk() -> Talk:
    talk = Talk(matches=(a_match(),))
    ranking = (("cancel_order", 0.45), ("how_to_send_back", 0.4))
    text = "I don't want CP-104233 any more"
    talk.says(an_understanding(text, ranking=ranking, values={"order_number": "CP-104233"}))
    return talk


def test_a_clarification_is_answered_by_button_with_what_was_said_before() -> None:
    talk = a_clarifying_talk()

    decision = talk.says(an_understanding("/cancel_order", chosen="cancel_order"))

    assert decision.why.rule == Rule.CLARIFIED
    assert talk.running == "cancel_order"
    assert talk.conversation.slots["order_number"] == "CP-104233"
    assert ClarificationClosed() in decision.facts


@pytest.mark.parametrize("text", ["sending back", "the sending one", "how does sending back work"])
def test_a_clarification_is_answered_by_name(text: str) -> None:
    talk = a_clarifying_talk()

    decision = talk.says(an_understanding(text))

    assert isinstance(decision, LookUp)
    assert decision.question == "I don't want CP-104233 any more"


def test_a_clarification_is_answered_by_place() -> None:
    talk = a_clarifying_talk()

    talk.says(an_understanding("the first one", values={"position": ("first", "1")}))

    assert talk.running == "cancel_order"


def test_a_clarification_is_answered_by_what_the_model_makes_of_the_words() -> None:
    talk = a_clarifying_talk()

    decision = talk.says(an_understanding("it has arrived already", "how_to_send_back", 0.4))

    assert decision.why.rule == Rule.CLARIFIED


def test_turning_down_all_that_was_offered_asks_for_other_words_then_for_a_person() -> None:
    talk = a_clarifying_talk()

    first = talk.says(an_understanding("none of these", "deny"))
    reworded = talk.conversation.failures
    talk.conversation = talk.conversation.learning(
        [ClarificationAsked(("cancel_order", "start_return"), "hm")]
    )
    second = talk.says(an_understanding("neither", "deny"))

    assert isinstance(first, Say)
    assert reworded == 1
    assert isinstance(second, Escalate)


def test_a_clarification_may_be_passed_over() -> None:
    talk = a_clarifying_talk()

    decision = talk.says(an_understanding("do you have a shop in Leeds?", "store_information"))

    assert isinstance(decision, LookUp)
    assert talk.conversation.clarification is None


def test_an_answered_clarification_is_over_within_the_turn() -> None:
    conversation = a_conversation(ClarificationAsked(("order_status", "track_parcel"), "parcel"))

    decision = decide(
        conversation, an_understanding("/order_status", chosen="order_status"), a_playbook(), NOON
    )

    assert conversation.learning(decision.facts).clarification is None
