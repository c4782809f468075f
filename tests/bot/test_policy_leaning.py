"""Few words that lean on what was said before, and what is not said twice."""

import pytest

from bot.dialogue import phrases
from bot.dialogue.answering import compose_answer
from bot.dialogue.situation import Rule
from bot.domain.decision import AskFor, Confirm, LookUp, Quoting, RunAction
from bot.domain.outcome import ActionRejected, ActionText
from tests.builders import (
    Talk,
    a_match,
    an_understanding,
    done,
    lines_to_choose,
    orders_to_choose,
)

SAID = a_match("You have 60 days.", 0.9, "return-policy#0")
NEW = a_match("Socks stay with you.", 0.8, "return-policy#3")


def a_talk() -> Talk:
    """Return a talk that has just been told how long there is to send something back."""
    talk = Talk(matches=(SAID,))
    talk.says(an_understanding("how long can I return things", "return_policy"))
    return talk


@pytest.mark.parametrize(
    ("text", "intent", "confidence", "out_of_scope"),
    [
        ("I live in Ireland", "delivery_abroad", 0.3, 0.5),
        ("which day", "", 0.0, 0.85),
        ("when do they run out", "back_in_stock", 0.9, 0.0),
        ("socks too maybe", "return_policy", 0.9, 0.0),
    ],
)
def test_few_words_are_searched_together_with_their_subject(
    text: str, intent: str, confidence: float, out_of_scope: float
) -> None:
    talk = a_talk()

    decision = talk.says(an_understanding(text, intent, confidence, out_of_scope=out_of_scope))

    assert isinstance(decision, LookUp)
    assert decision.question.endswith(f": {text}")
    assert decision.why.rule in {Rule.REFERRED_BACK, Rule.LEANT_ON}


@pytest.mark.parametrize(
    ("text", "intent", "out_of_scope"),
    [
        ("who will win the election", "", 0.99),
        ("how do I set a new password for my account", "reset_password", 0.0),
    ],
)
def test_what_says_it_all_is_searched_as_it_stands(
    text: str, intent: str, out_of_scope: float
) -> None:
    talk = a_talk()

    decision = talk.says(an_understanding(text, intent, 0.99, out_of_scope=out_of_scope))

    assert isinstance(decision, LookUp)
    assert decision.question == text


def test_an_unclear_addition_does_not_get_the_same_passage_again() -> None:
    talk = a_talk()

    talk.says(an_understanding("I live in Ireland", out_of_scope=0.3))

    assert "60 days" not in talk.said


def test_a_refusal_is_what_the_next_question_is_about() -> None:
    packed = ActionRejected("x", "packed", (ActionText(text="CP-104233 is packed already."),))
    talk = Talk(outcomes={"action_preview_cancel_order": packed}, matches=(SAID,))
    order = {"order_number": "CP-104233"}
    talk.says(an_understanding("cancel CP-104233", "cancel_order", values=order))

    decision = talk.says(an_understanding("so what now when it comes", out_of_scope=0.7))

    assert isinstance(decision, LookUp)
    assert decision.question.startswith("CP-104233 is packed already.")


def test_a_question_is_neither_a_yes_nor_a_no() -> None:
    talk = a_talk()

    decision = talk.says(an_understanding("so can i or not?", "deny", 0.9))

    assert isinstance(decision, LookUp)


@pytest.mark.parametrize(
    ("quoting", "said", "wanted"),
    [
        (Quoting.ANYTHING, "You have 60 days.", "You have 60 days."),
        (Quoting.NEW_FIRST, "You have 60 days.", "Socks stay with you."),
        (Quoting.NEW_FIRST, "Hello!", "You have 60 days."),
        (Quoting.NEW_ONLY, "You have 60 days.", "Socks stay with you."),
    ],
)
def test_what_was_said_already_steps_back(quoting: Quoting, said: str, wanted: str) -> None:
    answer = compose_answer([SAID, NEW], 0.5, quoting, said if quoting != "anything" else "")

    assert answer is not None
    assert answer.text.startswith(wanted)


def test_what_was_said_already_is_said_again_rather_than_something_far_off() -> None:
    far = a_match("Something else.", 0.55, "return-policy#3")

    again = compose_answer([SAID, far], 0.5, Quoting.NEW_FIRST, "You have 60 days.")
    nothing = compose_answer([SAID], 0.5, Quoting.NEW_ONLY, "You have 60 days.")

    assert again is not None
    assert again.text == "You have 60 days."
    assert nothing is None


def test_a_correction_of_what_was_read_back_is_asked_for_anew() -> None:
    talk = Talk(outcomes={"action_preview_change_address": done("It will go there.")})
    values = {"order_number": "CP-104233", "address": "9 Linden Road, Leeds LS1 1AA"}
    text = "send CP-104233 to 9 Linden Road, Leeds LS1 1AA"
    talk.says(an_understanding(text, "change_delivery_address", values=values))
    assert talk.is_confirming

    decision = talk.says(an_understanding("oops meant number 11", "never_mind", 0.5))

    assert isinstance(decision, AskFor)
    assert decision.slot == "address"


def test_a_reason_in_own_words_is_taken_as_another_reason() -> None:
    talk = Talk(
        outcomes={
            "action_choose_order": orders_to_choose("CP-104233"),
            "action_choose_lines": lines_to_choose("Skarv 2 tent"),
            "action_preview_start_return": done("It will come back."),
        }
    )
    order = {"order_number": "CP-104233"}
    wish = an_understanding("return CP-104233", "start_return", values=order)
    talk.says(wish)
    talk.says(wish)  # the only thing in the order needs no choosing: the task goes on
    assert talk.conversation.slots["lines"] == "1"

    decision = talk.says(an_understanding("my cat sleeps in it", out_of_scope=0.3))

    assert isinstance(decision, Confirm)
    assert talk.conversation.slots["return_reason"] == "other"


def test_yes_stop_stops_the_newsletter() -> None:
    talk = Talk(outcomes={"action_preview_newsletter": done("I'll take you off.")})
    talk.says(an_understanding("no more newsletters", "newsletter_unsubscribe"))

    decision = talk.says(an_understanding("yes stop", "never_mind", 0.8))

    assert isinstance(decision, RunAction)
    assert decision.action == "action_newsletter"


@pytest.mark.parametrize("text", ["oops meant number 11", "typo, should be 12", "i meant 5"])
def test_words_that_correct(text: str) -> None:
    assert phrases.corrects(text)


@pytest.mark.parametrize("text", ["yes please", "is that the wrong one?", "leave it"])
def test_words_that_do_not_correct(text: str) -> None:
    assert not phrases.corrects(text)


@pytest.mark.parametrize("text", ["can he use it in a shop", "when do they run out"])
def test_pronouns_stand_for_something(text: str) -> None:
    assert phrases.stands_for_something(text)


@pytest.mark.parametrize("text", ["is it possible to pay by card", "how much is delivery"])
def test_idle_words_stand_for_nothing(text: str) -> None:
    assert not phrases.stands_for_something(text)
