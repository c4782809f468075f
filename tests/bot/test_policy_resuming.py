"""A task is resumed after something in between: its question comes back with what there was to choose from."""

from bot.domain.decision import LookUp
from bot.domain.outcome import ActionDone, ActionRejected, ActionText
from bot.domain.reply import Buttons
from tests.builders import (
    Talk,
    a_match,
    a_tap,
    an_understanding,
    lines_to_choose,
    orders_to_choose,
)

FIRST, SECOND, OLD = "CP-104233", "CP-104299", "CP-100777"


def a_talk(**outcomes: ActionDone) -> Talk:
    """Return a talk that was asked which of two orders to return."""
    talk = Talk(
        outcomes={
            "action_choose_order": orders_to_choose(FIRST, SECOND),
            "action_choose_lines": lines_to_choose("Boots", "Socks"),
            **outcomes,
        },
        matches=(a_match("Refunds take 5 working days."),),
    )
    talk.says(an_understanding("I want to return something", "start_return"))
    return talk


def titles(talk: Talk) -> list[str]:
    """Return the titles of the last reply's last buttons."""
    part = talk.reply.parts[-1]
    return [button.title for button in part.buttons] if isinstance(part, Buttons) else []


def test_the_choice_is_shown_again_after_a_question_in_between() -> None:
    talk = a_talk()

    for _ in range(2):
        talk.says(an_understanding("how long do refunds take?", "refund_time"))

        assert "Refunds take 5 working days." in talk.said
        assert titles(talk) == [FIRST, SECOND]
    talk.says(a_tap("order_number", SECOND))

    assert talk.conversation.slots["order_number"] == SECOND


def test_the_choice_shown_again_is_the_one_of_the_present_step() -> None:
    talk = a_talk()
    talk.says(a_tap("order_number", FIRST))

    talk.says(an_understanding("thanks a lot", "thank"))

    assert titles(talk) == ["Boots", "Socks"]


def test_what_an_earlier_task_had_to_choose_from_is_not_shown() -> None:
    talk = a_talk()
    talk.says(an_understanding("never mind", "never_mind"))
    talk.outcomes["action_choose_order"] = ActionDone("a", (), ())
    talk.says(an_understanding("I want to cancel my order", "cancel_order"))

    talk.says(an_understanding("how long do refunds take?", "refund_time"))

    assert talk.running == "cancel_order"
    assert titles(talk) == []


def test_the_second_one_is_of_the_tasks_own_list_though_others_were_listed_in_between() -> None:
    talk = a_talk(action_list_orders=orders_to_choose(OLD, FIRST, SECOND))
    talk.says(an_understanding("which orders do I have?", "list_orders"))
    shown = titles(talk)

    text = "the second one"
    talk.says(an_understanding(text, values={"position": (text, "2")}))

    assert shown == [FIRST, SECOND]
    assert talk.conversation.slots["order_number"] == SECOND


def test_a_number_that_does_not_exist_brings_the_choice_back() -> None:
    talk = a_talk()
    said = (ActionText(text="I can't find that order."),)
    talk.outcomes["action_choose_lines"] = ActionRejected("a", "unknown_order", said)

    talk.says(an_understanding("CP-999999", values={"order_number": "CP-999999"}))

    assert "I can't find that order." in talk.said
    assert titles(talk) == [FIRST, SECOND]


def test_a_sure_question_in_between_falls_back_on_its_subject_and_an_unsure_one_on_the_task() -> (
    None
):
    talk = a_talk()

    sure = talk.says(an_understanding("do you resole boots?", "repair_service", 0.98))
    unsure = talk.says(an_understanding("is there a fee?", "repair_service", 0.55))

    assert isinstance(sure, LookUp)
    assert isinstance(unsure, LookUp)
    assert (sure.question, sure.instead) == ("do you resole boots?", "repairs")
    assert (unsure.question, unsure.instead) == (
        "return something: is there a fee?",
        "is there a fee?",
    )
