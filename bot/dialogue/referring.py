"""What a message means in the light of the last one: "the second one", "and CP-104299?", "what are they worth?"."""

from typing import Final

from bot.dialogue import flows, phrases
from bot.dialogue.playbook import Flow, FlowRoute, SearchRoute
from bot.dialogue.situation import CHOOSE, Rule, Situation, intent_of_flow
from bot.dialogue.slots import Accepted
from bot.dialogue.starting import start_flow
from bot.dialogue.wording import Key
from bot.domain.decision import Decision, LookUp, Say
from bot.domain.entries import MessageReceived

_MAX_NAME_WORDS: Final = 8
_MAX_LIKELY: Final = 3
_MAX_BEFORE_WORDS: Final = 15


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
    return _choose(situation) if is_order else None


def _picks_from_list(situation: Situation, last: str) -> bool:
    """Tell whether a few words pick one of what the last reply listed: "the one with the boots"."""
    route = situation.playbook.routes.get(last)
    flow = situation.playbook.flows.get(route.flow) if isinstance(route, FlowRoute) else None
    is_short = len(phrases.words(situation.text)) <= _MAX_NAME_WORDS
    if flow is None or not is_short or isinstance(situation.route, FlowRoute):
        return False
    is_listed = any(flows.was_just_listed(situation, spec) for spec in flow.slots)
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
    route = situation.playbook.routes.get(intent)
    flow = situation.playbook.flows.get(route.flow) if isinstance(route, FlowRoute) else None
    if flow is None:
        return None
    read = (flows.read_slot(situation, spec, is_asked=False) for spec in flow.slots)
    return flow if any(isinstance(value, Accepted) for value in read) else None


def follow_up(situation: Situation) -> Decision | None:
    """Search on about the last subject: "and for Belgium?", "what are they worth?"."""
    last = situation.conversation.last_intent
    route, title = situation.playbook.routes.get(last), situation.playbook.titles.get(last)
    if situation.is_tapped or not title or not isinstance(route, SearchRoute | FlowRoute):
        return None
    if not phrases.follows_up(situation.text) or _stands_alone(situation):
        return None
    if (known := _about_known(situation)) is not None:
        return known
    limits = situation.thresholds
    is_out = situation.understanding.out_of_scope_probability >= limits.out_of_scope
    before = _said_before(situation) if isinstance(route, SearchRoute) else ""
    return LookUp(
        f"{before or title}: {situation.text}",
        route.topic if isinstance(route, SearchRoute) else "",
        limits.answer if is_out else limits.answer_in_scope,
        instead=situation.text,
        why=situation.why(Rule.REFERRED_BACK, *situation.scores()),
    )


def _said_before(situation: Situation) -> str:
    """Return the customer's message before this one, where it is short."""
    entries = situation.conversation.entries
    said = [entry.text for entry in entries if isinstance(entry, MessageReceived)]
    before = said[-2] if len(said) > 1 else ""
    return before if len(phrases.words(before)) <= _MAX_BEFORE_WORDS else ""


def _about_known(situation: Situation) -> Decision | None:
    """Look at what the last turn was about, where a word points at it: "and the status of it now?"."""
    for intent in situation.understanding.intents[:_MAX_LIKELY]:
        flow = flow_taking(situation, intent.name) or _flow_of_kept(situation, intent.name)
        if flow is not None and flow.reads_only:
            return start_flow(
                situation, flow, intent.name, rule=Rule.REFERRED_BACK, trusts_kept=True
            )
    return None


def _flow_of_kept(situation: Situation, intent: str) -> Flow | None:
    """Return the flow that an intent leads to, where "and the price?" can only mean what is known already."""
    route = situation.playbook.routes.get(intent)
    flow = situation.playbook.flows.get(route.flow) if isinstance(route, FlowRoute) else None
    if flow is None or not flow.slots or not phrases.goes_on(situation.text):
        return None
    kept = situation.conversation.slots
    return flow if all(spec.is_kept and spec.name in kept for spec in flow.slots) else None


def _stands_alone(situation: Situation) -> bool:
    """Tell whether a message says by itself what it is about; "how much is that" does not say the price of what."""
    route = situation.route
    if isinstance(route, SearchRoute):
        leans_twice = phrases.goes_on(situation.text) and phrases.points_back(situation.text)
        is_piece = leans_twice or phrases.is_fragment(situation.text)
        return situation.is_sure and not is_piece
    if not isinstance(route, FlowRoute):
        return not phrases.is_question(situation.text)
    flow = situation.playbook.flows.get(route.flow)
    if flow is None or not flow.reads_only or flow.needs_customer:
        return flow is None or not phrases.is_fragment(situation.text)
    read = {spec.name: flows.read_slot(situation, spec, is_asked=False) for spec in flow.slots}
    given = {name for name, value in read.items() if isinstance(value, Accepted)}
    kept = situation.conversation.slots
    return all(spec.name in given or (spec.is_kept and spec.name in kept) for spec in flow.slots)
