from dataclasses import replace

import pytest

from bot.dialogue.policy import decide, waits_for_customer
from bot.dialogue.situation import Rule
from bot.domain.conversation import ConversationStatus
from bot.domain.decision import (
    Clarify,
    Compared,
    Confirm,
    Decision,
    Escalate,
    LookUp,
    RunAction,
    Say,
    SignIn,
    StaySilent,
)
from bot.domain.facts import (
    AngerCalmed,
    AngerNoticed,
    ClarificationAsked,
    ClarificationClosed,
    IntentTaken,
    ItemsListed,
    RewordingAsked,
    SlotFilled,
    Succeeded,
)
from bot.domain.outcome import ActionDone
from bot.domain.reply import Buttons, Sources, Text
from bot.domain.understanding import Understanding
from tests.builders import (
    NOON,
    Talk,
    a_conversation,
    a_match,
    a_playbook,
    a_tap,
    an_understanding,
    done,
    orders_to_choose,
)


def decided(understanding: Understanding, **talk: object) -> Decision:
    return Talk(**talk).says(understanding)  # type: ignore[arg-type]  # passed on as they are


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
