"""What a bare yes or no may mean when nothing was asked: the change just dropped, a person after a refusal."""

from bot.dialogue import hints, phrases
from bot.dialogue.playbook import ActRoute, DialogueAct, Flow, FlowRoute
from bot.dialogue.said import last_turn, refusal
from bot.dialogue.situation import Rule, Situation, intent_of_flow, person_intent
from bot.domain.decision import Clarify, Decision
from bot.domain.facts import FlowEnd, FlowEnded


def offer_after_yes(situation: Situation) -> Decision | None:
    """Offer a person where a yes follows a refusal, and a change that was dropped a moment ago once more."""
    dropped = _dropped(situation)
    verb = dropped.verb if dropped is not None else ""
    is_why_not = "why" in phrases.words(situation.text)
    if situation.is_tapped or is_why_not or not phrases.is_yes(situation.text, verb):
        return None
    intent = intent_of_flow(situation.playbook, dropped.name) if dropped is not None else ""
    if refusal(situation.conversation):
        intent = person_intent(situation.playbook)
    return _offer(situation, intent) if intent else None


def offer_after_no(situation: Situation) -> Decision | None:
    """Offer the last change again where a no is more than a no: "oh no sorry, it's 21 not 12"."""
    last = situation.conversation.last_intent
    route = situation.playbook.routes.get(last)
    flow = situation.playbook.flows.get(route.flow) if isinstance(route, FlowRoute) else None
    is_no = situation.route == ActRoute(DialogueAct.DENY) and not situation.is_tapped
    is_done = flow is not None and not flow.reads_only and not refusal(situation.conversation)
    if not is_no or not is_done or hints.has_enough(situation.text):
        return None
    return _offer(situation, last)


def _offer(situation: Situation, intent: str) -> Clarify:
    why = situation.why(Rule.CLARIFY, *situation.scores())
    return Clarify((intent,), situation.text, why=why)


def _dropped(situation: Situation) -> Flow | None:
    """Return the change that the last turn left at the customer's wish; None for none."""
    last = last_turn(situation.conversation)
    ends = [f for f in last.reply.facts if isinstance(f, FlowEnded)] if last is not None else []
    left = [situation.playbook.flows.get(end.flow) for end in ends if end.how is FlowEnd.LEFT]
    changing = [flow for flow in left if flow is not None and not flow.reads_only]
    return changing[-1] if changing else None
