"""What a message is about when no task runs: an answer to "which one?", or a new subject."""

from typing import Final

from bot.dialogue import flows, hints, phrases
from bot.dialogue.offering import offer_after_no
from bot.dialogue.order_lines import at_position
from bot.dialogue.playbook import (
    ActRoute,
    DialogueAct,
    FlowRoute,
    SayRoute,
    SearchRoute,
    SlotKind,
)
from bot.dialogue.referring import flow_taking
from bot.dialogue.said import refusal
from bot.dialogue.situation import REPEAT, Rule, Situation
from bot.dialogue.slots import Accepted, check
from bot.dialogue.starting import start_flow
from bot.dialogue.wording import Key
from bot.domain.conversation import Clarification
from bot.domain.decision import Clarify, Compared, Decision, Escalate, LookUp, Say
from bot.domain.facts import Fact, IntentTaken, RewordingAsked, SlotFilled, Succeeded

_MAX_NAME_WORDS: Final = 8
_MAX_CLARIFIED: Final = 3
_LEAST_ASKED: Final = 2
_MOST_ASKED: Final = 3
_PLAIN_SHARE: Final = 0.6
_CLOSE_TASK: Final = 0.2
_GUESS_SHARE: Final = 0.5
_OFFERED_SHARE: Final = 0.4
_DULL: Final = phrases.bag_of(
    "a an the my i to of in on is it what how for or and with that who has see get do does where not whether "
    "something"
)
_SAID_TO_NOTHING: Final = {
    DialogueAct.AFFIRM: Key.YES_TO_WHAT.value,
    DialogueAct.DENY: Key.NO_TO_WHAT.value,
    DialogueAct.LEAVE: Key.NOTHING_TO_LEAVE.value,
    DialogueAct.REPEAT: REPEAT,
}


def answer_clarification(situation: Situation) -> Decision | None:
    """Take the answer to "which of these do you mean?"; None where none is open, or it was passed over."""
    asked = situation.conversation.clarification
    if asked is None:
        return None
    intent = _chosen(situation, asked)
    if intent:
        return _take(situation, intent, Rule.CLARIFIED, asked.utterance)
    if situation.is_tapped or not phrases.is_none_of_these(situation.text):
        return None
    failures = Compared(
        "failures", situation.conversation.failures + 1, situation.playbook.max_failures
    )
    why = situation.why(Rule.NOT_CLARIFIED, failures)
    if failures.value >= failures.threshold:
        return Escalate("failures", why=why)
    return Say(Key.REWORD.value, why=why, facts=(RewordingAsked(),))


def _chosen(situation: Situation, asked: Clarification) -> str:
    """Return the offered intent that a message picks: by button, place, name, or by what the model makes of it."""
    understanding = situation.understanding
    if situation.is_tapped:
        return understanding.intent if understanding.intent in asked.intents else ""
    for value in understanding.values_of("position"):
        if value.value.lstrip("-").isdecimal():
            return at_position(asked.intents, int(value.value))
    if phrases.is_yes(situation.text):
        return asked.intents[0]
    if given := _giving_value(situation, asked):
        return given
    if named := _named(situation, asked):
        return named
    if len(asked.intents) == 1 and _only_adds(situation):
        return asked.intents[0]
    is_likely = understanding.confidence >= situation.thresholds.clarify
    return understanding.intent if is_likely and understanding.intent in asked.intents else ""


def _only_adds(situation: Situation) -> bool:
    """Tell whether a message is no more than a piece of what was meant: "for the down jacket", "what time"."""
    count = len(phrases.words(situation.text))
    names_thing = bool(situation.understanding.values_of("product_type"))
    is_piece = names_thing and phrases.is_fragment(situation.text)
    is_asking = phrases.is_question(situation.text) and _LEAST_ASKED <= count <= _MOST_ASKED
    return situation.route is None and (is_piece or is_asking)


def _named(situation: Situation, asked: Clarification) -> str:
    said = phrases.words(situation.text)
    if len(said) > _MAX_NAME_WORDS:
        return ""
    titles = {name: _telling(situation.playbook.titles.get(name, name)) for name in asked.intents}
    hits = {
        name: len(own.difference(*(t for n, t in titles.items() if n != name)) & set(said))
        for name, own in titles.items()
    }
    best = max(hits.values())
    winners = [name for name, count in hits.items() if count == best]
    return winners[0] if best and len(winners) == 1 else ""


def _giving_value(situation: Situation, asked: Clarification) -> str:
    """Return the offered task that a bare value belongs to: "to 5 Mill Lane, Bakewell DE45 1AA"; "" if not clear."""
    has_address = bool(situation.understanding.values_of(SlotKind.ADDRESS.value))
    if not has_address and not flows.is_bare_answer(situation):
        return ""
    taking = {name: flow for name in asked.intents if (flow := flow_taking(situation, name))}
    reading = [name for name, flow in taking.items() if flow.reads_only]
    names = reading or list(taking)
    return names[0] if reading or len(names) == 1 else ""


def _telling(title: str) -> frozenset[str]:
    return frozenset(phrases.words(title.replace("_", " "))) - _DULL


def take_intent(situation: Situation) -> Decision | None:
    """Let a confident intent take its route."""
    if situation.route is None:
        return _short_answer(situation)
    if _is_question_read_as_answer(situation):
        return None
    if isinstance(situation.route, ActRoute) and not _is_short_answer(situation):
        for intent in _close_tasks(situation)[:1]:
            return _take(situation, intent, Rule.LIKELY)
        if (offered := offer_after_no(situation)) is not None:
            return offered
    return _take(situation, situation.understanding.intent, Rule.INTENT)


def _is_question_read_as_answer(situation: Situation) -> bool:
    """Tell whether "so can I or not?" was read as a yes or a no; so is "why not" after a refusal."""
    is_answer = situation.route in {ActRoute(DialogueAct.AFFIRM), ActRoute(DialogueAct.DENY)}
    is_asking = not situation.is_tapped and phrases.is_question(situation.text)
    is_plain = _is_short_answer(situation) and not refusal(situation.conversation)
    return is_answer and is_asking and not is_plain


def _is_short_answer(situation: Situation) -> bool:
    return phrases.is_yes(situation.text) or phrases.is_no(situation.text)


def _short_answer(situation: Situation) -> Decision | None:
    """Read a yes or no, in whatever words, to a question that nobody asked."""
    if situation.is_tapped:
        return None
    why = situation.why(Rule.SMALL_TALK, *situation.scores())
    if phrases.is_yes(situation.text):
        return Say(Key.YES_TO_WHAT.value, why=why)
    return Say(Key.NO_TO_WHAT.value, why=why) if phrases.is_no(situation.text) else None


def _take(situation: Situation, intent: str, rule: Rule, asked_before: str = "") -> Decision | None:
    """Take an intent's route; ``asked_before`` is the utterance that a clarification was about."""
    route = situation.route_of(intent)
    why = situation.why(rule, *situation.scores())
    facts: tuple[Fact, ...] = (IntentTaken(intent), *mentioned(situation))
    match route:
        case SearchRoute(topic):
            needed = situation.thresholds.answer_in_scope
            question = asked_before or situation.text
            instead = situation.subject(intent) if situation.is_sure_of_topic else ""
            guesses = _close_tasks(situation)
            return LookUp(
                question, topic, needed, guesses=guesses, instead=instead, why=why, facts=facts
            )
        case FlowRoute(name):
            flow = situation.playbook.flows.get(name)
            if flow is None:
                return None
            if flow.needs_customer and _asks_ahead(situation):
                return LookUp(situation.text, "", situation.thresholds.answer_in_scope, why=why)
            return start_flow(situation, flow, intent, rule=rule, trusts_kept=bool(asked_before))
        case SayRoute(wording):
            return Say(wording, why=why, facts=(*facts, Succeeded()))
        case ActRoute(act):
            if act is DialogueAct.REPEAT and not (situation.is_sure or situation.is_tapped):
                return None
            return Say(_SAID_TO_NOTHING[act], why=why)
        case _:
            return Escalate(route.reason, why=why)


def _asks_ahead(situation: Situation) -> bool:
    """Tell whether a guest asks what would be, "can I send it back if it doesn't fit": no account is needed for that."""
    is_asking = situation.is_guest and not situation.is_tapped
    return is_asking and phrases.is_enquiry(situation.text) and hints.asks_ahead(situation.text)


def _close_tasks(situation: Situation) -> tuple[str, ...]:
    """Return the tasks that a message for the articles may have meant, to ask about when they hold nothing."""
    if situation.is_tapped:
        return ()
    return tuple(
        intent.name
        for intent in situation.understanding.intents[1:_MAX_CLARIFIED]
        if intent.probability >= _CLOSE_TASK
        and isinstance(situation.route_of(intent.name), FlowRoute)
        and not (situation.is_guest and _needs_customer(situation, intent.name))
    )


def clarify(situation: Situation) -> Decision | None:
    """Ask which one is meant where two intents are close; two that are both searched are searched together."""
    close = _close_intents(situation)
    before = situation.conversation.clarification
    if len(close) < 2 or (before is not None and set(before.intents) == set(close)):  # noqa: PLR2004 - two are close
        return None
    if all(isinstance(situation.route_of(name), SearchRoute) for name in close):
        return None
    if situation.is_guest and all(_needs_customer(situation, name) for name in close):
        return _take(situation, close[0], Rule.CLARIFY)
    first, second = (intent.probability for intent in situation.understanding.intents[:2])
    ratio = Compared("clarify_ratio", second / first, situation.thresholds.clarify_ratio)
    least = Compared("clarify", situation.understanding.confidence, situation.thresholds.clarify)
    why = situation.why(Rule.CLARIFY, *situation.scores(), least, ratio)
    return Clarify(close, situation.text, why=why, facts=mentioned(situation))


def _needs_customer(situation: Situation, intent: str) -> bool:
    route = situation.route_of(intent)
    flow = situation.playbook.flows.get(route.flow) if isinstance(route, FlowRoute) else None
    return flow is not None and flow.needs_customer


def _close_intents(situation: Situation) -> tuple[str, ...]:
    understanding, limits = situation.understanding, situation.thresholds
    is_out = understanding.out_of_scope_probability >= limits.out_of_scope
    is_unsure = limits.clarify <= understanding.confidence < limits.accept
    if situation.is_tapped or is_out or not is_unsure or not understanding.confidence:
        return ()
    least = understanding.intents[0].probability * limits.clarify_ratio
    ranked = understanding.intents[:_MAX_CLARIFIED]
    close = [i for i in ranked if i.probability >= least and _may_be_offered(situation, i.name)]
    share = sum(i.probability for i in close) * (1.0 - understanding.out_of_scope_probability)
    return tuple(i.name for i in close) if share >= _OFFERED_SHARE else ()


def _may_be_offered(situation: Situation, intent: str) -> bool:
    return isinstance(situation.route_of(intent), SearchRoute | FlowRoute)


def ask_knowledge_base(situation: Situation) -> Decision:
    """Ask the help articles, whatever else is unclear; with a guess at hand for when they hold nothing."""
    understanding, limits = situation.understanding, situation.thresholds
    is_out = understanding.out_of_scope_probability >= limits.out_of_scope
    is_likely = not is_out and understanding.confidence >= limits.clarify
    is_guess = is_likely and understanding.confidence >= limits.accept * _GUESS_SHARE
    route = situation.route_of(understanding.intent)
    is_plain = understanding.intents[:1] and understanding.intents[0].probability >= _PLAIN_SHARE
    is_guess = is_guess or (bool(is_plain) and not situation.is_guest)
    guesses = (understanding.intent,) if is_guess and isinstance(route, FlowRoute) else ()
    is_out = is_out and not guesses
    return LookUp(
        situation.text,
        route.topic if is_likely and isinstance(route, SearchRoute) else "",
        situation.needed,
        (Key.OUT_OF_SCOPE if is_out else Key.NOTHING_FOUND).value,
        guesses,
        why=situation.why(Rule.OUT_OF_SCOPE if is_out else Rule.KNOWLEDGE, *situation.scores()),
        facts=(
            *((IntentTaken(understanding.intent),) if is_likely else ()),
            *mentioned(situation),
        ),
    )


def mentioned(situation: Situation) -> tuple[Fact, ...]:
    """Return the values that a message mentions and that outlive a flow, so that "that order" means them later."""
    facts: list[Fact] = []
    for name, spec in flows.kept_specs(situation.playbook.flows.values()).items():
        for value in situation.understanding.values_of(spec.kind.value)[:1]:
            checked = check(spec, value.value)
            if isinstance(checked, Accepted):
                facts.append(SlotFilled(name, checked.value))
    return tuple(facts)
