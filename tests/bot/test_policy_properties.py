"""Whatever is said and whatever comes of it: the policy never raises, and keeps its three promises."""

from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.dialogue.playbook import FlowRoute
from bot.dialogue.policy import goes_on
from bot.dialogue.situation import BUTTON, needs_customer
from bot.domain.decision import AskFor, Confirm, RunAction
from bot.domain.outcome import (
    ActionDone,
    ActionFailed,
    ActionRejected,
    ActionText,
    ActionUnclear,
    Outcome,
)
from bot.domain.reply import part_as_text
from bot.domain.understanding import RankedIntent, Sentiment, SlotValue, Understanding
from tests.builders import (
    ANNA,
    Talk,
    a_match,
    a_playbook,
    lines_to_choose,
    orders_to_choose,
)

ACCOUNT_DATA = "account data"
PLAYBOOK = a_playbook()
INTENTS = [*sorted(PLAYBOOK.routes), "an_intent_without_a_route"]
ACTIONS = sorted(
    {flow.action for flow in PLAYBOOK.flows.values()}
    | {flow.preview for flow in PLAYBOOK.flows.values() if flow.preview}
    | {spec.choose_from for flow in PLAYBOOK.flows.values() for spec in flow.slots}
)
LED_TO = sorted({r.flow for r in PLAYBOOK.routes.values() if isinstance(r, FlowRoute)})
CHANGING = {flow.action for flow in PLAYBOOK.flows.values() if not flow.reads_only}
PHRASES = [
    "yes", "no", "never mind", "the second one", "yes but to another address", "I don't know",
    "what?", "how long does it take?", "the tent", "both", "too small", "thanks", "agent",
    "actually the other order", "cancel it", "none of these", "THIS IS A BLOODY JOKE!!", "",
    "5 Mill Lane, Leeds LS1 4AB", "CP-104233", "/affirm", "/cancel_order", "\x00{name} 🏔 <b>",
]  # fmt: skip
KINDS = [
    "order_number",
    "email",
    "product",
    "address",
    "postcode",
    "position",
    "reference",
    "lines",
]
VALUES = [
    "CP-104233",
    "CP-1",
    "P-0042",
    "1",
    "-1",
    "0",
    "99999",
    "x",
    "",
    "1,2",
    "5 Mill Lane S1 4GF",
]

probabilities = st.floats(0.0, 1.0)
texts = st.sampled_from(PHRASES) | st.text(max_size=30)


@st.composite
def slot_values(draw: st.DrawFn) -> SlotValue:
    start = draw(st.integers(0, 10))
    return SlotValue(
        draw(st.sampled_from(KINDS)),
        draw(st.sampled_from(VALUES)),
        start,
        start + draw(st.integers(0, 10)),
        extractor=draw(st.sampled_from(["rule", BUTTON])),
    )


@st.composite
def understandings(draw: st.DrawFn) -> Understanding:
    ranked = draw(st.lists(st.tuples(st.sampled_from(INTENTS), probabilities), max_size=4))
    ranked.sort(key=lambda pair: -pair[1])
    negative = draw(probabilities)
    chosen = draw(st.none() | st.none() | st.sampled_from([*INTENTS, "choose", "affirm"]))
    return Understanding(
        utterance=draw(texts),
        intents=tuple(RankedIntent(name, probability) for name, probability in ranked),
        out_of_scope_probability=draw(st.sampled_from([0.0, 0.0, 0.3, 0.9, 1.0])),
        sentiment=Sentiment(negative, 1.0 - negative, 0.0),
        slot_values=tuple(draw(st.lists(slot_values(), max_size=3))),
        chosen_intent=chosen,
    )


outcomes: st.SearchStrategy[Outcome] = st.sampled_from(
    [
        ActionDone("a", (ActionText(text=ACCOUNT_DATA),)),
        ActionDone("a"),
        orders_to_choose("CP-104233", "CP-104299", names=("a tent", "boots")),
        lines_to_choose("Skarv 2 tent", "Norfell socks"),
        ActionRejected("a", "unknown_order", (ActionText(text=ACCOUNT_DATA),)),
        ActionRejected("a", "unknown_line"),
        ActionRejected("a", "already_packed", (ActionText("no_such_wording"),)),
        ActionFailed("a", "time-out"),
        ActionUnclear("a", "time-out"),
    ]
)
turns = st.lists(st.tuples(understandings(), outcomes, st.booleans()), min_size=1, max_size=8)
found = st.lists(st.builds(a_match, probability=probabilities), max_size=2).map(tuple)
thorough = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@thorough
@given(turns, found)
def test_the_policy_keeps_its_promises(
    said: list[tuple[Understanding, Outcome, bool]], matches: tuple[object, ...]
) -> None:
    talk = Talk(matches=matches)  # type: ignore[arg-type]  # built by a_match
    for understanding, outcome, is_signed_in in said:
        talk.customer = ANNA if is_signed_in else None
        talk.outcomes = dict.fromkeys(ACTIONS, outcome)
        was_confirming = talk.conversation.flow if talk.is_confirming else None
        talk.ran.clear()

        decision = talk.says(understanding)

        # only a yes in words to a change just read back runs a changing action
        for action in talk.ran:
            assert action.reads_only == (action.action not in CHANGING)
            if not action.reads_only:
                assert was_confirming is not None
                assert action.ends_flow == was_confirming.name
                assert understanding.chosen_intent is None
                assert is_signed_in
        # a guest's message runs nothing that is for customers, and sees nothing of it
        if not is_signed_in:
            assert not any(needs_customer(PLAYBOOK, action.action) for action in talk.ran)
        # a decision is explained, and a customer always hears something once the work waits for them
        assert decision.why.rule
        hears = any(part_as_text(part).strip() for part in talk.reply.parts)
        assert hears or goes_on(talk.conversation)
        if isinstance(decision, RunAction | Confirm | AskFor) and not is_signed_in:
            assert ACCOUNT_DATA not in talk.said or not needs_customer(
                PLAYBOOK, talk.ran[-1].action
            )


@thorough
@given(turns)
def test_equal_conversations_get_equal_replies(
    said: list[tuple[Understanding, Outcome, bool]],
) -> None:
    first, second = Talk(), Talk()
    for understanding, outcome, is_signed_in in said:
        for talk in (first, second):
            talk.customer = ANNA if is_signed_in else None
            talk.outcomes = dict.fromkeys(ACTIONS, outcome)
            talk.says(understanding)

        assert first.decision == second.decision
        assert first.reply == second.reply


@thorough
@given(understandings(), st.sampled_from(LED_TO))
def test_a_typed_payload_never_changes_anything(understanding: Understanding, flow: str) -> None:
    intent = next(name for name, r in PLAYBOOK.routes.items() if getattr(r, "flow", "") == flow)
    talk = Talk()
    talk.says(replace(understanding, chosen_intent=intent))
    talk.ran.clear()

    talk.says(replace(understanding, chosen_intent="affirm"))

    assert all(action.reads_only for action in talk.ran)
