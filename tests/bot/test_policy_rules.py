"""The first rules of the policy: an agent, a person, anger, a sure intent, two close ones."""

from dataclasses import replace

import pytest

from bot.dialogue.policy import decide, waits_for_customer
from bot.dialogue.situation import Rule
from bot.domain.conversation import ConversationStatus
from bot.domain.decision import (
    Clarify,
    Compared,
    Escalate,
    LookUp,
    RunAction,
    SignIn,
    StaySilent,
)
from bot.domain.facts import (
    AngerCalmed,
    AngerNoticed,
)
from bot.domain.reply import Buttons, Sources, Text
from tests.builders import (
    NOON,
    Talk,
    a_conversation,
    a_match,
    a_playbook,
    an_understanding,
    decided,
)


def test_a_conversation_that_an_agent_has_gets_no_reply() -> None:
    conversation = replace(a_conversation(), status=ConversationStatus.HANDED_OFF)

    decision = decide(conversation, an_understanding("hi", "greet"), a_playbook(), NOON)

    assert isinstance(decision, StaySilent)
    assert decision.facts == ()


def test_a_plain_request_for_a_person_is_granted() -> None:
    talk = Talk()

    decision = talk.says(an_understanding("can I talk to a human please", "talk_to_person"))

    assert isinstance(decision, Escalate)
    assert decision.reason == "asked"
    assert talk.reply.handoff is not None
    assert talk.reply.handoff.reason == "asked"


@pytest.mark.parametrize(
    "text",
    [
        "agent",
        "human please",
        "just put me through to a real person",
        "I want to speak to an advisor!",
    ],
)
def test_a_person_is_granted_by_the_words_even_where_the_model_misses_them(text: str) -> None:
    decision = decided(an_understanding(text, "contact_details", 0.2))

    assert isinstance(decision, Escalate)


@pytest.mark.parametrize(
    "text",
    ["I don't want to talk to a person", "I spoke to an agent yesterday", "are you a person?"],
)
def test_words_about_persons_are_not_always_a_request(text: str) -> None:
    decision = decided(an_understanding(text, "complaint", 0.9))

    assert not isinstance(decision, Escalate)


def test_a_request_for_a_person_wins_over_a_running_task() -> None:
    talk = Talk()
    talk.says(an_understanding("cancel my order", "cancel_order"))

    decision = talk.says(an_understanding("get me a real person", "talk_to_person"))

    assert isinstance(decision, Escalate)
    assert talk.running == ""


def test_strong_anger_escalates_at_once() -> None:
    text = "this is a bloody disgrace, my solicitor will be in touch"

    decision = decided(an_understanding(text, "complaint", negative=0.95))

    assert isinstance(decision, Escalate)
    assert decision.reason == "anger"
    assert decision.why.compared == (Compared("negative", 0.95, 0.8),)


def test_a_broken_tent_is_sad_but_not_angry() -> None:
    talk = Talk()

    talk.says(an_understanding("my tent is broken", "report_damaged_item", negative=0.97))

    assert talk.conversation.angers == 0
    assert talk.reply.handoff is None


def test_angry_words_of_a_content_customer_do_not_count() -> None:
    talk = Talk()

    talk.says(an_understanding("these boots are bloody brilliant!!", "praise", negative=0.05))

    assert talk.conversation.angers == 0


def test_anger_is_met_with_regret_first_and_with_a_person_when_it_goes_on() -> None:
    talk = Talk(matches=(a_match(),))

    first = talk.says(an_understanding("WHERE IS MY REFUND!!", "refund_time", negative=0.7))
    regret = talk.said
    second = talk.says(an_understanding("this is ridiculous", "complaint", negative=0.7))

    assert isinstance(first, LookUp)
    assert "sorry" in regret
    assert isinstance(second, Escalate)
    assert Compared("angers", 2, 2) in second.why.compared


def test_a_calm_message_in_between_forgets_the_anger() -> None:
    talk = Talk(matches=(a_match(),))
    talk.says(an_understanding("this is ridiculous", "refund_time", negative=0.7))

    calm = talk.says(an_understanding("ok and what about exchanges", "exchange_item"))
    third = talk.says(an_understanding("unacceptable", "complaint", negative=0.7))

    assert AngerCalmed() in calm.facts
    assert not isinstance(third, Escalate)


def test_two_angry_wishes_of_one_message_count_once() -> None:
    conversation = a_conversation()
    angry = an_understanding("ridiculous, where is my refund", "refund_time", negative=0.7)

    first = decide(conversation, angry, a_playbook(), NOON)
    second = decide(conversation.learning(first.facts), angry, a_playbook(), NOON)

    assert AngerNoticed(0.7) in first.facts
    assert not isinstance(second, Escalate)
    assert AngerNoticed(0.7) not in second.facts


def test_a_confident_question_is_looked_up_with_its_topic() -> None:
    decision = decided(an_understanding("how much is shipping", "delivery_cost"))

    assert isinstance(decision, LookUp)
    assert decision.topic == "delivery"
    assert decision.threshold == 0.4
    assert decision.why.rule == Rule.INTENT
    assert decision.why.compared[0] == Compared("confidence", 0.9, 0.5)


def test_a_question_is_answered_word_for_word_with_its_source() -> None:
    talk = Talk(matches=(a_match("Delivery is **free** from £60.", 0.8, "delivery-cost#0"),))

    talk.says(an_understanding("how much is shipping", "delivery_cost"))

    assert talk.reply.parts[0] == Text("Delivery is free from £60.")
    assert isinstance(talk.reply.parts[1], Sources)
    assert talk.reply.parts[1].sources[0].url == "/help/delivery-cost"


def test_a_task_of_an_account_sends_a_guest_to_sign_in() -> None:
    talk = Talk(customer=None)

    decision = talk.says(an_understanding("where is my order", "order_status"))

    assert isinstance(decision, SignIn)
    assert talk.ran == []
    assert "sign in" in talk.said.lower()
    assert isinstance(talk.reply.parts[0], Buttons)
    assert talk.reply.parts[0].buttons[0].payload == "/talk_to_person"


def test_a_guest_may_ask_for_prices() -> None:
    talk = Talk(customer=None)
    text = "how much is the ridge 2 tent"

    values = {"product": ("ridge 2 tent", "P-0042")}

    decision = talk.says(an_understanding(text, "product_price", values=values))

    assert isinstance(decision, RunAction)
    assert decision.slots == {"product": "P-0042"}


def test_two_close_intents_are_asked_about_with_buttons() -> None:
    talk = Talk()
    ranking = (("cancel_order", 0.45), ("start_return", 0.4), ("greet", 0.05))

    decision = talk.says(an_understanding("I don't want the tent", ranking=ranking))

    assert isinstance(decision, Clarify)
    assert decision.intents == ("cancel_order", "start_return")
    buttons = talk.reply.parts[0]
    assert isinstance(buttons, Buttons)
    assert [b.title for b in buttons.buttons] == [
        "Cancel an order",
        "Return something",
        "Something else",
    ]
    assert talk.conversation.offered >= {"/cancel_order", "/start_return"}
    assert waits_for_customer(talk.conversation)


def test_two_close_questions_are_searched_together_instead() -> None:
    ranking = (("delivery_cost", 0.45), ("delivery_time", 0.4))

    decision = decided(an_understanding("postage?", ranking=ranking))

    assert isinstance(decision, LookUp)
