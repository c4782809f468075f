"""Words that name a product and something else: "the courier" is a bag, and the one who brings the parcel.

The catalogue's own lists say what else a word may be. Such a word alone is a product only where products are what the
message is about, or where it is all that the message says.
"""

from dataclasses import replace
from typing import Final

from bot.dialogue import phrases
from bot.dialogue.playbook import FlowRoute, Playbook, SlotKind
from bot.domain.understanding import SlotValue, Understanding

_LISTED: Final = "lookup"
_KIND: Final = "product_type"


def without_homonyms(understanding: Understanding, playbook: Playbook) -> Understanding:
    """Return an understanding without the products that a word more likely does not mean here."""
    if understanding.chosen_intent is not None:
        return understanding
    doubtful = [value for value in understanding.slot_values if _is_doubtful(value, understanding)]
    if not doubtful or _is_about_products(understanding, playbook):
        return understanding
    left = tuple(
        value
        for value in understanding.slot_values
        if value not in doubtful or _is_all(value, understanding.utterance)
    )
    return replace(understanding, slot_values=left)


def _is_doubtful(value: SlotValue, understanding: Understanding) -> bool:
    """Tell whether a list of the catalogue claims all the words that a product was found by, for something else."""
    return value.slot == SlotKind.PRODUCT.value and any(
        other.extractor == _LISTED
        and other.slot != _KIND
        and other.start <= value.start
        and value.end <= other.end
        for other in understanding.slot_values
    )


def _is_about_products(understanding: Understanding, playbook: Playbook) -> bool:
    route = playbook.routes.get(understanding.intent)
    flow = playbook.flows.get(route.flow) if isinstance(route, FlowRoute) else None
    return flow is not None and any(spec.kind is SlotKind.PRODUCT for spec in flow.slots)


def _is_all(value: SlotValue, text: str) -> bool:
    return phrases.is_bare(f"{text[: value.start]} {text[value.end :]}")
