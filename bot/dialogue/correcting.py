"""Puts right what was given to a running task: another value, a word of it, more words about it."""

import re
from collections.abc import Sequence
from typing import Final

from bot.dialogue import flows, hints, phrases
from bot.dialogue.asked import is_other_topic, is_text, names_only_item, read_asked
from bot.dialogue.interrupting import names_item
from bot.dialogue.playbook import Flow, FlowRoute, SlotKind, SlotSpec
from bot.dialogue.situation import Rule, Situation
from bot.dialogue.slots import Accepted, check, find_postcode
from bot.dialogue.starting import next_step
from bot.domain.decision import Decision
from bot.domain.facts import Fact, SlotEmptied, SlotFilled

_MIN_ADDED_WORDS: Final = 3


def correct(situation: Situation, flow: Flow) -> Decision | None:
    """A value that was given before is given anew, or taken back; this beats a yes in the same message."""
    if exchanged := _exchanged(situation, flow):
        return next_step(situation, flow, exchanged, rule=Rule.CORRECTED)
    is_bare = flows.is_bare_answer(situation) or names_only_item(situation, flow)
    if is_other_topic(situation, flow) and not is_bare and not names_item(situation, flow):
        return None
    if is_text(situation) and not is_bare and not phrases.turns_away(situation.text):
        return None
    facts: list[Fact] = []
    for spec in flow.slots:
        is_void = any(fact == SlotEmptied(spec.name) for fact in facts)
        facts += [] if is_void else _correction(situation, flow, spec)
    facts = facts or _taken_back(situation, flow)
    return next_step(situation, flow, facts, rule=Rule.CORRECTED) if facts else None


def _exchanged(situation: Situation, flow: Flow) -> list[Fact]:
    """Put a word of an address right: "no, 24 not 22" in "22 Mill Road, Cambridge"; [] where it holds no such word."""
    running, slots = situation.conversation.flow, situation.conversation.slots
    is_confirming = running is not None and running.is_confirming
    for spec in flow.slots:
        value = slots.get(spec.name, "")
        if spec.kind is not SlotKind.ADDRESS or situation.asked is spec or situation.is_tapped:
            continue
        number = _other_number(situation.text, value) if is_confirming else ("", "")
        new, old = hints.exchange(situation.text) or number
        if not old:
            continue
        right, times = re.subn(rf"\b{re.escape(old)}\b", new, value, flags=re.IGNORECASE)
        checked = check(spec, right)
        if times == 1 and isinstance(checked, Accepted):
            return [SlotFilled(spec.name, checked.value)]
    return []


def _other_number(text: str, address: str) -> tuple[str, str]:
    """Return the number that a text gives and nothing else, "no, 15 sorry", and an address's only one; "" for none."""
    said = re.findall(r"\b\d+[a-z]?\b", phrases.plain(text))
    known = re.findall(
        r"\b\d+[a-z]?\b", address.lower().replace(find_postcode(address).lower(), "")
    )
    if len(said) != 1 or len(known) != 1 or not address:
        return "", ""
    is_all = phrases.is_bare(phrases.plain(text).replace(said[0], " "))
    return (said[0], known[0]) if is_all else ("", "")


def add_words(situation: Situation, flow: Flow) -> Decision | None:
    """Take more words about a matter just read back into its description: "the lid is dented and it leaks"."""
    running, slots = situation.conversation.flow, situation.conversation.slots
    is_saying_more = situation.route == FlowRoute(flow.name) and not situation.is_tapped
    if running is None or not running.is_confirming or not is_saying_more:
        return None
    is_long = len(phrases.words(situation.text)) >= _MIN_ADDED_WORDS
    spec = next((s for s in flow.slots if s.kind is SlotKind.TEXT and s.name in slots), None)
    if spec is None or not is_long or phrases.is_question(situation.text):
        return None
    before = "" if slots[spec.name] == spec.if_refused else slots[spec.name]
    if situation.text in before:
        return None
    whole = check(spec, ". ".join(filter(None, [before.rstrip(". "), situation.text])))
    if not isinstance(whole, Accepted):
        return None
    return next_step(situation, flow, [SlotFilled(spec.name, whole.value)], rule=Rule.CORRECTED)


def _taken_back(situation: Situation, flow: Flow) -> list[Fact]:
    """Empty what was given last where a change just read back is said not to be right: it must be asked again."""
    running = situation.conversation.flow
    if running is None or not running.is_confirming or situation.is_tapped:
        return []
    if not phrases.corrects(situation.text) or phrases.is_no(situation.text, flow.verb):
        return []
    given = [s for s in flow.slots if s.name in situation.conversation.slots]
    return [SlotEmptied(given[-1].name)] if given else []


def _correction(situation: Situation, flow: Flow, spec: SlotSpec) -> Sequence[Fact]:
    slots, asked = situation.conversation.slots, situation.asked
    if spec.name not in slots or (asked is not None and asked.name == spec.name):
        return []
    is_asking = spec.kind is SlotKind.ORDER_LINES and phrases.is_question(situation.text)
    read = None if is_asking else flows.read_slot(situation, spec, is_asked=False)
    if isinstance(read, Accepted):
        is_new = read.value != slots[spec.name]
        return flows.filling(flow, spec, read.value, slots) if is_new else []
    is_answer = isinstance(read_asked(situation), Accepted)
    return [SlotEmptied(spec.name)] if not is_answer and flows.wants_other(situation, spec) else []
