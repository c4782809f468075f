"""Which of the listed orders a day means: "the one from last Tuesday", "what came yesterday", "last week's"."""

import re
from typing import Final

from bot.dialogue.order_lines import Listing
from bot.domain.understanding import SlotValue

# What stands right before a day that says which order is meant; "I moved last week" says nothing about orders.
_ORDERED: Final = re.compile(
    r"\b(?:(?:from|of|ordered|order|bought|purchased|placed|made|arrived|came|got|delivered|received|paid)"
    r"(?:\s+(?:it|them|that|this|these|those|on|in|from|back))*"
    r"|(?:order|one|parcel|delivery)(?:\s+(?:from|of|on|in))?)\s*$",
    re.IGNORECASE,
)
_OWNER: Final = re.compile(r"'?s\b", re.IGNORECASE)


def of_day(
    text: str, values: tuple[SlotValue, ...], listing: Listing, *, is_bare: bool = False
) -> str:
    """Return the only listed value of a day or span that a text names; "" for none, or for several.

    Args:
        text: As typed.
        values: What was found in it.
        listing: With the days of each value.
        is_bare: The text is little more than the day, so the day is what is meant.
    """
    for value in values:
        if value.slot not in {"date", "period"}:
            continue
        hits = _within(value.value, listing)
        if len(hits) == 1 and (is_bare or _is_of_order(text, value)):
            return hits[0]
    return ""


def _is_of_order(text: str, value: SlotValue) -> bool:
    """Tell whether the words around a day say that it is an order's: "last week's", "came on Tuesday"."""
    before, rest = text[: value.start], text[value.start :]
    lead = rest.split(maxsplit=1)[0]  # "from Tuesday": the value has its "from" in it
    is_led = _ORDERED.search(before) or _ORDERED.search(f"{before}{lead}")
    return is_led is not None or _OWNER.match(text[value.end :]) is not None


def _within(span: str, listing: Listing) -> tuple[str, ...]:
    first, _, last = span.partition("/")
    pairs = zip(listing.values, listing.days, strict=False)
    return tuple(
        value
        for value, days in pairs
        if any(first <= day <= (last or first) for day in days.split())
    )
