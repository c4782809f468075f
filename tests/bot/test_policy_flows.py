"""A running task asks for what it needs, takes it from what is said, and is corrected."""

import pytest

from bot.dialogue.situation import Rule
from bot.domain.decision import (
    AskFor,
    Confirm,
    Escalate,
)
from bot.domain.reply import Buttons
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
    a_tap,
    an_understanding,
)


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
