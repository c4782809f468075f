"""Starts a task that is only likely, where that does no harm or the message itself speaks for it."""

from collections.abc import Iterator
from typing import Final

from bot.dialogue import flows, hints, phrases
from bot.dialogue.playbook import Flow, FlowRoute, SlotKind
from bot.dialogue.situation import Rule, Situation, intent_of_flow
from bot.dialogue.slots import Accepted
from bot.dialogue.starting import KIND, NARROWING, start_flow
from bot.domain.decision import Compared, Decision
from bot.domain.understanding import RankedIntent

_MAX_LIKELY: Final = 3
_SHARE_WITH_VALUE: Final = 1 / 3  # of the threshold, where a value speaks for the task
_OWN_SHARE: Final = 0.6
_PLAIN: Final = 0.8
_LEAST_OF_GOODS: Final = 0.1
_CLEAR_RATIO: Final = 0.5
_CLEAR_RATIO_TO_ARTICLE: Final = 0.8
_MAX_MORE_WORDS: Final = 3
_DULL: Final = phrases.bag_of(
    "for a an the my our me us please pls in stock who is with thanks size"
)
_TELLING_KINDS: Final = frozenset({SlotKind.ORDER_NUMBER, SlotKind.PRODUCT})


def take_likely(situation: Situation) -> Decision | None:
    """Start a task that is only likely.

    A value that the task takes (an order number, "the first one") shows that the shop's business is meant, whatever
    the out-of-scope probability: then the ranking of the tasks alone decides. A task that only reads, for somebody
    who may read it, costs nothing when the guess was wrong; a task that changes something reads back first all the
    same.
    """
    understanding, limits = situation.understanding, situation.thresholds
    for intent, flow in _tasks(situation):
        if _gives_value(situation, flow):
            is_safe = (
                flow.reads_only or _is_clear(situation, intent) or _gives_more(situation, flow)
            )
            least = limits.clarify * (_SHARE_WITH_VALUE if _gives_order(situation) else 1.0)
            is_likely = intent.probability >= least and is_safe
            numbers = (Compared("probability", intent.probability, least),)
        else:
            is_likely = _is_harmless(situation, flow) or _asks_for_goods(situation, intent, flow)
            numbers = (Compared("confidence", understanding.confidence, limits.clarify),)
        if is_likely:
            return start_flow(situation, flow, intent.name, rule=Rule.LIKELY, compared=numbers)
    return None


def take_goods(situation: Situation) -> Decision | None:
    """Look in the range where a kind of thing is wanted: "i need a tent, for 2 people", "do you stock tents".

    The second is looked up only where no article is surely meant.
    """
    if names_wanted_goods(situation):
        flow = next(filter(_takes_product, situation.playbook.flows.values()), None)
        if flow is not None and not _is_other_task(situation):
            intent = intent_of_flow(situation.playbook, flow.name)
            return start_flow(situation, flow, intent, rule=Rule.LIKELY)
    names_kind = bool(situation.understanding.values_of(KIND))
    if not names_kind or situation.is_sure or not hints.asks_for_goods(situation.text):
        return None
    for ranked in situation.understanding.intents[:_MAX_LIKELY]:
        flow = _flow_of(situation, ranked.name)
        if flow is not None and _takes_product(flow) and ranked.probability >= _LEAST_OF_GOODS:
            return start_flow(situation, flow, ranked.name, rule=Rule.LIKELY)
    return None


def names_wanted_goods(situation: Situation) -> bool:
    """Tell whether a message wants a kind of thing, and says little else than for whom: "any boots for kids"."""
    understanding, text = situation.understanding, situation.text
    kinds = understanding.values_of(KIND)
    if situation.is_tapped or len(kinds) != 1 or not hints.wants_goods(text[: kinds[0].start]):
        return False
    narrowing = [v for name in NARROWING for v in understanding.values_of(name)]
    rest = text[kinds[0].end :]
    for value in sorted(narrowing, key=lambda found: -found.start):
        if value.start >= kinds[0].end:
            place = value.start - kinds[0].end
            rest = f"{rest[:place]} {rest[place + value.end - value.start :]}"
    more = [word for word in phrases.words(rest) if word not in _DULL]
    return len(more) <= (_MAX_MORE_WORDS if narrowing else 0)


def _is_other_task(situation: Situation) -> bool:
    route = situation.route
    flow = _flow_of(situation, situation.understanding.intent)
    return isinstance(route, FlowRoute) and (flow is None or not _takes_product(flow))


def _flow_of(situation: Situation, intent: str) -> Flow | None:
    route = situation.route_of(intent)
    return situation.playbook.flows.get(route.flow) if isinstance(route, FlowRoute) else None


def _takes_product(flow: Flow) -> bool:
    return any(spec.kind is SlotKind.PRODUCT and spec.choose_from for spec in flow.slots)


def _tasks(situation: Situation) -> Iterator[tuple[RankedIntent, Flow]]:
    """Yield the likely tasks, best first: of those that are not the best guess, only what something speaks for."""
    ranked = () if situation.is_tapped else situation.understanding.intents[:_MAX_LIKELY]
    for intent in ranked:
        route = situation.route_of(intent.name)
        flow = situation.playbook.flows.get(route.flow) if isinstance(route, FlowRoute) else None
        is_close = intent.probability >= ranked[0].probability * situation.thresholds.clarify_ratio
        if flow is None or not is_close:
            continue
        is_spoken_for = _gives_value(situation, flow) or _is_about_own(situation, flow)
        if intent is ranked[0] or is_spoken_for:
            yield intent, flow


def _gives_more(situation: Situation, flow: Flow) -> bool:
    """Tell whether two of a task's values are given: an order and a reason to return it leave little doubt."""
    read = [flows.read_slot(situation, spec, is_asked=False) for spec in flow.slots]
    return sum(isinstance(value, Accepted) for value in read) > 1


def _is_clear(situation: Situation, intent: RankedIntent) -> bool:
    """Tell whether a task is well ahead of the next one; a value speaks against articles, so they may be closer."""
    return all(
        other.probability < intent.probability * _CLEAR_RATIO
        if isinstance(situation.route_of(other.name), FlowRoute)
        else other.probability < intent.probability * _CLEAR_RATIO_TO_ARTICLE
        for other in situation.understanding.intents
        if other.name != intent.name
    )


def _is_about_own(situation: Situation, flow: Flow) -> bool:
    """Tell whether "my parcel is late" is about an order that can be looked at, rather than about parcels at large."""
    best = situation.understanding.intents[0]
    is_article = not isinstance(situation.route_of(best.name), FlowRoute)
    is_own = is_article and hints.speaks_of_own(situation.text) and not situation.is_guest
    return is_own and _confidence_of_likes(situation, flow) >= best.probability * _OWN_SHARE


def _asks_for_goods(situation: Situation, intent: RankedIntent, flow: Flow) -> bool:
    """Tell whether a message asks what is sold: then it is looked up, however odd the thing is."""
    is_plain = intent.probability >= _PLAIN and not flow.needs_customer
    return is_plain and _takes_product(flow) and hints.asks_for_goods(situation.text)


def _is_harmless(situation: Situation, flow: Flow) -> bool:
    """Tell whether a wrong guess costs nothing: it reads, at once, what this customer may read."""
    understanding, limits = situation.understanding, situation.thresholds
    may_read = flow.reads_only and not (flow.needs_customer and situation.is_guest)
    is_in_scope = understanding.out_of_scope_probability < limits.out_of_scope
    is_likely = is_in_scope and _confidence_of_likes(situation, flow) >= limits.clarify
    return may_read and is_likely and flows.next_missing(flow, {}) is None


def _confidence_of_likes(situation: Situation, flow: Flow) -> float:
    """Return the confidence that a task is meant, or one that reads by the same slots: an order or its parcel."""
    likes = {other.name for other in situation.playbook.flows.values() if _is_like(other, flow)}
    routes = ((i.probability, situation.route_of(i.name)) for i in situation.understanding.intents)
    share = sum(p for p, route in routes if isinstance(route, FlowRoute) and route.flow in likes)
    return share * (1.0 - situation.understanding.out_of_scope_probability)


def _is_like(other: Flow, flow: Flow) -> bool:
    slots = [spec.name for spec in flow.slots]
    return other.reads_only and [spec.name for spec in other.slots] == slots


def _gives_order(situation: Situation) -> bool:
    """Tell whether the value is an order or a place in a list: products are named in questions of any kind."""
    return not situation.understanding.values_of(SlotKind.PRODUCT.value)


def _gives_value(situation: Situation, flow: Flow) -> bool:
    read = (
        flows.read_slot(situation, spec, is_asked=False)
        for spec in flow.slots
        if spec.kind in _TELLING_KINDS
    )
    return any(isinstance(value, Accepted) for value in read)
