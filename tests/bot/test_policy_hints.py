"""What a hurried or a confused customer means: goods asked for, things compared, the other one, own parcels."""

import pytest

from bot.dialogue.situation import Rule
from bot.domain.decision import AskFor, Clarify, LookUp, Quoting, RunAction, Say
from bot.domain.facts import ItemsListed
from bot.domain.outcome import ActionDone, ActionRejected, ActionText, Outcome
from bot.domain.reply import Button, Buttons
from tests.builders import Talk, a_match, a_value, an_understanding, done, orders_to_choose

ORDERS = ("CP-104233", "CP-104299", "CP-104301")
AXES = ("P-0214", "P-0215")
DELIVERY = a_match("It takes 3-5 working days.", 0.9, "standard-delivery-time#0")


def a_listing_talk() -> Talk:
    """Return a talk that has just been shown three orders."""
    listed = done("Your orders:", ItemsListed("order_number", ORDERS))
    buttons = Buttons("", tuple(Button(n, f'/choose{{"order_number": "{n}"}}') for n in ORDERS))
    shown = ActionDone("action_list_orders", (*listed.said, buttons), listed.facts)
    outcomes: dict[str, Outcome] = {
        "action_list_orders": shown,
        "action_choose_order": orders_to_choose(*ORDERS),
    }
    talk = Talk(outcomes=outcomes)
    talk.says(an_understanding("what have I ordered", "list_orders"))
    return talk


def a_shopping_talk() -> Talk:
    """Return a talk in which ice axes were asked for."""
    buttons = tuple(Button(one, f'/choose{{"product": "{one}"}}') for one in AXES)
    names = ItemsListed("product_names", ("Icefang walking ice axe", "Icefang 400 ice axe"))
    listed = done("I find these.", ItemsListed("product", AXES), names)
    shown = ActionDone("action_choose_product", (*listed.said, Buttons("", buttons)), listed.facts)
    talk = Talk(customer=None, outcomes={"action_choose_product": shown})
    values = {"product_type": ("ice axes", "ice axe")}
    text = "do you sell ice axes"
    talk.says(an_understanding(text, "product_availability", values=values))
    return talk


def test_a_kind_of_thing_is_looked_for_in_the_range() -> None:
    talk = a_shopping_talk()

    assert isinstance(talk.decision, AskFor)
    assert talk.ran[-1].slots["product_type"] == "ice axe"
    assert "I find these." in talk.said


def test_one_of_the_things_found_may_be_named_by_its_number() -> None:
    talk = a_shopping_talk()

    decision = talk.says(an_understanding("the 400 one"))

    assert isinstance(decision, RunAction)
    assert decision.slots["product"] == "P-0215"


def test_what_is_not_in_the_range_is_said_so_and_nothing_stays_open() -> None:
    none = ActionRejected("x", "not_in_range", (ActionText(text="We don't have that."),))
    talk = Talk(customer=None, outcomes={"action_choose_product": none})

    talk.says(
        an_understanding("do you have any surfboards", "product_availability", out_of_scope=0.8)
    )

    assert talk.said == "We don't have that."
    assert not talk.running


def test_a_kind_of_thing_is_looked_for_though_an_article_is_likelier() -> None:
    text = "got any wetsuits for kids"
    ranking = (("product_advice", 0.7), ("product_availability", 0.15))
    values = {"product_type": ("wetsuits", "wetsuit")}

    decision = Talk(customer=None).says(an_understanding(text, ranking=ranking, values=values))

    assert isinstance(decision, AskFor)
    assert decision.flow == "product_availability"


def test_a_price_asked_for_instead_takes_the_place_of_the_other_look_up() -> None:
    talk = a_shopping_talk()
    text = "how much is the forge"

    talk.says(an_understanding(text, "product_price", values={"product": ("forge", "P-0117")}))

    assert talk.ran[-1].action == "action_product_price"
    assert not talk.running
    assert "back to" not in talk.said


def test_two_products_compared_are_shown_side_by_side() -> None:
    talk = Talk(customer=None)
    text = "is the ghost warmer than the forge?"
    named = (
        a_value(text, "product", "ghost", "P-0014"),
        a_value(text, "product", "forge", "P-0117"),
    )
    understanding = an_understanding(text, "product_advice", out_of_scope=0.6)
    object.__setattr__(understanding, "slot_values", named)

    decision = talk.says(understanding)

    assert isinstance(decision, RunAction)
    assert decision.why.rule == Rule.COMPARED
    assert (decision.slots["product"], decision.slots["other_product"]) == ("P-0014", "P-0117")


@pytest.mark.parametrize(
    ("text", "slot", "value"),
    [("the other one", "reference", "other"), ("and the 7?", "position", "7")],
)
def test_what_fits_none_of_the_list_is_asked_about(text: str, slot: str, value: str) -> None:
    talk = a_listing_talk()
    written = "other one" if slot == "reference" else "7"

    decision = talk.says(an_understanding(text, "deny", values={slot: (written, value)}))

    assert isinstance(decision, AskFor)
    assert decision.slot == "order_number"


def test_a_place_in_the_list_picks_an_order() -> None:
    talk = a_listing_talk()

    decision = talk.says(an_understanding("and the 3?", "deny", 0.2, values={"position": "3"}))

    assert isinstance(decision, RunAction)
    assert decision.slots["order_number"] == "CP-104301"


@pytest.mark.parametrize(
    ("text", "is_own"), [("my parcel is 3 days late", True), ("parcels 3 days late", False)]
)
def test_a_late_parcel_of_ones_own_is_looked_at(text: str, *, is_own: bool) -> None:
    ranking = (("delivery_time", 0.38), ("order_status", 0.24), ("track_parcel", 0.14))

    decision = Talk().says(an_understanding(text, ranking=ranking))

    assert isinstance(decision, RunAction) == is_own


def test_a_guests_late_parcel_is_asked_about() -> None:
    ranking = (("delivery_time", 0.38), ("order_status", 0.24), ("track_parcel", 0.14))

    decision = Talk(customer=None).says(an_understanding("my parcel is late", ranking=ranking))

    assert isinstance(decision, Clarify)


def test_a_supposition_about_something_else_is_searched_by_itself_first() -> None:
    talk = Talk(matches=(DELIVERY,))
    talk.says(an_understanding("how long is delivery", "delivery_time"))
    text = "what if it dont fit me"

    decision = talk.says(an_understanding(text, "size_advice", 0.6))

    assert isinstance(decision, LookUp)
    assert decision.question == text
    assert decision.instead.endswith(f": {text}")


def test_letters_that_nobody_knows_lean_on_nothing() -> None:
    talk = Talk(matches=(DELIVERY,))
    talk.says(an_understanding("how long is delivery", "delivery_time"))

    decision = talk.says(an_understanding("flurb gna wozzle", out_of_scope=0.87))

    assert isinstance(decision, LookUp)
    assert decision.question == "flurb gna wozzle"


def test_a_remark_does_not_get_the_same_answer_again() -> None:
    talk = Talk(matches=(DELIVERY,))
    talk.says(an_understanding("how long is delivery", "delivery_time"))

    decision = talk.says(an_understanding("delivery seems long", "delivery_time"))

    assert isinstance(decision, LookUp)
    assert decision.quoting is Quoting.NEW_ONLY
    assert "3-5" not in talk.said


def test_a_piece_answers_the_only_thing_that_was_offered() -> None:
    talk = Talk(outcomes={"action_choose_order": orders_to_choose(*ORDERS)})
    talk.says(an_understanding("you owe me money", "refund_status", 0.8, out_of_scope=0.5))
    text = "for the down jacket"

    decision = talk.says(an_understanding(text, values={"product_type": "jacket"}))

    assert isinstance(decision, AskFor)
    assert decision.flow == "refund_status"


def test_an_address_instead_of_an_order_is_called_one() -> None:
    talk = Talk(outcomes={"action_choose_order": orders_to_choose(*ORDERS)})
    talk.says(an_understanding("I want to return something", "start_return"))
    address = "14 Oak Street, Leeds, LS1 4GF"

    decision = talk.says(
        an_understanding(address, "store_information", values={"address": address})
    )

    assert isinstance(decision, AskFor)
    assert decision.problem == "problem_order_number_not_address"


def test_an_address_is_kept_while_its_order_is_asked_for() -> None:
    talk = Talk(outcomes={"action_choose_order": orders_to_choose(*ORDERS)})
    talk.says(an_understanding("send it elsewhere", "change_delivery_address"))
    address = "14 Oak Street, Leeds, LS1 4GF"

    decision = talk.says(
        an_understanding(address, "store_information", values={"address": address})
    )

    assert isinstance(decision, AskFor)
    assert not decision.problem
    assert talk.conversation.slots["address"] == address


def test_no_to_nothing_stays_a_no() -> None:
    assert isinstance(Talk().says(an_understanding("the other one", "deny")), Say)


def test_a_look_up_that_the_customer_went_past_twice_is_dropped() -> None:
    talk = a_shopping_talk()
    talk.says(an_understanding("what does delivery cost", "delivery_cost"))
    assert talk.running

    talk.says(an_understanding("and returns, how long do i have", "return_policy"))

    assert not talk.running


def test_a_dropped_look_up_is_still_answered_where_the_answer_comes_late() -> None:
    talk = a_shopping_talk()
    talk.says(an_understanding("what does delivery cost", "delivery_cost"))

    decision = talk.says(an_understanding("the 400 one"))

    assert isinstance(decision, RunAction)
    assert decision.slots["product"] == "P-0215"
