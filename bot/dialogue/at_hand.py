"""What a conversation is about right now: the order at hand, looked at when a customer asks what is in it."""

from bot.dialogue import hints
from bot.dialogue.playbook import Flow, FlowRoute, Playbook, SlotKind
from bot.dialogue.situation import Rule, Situation, intent_of_flow
from bot.dialogue.starting import start_flow
from bot.domain.decision import Decision, RunAction


def show_order_at_hand(situation: Situation, flow: Flow) -> Decision | None:
    """Show the order that a running task is about: "which items are in it"; the task goes on after it."""
    look = _look(situation)
    spec = _order_slot(flow)
    if look is None or spec not in situation.conversation.slots:
        return None
    known = {_order_slot(look): situation.conversation.slots[spec]}
    return RunAction(look.action, known, why=situation.why(Rule.IN_BETWEEN))


def show_last_order(situation: Situation) -> Decision | None:
    """Show the order that the last turn was about: "what is in that order"."""
    before = situation.playbook.routes.get(situation.conversation.last_intent)
    last = situation.playbook.flows.get(before.flow) if isinstance(before, FlowRoute) else None
    look = _look(situation)
    if last is None or look is None or _order_slot(last) not in situation.conversation.slots:
        return None
    intent = intent_of_flow(situation.playbook, look.name)
    return start_flow(situation, look, intent, rule=Rule.REFERRED_BACK, trusts_kept=True)


def _look(situation: Situation) -> Flow | None:
    """Return the task that shows an order, where that is what a signed-in customer asks for."""
    if situation.is_tapped or situation.is_guest or not hints.asks_about_order(situation.text):
        return None
    return _looking_at_order(situation.playbook)


def _looking_at_order(playbook: Playbook) -> Flow | None:
    reading = (flow for flow in playbook.flows.values() if flow.reads_only)
    return next((flow for flow in reading if _order_slot(flow)), None)


def _order_slot(flow: Flow) -> str:
    names = (spec.name for spec in flow.slots if spec.kind is SlotKind.ORDER_NUMBER)
    return next(names, "")
