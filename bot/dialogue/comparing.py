"""Two products compared: shown side by side, since nothing that the shop knows says which of them is better."""

from collections.abc import Sequence

from bot.dialogue import hints
from bot.dialogue.playbook import Flow, SlotKind
from bot.dialogue.situation import Rule, Situation
from bot.dialogue.starting import next_step
from bot.domain.decision import Decision
from bot.domain.facts import Fact, FlowStarted, SlotFilled


def compare(situation: Situation) -> Decision | None:
    """Put two products side by side where a message compares them; None where it does not."""
    named = _products(situation)
    flow = _flow_of_two(situation)
    if flow is None or len(named) < 2 or not hints.compares(situation.text):  # noqa: PLR2004 - two are compared
        return None
    filled = (SlotFilled(spec.name, value) for spec, value in zip(flow.slots, named, strict=False))
    facts: list[Fact] = [FlowStarted(flow.name, situation.playbook.release), *filled]
    return next_step(situation, flow, facts, rule=Rule.COMPARED)


def _products(situation: Situation) -> Sequence[str]:
    """Return the products that a message names, each once."""
    if situation.is_tapped:
        return ()
    values = situation.understanding.values_of(SlotKind.PRODUCT.value)
    return tuple(dict.fromkeys(value.value for value in values))


def _flow_of_two(situation: Situation) -> Flow | None:
    """Return the task that takes two products and nothing else; None where the release has none."""
    wanted = [SlotKind.PRODUCT, SlotKind.PRODUCT]
    taking = (f for f in situation.playbook.flows.values() if [s.kind for s in f.slots] == wanted)
    return next(taking, None)
