"""What a message is to the slot that was asked for: its value, a refusal, or something else altogether."""

from typing import Final

from bot.dialogue import flows, phrases
from bot.dialogue.order_lines import only_names
from bot.dialogue.playbook import (
    ActRoute,
    DialogueAct,
    Flow,
    FlowRoute,
    SayRoute,
    SearchRoute,
    SlotKind,
    SlotSpec,
)
from bot.dialogue.situation import Situation
from bot.dialogue.slots import Accepted, Checked, problem_of, read_choice
from bot.dialogue.starting import KIND, NARROWING
from bot.domain.facts import Fact, SlotFilled

_FREE_KINDS: Final = frozenset({SlotKind.TEXT, SlotKind.CHOICE, SlotKind.ORDER_LINES})
_SHORT_WORDS: Final = 4


def read_asked(situation: Situation) -> Checked | None:
    """Read the value of the slot that was asked for; None where the message has none, or nothing was asked."""
    spec = situation.asked
    return flows.read_slot(situation, spec, is_asked=True) if spec is not None else None


def other_values(situation: Situation, flow: Flow) -> list[Fact]:
    """Return the facts of values for slots that were not asked for yet: a reason where the order was wanted."""
    facts: list[Fact] = []
    for spec in flow.slots:
        if spec is situation.asked or spec.name in situation.conversation.slots:
            continue
        if spec.kind is SlotKind.CHOICE and not situation.is_tapped:
            read = read_choice(spec, situation.text, is_asked=True)
        elif spec.kind in _FREE_KINDS:
            continue
        else:
            read = flows.read_slot(situation, spec, is_asked=False)
        if isinstance(read, Accepted):
            facts.append(SlotFilled(spec.name, read.value))
    return facts


def is_free(situation: Situation) -> bool:
    """Tell whether the slot asked for takes words that could mean something else as well."""
    spec = situation.asked
    return spec is not None and spec.kind in _FREE_KINDS


def is_text(situation: Situation) -> bool:
    """Tell whether the slot asked for takes any text."""
    spec = situation.asked
    return spec is not None and spec.kind is SlotKind.TEXT


def is_other_topic(situation: Situation, flow: Flow) -> bool:
    """Tell whether the intent, accepted, is about something else than the running flow."""
    route = situation.route
    if isinstance(route, FlowRoute):
        return route.flow != flow.name
    return isinstance(route, SearchRoute)


def says_no_value(situation: Situation) -> bool:
    """Tell whether a message turns the question down; a text slot takes longer sentences as its value."""
    if isinstance(read_asked(situation), Accepted) and not is_text(situation):
        return False
    if phrases.is_question(situation.text) and isinstance(situation.route, SearchRoute):
        return False
    says_no = phrases.is_no(situation.text) or situation.route == ActRoute(DialogueAct.DENY)
    is_short = len(phrases.words(situation.text)) <= _SHORT_WORDS
    if phrases.is_refusal(situation.text):
        return is_short or not is_text(situation)
    return says_no and (is_short or not is_text(situation))


def is_something_else(situation: Situation, flow: Flow) -> bool:
    """Tell whether a message with a value for the asked slot is nevertheless about something else."""
    if is_text(situation) and names_only_item(situation, flow):
        return True
    if situation.is_tapped or flows.is_bare_answer(situation):
        return False
    is_asking = phrases.is_question(situation.text) and isinstance(situation.route, SearchRoute)
    if is_free(situation):
        turns_away = phrases.turns_away(situation.text) and is_other_topic(situation, flow)
        is_small = isinstance(situation.route, SayRoute | ActRoute) and (
            len(phrases.words(situation.text)) <= _SHORT_WORDS
        )
        return is_asking or turns_away or (is_small and is_text(situation))
    return is_asking or _wants_other_task(situation, flow)


def _wants_other_task(situation: Situation, flow: Flow) -> bool:
    """Tell whether a sentence with the asked value is a wish of its own: "track CP-104233"; not "the one from May"."""
    route = situation.route
    if not isinstance(route, FlowRoute) or route.flow == flow.name:
        return False
    other = situation.playbook.flows.get(route.flow)
    if other is None or not other.reads_only or phrases.is_question(situation.text):
        return True
    return situation.is_sure


def names_only_item(situation: Situation, flow: Flow) -> bool:
    """Tell whether a message names a thing and says nothing else, "just the boots", in a task about an order's things."""
    specs = [spec for spec in flow.slots if spec.kind is SlotKind.ORDER_LINES]
    if not specs or situation.is_tapped:
        return False
    is_of_order = any(only_names(situation.text, situation.listing(s.name)) for s in specs)
    is_kind = bool(situation.understanding.values_of(KIND)) and flows.is_bare_answer(situation)
    return is_of_order or is_kind


def problem_with(situation: Situation, spec: SlotSpec) -> str:
    """Return the wording that says what is wrong with an answer; "" where it at least narrows the choice down."""
    narrows = any(map(situation.understanding.values_of, (KIND, *NARROWING)))
    if spec.kind is SlotKind.PRODUCT and narrows:
        return ""
    flow = situation.flow
    if spec.kind is SlotKind.CHOICE and flow is not None and names_only_item(situation, flow):
        return ""
    for found in ("address", "email"):
        own = f"{problem_of(spec.kind)}_not_{found}"
        if situation.understanding.values_of(found) and own in situation.playbook.wording.texts:
            return own
    return problem_of(spec.kind)
