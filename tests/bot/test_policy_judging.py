import pytest

from bot.dialogue.policy import judge
from bot.dialogue.scene import choose_payload
from bot.domain.decision import (
    AskFor,
    Clarify,
    Confirm,
    Decision,
    Escalate,
    LookUp,
    RunAction,
    Say,
    StaySilent,
    Why,
)
from bot.domain.facts import (
    ButtonsOffered,
    ConfirmationAsked,
    FlowStarted,
    RewordingAsked,
    SlotAsked,
    SlotEmptied,
    SlotFilled,
)
from bot.domain.outcome import (
    ActionDone,
    ActionRejected,
    ActionText,
    Matches,
    Nothing,
    Outcome,
)
from bot.domain.reply import Button, Buttons, Card, Reply, Text, part_as_text
from tests.builders import NOON, a_conversation, a_match, a_playbook, orders_to_choose

WHY = Why("test")
RUN = RunAction("action_cancel_order", reads_only=False, ends_flow="cancel_order", why=WHY)
PREVIEW = RunAction("action_preview_cancel_order", why=WHY)
OPTIONS = RunAction("action_choose_order", why=WHY)
STARTED = FlowStarted("cancel_order", 1)
ACCOUNT_DATA = "CP-104233 goes to 5 Mill Lane"


def judged(decision: Decision, outcome: Outcome = Nothing(), *facts: object) -> Reply:  # noqa: B008 - frozen
    conversation = a_conversation(*facts)  # type: ignore[arg-type]  # facts of any kind
    return judge(conversation, decision, outcome, a_playbook(), NOON)


def test_silence_has_no_parts_and_no_facts() -> None:
    assert judged(StaySilent(why=WHY)) == Reply()


def test_a_passage_below_the_decisions_threshold_is_no_answer() -> None:
    decision = LookUp("q", threshold=0.7, why=WHY)

    reply = judged(decision, Matches((a_match("secret", 0.69),)))

    assert "secret" not in part_as_text(reply.parts[0])
    assert RewordingAsked() in reply.facts


def test_a_search_without_an_outcome_is_no_answer() -> None:
    assert RewordingAsked() in judged(LookUp("q", why=WHY)).facts


def test_an_actions_parts_are_shown_in_order() -> None:
    card = Card("CP-104233", (("Status", "placed"),))
    done = ActionDone("a", (ActionText(text="Here it is."), card))

    reply = judged(RunAction("action_order_status", ends_flow="order_status", why=WHY), done)

    assert reply.parts == (Text("Here it is."), card)


def test_a_question_takes_the_buttons_of_its_options() -> None:
    decision = AskFor("order_number", "cancel_order", OPTIONS, why=WHY)

    reply = judged(decision, orders_to_choose("CP-104233"), STARTED)

    asked = reply.parts[0]
    assert asked == Buttons(
        "Which order would you like to cancel?",
        (Button("CP-104233", '/choose{"order_number": "CP-104233"}'),),
    )
    assert SlotAsked("order_number") in reply.facts
    assert ButtonsOffered(('/choose{"order_number": "CP-104233"}',)) in reply.facts


def test_a_problem_stands_before_the_question() -> None:
    decision = AskFor("address", "change_delivery_address", None, "problem_address", why=WHY)

    reply = judged(decision, Nothing(), FlowStarted("change_delivery_address", 1))

    text = part_as_text(reply.parts[0])
    assert text.index("whole address") < text.index("What is the new address?")


def test_a_confirmation_reads_back_then_asks() -> None:
    done = ActionDone("a", (ActionText(text="CP-104233 will be cancelled."),))

    reply = judged(Confirm("cancel_order", PREVIEW, why=WHY), done, STARTED)

    assert reply.parts[0] == Text("CP-104233 will be cancelled.")
    assert isinstance(reply.parts[1], Buttons)
    assert ConfirmationAsked() in reply.facts


def test_a_confirmation_after_a_correction_is_read_back_again() -> None:
    filled = SlotFilled("order_number", "CP-104299")
    done = ActionDone("a", (ActionText(text="CP-104299 will be cancelled."),))
    decision = Confirm("cancel_order", PREVIEW, why=WHY, facts=(filled,))

    reply = judged(decision, done, STARTED, ConfirmationAsked(), filled)

    assert reply.parts[0] == Text("CP-104299 will be cancelled.")


def test_a_value_that_a_rule_turns_down_is_asked_for_again() -> None:
    rejected = ActionRejected("a", "unknown_order", (ActionText(text="No such order."),))

    reply = judged(Confirm("cancel_order", PREVIEW, why=WHY), rejected, STARTED)

    assert reply.parts[0] == Text("No such order.")
    assert SlotEmptied("order_number") in reply.facts
    assert (
        SlotAsked("") in reply.facts
    )  # the task goes on at once and shows what there is to choose from


def test_a_rejection_without_words_still_says_something() -> None:
    reply = judged(RUN, ActionRejected("a", "whatever"), STARTED)

    assert part_as_text(reply.parts[0])


@pytest.mark.parametrize(
    "decision",
    [
        RUN,
        RunAction("action_order_status", why=WHY),
        Confirm("cancel_order", PREVIEW, why=WHY),
        AskFor("order_number", "cancel_order", OPTIONS, why=WHY),
    ],
)
def test_a_guest_sees_nothing_of_what_an_action_for_customers_says(decision: Decision) -> None:
    done = ActionDone("a", (ActionText(text=ACCOUNT_DATA), Card(ACCOUNT_DATA, ())))
    conversation = a_conversation(STARTED, customer=None)

    reply = judge(conversation, decision, done, a_playbook(), NOON)

    assert ACCOUNT_DATA not in "".join(part_as_text(part) for part in reply.parts)
    assert "sign" in part_as_text(reply.parts[0]).lower()


def test_an_escalation_promises_a_person_and_brings_a_summary() -> None:
    reply = judged(Escalate("asked", why=WHY))

    assert reply.handoff is not None
    assert reply.handoff.reason == "asked"
    assert "colleague" in part_as_text(reply.parts[0])


def test_an_intent_without_a_title_is_offered_by_its_name() -> None:
    reply = judged(Clarify(("brand_new_intent",), "x", why=WHY))

    assert isinstance(reply.parts[0], Buttons)
    assert reply.parts[0].buttons[0] == Button("Brand new intent", "/brand_new_intent")


def test_a_wording_takes_the_values_of_its_decision() -> None:
    reply = judged(Say("switch", {"title": "x"}, why=WHY))

    assert "leave" in part_as_text(reply.parts[0])


def test_a_choose_payload_is_json_after_its_name() -> None:
    assert choose_payload("lines", "1,2") == '/choose{"lines": "1,2"}'
