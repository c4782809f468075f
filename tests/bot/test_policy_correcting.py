"""Second thoughts in the middle of a task: a word put right, more words, the order at hand, a yes too many."""

from dataclasses import replace

import pytest

from bot.domain.decision import AskFor, Confirm, LeaveFlow, LookUp, RunAction, Say, SignIn
from bot.domain.facts import ItemsListed
from bot.domain.outcome import ActionDone, ActionText
from bot.domain.reply import Button, Buttons
from bot.domain.understanding import Understanding
from tests.builders import Talk, a_match, an_understanding, done, lines_to_choose, orders_to_choose

FIRST = "CP-104233"
BOOTS = ("P-0001", "P-0002", "P-0003")
SHED = "22 Mill Road, Cambridge, CB1 2AD"


def an_order(text: str, intent: str) -> Understanding:
    return an_understanding(text, intent, values={"order_number": FIRST})


def a_talk(intent: str, text: str = "please sort CP-104233 out") -> Talk:
    """Return a talk in which a task has begun with its order."""
    outcomes = {
        "action_choose_order": orders_to_choose(FIRST),
        "action_choose_lines": lines_to_choose("Skarv 2 tent", "Tarnbrook steel water bottle"),
        "action_preview_cancel_order": done("All of it will be cancelled."),
    }
    talk = Talk(outcomes=dict(outcomes), matches=(a_match("Refunds take 5 working days."),))
    talk.says(an_order(text, intent))
    return talk


def test_a_house_number_is_put_right_before_the_yes() -> None:
    talk = a_talk("change_delivery_address")
    talk.says(an_understanding(SHED, values={"address": SHED}))
    assert talk.is_confirming

    decision = talk.says(an_understanding("no, 24 not 22", "deny"))

    assert isinstance(decision, Confirm)
    assert talk.conversation.slots["address"] == "24 Mill Road, Cambridge, CB1 2AD"


def test_a_bare_number_is_the_right_house_number() -> None:
    talk = a_talk("change_delivery_address")
    talk.says(an_understanding(SHED, values={"address": SHED}))

    decision = talk.says(an_understanding("no 15 sorry", "deny", values={"position": "15"}))

    assert isinstance(decision, Confirm)
    assert talk.conversation.slots["address"].startswith("15 Mill Road")


def test_a_number_is_no_house_number_where_the_address_holds_several() -> None:
    talk = a_talk("change_delivery_address")
    flat = f"Flat 4, {SHED}"
    talk.says(an_understanding(flat, values={"address": flat}))

    talk.says(an_understanding("no 15 sorry", "deny"))

    assert "15 Mill Road" not in talk.said


@pytest.mark.parametrize("text", ["you know what, keep it", "i'll keep the jacket"])
def test_who_keeps_a_thing_cancels_nothing(text: str) -> None:
    talk = a_talk("cancel_order")

    decision = talk.says(an_understanding(text))

    assert isinstance(decision, LeaveFlow)


def test_a_task_named_once_more_after_all_is_a_yes() -> None:
    talk = a_talk("cancel_order")

    decision = talk.says(an_understanding("hmm ok cancel it after all", "cancel_order"))

    assert isinstance(decision, RunAction)
    assert decision.action == "action_cancel_order"


def test_what_may_mean_anything_does_not_repeat_the_last_answer() -> None:
    talk = Talk(matches=(a_match(),))
    talk.says(an_understanding("how do I return this", "return_policy"))

    decision = talk.says(an_understanding("tried that already", "repeat_that", 0.59))

    assert decision != Say("repeat", why=decision.why)


def test_a_word_that_the_address_does_not_hold_changes_nothing() -> None:
    talk = a_talk("change_delivery_address")
    talk.says(an_understanding(SHED, values={"address": SHED}))

    talk.says(an_understanding("no, 24 not 99", "deny", 0.2))

    assert talk.conversation.slots["address"] == SHED
    assert talk.is_confirming


@pytest.mark.parametrize("text", ["just the tent", "the tent then"])
def test_a_things_name_is_no_reason_for_a_return(text: str) -> None:
    talk = a_talk("start_return")
    talk.says(an_understanding("the tent"))

    decision = talk.says(an_understanding(text, "report_missing_item", 0.4))

    assert isinstance(decision, AskFor)
    assert decision.slot == "return_reason"
    assert not decision.problem
    assert "return_reason" not in talk.conversation.slots


def test_a_things_name_corrects_which_one_is_damaged() -> None:
    talk = a_talk("report_damaged_item")
    talk.says(an_understanding("the tent"))

    decision = talk.says(an_understanding("the bottle"))

    assert isinstance(decision, AskFor)
    assert decision.slot == "description"
    assert talk.conversation.slots["lines"] == "2"


def test_a_thing_of_another_order_is_no_description() -> None:
    talk = a_talk("report_damaged_item")
    talk.says(an_understanding("the bottle"))

    decision = talk.says(an_understanding("the lantern", values={"product_type": "lantern"}))

    assert isinstance(decision, AskFor)
    assert decision.slot == "description"
    assert "description" not in talk.conversation.slots


def test_a_sentence_about_a_thing_describes_its_damage_and_more_may_follow() -> None:
    talk = a_talk("report_damaged_item")
    talk.says(an_understanding("the bottle"))
    talk.says(an_understanding("the bottle leaks"))
    assert talk.is_confirming

    decision = talk.says(an_understanding("and the lid is dented", "report_damaged_item"))

    assert isinstance(decision, Confirm)
    assert talk.conversation.slots["description"] == "the bottle leaks. and the lid is dented"


def test_the_order_at_hand_is_shown_and_the_task_goes_on() -> None:
    talk = a_talk("start_return")

    decision = talk.says(an_understanding("which items r in it"))

    assert isinstance(decision, RunAction)
    assert decision.action == "action_order_status"
    assert decision.slots["order_number"] == FIRST
    assert talk.running == "start_return"


def test_the_order_of_the_last_turn_is_shown() -> None:
    talk = Talk()
    talk.says(an_order("track CP-104233", "track_parcel"))

    decision = talk.says(an_understanding("whats in it"))

    assert isinstance(decision, RunAction)
    assert (decision.action, decision.slots["order_number"]) == ("action_order_status", FIRST)


def test_a_guest_is_shown_no_order() -> None:
    talk = a_talk("start_return")
    talk.customer = None

    talk.says(an_understanding("which items r in it"))

    assert talk.ran[-1].action != "action_order_status"


def test_one_thing_instead_of_another_does_not_leave_the_task() -> None:
    talk = a_talk("cancel_order")
    text = "just the mat not the bag"

    decision = talk.says(
        an_understanding(text, "report_missing_item", values={"product_type": "mat"})
    )

    assert isinstance(decision, Confirm)
    assert "All of it" in talk.said


def test_a_question_in_between_brings_the_change_back_as_it_was_read() -> None:
    talk = a_talk("cancel_order")

    talk.says(an_understanding("how long do refunds take", "refund_time"))

    assert "Refunds take" in talk.said
    assert "All of it will be cancelled." in talk.said


def test_regret_is_not_said_twice_running() -> None:
    talk = Talk(matches=(a_match(),))
    talk.says(an_understanding("this is rubbish, can it go back", "return_policy", negative=0.8))
    assert "sorry" in talk.said
    calmer = replace(talk.playbook, max_angers=9)
    talk.playbook = calmer

    talk.says(an_understanding("rubbish, rubbish, how long then", "return_policy", negative=0.8))

    assert "sorry" not in talk.said


def test_a_list_is_narrowed_to_whom_it_is_for() -> None:
    buttons = tuple(Button(one, f'/choose{{"product": "{one}"}}') for one in BOOTS)
    names = ItemsListed("product_names", ("women's boots", "men's boots", "Peak men's boots"))
    said = (ActionText(text="I find these."), Buttons("", buttons))
    shown = ActionDone("action_choose_product", said, (ItemsListed("product", BOOTS), names))
    talk = Talk(customer=None, outcomes={"action_choose_product": shown})
    values = {"product_type": ("boots", "boots")}
    talk.says(an_understanding("got boots", "product_availability", values=values))

    talk.says(an_understanding("for men", values={"audience": "men"}))

    assert talk.ran[-1].slots["among"] == ",".join(BOOTS)
    assert talk.ran[-1].slots["audience"] == "men"


def test_what_is_missing_stays_with_the_subject() -> None:
    talk = Talk(matches=(a_match(),))
    talk.says(an_understanding("is a broken pole covered", "warranty_claim"))

    decision = talk.says(an_understanding("no receipt", "request_invoice"))

    assert isinstance(decision, LookUp)
    assert decision.question.endswith(": no receipt")


def test_two_words_belong_to_what_was_offered() -> None:
    talk = Talk()
    talk.says(an_understanding("is the guy coming", "order_status", 0.8, out_of_scope=0.5))

    decision = talk.says(an_understanding("what time", out_of_scope=0.8))

    assert isinstance(decision, RunAction)
    assert decision.action == "action_order_status"


@pytest.mark.parametrize(
    ("text", "kind"),
    [("can i send it back if it doesn't fit", LookUp), ("can i send my tent back", SignIn)],
)
def test_a_guest_may_ask_what_would_be(text: str, kind: type) -> None:
    decision = Talk(customer=None).says(an_understanding(text, "start_return"))

    assert isinstance(decision, kind)
