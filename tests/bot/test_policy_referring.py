"""What a message refers back to: the order talked about, one of a list, a task that is gone."""

from dataclasses import replace

import pytest

from bot.dialogue.policy import waits_for_customer
from bot.domain.conversation import ConversationStatus
from bot.domain.decision import (
    LookUp,
    RunAction,
    Say,
)
from bot.domain.facts import (
    ClarificationAsked,
    IntentTaken,
    ItemsListed,
    RewordingAsked,
    SlotFilled,
    Succeeded,
)
from bot.domain.outcome import ActionDone
from tests.builders import (
    Talk,
    a_conversation,
    a_match,
    a_tap,
    an_understanding,
    decided,
    done,
    orders_to_choose,
)


def an_order_status_talk() -> Talk:
    listed = ItemsListed("order_number", ("CP-104233", "CP-104299"))
    shown = ActionDone("action_order_status", facts=(listed,))
    talk = Talk(outcomes={"action_order_status": shown})
    text = "where is CP-104233"
    talk.says(an_understanding(text, "order_status", values={"order_number": "CP-104233"}))
    return talk


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("and CP-104299?", {"order_number": "CP-104299"}),
        ("what about the second one", {"position": ("second", "2")}),
        ("and the last?", {"position": ("last", "-1")}),
        ("what about the other order?", {}),
    ],
)
def test_the_last_subject_goes_on_with_another_order(text: str, values: dict[str, str]) -> None:
    talk = an_order_status_talk()

    decision = talk.says(an_understanding(text, "list_orders", 0.3, values=values))

    assert isinstance(decision, RunAction)
    assert decision.action == "action_order_status"
    assert decision.slots["order_number"] == "CP-104299"


def test_a_bare_order_number_shows_the_order() -> None:
    decision = decided(an_understanding("CP-104233", values={"order_number": "CP-104233"}))

    assert isinstance(decision, RunAction)
    assert decision.action == "action_order_status"


def test_a_tapped_order_without_a_task_shows_the_order() -> None:
    decision = decided(a_tap("order_number", "CP-104233"))

    assert isinstance(decision, RunAction)
    assert decision.slots["order_number"] == "CP-104233"


def test_a_tapped_reason_without_its_task_is_outdated() -> None:
    talk = Talk()

    decision = talk.says(a_tap("return_reason", "faulty"))

    assert decision == Say("button_outdated", why=decision.why, facts=())


def test_that_order_means_the_one_talked_about() -> None:
    talk = an_order_status_talk()
    text = "cancel that order"

    talk.says(an_understanding(text, "cancel_order", values={"reference": "that order"}))

    assert talk.is_confirming
    assert talk.conversation.slots["order_number"] == "CP-104233"


def test_cancel_my_order_right_after_talking_about_it_means_it() -> None:
    talk = an_order_status_talk()

    talk.says(an_understanding("ok cancel my order", "cancel_order"))

    assert talk.is_confirming


def test_another_order_is_not_the_one_talked_about() -> None:
    talk = an_order_status_talk()

    talk.says(an_understanding("I want to cancel another order", "cancel_order"))

    assert not talk.is_confirming
    assert "order_number" not in talk.conversation.slots


def test_my_order_is_any_order_once_the_subject_has_changed() -> None:
    talk = an_order_status_talk()
    talk.matches = (a_match(),)
    talk.says(an_understanding("how long do refunds take", "refund_time"))

    talk.says(an_understanding("I want to cancel an order", "cancel_order"))

    assert not talk.is_confirming


def test_where_is_my_order_asked_again_is_not_narrowed_to_the_last_one() -> None:
    talk = an_order_status_talk()

    decision = talk.says(an_understanding("where is my order", "order_status"))

    assert isinstance(decision, RunAction)
    assert decision.slots == {}


def test_a_mentioned_order_is_remembered_from_a_question() -> None:
    talk = Talk(matches=(a_match(),))
    text = "can I still return CP-104233"
    talk.says(an_understanding(text, "return_policy", values={"order_number": "CP-104233"}))

    assert talk.conversation.slots["order_number"] == "CP-104233"


def test_the_intent_of_a_turn_is_remembered() -> None:
    decision = decided(an_understanding("how much is shipping", "delivery_cost"))

    assert IntentTaken("delivery_cost") in decision.facts


def test_waiting_for_the_customer_is_a_task_a_question_or_an_agent() -> None:
    asked = ClarificationAsked(("greet", "thank"), "x")

    assert not waits_for_customer(a_conversation(Succeeded(), RewordingAsked()))
    assert waits_for_customer(a_conversation(asked))
    handed_off = replace(a_conversation(), status=ConversationStatus.HANDED_OFF)
    assert waits_for_customer(handed_off)


def test_a_flow_that_the_release_lost_ends_quietly() -> None:
    talk = Talk()
    talk.says(an_understanding("cancel my order", "cancel_order"))
    flows = {n: f for n, f in talk.playbook.flows.items() if n != "cancel_order"}
    talk.playbook = replace(talk.playbook, flows=flows)

    talk.says(an_understanding("CP-104233", values={"order_number": "CP-104233"}))

    assert talk.running == ""


def test_an_order_that_an_action_noted_is_known_later() -> None:
    shown = done("One open order.", SlotFilled("order_number", "CP-104277"))
    talk = Talk(outcomes={"action_order_status": shown})
    talk.says(an_understanding("where is my order", "order_status"))

    talk.says(an_understanding("cancel it", "cancel_order", values={"reference": "it"}))

    assert talk.is_confirming
    assert talk.conversation.slots["order_number"] == "CP-104277"


@pytest.mark.parametrize("text", ["the tent", "the one with the boots please"])
def test_naming_one_of_the_orders_just_listed_picks_it(text: str) -> None:
    listed = orders_to_choose("CP-104233", "CP-104299", names=("Norfell boots", "Skarv 2 tent"))
    talk = Talk(outcomes={"action_order_status": listed})
    talk.says(an_understanding("where is my order", "order_status"))

    decision = talk.says(an_understanding(text, "product_advice", 0.7))

    assert isinstance(decision, RunAction)
    assert decision.slots == {"order_number": "CP-104299" if "tent" in text else "CP-104233"}


def test_a_question_after_a_list_is_still_a_question() -> None:
    listed = orders_to_choose("CP-104233", "CP-104299", names=("Norfell boots", "Skarv 2 tent"))
    talk = Talk(outcomes={"action_order_status": listed}, matches=(a_match(),))
    talk.says(an_understanding("where is my order", "order_status"))

    decision = talk.says(an_understanding("how do I wash a tent?", "product_care"))

    assert isinstance(decision, LookUp)
