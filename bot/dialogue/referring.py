"""What a message picks of what was said last: "the second one", "and CP-104299?", "the other one"."""

from typing import Final

from bot.dialogue import flows, phrases
from bot.dialogue.playbook import Flow, FlowRoute
from bot.dialogue.situation import CHOOSE, Rule, Situation, intent_of_flow
from bot.dialogue.slots import Accepted
from bot.dialogue.starting import ask_for, start_flow
from bot.dialogue.wording import Key
from bot.domain.decision import Decision, Say
from bot.domain.facts import FlowStarted, IntentTaken
from bot.domain.reply import Buttons

_MAX_NAME_WORDS: Final = 8


def refer_back(situation: Situation) -> Decision | None:
    """Carry on the last subject with another value: "and the second one?", "what about CP-104299?"."""
    if situation.understanding.chosen_intent == CHOOSE:
        return _choose(situation)
    if situation.is_tapped:
        return None
    last = situation.conversation.last_intent
    is_bare = flows.is_bare_answer(situation, follows_up=True)
    is_other = phrases.is_bare(situation.text, follows_up=True) and "other" in situation.text
    if not is_bare and not (is_other and last) and not _picks_from_list(situation, last):
        return None
    if flow := flow_taking(situation, last):
        return start_flow(situation, flow, last, rule=Rule.REFERRED_BACK)
    is_order = situation.understanding.values_of("order_number") or flow_taking(situation, CHOOSE)
    return _choose(situation) if is_order else _ask_which(situation)


def _ask_which(situation: Situation) -> Decision | None:
    """Ask which one is meant where "the other one" or "and the 7?" fits none, or several, of what was just listed."""
    is_pick = situation.understanding.values_of("position")
    is_other = situation.understanding.values_of("reference") and "other" in situation.text.lower()
    if not (is_pick or is_other):
        return None
    for intent in (situation.conversation.last_intent, CHOOSE):
        flow = _flow_of(situation, intent)
        for spec in flow.slots if flow is not None else ():
            if flow is None or not spec.choose_from or not flows.was_just_listed(situation, spec):
                continue
            name = intent_of_flow(situation.playbook, flow.name) or intent
            facts = (IntentTaken(name), FlowStarted(flow.name, situation.playbook.release))
            return ask_for(situation, flow, spec, facts, rule=Rule.REFERRED_BACK)
    return None


def _picks_from_list(situation: Situation, last: str) -> bool:
    """Tell whether a few words pick one of what the last reply listed: "the one with the boots"."""
    flow = _flow_of(situation, last)
    is_short = len(phrases.words(situation.text)) <= _MAX_NAME_WORDS
    if flow is None or not is_short or isinstance(situation.route, FlowRoute):
        return False
    last_reply = situation.conversation.last_reply
    is_shown = last_reply is not None and any(isinstance(p, Buttons) for p in last_reply.parts)
    is_listed = is_shown and any(flows.was_just_listed(situation, spec) for spec in flow.slots)
    return is_listed and not phrases.is_question(situation.text)


def _choose(situation: Situation) -> Decision:
    """Follow a button, or a bare order number, that no task waits for."""
    last = situation.conversation.last_intent
    flow = flow_taking(situation, CHOOSE) or flow_taking(situation, last)
    if flow is not None:
        intent = intent_of_flow(situation.playbook, flow.name) or CHOOSE
        return start_flow(situation, flow, intent, rule=Rule.REFERRED_BACK)
    return Say(Key.BUTTON_OUTDATED.value, why=situation.why(Rule.OUTDATED))


def flow_taking(situation: Situation, intent: str) -> Flow | None:
    """Return the flow that an intent leads to, where this message gives it a value."""
    flow = _flow_of(situation, intent)
    if flow is None:
        return None
    read = (flows.read_slot(situation, spec, is_asked=False) for spec in flow.slots)
    return flow if any(isinstance(value, Accepted) for value in read) else None


def _flow_of(situation: Situation, intent: str) -> Flow | None:
    route = situation.playbook.routes.get(intent)
    return situation.playbook.flows.get(route.flow) if isinstance(route, FlowRoute) else None
