"""Goes on with a running task: rules in order, the first that has a say decides."""

from collections.abc import Callable
from typing import Final

from bot.dialogue import flows, hints, phrases
from bot.dialogue.asked import (
    is_free,
    is_other_topic,
    is_something_else,
    is_text,
    names_only_item,
    other_values,
    problem_with,
    read_asked,
    says_no_value,
)
from bot.dialogue.at_hand import show_order_at_hand
from bot.dialogue.correcting import add_words, correct
from bot.dialogue.interrupting import (
    answer_in_between,
    narrow,
    switch,
    talk_small,
    was_passed_over,
)
from bot.dialogue.payload import read_payload
from bot.dialogue.playbook import (
    ActRoute,
    DialogueAct,
    Flow,
    FlowRoute,
    SearchRoute,
    SlotKind,
    SlotSpec,
)
from bot.dialogue.situation import Rule, Situation, intent_of_flow
from bot.dialogue.slots import Accepted, Unfit
from bot.dialogue.starting import ask_for, ending, next_step
from bot.dialogue.wording import Key
from bot.domain.decision import (
    Compared,
    Decision,
    Escalate,
    LeaveFlow,
    RunAction,
    SignIn,
)
from bot.domain.facts import Fact, FlowEnd, SlotFilled, WishQueued

_MAX_YES_WORDS: Final = 12
_MAX_LEAVE_WORDS: Final = 10
_MAX_RESTATED_WORDS: Final = 4
_MIN_REASON_WORDS: Final = 3
_MIN_WISH_WORDS: Final = 3


def continue_flow(situation: Situation) -> Decision | None:
    """Go on with the running flow; None where none runs, or where a look-up's question was passed over twice."""
    flow = situation.flow
    if flow is None:
        return None
    is_passed_over = was_passed_over(situation, flow)
    for rule in _RULES_OF_ANSWERS if is_passed_over else (*_RULES_OF_ANSWERS, *_RULES_OF_OTHERS):
        decision = rule(situation, flow)
        if decision is not None:
            return decision
    return None if is_passed_over else _not_understood(situation, flow)


def _signed_out(situation: Situation, flow: Flow) -> Decision | None:
    if not flow.needs_customer or not situation.is_guest:
        return None
    intent = intent_of_flow(situation.playbook, flow.name)
    why = situation.why(Rule.SIGN_IN)
    return SignIn(intent, why=why, facts=tuple(ending(situation, FlowEnd.LEFT)))


def _goes_on(situation: Situation, flow: Flow) -> Decision | None:
    """The message itself named what an action listed: nothing waits for the customer yet."""
    running = situation.conversation.flow
    if running is None or running.asked_slot or running.is_confirming:
        return None
    return next_step(situation, flow, (), rule=Rule.FILLED)


def _left(situation: Situation, flow: Flow) -> Decision | None:
    by_words = not situation.is_tapped and (
        phrases.is_leave(situation.text, flow.verb) or _leaves_first(situation, flow)
    )
    if not by_words and not _leaves_by_intent(situation, flow):
        return None
    return LeaveFlow(flow.name, why=situation.why(Rule.LEFT, *situation.scores()))


def _leaves_first(situation: Situation, flow: Flow) -> bool:
    """Tell whether a message begins with "never mind, …" and goes on without another wish."""
    has_wish = isinstance(situation.route, FlowRoute | SearchRoute)
    kinds = {spec.kind.value for spec in flow.slots}
    has_value = any(value.slot in kinds for value in situation.understanding.slot_values)
    return phrases.opens_with_leave(situation.text) and not (has_wish or has_value)


def _leaves_by_intent(situation: Situation, flow: Flow) -> bool:
    """Tell whether the model reads a wish to leave, and the message is not rather the value asked for."""
    if situation.route != ActRoute(DialogueAct.LEAVE) or _stays(situation, flow):
        return False
    if is_text(situation):
        return len(phrases.words(situation.text)) <= _MAX_LEAVE_WORDS
    if other_values(situation, flow):
        return False
    return not (is_free(situation) and isinstance(read_asked(situation), Accepted))


def _stays(situation: Situation, flow: Flow) -> bool:
    """Tell whether a change just read back is agreed to ("yes, stop" the newsletter) or put right."""
    running = situation.conversation.flow
    if running is None or not running.is_confirming:
        return False
    return phrases.is_yes(situation.text, flow.verb) or phrases.corrects(situation.text)


def _confirmed(situation: Situation, flow: Flow) -> Decision | None:
    """Only a yes in the customer's own words, to a change just read back, lets a changing action run."""
    running = situation.conversation.flow
    if running is None or not running.is_confirming or situation.is_tapped:
        return None
    if read_payload(situation.text) is not None:  # typed, not tapped: no words of a customer
        return None
    more = _wish_after_yes(situation, flow)
    if not more and not _says_yes(situation, flow):
        return None
    known = flows.action_slots(flow, situation.conversation.slots)
    why = situation.why(Rule.CONFIRMED, *situation.scores())
    facts = (WishQueued(more),) if more else ()
    return RunAction(
        flow.action, known, reads_only=False, ends_flow=flow.name, why=why, facts=facts
    )


def _wish_after_yes(situation: Situation, flow: Flow) -> str:
    """Return what else is wanted after a plain yes, "yes, and cancel the jacket too"; "" for nothing else."""
    said, more = hints.yes_and_more(situation.text)
    is_wish = len(phrases.words(more)) >= _MIN_WISH_WORDS and not phrases.is_no(more)
    is_plain = phrases.is_yes(said, flow.verb) and is_other_topic(situation, flow)
    return more if is_plain and is_wish else ""


def _says_yes(situation: Situation, flow: Flow) -> bool:
    if phrases.is_yes(flows.rest_without_known(situation, flow), flow.verb):
        return True
    is_short = len(phrases.words(situation.text)) <= _MAX_YES_WORDS
    is_meant = situation.route == ActRoute(DialogueAct.AFFIRM)
    return is_meant and is_short and not phrases.is_hesitant(situation.text)


def _declined(situation: Situation, flow: Flow) -> Decision | None:
    running = situation.conversation.flow
    if running is None or not running.is_confirming:
        return None
    if not phrases.is_no(situation.text, flow.verb) and situation.route != ActRoute(
        DialogueAct.DENY
    ):
        return None
    return LeaveFlow(flow.name, why=situation.why(Rule.DECLINED, *situation.scores()))


def _restated(situation: Situation, flow: Flow) -> Decision | None:
    """What is known is said once more ("just the boots", the order's number): that is no yes, so ask again."""
    running, slots = situation.conversation.flow, situation.conversation.slots
    is_short = len(phrases.words(situation.text)) <= _MAX_RESTATED_WORDS
    if running is None or situation.is_tapped or not is_short:
        return None
    rest = flows.rest_without_known(situation, flow)
    if not running.is_confirming:
        is_known = rest != situation.text and phrases.is_bare(rest)
        return next_step(situation, flow, (), rule=Rule.AGAIN) if is_known else None
    given = [(s.name, flows.read_slot(situation, s, is_asked=False)) for s in flow.slots]
    if not any(isinstance(r, Accepted) and r.value == slots.get(name) for name, r in given):
        return None
    return next_step(situation, flow, (), rule=Rule.AGAIN)


def _refused(situation: Situation, flow: Flow) -> Decision | None:
    """The customer does not know, or would rather not say: do without, help once, then leave it."""
    spec, running = situation.asked, situation.conversation.flow
    if spec is None or running is None or situation.is_tapped or not says_no_value(situation):
        return None
    if spec.if_refused:
        facts: list[Fact] = [SlotFilled(spec.name, spec.if_refused)]
        return next_step(situation, flow, facts, rule=Rule.REFUSED)
    if running.times_asked > 1 or phrases.is_taking_back(situation.text):
        times = Compared("times_asked", running.times_asked, 1)
        return LeaveFlow(flow.name, why=situation.why(Rule.REFUSED, times))
    own = f"{Key.REFUSED}_{spec.name}"
    problem = own if own in situation.playbook.wording.texts else Key.REFUSED.value
    return ask_for(situation, flow, spec, (), rule=Rule.REFUSED, problem=problem)


def _filled(situation: Situation, flow: Flow) -> Decision | None:
    spec = situation.asked
    if spec is None or is_something_else(situation, flow):
        return None
    read = read_asked(situation)
    if not isinstance(read, Accepted):
        return None
    slots = situation.conversation.slots
    facts = flows.filling(flow, spec, read.value, slots)
    for other in flow.slots:
        if other.name in slots or other is spec or other.kind is SlotKind.ORDER_LINES:
            continue
        more = flows.read_slot(situation, other, is_asked=False)
        if isinstance(more, Accepted):
            facts.append(SlotFilled(other.name, more.value))
    return next_step(situation, flow, facts, rule=Rule.FILLED)


def _not_understood(situation: Situation, flow: Flow) -> Decision:
    running = situation.conversation.flow
    times = running.times_asked if running is not None else 0
    compared = Compared("times_asked", times, flows.MAX_TIMES_ASKED)
    if times >= flows.MAX_TIMES_ASKED:
        return Escalate("failures", why=situation.why(Rule.ASKED_IN_VAIN, compared))
    spec = situation.asked
    if spec is None:
        scores = (*situation.scores(), compared)
        return next_step(situation, flow, (), rule=Rule.NOT_UNDERSTOOD, compared=scores)
    read = read_asked(situation)
    if isinstance(read, Unfit):
        return ask_for(situation, flow, spec, (), rule=Rule.UNFIT, problem=read.problem)
    if more := other_values(situation, flow):
        return next_step(situation, flow, more, rule=Rule.FILLED)
    if _is_own_reason(situation, flow, spec):
        own = [SlotFilled(spec.name, spec.if_refused)]
        return next_step(situation, flow, own, rule=Rule.FILLED)
    if situation.route == FlowRoute(flow.name):
        return ask_for(situation, flow, spec, (), rule=Rule.AGAIN)
    problem = problem_with(situation, spec)
    return ask_for(situation, flow, spec, (), rule=Rule.NOT_UNDERSTOOD, problem=problem)


def _is_own_reason(situation: Situation, flow: Flow, spec: SlotSpec) -> bool:
    """Tell whether words of the customer's own answer a choice that can do without an answer."""
    if spec.kind is not SlotKind.CHOICE or not spec.if_refused or situation.is_tapped:
        return False
    is_said = len(phrases.words(situation.text)) >= _MIN_REASON_WORDS
    is_said = is_said and not names_only_item(situation, flow)
    return is_said and not phrases.is_question(situation.text)


_FlowRule = Callable[[Situation, Flow], Decision | None]
_RULES_OF_ANSWERS: Final[tuple[_FlowRule, ...]] = (
    _signed_out,
    _goes_on,
    _left,
    show_order_at_hand,
    correct,
    _confirmed,
    _declined,
    add_words,
    _restated,
    _refused,
    _filled,
    narrow,
)
_RULES_OF_OTHERS: Final[tuple[_FlowRule, ...]] = (
    answer_in_between,
    switch,
    talk_small,
)
