import pytest

from bot.dialogue.situation import Rule
from bot.domain.decision import (
    AskFor,
    Confirm,
    Escalate,
    LeaveFlow,
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
from bot.domain.reply import Buttons, Text
from bot.domain.understanding import Understanding
from tests.builders import (
    Talk,
    a_match,
    a_tap,
    an_understanding,
    done,
    lines_to_choose,
    orders_to_choose,
)

TWO_ORDERS = orders_to_choose("CP-104233", "CP-104299", names=("Skarv 2 tent", "Norfell boots"))
FIRST, SECOND = "CP-104233", "CP-104299"


def an_order(text: str, number: str, intent: str = "", confidence: float = 0.9) -> Understanding:
    return an_understanding(text, intent, confidence, values={"order_number": number})


def a_talk(intent: str = "cancel_order", text: str = "I want to cancel my order") -> Talk:
    """Return a talk in which a task has begun and asks for the order."""
    talk = Talk(
        outcomes={
            "action_choose_order": TWO_ORDERS,
            "action_choose_lines": lines_to_choose("Skarv 2 tent", "2 × Norfell wool socks"),
            "action_preview_cancel_order": done("CP will be cancelled."),
        },
        matches=(a_match("Refunds take 5 working days."),),
    )
    talk.says(an_understanding(text, intent))
    return talk


def a_confirming_talk() -> Talk:
    talk = a_talk()
    talk.says(an_order(FIRST, FIRST))
    assert talk.is_confirming
    return talk


def a_return_talk() -> Talk:
    """Return a talk that asks which lines come back."""
    talk = a_talk("start_return", "I want to return something")
    talk.says(an_order(FIRST, FIRST))
    return talk


# asking and filling


def test_a_task_asks_for_its_slot_with_what_there_is_to_choose_from() -> None:
    talk = a_talk()

    assert talk.decision is not None
    assert isinstance(talk.decision, AskFor)
    assert talk.decision.options is not None
    assert talk.decision.options.slots["for_flow"] == "cancel_order"
    question = talk.reply.parts[0]
    assert isinstance(question, Buttons)
    assert question.text == "Which order would you like to cancel?"
    assert question.buttons[0].payload in talk.conversation.offered


def test_a_value_given_with_the_wish_is_not_asked_for_again() -> None:
    talk = Talk()

    decision = talk.says(an_order(f"please cancel {FIRST}", FIRST, "cancel_order"))

    assert isinstance(decision, Confirm)
    assert decision.preview.slots == {"order_number": FIRST}


@pytest.mark.parametrize(
    "text", [FIRST, f"it's {FIRST}", f"the order number is {FIRST}, thanks", f"{FIRST} please"]
)
def test_a_bare_value_fills_the_slot_whatever_the_model_thinks(text: str) -> None:
    talk = a_talk()

    talk.says(an_order(text, FIRST, "order_status"))

    assert talk.is_confirming


@pytest.mark.parametrize("intent", ["order_status", "delivery_time"])
def test_a_sentence_with_the_value_fills_the_slot_though_it_sounds_like_something_else(
    intent: str,
) -> None:
    talk = a_talk()

    talk.says(an_order(f"the parcel from last week, {FIRST} I believe", FIRST, intent, 0.6))

    assert talk.is_confirming


def test_a_tapped_button_fills_the_slot() -> None:
    talk = a_talk()

    talk.says(a_tap("order_number", SECOND))

    assert talk.is_confirming
    assert talk.conversation.slots["order_number"] == SECOND


def test_the_second_one_is_the_second_of_the_list() -> None:
    talk = a_talk()

    talk.says(an_understanding("the second one", values={"position": ("second", "2")}))

    assert talk.conversation.slots["order_number"] == SECOND


def test_an_order_is_named_by_what_is_in_it() -> None:
    talk = a_talk()

    talk.says(an_understanding("the one with the boots", "product_advice", 0.3))

    assert talk.conversation.slots["order_number"] == SECOND


def test_a_value_of_another_kind_does_not_fill_the_slot() -> None:
    talk = a_talk()

    decision = talk.says(an_understanding("anna@home.test", values={"email": "anna@home.test"}))

    assert isinstance(decision, AskFor)
    assert decision.problem == "problem_order_number_not_email"
    assert "order_number" not in talk.conversation.slots


def test_what_is_asked_in_vain_three_times_goes_to_a_person() -> None:
    talk = a_talk()
    for _ in range(2):
        decision = talk.says(an_understanding("my dog is called Rex"))
        assert isinstance(decision, AskFor)

    decision = talk.says(an_understanding("my dog is called Rex"))

    assert isinstance(decision, Escalate)
    assert decision.reason == "failures"
    assert talk.running == ""


def test_a_return_asks_for_lines_and_reason_then_reads_everything_back() -> None:
    talk = a_return_talk()
    talk.says(an_understanding("the socks", "size_advice"))
    asked = talk.conversation.flow

    decision = talk.says(an_understanding("they are too small", "exchange_item"))

    assert asked is not None
    assert asked.asked_slot == "return_reason"
    assert isinstance(decision, Confirm)
    assert decision.preview.slots == {
        "order_number": FIRST,
        "lines": "2",
        "return_reason": "too_small",
    }


def test_a_reason_given_with_the_wish_is_kept() -> None:
    talk = a_talk("start_return", "I want to return a jacket, it is too small")

    assert talk.conversation.slots["return_reason"] == "too_small"


def test_a_choice_is_offered_as_buttons() -> None:
    talk = a_return_talk()
    talk.says(an_understanding("both"))

    question = talk.reply.parts[0]
    assert isinstance(question, Buttons)
    assert question.buttons[0].payload == '/choose{"return_reason": "too_small"}'

    decision = talk.says(a_tap("return_reason", "wrong_item"))

    assert isinstance(decision, Confirm)
    assert decision.preview.slots["lines"] == "1,2"


def test_a_damage_is_described_in_the_customers_own_words() -> None:
    talk = a_talk("report_damaged_item", "my tent came broken")
    talk.says(an_order(FIRST, FIRST))
    talk.says(an_understanding("the tent"))

    decision = talk.says(an_understanding("A pole is missing its tip.", "report_missing_item"))

    assert isinstance(decision, Confirm)
    assert decision.preview.slots["description"] == "A pole is missing its tip."
    assert decision.preview.slots["kind"] == "damaged"


# correcting


@pytest.mark.parametrize(
    "text", [f"no, I meant {SECOND}", f"sorry, {SECOND}", f"yes but it's {SECOND}", f"{SECOND}"]
)
def test_a_value_is_corrected_at_the_confirmation_and_that_beats_a_yes(text: str) -> None:
    talk = a_confirming_talk()

    decision = talk.says(an_order(text, SECOND, "affirm" if "yes" in text else "deny"))

    assert isinstance(decision, Confirm)
    assert decision.preview.slots["order_number"] == SECOND
    assert decision.why.rule == Rule.CORRECTED


def test_of_two_orders_the_one_that_is_not_denied_counts() -> None:
    talk = a_confirming_talk()
    text = f"not {FIRST} but {SECOND}"
    one = an_order(text, FIRST).slot_values[0]
    other = an_order(text, SECOND).slot_values[0]
    understanding = an_understanding(text)
    object.__setattr__(understanding, "slot_values", (one, other))

    talk.says(understanding)

    assert talk.conversation.slots["order_number"] == SECOND


def test_actually_the_other_order_means_the_other_of_two() -> None:
    talk = a_confirming_talk()

    decision = talk.says(an_understanding("actually the other order", "deny"))

    assert isinstance(decision, Confirm)
    assert decision.preview.slots["order_number"] == SECOND


def test_yes_but_to_another_address_asks_for_the_address_again() -> None:
    talk = Talk()
    text = f"send {FIRST} to 5 Mill Lane, Leeds LS1 4AB"
    address = "5 Mill Lane, Leeds LS1 4AB"
    values: dict[str, tuple[str, str] | str] = {"order_number": FIRST, "address": address}
    talk.says(an_understanding(text, "change_delivery_address", values=values))
    assert talk.is_confirming

    decision = talk.says(an_understanding("yes but to another address", "affirm"))

    assert isinstance(decision, AskFor)
    assert decision.slot == "address"
    assert "address" not in talk.conversation.slots


def test_an_order_corrected_later_makes_the_chosen_lines_void() -> None:
    talk = a_return_talk()
    talk.says(an_understanding("both"))

    decision = talk.says(an_order(f"oh wait, {SECOND}", SECOND))

    assert isinstance(decision, AskFor)
    assert decision.slot == "lines"
    assert talk.conversation.slots["order_number"] == SECOND


def test_also_the_socks_adds_to_the_lines() -> None:
    talk = a_return_talk()
    talk.says(an_understanding("the tent"))
    talk.says(an_understanding("faulty"))

    decision = talk.says(an_understanding("and also the socks"))

    assert isinstance(decision, Confirm)
    assert decision.preview.slots["lines"] == "1,2"


def test_wrong_item_is_a_reason_and_no_correction() -> None:
    talk = a_return_talk()
    talk.says(an_understanding("the tent"))

    talk.says(an_understanding("they sent the wrong item", "complaint"))

    assert talk.conversation.slots["return_reason"] == "wrong_item"
    assert talk.conversation.slots["lines"] == "1"


# yes and no

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


# refusing and leaving


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


# questions in between, other tasks


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


# what comes of it


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
