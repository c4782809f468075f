"""What interrupts a running task: a question in between, another task, small talk."""

from collections.abc import Mapping
from typing import Final

from bot.dialogue import flows, hints, phrases
from bot.dialogue.likely import names_wanted_goods
from bot.dialogue.playbook import (
    ActRoute,
    DialogueAct,
    Flow,
    FlowRoute,
    SayRoute,
    SearchRoute,
    SlotKind,
)
from bot.dialogue.said import last_turn
from bot.dialogue.situation import REPEAT, Rule, Situation
from bot.dialogue.slots import Accepted
from bot.dialogue.starting import KIND, NARROWING, ask_for, start_flow
from bot.dialogue.wording import Key
from bot.domain.decision import Decision, LookUp, RunAction, Say
from bot.domain.facts import FlowStarted, IntentTaken, SlotAsked

_VALUE_WORDS: Final = 4
_CORRECTING_WORDS: Final = 10
_FILLERS: Final = frozenset(
    {"ok", "okay", "then", "it", "its", "it's", "is", "sorry", "i", "mean", "maybe", "try", "and", "this", "one", "that"}
    | {"um", "er", "oh", "please", "pls", "thanks", "number"}
)  # fmt: skip


def answer_in_between(situation: Situation, flow: Flow) -> Decision | None:
    """A question in between is answered, and the task resumed."""
    return None if is_bare_value(situation) else _answer(situation, flow)


def was_passed_over(situation: Situation, flow: Flow) -> bool:
    """Tell whether a look-up's question was left unanswered already: the last turn asked for nothing new."""
    last = last_turn(situation.conversation)
    if not flow.reads_only or situation.asked is None or last is None:
        return False
    return not any(isinstance(fact, SlotAsked | FlowStarted) for fact in last.reply.facts)


def _answer(situation: Situation, flow: Flow) -> Decision | None:
    route, understanding = situation.route, situation.understanding
    why = situation.why(Rule.IN_BETWEEN, *situation.scores())
    taken = IntentTaken(understanding.intent)
    nothing = Key.NOTHING_FOUND_IN_FLOW.value
    if isinstance(route, SearchRoute) and _asks_something(situation):
        needed = situation.thresholds.answer_in_scope
        question, instead = _in_its_light(situation, flow), situation.text
        if situation.is_sure:
            question, instead = situation.text, situation.subject(understanding.intent) or question
        return LookUp(
            question, route.topic, needed, nothing, instead=instead, why=why, facts=(taken,)
        )
    if isinstance(route, FlowRoute) and route.flow != flow.name:
        return None if names_item(situation, flow) else _read_in_between(situation, route)
    is_same = isinstance(route, FlowRoute) and phrases.is_enquiry(situation.text)
    is_unread = route is None or isinstance(route, ActRoute)
    if (is_unread or is_same) and _is_asking(situation):
        needed = situation.thresholds.answer_in_scope if is_same else situation.needed
        question = _in_its_light(situation, flow)
        return LookUp(question, "", needed, nothing, instead=situation.text, why=why)
    return None


def _in_its_light(situation: Situation, flow: Flow) -> str:
    """Return the question together with the task it interrupts: "is there a fee?" means a fee for that."""
    return f"{flow.title}: {situation.text}" if flow.title else situation.text


def _asks_something(situation: Situation) -> bool:
    """Tell whether a message is more than a word or two that should have been the value asked for."""
    is_short = len(phrases.words(situation.text)) <= _VALUE_WORDS
    return situation.is_tapped or not is_short or _is_asking(situation) or situation.is_sure


def narrow(situation: Situation, flow: Flow) -> Decision | None:
    """A kind of thing is wanted while a product is asked for: it is shown instead of what was shown before."""
    spec = situation.asked
    if spec is None or spec.kind is not SlotKind.PRODUCT or not spec.choose_from:
        return None
    narrowing = any(map(situation.understanding.values_of, NARROWING))
    is_piece = narrowing and flows.is_bare_answer(situation, follows_up=True)
    if not names_wanted_goods(situation) and not is_piece:
        return None
    return ask_for(situation, flow, spec, (), rule=Rule.AGAIN)


def is_bare_value(situation: Situation) -> bool:
    """Tell whether a message is a value and nothing else, "CP-104233 then": whatever the intent's head makes of it."""
    text, values = situation.text, situation.understanding.slot_values
    if situation.is_tapped or not values:
        return False
    for value in sorted(values, key=lambda found: -found.start):
        text = text[: value.start] + " " + text[value.end :]
    return all(word in _FILLERS for word in phrases.words(text))


def names_item(situation: Situation, flow: Flow) -> bool:
    """Tell whether a few words just name a thing of the order at hand, "the boots": no wish of its own.

    More words may say so where they put one thing right for another: "wait, not the pots, the bottle".
    """
    count = len(phrases.words(situation.text))
    is_short = count <= _VALUE_WORDS or (count <= _CORRECTING_WORDS and hints.swaps(situation.text))
    if situation.is_tapped or not is_short or phrases.is_question(situation.text):
        return False
    lines = (spec for spec in flow.slots if spec.kind is SlotKind.ORDER_LINES)
    return any(
        isinstance(flows.read_slot(situation, spec, is_asked=True), Accepted) for spec in lines
    )


def _parts_order(situation: Situation) -> bool:
    """Tell whether a change just read back is wanted for one thing and not another: "just the mat, not the bag"."""
    running = situation.conversation.flow
    is_short = len(phrases.words(situation.text)) <= _CORRECTING_WORDS
    if running is None or not running.is_confirming or not is_short:
        return False
    names_thing = bool(situation.understanding.values_of(KIND))
    return names_thing and hints.swaps(situation.text) and not phrases.is_question(situation.text)


def _is_asking(situation: Situation) -> bool:
    running = situation.conversation.flow
    if situation.is_tapped or not phrases.is_question(situation.text):
        return False
    return running is None or not running.is_confirming or phrases.is_enquiry(situation.text)


def _read_in_between(situation: Situation, route: FlowRoute) -> Decision | None:
    other = situation.playbook.flows.get(route.flow)
    if other is None or not other.reads_only or (other.needs_customer and situation.is_guest):
        return None
    read = {spec.name: flows.read_slot(situation, spec, is_asked=False) for spec in other.slots}
    given = {name: value.value for name, value in read.items() if isinstance(value, Accepted)}
    if flows.next_missing(other, given) is not None or _answers_too(situation, other, given):
        return None
    why = situation.why(Rule.IN_BETWEEN, *situation.scores())
    taken = IntentTaken(situation.understanding.intent)
    known = flows.action_slots(other, given)
    return RunAction(other.action, known, why=why, facts=(taken,))


def _answers_too(situation: Situation, other: Flow, given: Mapping[str, str]) -> bool:
    """Tell whether a look-up is given what the running look-up asks for: it takes its place, nothing is left to ask."""
    flow, asked = situation.flow, situation.asked
    is_same_thing = asked is not None and asked.name in given and other.slot(asked.name) is not None
    return flow is not None and flow.reads_only and is_same_thing


def switch(situation: Situation, flow: Flow) -> Decision | None:
    """Another task is wanted: the running one is left for it. The same one again begins anew where it is."""
    route = situation.route
    if not isinstance(route, FlowRoute) or is_bare_value(situation) or names_item(situation, flow):
        return None
    if _parts_order(situation):
        return None
    other = situation.playbook.flows.get(route.flow)
    if other is None or other.name == flow.name:
        return None
    return start_flow(situation, other, situation.understanding.intent, rule=Rule.SWITCHED)


def talk_small(situation: Situation, _flow: Flow) -> Decision | None:
    """Answer a greeting or a thank-you, and resume the task."""
    route = situation.route
    why = situation.why(Rule.SMALL_TALK, *situation.scores())
    if isinstance(route, SayRoute):
        return Say(route.wording, why=why)
    if route == ActRoute(DialogueAct.REPEAT) and situation.is_sure:
        return Say(REPEAT, why=why)
    return None
