"""What all rules share: plain characters at the same places, and making a slot value of a match."""

import re
from typing import Final

from bot.domain.understanding import SlotValue

_PLAIN: Final = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u02bc\u00b4`", "'"),
        **dict.fromkeys("\u201c\u201d\u201e", '"'),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"),
        **dict.fromkeys("\u00a0\u202f\u2009", " "),
        "\uff03": "#",
    }
)


def readable(text: str) -> str:
    """Make quotes, dashes and spaces plain; every character keeps its place."""
    return text.translate(_PLAIN)


def value_of(slot: str, value: str, found: re.Match[str], extractor: str) -> SlotValue:
    """Make a slot value of a whole match, without blanks and punctuation at its ends."""
    written = found.group()
    start = found.start() + len(written) - len(written.lstrip(" ,.;:\n"))
    end = found.end() - len(written) + len(written.rstrip(" ,.;:\n"))
    return SlotValue(slot, value, start, max(start, end), extractor)


def overlaps(value: SlotValue, others: list[SlotValue]) -> bool:
    """Tell whether a value shares characters with one of the others."""
    return any(value.start < other.end and other.start < value.end for other in others)
