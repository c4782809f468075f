"""Begins a task, and finds its next step: ask for a slot, read the change back, or do it."""

from collections.abc import Sequence
from typing import Final

from bot.dialogue import flows, phrases
from bot.dialogue.playbook import Flow, FlowRoute, SlotKind, SlotSpec
from bot.dialogue.situation import Rule, Situation
from bot.dialogue.slots import Accepted
from bot.domain.conversation import Conversation
from bot.domain.decision import AskFor, Compared, Confirm, Decision, RunAction, SignIn
from bot.domain.facts import (
    Fact,
    FlowEnd,
    FlowEnded,
    FlowStarted,
    IntentTaken,
    SlotEmptied,
    SlotFilled,
)
from bot.domain.reply import part_as_text
from bot.domain.understanding import Understanding

KIND: Final = "product_type"
"""What kind of thing is named: "tent"; a list of the catalogue's."""
NARROWING: Final = ("audience", "party_size")
"""What narrows a kind of thing down; lists and patterns of the catalogue's."""
_ORDER_NOUNS: Final = ("order", "orders", "one", "parcel", "product", "item")


def start_flow(
    situation: Situation,
    flow: Flow,
    intent: str,
    *,
    rule: Rule = Rule.INTENT,
    trusts_kept: bool = False,
    compared: tuple[Compared, ...] | None = None,
) -> Decision:
    """Begin a task, in place of the one that runs.

    Args:
        situation: The message and what came before.
        flow: The task.
        intent: The intent that leads to it.
        rule: The rule that decided it.
        trusts_kept: Slots kept from before are meant without being mentioned (the question which task is meant
            was about them).
        compared: The numbers behind it; None for the intent's.
    """
    taken = IntentTaken(intent)
    if flow.needs_customer and situation.is_guest:
        why = situation.why(Rule.SIGN_IN, *situation.scores())
        return SignIn(intent, why=why, facts=(taken,))
    facts: list[Fact] = [taken, *ending(situation, FlowEnd.REPLACED)]
    facts.append(FlowStarted(flow.name, situation.playbook.release))
    for spec in flow.slots:
        facts += _first_value(situation, flow, spec, trusts_kept=trusts_kept)
    known = situation.conversation.learning(facts).slots
    for spec in flow.slots:
        if not spec.is_required and spec.name not in known and _names_thing(situation, spec):
            return ask_for(situation, flow, spec, facts, rule=rule)
    return next_step(situation, flow, facts, rule=rule, compared=compared)


def _first_value(
    situation: Situation, flow: Flow, spec: SlotSpec, *, trusts_kept: bool
) -> Sequence[Fact]:
    """Return how a slot begins: given in the message, kept from before, or empty."""
    read = flows.read_slot(situation, spec, is_asked=False)
    if isinstance(read, Accepted) and spec.kind is not SlotKind.ORDER_LINES:
        return [SlotFilled(spec.name, read.value)]
    if spec.name not in situation.conversation.slots:
        return []
    if spec.is_kept and (trusts_kept or _goes_on_with_kept(situation, flow, spec)):
        return []
    return [SlotEmptied(spec.name)]


def _goes_on_with_kept(situation: Situation, flow: Flow, spec: SlotSpec) -> bool:
    """Tell whether "cancel my order" means the order that the turn before was about."""
    conversation = situation.conversation
    if phrases.wants_other(situation.text, _ORDER_NOUNS) or _names_thing(situation, spec):
        return False
    if situation.flow is not None:
        return situation.flow.slot(spec.name) is not None
    before = situation.playbook.routes.get(conversation.last_intent)
    last = situation.playbook.flows.get(before.flow) if isinstance(before, FlowRoute) else None
    is_repeated = last is not None and last.name == flow.name
    is_same_one = not is_repeated or phrases.goes_on(situation.text)
    return last is not None and last.slot(spec.name) is not None and is_same_one


def _names_thing(situation: Situation, spec: SlotSpec) -> bool:
    """Tell whether a thing is named that the last turn was not about: "and the sleeping bag?", "any jackets?"."""
    named = situation.understanding.values_of(KIND)
    if spec.kind is SlotKind.PRODUCT:
        last = situation.conversation.last_reply
        said = " ".join(map(part_as_text, last.parts)).lower() if last is not None else ""
        return any(value.value.split()[-1] not in said for value in named)
    return bool(named) and spec.kind is SlotKind.ORDER_NUMBER and bool(spec.choose_from)


def ending(situation: Situation, how: FlowEnd) -> list[Fact]:
    """Return the facts that end the running flow; none where none runs."""
    return end_of_flow(situation.conversation, situation.flow, how)


def end_of_flow(conversation: Conversation, flow: Flow | None, how: FlowEnd) -> list[Fact]:
    """Return the facts that end a flow and clear up its slots; a flow that the release lost just ends."""
    if conversation.flow is None:
        return []
    left = flows.leftovers(flow, conversation.slots) if flow is not None else ()
    return [FlowEnded(conversation.flow.name, how), *left]


def next_step(
    situation: Situation,
    flow: Flow,
    facts: Sequence[Fact],
    *,
    rule: Rule,
    problem: str = "",
    compared: tuple[Compared, ...] | None = None,
) -> Decision:
    """Decide a flow's next step once these facts are known.

    Args:
        situation: The message and what came before.
        flow: The task.
        facts: What this message has added.
        rule: The rule that decided it.
        problem: Wording key that says why the last value did not do.
        compared: The numbers behind it; None for the intent's.
    """
    slots = situation.conversation.learning(facts).slots
    why = situation.why(rule, *(situation.scores() if compared is None else compared))
    known = flows.action_slots(flow, slots)
    missing = flows.next_missing(flow, slots)
    if missing is not None:
        return ask_for(situation, flow, missing, facts, rule=rule, problem=problem)
    if flow.reads_only:
        return RunAction(flow.action, known, ends_flow=flow.name, why=why, facts=tuple(facts))
    preview = RunAction(flow.preview, known, why=why)
    return Confirm(flow.name, preview, why=why, facts=tuple(facts))


def ask_for(
    situation: Situation,
    flow: Flow,
    spec: SlotSpec,
    facts: Sequence[Fact],
    *,
    rule: Rule,
    problem: str = "",
) -> AskFor:
    """Ask for a slot, with what there is to choose from where the flow names an action for it."""
    slots = situation.conversation.learning(facts).slots
    why = situation.why(rule, *situation.scores())
    options = None
    if spec.choose_from:
        given = {**flows.action_slots(flow, slots), "for_flow": flow.name}
        if spec.kind is SlotKind.PRODUCT:
            said = {n: situation.understanding.values_of(n) for n in (KIND, *NARROWING)}
            given |= {name: values[-1].value for name, values in said.items() if values}
            if (
                KIND not in given
                and given.keys() & {*NARROWING}
                and flows.was_just_listed(situation, spec)
            ):
                given["among"] = ",".join(situation.listing(spec.name).values)
        options = RunAction(spec.choose_from, given, why=why)
    heard = _heard(situation, spec) if options is not None else None
    return AskFor(spec.name, flow.name, options, problem, heard, why=why, facts=tuple(facts))


def _heard(situation: Situation, spec: SlotSpec) -> Understanding | None:
    """Return the message where it may name what is going to be listed: "send back the boots"; not "the second"."""
    running = situation.conversation.flow
    was_asked = running is not None and running.asked_slot == spec.name
    if was_asked or situation.is_tapped or flows.is_bare_answer(situation, follows_up=True):
        return None
    return situation.understanding
