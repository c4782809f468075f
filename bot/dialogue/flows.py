"""Steps of a task: which slot is missing, which value of a message fills which slot, what is left at its end."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from bot.dialogue import phrases
from bot.dialogue.listed_days import of_day
from bot.dialogue.order_lines import at_position, by_name, read_lines
from bot.dialogue.playbook import Flow, SlotKind, SlotSpec
from bot.dialogue.situation import BUTTON, Situation
from bot.dialogue.slots import (
    Accepted,
    Checked,
    Unfit,
    check,
    find_postcode,
    problem_of,
    read_choice,
)
from bot.domain.entries import TurnClosed
from bot.domain.facts import Fact, ItemsListed, SlotEmptied, SlotFilled
from bot.domain.understanding import SlotValue, Understanding

MAX_TIMES_ASKED: Final = 3
"""How often in a row the same thing is asked for before a person takes over."""

_NOUNS: Final[Mapping[SlotKind, tuple[str, ...]]] = {
    SlotKind.ORDER_NUMBER: ("order", "orders", "one", "number"),
    SlotKind.ORDER_LINES: ("item", "items", "thing", "things", "article", "articles"),
    SlotKind.PRODUCT: ("product", "article", "one", "item"),
    SlotKind.EMAIL: ("e-mail", "email"),
    SlotKind.DATE: ("date", "day"),
    SlotKind.AMOUNT: ("amount", "sum"),
    SlotKind.POSTCODE: ("postcode",),
    SlotKind.ADDRESS: ("address", "place", "house", "street"),
    SlotKind.CHOICE: ("reason",),
    SlotKind.TEXT: ("description", "subject", "text"),
}
_LISTED_KINDS: Final = frozenset({SlotKind.ORDER_NUMBER, SlotKind.PRODUCT})
_OTHER_ONE: Final = re.compile(r"\bother (?:one|order|item|product)\b|\bthe other\b(?! \w)")
_ONE_BEFORE: Final = re.compile(r"\b(?:one|order) before(?: (?:that|it|this))?\b(?! \w)")
_THE_ONE: Final = re.compile(r"it$|(?:it's |its )?(?:the|that|this) (?:\w+ )?ones?\b")
_THE_ORDER: Final = re.compile(
    r"\b(?:my|the|this|that) (?:last |latest |recent |newest |new )?(?:order|parcel|delivery|purchase)\b"
)
_TURNED_ROUND: Final = re.compile(r"\b(?:meant|actually|sorry|instead|but)\b")


def next_missing(flow: Flow, slots: Mapping[str, str]) -> SlotSpec | None:
    """Return the first required slot without a value."""
    return next((s for s in flow.slots if s.is_required and s.name not in slots), None)


def action_slots(flow: Flow, slots: Mapping[str, str]) -> dict[str, str]:
    """Return what a flow's actions are given: its slots that have values, and its constants."""
    known = {spec.name: slots[spec.name] for spec in flow.slots if spec.name in slots}
    return {**known, **flow.constants}


def leftovers(flow: Flow, slots: Mapping[str, str]) -> tuple[SlotEmptied, ...]:
    """Return the facts that clear up after a flow: its slots are emptied, apart from those that are kept."""
    return tuple(SlotEmptied(s.name) for s in flow.slots if not s.is_kept and s.name in slots)


def filling(flow: Flow, spec: SlotSpec, value: str, slots: Mapping[str, str]) -> list[Fact]:
    """Return the facts of filling a slot; another order makes the lines chosen from the old one void."""
    facts: list[Fact] = [SlotFilled(spec.name, value)]
    if spec.kind is SlotKind.ORDER_NUMBER and slots.get(spec.name, value) != value:
        facts += [
            SlotEmptied(other.name)
            for other in flow.slots
            if other.kind is SlotKind.ORDER_LINES and other.name in slots
        ]
    return facts


def read_slot(situation: Situation, spec: SlotSpec, *, is_asked: bool) -> Checked | None:
    """Read a slot's value from a message.

    Args:
        situation: The message and what came before.
        spec: The slot.
        is_asked: It was asked for: then free text, a bare position and single words of a choice count too.

    Returns:
        The value, or why it does not do; None where the message says nothing about it.
    """
    for value in situation.understanding.slot_values:
        if value.extractor == BUTTON and value.slot == spec.name:
            return check(spec, value.value, situation.listing(spec.name).values)
    if situation.is_tapped:
        return None
    match spec.kind:
        case SlotKind.ORDER_LINES:
            return _read_order_lines(situation, spec, is_asked=is_asked)
        case SlotKind.CHOICE:
            return _read_choice(situation, spec, is_asked=is_asked)
        case SlotKind.TEXT:
            return check(spec, situation.text) if is_asked else None
        case SlotKind.ADDRESS:
            return _read_address(situation, spec, is_asked=is_asked)
        case _:
            return _read_value(situation, spec, is_asked=is_asked)


def _read_value(situation: Situation, spec: SlotSpec, *, is_asked: bool) -> Checked | None:
    found = _pick(situation, spec)
    if found is not None:
        return check(spec, found.value)
    if spec.kind in _LISTED_KINDS:
        listed = _read_listed(situation, spec, is_asked=is_asked)
        return Accepted(listed) if listed else None
    return None


def _pick(situation: Situation, spec: SlotSpec) -> SlotValue | None:
    """Return the value that is meant where a message holds several: not "not this", not the old one."""
    text = situation.text
    values = [
        value
        for value in situation.understanding.values_of(spec.kind.value)
        if not re.search(r"\bnot(?: the)?\s+$", text[: value.start], re.IGNORECASE)
    ]
    current = situation.conversation.slots.get(spec.name)
    values = [value for value in values if value.value != current] or values
    if not values:
        return None
    return values[-1] if _TURNED_ROUND.search(text.lower()) else values[0]


def _read_listed(situation: Situation, spec: SlotSpec, *, is_asked: bool) -> str:
    """Return the listed or kept value that "the second one", "the other one" or "that order" means; "" for none."""
    understanding, slots = situation.understanding, situation.conversation.slots
    listing = situation.listing(spec.name)
    current = slots.get(spec.name, "")
    if _OTHER_ONE.search(phrases.plain(situation.text)):
        others = [value for value in listing.values if value != current]
        return others[0] if current and len(others) == 1 else ""
    if _ONE_BEFORE.search(phrases.plain(situation.text)):  # orders are listed newest first
        place = listing.values.index(current) + 2 if current in listing.values else 2
        return at_position(listing.values, place)
    for position in _positions(understanding):
        if value := at_position(listing.values, position):
            return value
    is_bare = is_asked and is_bare_answer(situation)
    if dated := of_day(situation.text, understanding.slot_values, listing, is_bare=is_bare):
        return dated
    only = listing.values[0] if len(listing.values) == 1 else ""
    if understanding.values_of("reference"):
        return current or only
    is_taken = phrases.is_yes(situation.text) or _THE_ONE.match(phrases.plain(situation.text))
    if is_asked and only and is_taken:
        return only
    is_named = is_asked or was_just_listed(situation, spec)
    named = by_name(_with_kinds(situation), listing) if is_named else ()
    return named[0] if len(named) == 1 else ""


def named_option(situation: Situation, spec: SlotSpec) -> str:
    """Return the listed value that a message named before it saw the list; "" for none, or where it is not clear."""
    listing = situation.listing(spec.name)
    if spec.kind is SlotKind.ORDER_LINES:
        return read_lines(situation.text, listing, ())
    for position in _positions(situation.understanding):
        if value := at_position(listing.values, position):
            return value
    if dated := of_day(situation.text, situation.understanding.slot_values, listing):
        return dated
    named = by_name(_with_kinds(situation), listing)
    if not named and len(listing.values) == 1 and _THE_ORDER.search(phrases.plain(situation.text)):
        return listing.values[0]
    return named[0] if len(named) == 1 else ""


def _with_kinds(situation: Situation) -> str:
    """Return a message's text together with what its words are called in the shop: "backpack rucksack"."""
    lists = ("product_type", "audience")
    found = (v.value for name in lists for v in situation.understanding.values_of(name))
    return " ".join([situation.text, *found])


def was_just_listed(situation: Situation, spec: SlotSpec) -> bool:
    """Tell whether the last reply listed values for a slot: then naming one of them picks it."""
    for entry in reversed(situation.conversation.entries):
        if isinstance(entry, TurnClosed):
            facts = entry.reply.facts
            return any(isinstance(fact, ItemsListed) and fact.slot == spec.name for fact in facts)
    return False


def _positions(understanding: Understanding) -> tuple[int, ...]:
    values = (value.value for value in understanding.values_of("position"))
    return tuple(int(value) for value in values if re.fullmatch(r"-?\d{1,3}", value))


def _read_order_lines(situation: Situation, spec: SlotSpec, *, is_asked: bool) -> Checked | None:
    listing = situation.listing(spec.name)
    current = situation.conversation.slots.get(spec.name, "")
    if not listing.values or not (is_asked or current):
        return None
    lines = read_lines(situation.text, listing, _positions(situation.understanding), current)
    if lines:
        return Accepted(lines)
    return Unfit(problem_of(spec.kind)) if is_asked else None


def _read_choice(situation: Situation, spec: SlotSpec, *, is_asked: bool) -> Checked | None:
    if is_asked:
        for position in _positions(situation.understanding):
            values = tuple(choice.value for choice in spec.choices)
            if value := at_position(values, position):
                return Accepted(value)
    return read_choice(spec, situation.text, is_asked=is_asked)


def _read_address(situation: Situation, spec: SlotSpec, *, is_asked: bool) -> Checked | None:
    found = situation.understanding.values_of("address")
    if found:
        checked = check(spec, found[-1].value)
        if isinstance(checked, Accepted) or not find_postcode(situation.text):
            return checked
    if not is_asked:
        return None
    has_digit = any(character.isdecimal() for character in situation.text)
    return check(spec, situation.text) if has_digit or found else None


def bare_rest(situation: Situation) -> str:
    """Return a message's text without the values found in it."""
    rest, cut = [], 0
    for value in sorted(situation.understanding.slot_values, key=lambda value: value.start):
        if value.extractor == BUTTON or value.end <= cut:
            continue
        rest.append(situation.text[cut : max(cut, value.start)])
        cut = value.end
    return " ".join([*rest, situation.text[cut:]])


def rest_without_known(situation: Situation, flow: Flow) -> str:
    """Return a message's text without the values that its flow has already: "yes, cancel CP-104233"."""
    known = {(s.kind.value, situation.conversation.slots.get(s.name)) for s in flow.slots}
    rest = situation.text
    for value in reversed(situation.understanding.slot_values):
        if (value.slot, value.value) in known:
            rest = f"{rest[: value.start]} {rest[value.end :]}"
    return rest


def is_bare_answer(situation: Situation, *, follows_up: bool = False) -> bool:
    """Tell whether a message holds values and else only filler words: "it's CP-104233, sorry"."""
    if not situation.understanding.slot_values:
        return False
    return phrases.is_bare(bare_rest(situation), follows_up=follows_up)


def wants_other(situation: Situation, spec: SlotSpec) -> bool:
    """Tell whether a message asks for another value of a slot without giving one: "to another address"."""
    nouns = _NOUNS[spec.kind]
    if situation.asked is not None:  # "the wrong one" may then well be the answer
        nouns = tuple(noun for noun in nouns if noun != "one")
    return phrases.wants_other(situation.text, nouns)


def kept_specs(flows: Iterable[Flow]) -> dict[str, SlotSpec]:
    """Return the slots that outlive their flow, by name."""
    return {spec.name: spec for flow in flows for spec in flow.slots if spec.is_kept}
