"""Decision and outcome -> one step of the trace."""

from bot.domain.decision import (
    AskFor,
    Clarify,
    Confirm,
    Decision,
    Escalate,
    LeaveFlow,
    LookUp,
    RunAction,
    Say,
    SignIn,
    StaySilent,
)
from bot.domain.outcome import Matches, Outcome
from bot.domain.trace import FoundPassage, TraceStep
from bot.domain.understanding import Understanding

TOP_INTENTS = 5


def trace_step(wish: Understanding, decision: Decision, outcome: Outcome) -> TraceStep:
    """Say what was understood, decided and found, without the customer's words."""
    found = outcome.matches if isinstance(outcome, Matches) else ()
    return TraceStep(
        intents=wish.intents[:TOP_INTENTS],
        out_of_scope_probability=wish.out_of_scope_probability,
        sentiment=wish.sentiment,
        slot_values=wish.slot_values,
        why=decision.why,
        decision=type(decision).__name__,
        outcome=type(outcome).__name__,
        detail=_detail(decision),
        passages=tuple(FoundPassage(m.passage.passage_id, m.probability) for m in found),
    )


def _detail(decision: Decision) -> str:  # noqa: C901 - one case per kind of decision
    match decision:
        case RunAction(action):
            return action
        case AskFor(slot, flow):
            return f"{flow}.{slot}"
        case Confirm(flow) | LeaveFlow(flow):
            return flow
        case Say(wording):
            return wording
        case Escalate(reason):
            return reason
        case SignIn(intent):
            return intent
        case Clarify(intents):
            return ", ".join(intents)
        case LookUp(_, topic):
            return topic
        case StaySilent():
            return ""
