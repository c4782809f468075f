import pytest

from bot.dialogue import phrases
from bot.dialogue.policy import goes_on
from bot.dialogue.situation import Rule
from bot.domain.decision import AskFor, Confirm, LeaveFlow, LookUp, RunAction, Say, SignIn
from bot.domain.facts import IntentTaken
from bot.domain.outcome import Outcome
from tests.builders import (
    Talk,
    a_conversation,
    a_match,
    an_understanding,
    done,
    lines_to_choose,
    orders_to_choose,
)

TWO_ORDERS = orders_to_choose("CP-104233", "CP-104299", names=("Skarv 2 tent", "Norfell boots"))
ONE_ORDER = orders_to_choose("CP-104233", names=("Skarv 2 tent",))


def a_talk(**more: Outcome) -> Talk:
    outcomes: dict[str, Outcome] = {
        "action_choose_order": TWO_ORDERS,
        "action_choose_lines": lines_to_choose("Norfell boots", "2 × Norfell wool socks"),
        "action_preview_cancel_order": done("It will be cancelled."),
        "action_preview_start_return": done("It will come back."),
        "action_product_price": done("It costs £259.00."),
        **more,
    }
    return Talk(outcomes=outcomes, matches=(a_match("Refunds take 5 working days."),))


def test_an_order_named_by_what_is_in_it_is_not_asked_for() -> None:
    talk, wish = a_talk(), an_understanding("cancel the boots", "cancel_order")

    listing = talk.says(wish)

    assert isinstance(listing, AskFor)
    assert goes_on(talk.conversation)
    assert isinstance(talk.says(wish), Confirm)
    assert talk.conversation.slots["order_number"] == "CP-104299"


def test_what_is_to_go_back_may_be_named_before_it_was_listed() -> None:
    talk = a_talk()
    text = "the socks from CP-104299 are too small, I'm returning them"
    wish = an_understanding(text, "start_return", values={"order_number": "CP-104299"})

    talk.says(wish)

    assert goes_on(talk.conversation)
    assert isinstance(talk.says(wish), Confirm)
    assert talk.conversation.slots["lines"] == "2"


def test_a_wish_that_names_nothing_is_asked_about() -> None:
    talk = a_talk()

    talk.says(an_understanding("cancel my order", "cancel_order"))

    assert not goes_on(talk.conversation)
    running = talk.conversation.flow
    assert running is not None
    assert running.asked_slot == "order_number"


def test_a_reason_given_while_the_order_is_asked_for_is_kept() -> None:
    talk = a_talk()
    talk.says(an_understanding("I want to return something", "start_return"))

    decision = talk.says(an_understanding("too tight", "never_mind"))

    assert isinstance(decision, AskFor)
    assert decision.problem == ""
    assert talk.conversation.slots["return_reason"] == "too_small"


@pytest.mark.parametrize("text", ["the one from today", "that one", "y", "👍🏽"])
def test_the_only_one_offered_is_taken_without_its_name(text: str) -> None:
    talk = a_talk(action_choose_order=ONE_ORDER)
    talk.says(an_understanding("cancel my order", "cancel_order"))

    assert isinstance(talk.says(an_understanding(text)), Confirm)


def test_never_mind_with_its_reason_leaves_but_with_another_wish_does_not() -> None:
    talk = a_talk()
    talk.says(an_understanding("cancel my order", "cancel_order"))

    left = talk.says(an_understanding("never mind, my neighbour wants it"))

    assert isinstance(left, LeaveFlow)
    assert not phrases.opens_with_leave("never mind, where is my parcel?")


def test_what_is_read_back_and_said_again_is_no_yes() -> None:
    talk = a_talk()
    wish = an_understanding(
        "cancel CP-104299", "cancel_order", values={"order_number": "CP-104299"}
    )
    talk.says(wish)

    again = talk.says(
        an_understanding(
            "the CP-104299 one", "report_missing_item", values={"order_number": "CP-104299"}
        )
    )

    assert isinstance(again, Confirm)
    assert again.why.rule == Rule.AGAIN


def test_a_question_about_the_change_at_hand_is_looked_up_in_its_light() -> None:
    talk = a_talk()
    talk.says(
        an_understanding("cancel CP-104299", "cancel_order", values={"order_number": "CP-104299"})
    )

    decision = talk.says(an_understanding("is there a fee for that?", "cancel_order"))

    assert isinstance(decision, LookUp)
    assert decision.question == "cancel an order: is there a fee for that?"
    assert talk.is_confirming


def test_can_you_do_that_is_no_question_for_the_articles() -> None:
    talk = a_talk()
    talk.says(
        an_understanding("cancel CP-104299", "cancel_order", values={"order_number": "CP-104299"})
    )

    assert isinstance(talk.says(an_understanding("could you do that please?")), Confirm)


@pytest.mark.parametrize(
    "text", ["and when do they expire", "what are they worth", "how much tho", "without a receipt?"]
)
def test_a_piece_of_a_question_leans_on_the_last_subject(text: str) -> None:
    talk = a_talk()
    talk.conversation = a_conversation(IntentTaken("loyalty_balance"))

    decision = talk.says(an_understanding(text, "product_price"))

    assert isinstance(decision, LookUp)
    assert decision.question == f"see my Trail Points: {text}"


def test_a_whole_question_stands_alone() -> None:
    talk = a_talk()
    talk.conversation = a_conversation(IntentTaken("loyalty_balance"))

    decision = talk.says(an_understanding("and do you deliver to Belgium?", "delivery_abroad"))

    assert isinstance(decision, LookUp)
    assert decision.question == "and do you deliver to Belgium?"


def test_an_unclear_message_with_an_order_number_looks_at_the_order() -> None:
    ranking = (("parcel_not_received", 0.4), ("order_status", 0.35))
    text = "where on earth is CP-104233"

    decision = a_talk().says(
        an_understanding(text, ranking=ranking, values={"order_number": "CP-104233"})
    )

    assert isinstance(decision, RunAction)
    assert decision.action == "action_order_status"


def test_an_unclear_message_does_not_begin_a_change() -> None:
    ranking = (("cancel_order", 0.4), ("start_return", 0.35))
    text = "about CP-104233 then"

    decision = a_talk().says(
        an_understanding(text, ranking=ranking, values={"order_number": "CP-104233"})
    )

    assert not isinstance(decision, Confirm | SignIn)


@pytest.mark.parametrize(("text", "wording"), [("ja bitte", "yes_to_what"), ("❌", "no_to_what")])
def test_a_yes_or_no_out_of_nowhere_is_small_talk(text: str, wording: str) -> None:
    decision = a_talk().says(an_understanding(text, out_of_scope=0.9))

    assert isinstance(decision, Say)
    assert decision.wording == wording


@pytest.mark.parametrize("text", ["actually no, don't", "no thanks", "stop, no"])
def test_a_no_to_the_whole_matter_leaves_the_task(text: str) -> None:
    talk = a_talk()
    talk.says(an_understanding("cancel my order", "cancel_order"))

    assert isinstance(talk.says(an_understanding(text, "deny")), LeaveFlow)


def test_half_a_yes_with_a_close_task_is_about_the_task() -> None:
    ranking = (("affirm", 0.55), ("cancel_order", 0.35))

    decision = a_talk().says(an_understanding("well cancel the thing then", ranking=ranking))

    assert isinstance(decision, AskFor)
    assert decision.flow == "cancel_order"


def test_likely_tasks_that_read_the_same_speak_for_each_other() -> None:
    talk = Talk()
    understanding = an_understanding(
        "where is my rucksack",
        ranking=(("order_status", 0.2), ("track_parcel", 0.18), ("greet", 0.1)),
    )

    decision = talk.says(understanding)

    assert isinstance(decision, RunAction)
    assert decision.action == "action_order_status"


def test_a_thing_named_again_inside_a_task_is_no_wish_of_its_own() -> None:
    talk = Talk(outcomes={"action_choose_lines": lines_to_choose("Norfell boots", "Skarv socks")})
    talk.says(
        an_understanding(
            "return something from CP-104233", "start_return", values={"order_number": "CP-104233"}
        )
    )
    talk.says(an_understanding("the boots"))

    decision = talk.says(an_understanding("the boots", "order_status", 0.95))

    assert isinstance(decision, AskFor)
    assert decision.slot == "return_reason"


@pytest.mark.parametrize(
    ("text", "kind", "is_asked"),
    [("how much is that tent then", "tent", False), ("got any down jackets?", "jacket", True)],
)
def test_the_product_talked_about_is_not_meant_where_another_kind_of_thing_is_named(
    text: str, kind: str, *, is_asked: bool
) -> None:
    talk = Talk(customer=None)
    talk.outcomes["action_product_price"] = done("The Cairn Fellside 2 tent costs £259.00.")
    first = "price of the fellside 2"
    talk.says(
        an_understanding(first, "product_price", values={"product": ("fellside 2", "P-0002")})
    )

    written = "jackets" if kind == "jacket" else kind
    values = {"product_type": (written, kind)}
    decision = talk.says(an_understanding(text, "product_availability", values=values))

    assert isinstance(decision, AskFor) == is_asked
