from bot.dialogue.flows import (
    action_slots,
    bare_rest,
    filling,
    is_bare_answer,
    kept_specs,
    leftovers,
    next_missing,
)
from bot.dialogue.situation import Situation
from bot.domain.facts import (
    AngerNoticed,
    ClarificationAsked,
    ClarificationClosed,
    ConfirmationAsked,
    FlowStarted,
    SlotAsked,
    SlotEmptied,
    SlotFilled,
)
from bot.domain.understanding import Understanding
from tests.builders import NOON, a_conversation, a_playbook, an_understanding

RETURN = a_playbook().flows["start_return"]


def a_situation(understanding: Understanding) -> Situation:
    return Situation(a_conversation(), understanding, a_playbook(), NOON)


def test_slots_are_asked_for_in_the_flows_order() -> None:
    first, second = next_missing(RETURN, {}), next_missing(RETURN, {"order_number": "CP-104233"})

    assert first is not None
    assert first.name == "order_number"
    assert second is not None
    assert second.name == "lines"


def test_an_optional_slot_is_never_missing() -> None:
    assert next_missing(a_playbook().flows["order_status"], {}) is None


def test_an_action_gets_its_flows_slots_and_constants_and_nothing_else() -> None:
    flow = a_playbook().flows["report_missing_item"]

    given = action_slots(flow, {"order_number": "CP-104233", "address": "5 Mill Lane"})

    assert given == {"order_number": "CP-104233", "kind": "missing"}


def test_kept_slots_survive_their_flow() -> None:
    slots = {"order_number": "CP-104233", "lines": "1", "email": "a@b.test"}

    assert leftovers(RETURN, slots) == (SlotEmptied("lines"),)
    assert set(kept_specs(a_playbook().flows.values())) == {"order_number", "product"}


def test_the_same_order_again_keeps_the_lines_chosen_from_it() -> None:
    spec = RETURN.slots[0]
    slots = {"order_number": "CP-104233", "lines": "1"}

    assert filling(RETURN, spec, "CP-104233", slots) == [SlotFilled("order_number", "CP-104233")]
    assert SlotEmptied("lines") in filling(RETURN, spec, "CP-104299", slots)


def test_a_bare_answer_holds_nothing_but_its_value() -> None:
    values = {"order_number": "CP-104233"}
    bare = a_situation(an_understanding("it's CP-104233, sorry", values=values))
    wish = a_situation(an_understanding("where is CP-104233", values=values))

    assert bare_rest(bare).split() == ["it's", ",", "sorry"]
    assert is_bare_answer(bare)
    assert not is_bare_answer(wish)
    assert not is_bare_answer(a_situation(an_understanding("sorry")))


def test_a_slot_and_a_confirmation_count_how_often_they_are_asked_for() -> None:
    started = a_conversation(FlowStarted("cancel_order", 1), SlotAsked("order_number"))

    twice = started.learning([SlotAsked("order_number")]).flow
    confirming = started.learning([ConfirmationAsked()]).flow
    confirming_twice = started.learning([ConfirmationAsked(), ConfirmationAsked()]).flow

    assert twice is not None
    assert twice.times_asked == 2
    assert confirming is not None
    assert (confirming.times_asked, confirming.asked_slot) == (1, "")
    assert confirming_twice is not None
    assert confirming_twice.times_asked == 2


def test_a_clarification_and_a_mood_are_noted_within_the_turn() -> None:
    asked = a_conversation(ClarificationAsked(("greet",), "x"), AngerNoticed(0.9))

    assert asked.is_mood_noticed
    assert asked.learning([ClarificationClosed()]).clarification is None
