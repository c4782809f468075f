"""What a message leans on: more about the last subject, "and for Belgium?", "what are they worth?", "which day"."""

from typing import Final

from bot.dialogue import flows, hints, phrases
from bot.dialogue.playbook import ActRoute, DialogueAct, Flow, FlowRoute, SayRoute, SearchRoute
from bot.dialogue.referring import flow_taking
from bot.dialogue.said import refusal, said_before
from bot.dialogue.situation import Rule, Situation
from bot.dialogue.slots import Accepted
from bot.dialogue.starting import start_flow
from bot.dialogue.wording import Key
from bot.domain.decision import Decision, LookUp, Quoting
from bot.domain.facts import IntentTaken

_MAX_LIKELY: Final = 3
_MAX_LEANING_WORDS: Final = 12
_MAX_BARE_WORDS: Final = 5
_MAX_ADDED_WORDS: Final = 6
_MAX_TINY_WORDS: Final = 3
_MAX_PIECE_WORDS: Final = 4
_PLAIN_TASK: Final = 0.5
_PLAIN_SUBJECT: Final = 0.97
_CERTAINLY_OUT: Final = 0.93
_LEAST_OF_LEANT: Final = 0.02
_LEAST_OF_KNOWN: Final = 0.15


def follow_up(situation: Situation) -> Decision | None:
    """Search on about the last subject: "and for Belgium?", "what are they worth?"."""
    last = _last_subject(situation)
    if last is None:
        return None
    if (again := _look_again(situation, last)) is not None:
        return again
    has_own = _has_own_subject(situation, last)
    if has_own and hints.supposes(situation.text):
        return _search_alone(situation, last)
    if _means_last_subject(situation) or _says_more(situation):
        return _search_beside(situation, last)
    if not phrases.follows_up(situation.text) or _stands_alone(situation):
        return None
    if (known := _about_known(situation)) is not None:
        return known
    if has_own:
        return _search_alone(situation, last)
    limits = situation.thresholds
    is_same = situation.understanding.intent == situation.conversation.last_intent
    is_tiny = len(phrases.words(situation.text)) <= _MAX_TINY_WORDS
    return LookUp(
        f"{_context(situation, last)}: {situation.text}",
        last.topic if isinstance(last, SearchRoute) else "",
        limits.answer if _is_out(situation) and not is_same else limits.answer_in_scope,
        instead=situation.text,
        quoting=Quoting.ANYTHING if is_tiny else Quoting.NEW_FIRST,
        why=situation.why(Rule.REFERRED_BACK, *situation.scores()),
    )


def _look_again(situation: Situation, last: SearchRoute | FlowRoute) -> Decision | None:
    """Look up once more what has no parts to tell apart: "how many left" of what an account holds."""
    flow = situation.playbook.flows.get(last.flow) if isinstance(last, FlowRoute) else None
    if (
        flow is None
        or flow.slots
        or not flow.reads_only
        or not hints.asks_what_is_left(situation.text)
    ):
        return None
    if not _lacks_product(situation):
        return None
    return start_flow(situation, flow, situation.conversation.last_intent, rule=Rule.REFERRED_BACK)


def carry_on(situation: Situation) -> Decision | None:
    """Take an unclear message for more about the last subject: "which day", "I live in Ireland"."""
    last, understanding = _last_subject(situation), situation.understanding
    is_unclear = situation.route is None or isinstance(situation.route, ActRoute)
    is_short = len(phrases.words(situation.text)) <= _MAX_LEANING_WORDS
    if last is None or not is_unclear or not is_short or hints.supposes(situation.text):
        return None
    if understanding.out_of_scope_probability >= _CERTAINLY_OUT or _is_plain_task(situation):
        return None
    if _is_out(situation) and not hints.has_form_words(situation.text):
        return None
    return _search_on(situation, last)


def _last_subject(situation: Situation) -> SearchRoute | FlowRoute | None:
    """Return the route of the last subject, where there is one to lean on."""
    route = situation.playbook.routes.get(situation.conversation.last_intent)
    if situation.is_tapped or not _title(situation):
        return None
    return route if isinstance(route, SearchRoute | FlowRoute) else None


def _title(situation: Situation) -> str:
    return situation.playbook.titles.get(situation.conversation.last_intent, "")


def _is_out(situation: Situation) -> bool:
    limits = situation.thresholds
    return situation.understanding.out_of_scope_probability >= limits.out_of_scope


def _is_plain_task(situation: Situation) -> bool:
    best = situation.understanding.intents[:1]
    return any(
        one.probability >= _PLAIN_TASK and isinstance(situation.route_of(one.name), FlowRoute)
        for one in best
    )


def _means_last_subject(situation: Situation) -> bool:
    """Tell whether a question that a subject was found for is nevertheless about the last one.

    "When do they run out" has a pronoun for what was talked about; "how much for a weekend" asks the price of nothing
    that is sold, right after a talk about hire; "no receipt" says what is missing for what was talked about.
    """
    if situation.understanding.values_of("product_type"):
        return False
    if isinstance(situation.route, SearchRoute):
        is_bare = len(phrases.words(situation.text)) <= _MAX_ADDED_WORDS
        is_open = is_bare or situation.understanding.confidence < _PLAIN_SUBJECT
        is_leaning = phrases.stands_for_something(situation.text)
        return is_open and is_leaning and phrases.is_question(situation.text)
    is_short = len(phrases.words(situation.text)) <= _MAX_BARE_WORDS
    last = situation.playbook.routes.get(situation.conversation.last_intent)
    if isinstance(last, SearchRoute) and hints.lacks_thing(situation.text):
        return True
    return is_short and isinstance(last, SearchRoute) and _lacks_product(situation)


def _says_more(situation: Situation) -> bool:
    """Tell whether a few words add to the question before: "waterproof would be good", "it says expired"."""
    understanding, before = situation.understanding, situation.conversation.last_intent
    is_same = understanding.intent == before
    if not is_same and phrases.opens_with_pronoun(situation.text):
        likely = (i for i in understanding.intents[:_MAX_LIKELY] if i.name == before)
        is_same = any(i.probability >= _LEAST_OF_LEANT for i in likely)
    is_short = len(phrases.words(situation.text)) <= _MAX_ADDED_WORDS
    is_search = isinstance(situation.route, SearchRoute)
    return is_same and is_short and is_search and not understanding.values_of("product_type")


def _lacks_product(situation: Situation) -> bool:
    """Tell whether the best guess looks up a product, and neither the message nor an earlier one names any."""
    route = situation.route
    flow = situation.playbook.flows.get(route.flow) if isinstance(route, FlowRoute) else None
    if flow is None or not flow.reads_only or flow.needs_customer:
        return False
    kept = situation.conversation.slots
    return (
        not any(spec.name in kept for spec in flow.slots)
        and flow_taking(situation, situation.understanding.intent) is None
    )


def _has_own_subject(situation: Situation, last: SearchRoute | FlowRoute) -> bool:
    """Tell whether a message is a sentence about something else: "what if it doesn't fit me", not "and for a tent?"."""
    route, text = situation.route, situation.text
    if not isinstance(route, SearchRoute) or route == last or phrases.points_back(text):
        return False
    return len(phrases.words(text)) > _MAX_PIECE_WORDS and not phrases.is_fragment(text)


def _search_alone(situation: Situation, last: SearchRoute | FlowRoute) -> LookUp:
    """Search for a message as it stands; only where that finds nothing, together with the last subject."""
    own = situation.route
    return LookUp(
        situation.text,
        own.topic if isinstance(own, SearchRoute) else "",
        situation.thresholds.answer_in_scope,
        instead=f"{_context(situation, last)}: {situation.text}",
        quoting=Quoting.NEW_FIRST,
        why=situation.why(Rule.REFERRED_BACK, *situation.scores()),
        facts=(IntentTaken(situation.understanding.intent),),
    )


def _search_beside(situation: Situation, last: SearchRoute | FlowRoute) -> LookUp:
    """Search for a question that is about the last subject, or else for the question as it stands."""
    own, is_asking = situation.route, phrases.is_question(situation.text)
    topic = last.topic if isinstance(last, SearchRoute) and last == own else ""
    is_known = phrases.opens_with_pronoun(situation.text) and not is_asking
    facts = (IntentTaken(situation.understanding.intent),) if last == own and not is_known else ()
    return LookUp(
        f"{_context(situation, last)}: {situation.text}",
        topic,
        situation.thresholds.answer_in_scope,
        instead=situation.text,
        quoting=Quoting.NEW_FIRST if is_asking else Quoting.NEW_ONLY,
        why=situation.why(Rule.REFERRED_BACK, *situation.scores()),
        facts=facts,
    )


def _search_on(situation: Situation, last: SearchRoute | FlowRoute) -> LookUp:
    """Search for an unclear message together with what was said before, or else with its subject.

    After a refusal it is the other way about: the next words are about that.
    """
    before, subject = said_before(situation.conversation), _subject(situation, last)
    is_refused = isinstance(last, FlowRoute) and bool(refusal(situation.conversation))
    first, second = (subject, before) if is_refused or not before else (before, subject)
    is_same = situation.understanding.intent == situation.conversation.last_intent
    limits = situation.thresholds
    return LookUp(
        f"{first}: {situation.text}",
        last.topic if isinstance(last, SearchRoute) else "",
        (limits.answer + limits.answer_in_scope) / 2,
        (Key.OUT_OF_SCOPE if _is_out(situation) else Key.NOTHING_FOUND).value,
        () if _is_out(situation) else _likely_tasks(situation),
        instead=f"{second}: {situation.text}" if second else situation.text,
        quoting=Quoting.NEW_FIRST if is_same else Quoting.NEW_ONLY,
        why=situation.why(Rule.LEANT_ON, *situation.scores()),
    )


def _context(situation: Situation, last: SearchRoute | FlowRoute) -> str:
    """Return what was asked before, where that is clear by itself; else the last subject."""
    before = said_before(situation.conversation) if isinstance(last, SearchRoute) else ""
    is_leaning = phrases.stands_for_something(before) or phrases.follows_up(before)
    return before if before and not is_leaning else _subject(situation, last)


def _subject(situation: Situation, last: SearchRoute | FlowRoute) -> str:
    """Return what a message leans on: the last subject, or why its task was refused."""
    refused = refusal(situation.conversation) if isinstance(last, FlowRoute) else ""
    return refused or _title(situation)


def _likely_tasks(situation: Situation) -> tuple[str, ...]:
    """Return the tasks to ask about when the articles hold nothing."""
    least = situation.thresholds.clarify
    return tuple(
        one.name
        for one in situation.understanding.intents[:_MAX_LIKELY]
        if one.probability >= least and isinstance(situation.route_of(one.name), FlowRoute)
    )


def _about_known(situation: Situation) -> Decision | None:
    """Look at what the last turn was about, where a word points at it: "and the status of it now?"."""
    for intent in situation.understanding.intents[:_MAX_LIKELY]:
        flow = flow_taking(situation, intent.name) or _flow_of_kept(situation, intent.name)
        if flow is not None and flow.reads_only and intent.probability >= _LEAST_OF_KNOWN:
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
    if isinstance(route, SayRoute) or route == ActRoute(DialogueAct.REPEAT):
        return situation.is_sure or not phrases.is_question(situation.text)
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
