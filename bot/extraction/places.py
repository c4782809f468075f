"""Postcodes and postal addresses of the United Kingdom."""

import re
from collections.abc import Iterator
from typing import Final

from bot.domain.understanding import SlotValue
from bot.extraction.values import value_of

_POSTCODE: Final = re.compile(
    r"(?<![\w£€#-])(?P<outward>GIR|[A-PR-UWYZ](?:[0-9]{1,2}|[A-HK-Y][0-9]{1,2}|[0-9][A-HJKPSTUW]|"
    r"[A-HK-Y][0-9][ABEHMNPRVWXY]))\s{0,3}-?(?P<inward>[0-9][ABD-HJLNP-UW-Z]{2})(?![\w-])",
    re.IGNORECASE,
)
_ORDINAL_INWARD: Final = frozenset({"1ST", "2ND", "3RD"})
_STREET_WORDS: Final = (
    r"street|st|road|rd|lane|ln|avenue|ave|close|drive|dr|way|court|ct|place|pl|crescent|cres|terrace|gardens|"
    r"square|sq|hill|grove|park|row|walk|view|mews|green|parade|wharf|quay|rise|fields?|bank|gate|yard|wynd|brae"
)
_FLAT: Final = r"(?:(?:flat|apartment|apt|unit|suite|floor|room)\s*[\w/]{1,5}\s*[,\n]?\s*)?"
_NUMBER: Final = r"\d{1,4}[a-z]?(?:\s?[-/]\s?\d{1,4}[a-z]?)?"
_WORD: Final = r"[^\W\d_][\w'.]*"
_LINE: Final = rf"{_WORD}(?:[ -]+{_WORD}){{0,5}}"
_BEFORE: Final = re.compile(
    rf"(?<![\w£#-])(?P<street>{_FLAT}{_NUMBER},?[ \t]+{_LINE})"
    rf"(?P<rest>(?:\s*[,\n;]\s*{_LINE}(?:[ ]\d+[a-z]?)?){{0,4}})\s*[,\n;]?\s*(?:uk\s*,?\s*)?$",
    re.IGNORECASE,
)
_NAMED_HOUSE: Final = re.compile(
    rf"(?:^|[:\n]|\b(?:to|at|is|address)\b)\s*(?P<street>{_LINE}\s*[,\n]\s*{_LINE})"
    rf"(?P<rest>(?:\s*[,\n;]\s*{_LINE}){{1,3}})\s*[,\n;]?\s*$",
    re.IGNORECASE,
)
_AFTER_STREET: Final = re.compile(rf"\b(?:{_STREET_WORDS})\.?(?=\s+(?P<city>\S))", re.IGNORECASE)
# "Hauptstrasse 5, 10827 Berlin", "12 rue de la Paix, 75002 Paris, France"; the comma tells it from other numbers.
_ABROAD: Final = re.compile(
    r"^(?:.*\b(?:to|at|is|address|adress)\b[:\s]+)?(?P<address>(?=[^,]*\d)[^\W_][^,;\n£€$#]{3,60},\s*"
    r"(?:[a-z]{1,2}-)?(?:\d{5}|\d{4}(?: ?[a-z]{2})?)\s+(?!(?:of|mm|cm|kg|g|are|is|was|were)\b)"
    r"[^\W\d_][\w'’.-]+(?: [^\W\d_][\w'’.-]*){0,2}"
    r"(?:,\s*(?:germany|france|(?:the )?netherlands|belgium))?)\W*$",
    re.IGNORECASE,
)
_REACH: Final = 160


def find_postcodes(text: str) -> Iterator[SlotValue]:
    """Find postcodes, as ``S1 4GF``; letter case and blanks do not matter."""
    for found in _postcodes(text):
        yield value_of("postcode", _normal(found), found, "postcode")


def find_addresses(text: str) -> Iterator[SlotValue]:
    """Find addresses that end in a postcode, on one line or several; the value is ``street, town, postcode``."""
    for found in _postcodes(text):
        begin = max(0, found.start() - _REACH)
        before = text[begin : found.start()]
        near = _last(_BEFORE, before) or _named_house(before)
        if near is None:
            continue
        street, town = _street_and_town(near["street"], near["rest"])
        if street and town:
            value = ", ".join([street, town, _normal(found)])
            yield SlotValue("address", value, begin + near.start("street"), found.end(), "address")
    if (abroad := _ABROAD.match(text)) is not None:
        value = " ".join(abroad["address"].split()).rstrip(" .!")
        yield SlotValue("address", value, *abroad.span("address"), "address")


def _postcodes(text: str) -> Iterator[re.Match[str]]:
    for found in _POSTCODE.finditer(text):
        if found["inward"].upper() not in _ORDINAL_INWARD:
            yield found


def _normal(found: re.Match[str]) -> str:
    return f"{found['outward']} {found['inward']}".upper()


def _last(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    """Return the match that begins last: the nearest house number before the postcode."""
    best = pattern.search(text)
    at = best
    while at is not None:
        at = pattern.search(text, at.start("street") + 1)
        # "Flat 2, 14 Oak Street": the number inside the same street is no better beginning
        if at is not None and best is not None and at.start() >= best.end("street"):
            best = at
    return best


def _named_house(text: str) -> re.Match[str] | None:
    """Match a house with a name instead of a number: "Rose Cottage, Mill Lane, Keswick"."""
    found = _NAMED_HOUSE.search(text)
    is_street = found is not None and re.search(
        rf"\b(?:{_STREET_WORDS}|cottage|house|farm|barn|lodge)\b", found["street"], re.IGNORECASE
    )
    return found if is_street else None


def _street_and_town(street: str, rest: str) -> tuple[str, str]:
    parts = [" ".join(part.split()) for part in re.split(r"[,\n;]", f"{street},{rest}")]
    parts = [part.strip(" .") for part in parts if part.strip(" .")]
    if len(parts) > 1 and (re.search(r"\d", parts[-1]) is None):
        return ", ".join(parts[:-1]), parts[-1]
    return _split_line(parts)


def _split_line(parts: list[str]) -> tuple[str, str]:
    """Split "12 Mill Lane Newcastle upon Tyne" after the word for a street, else before the last word."""
    *before, line = parts
    ends = [found for found in _AFTER_STREET.finditer(line) if found.start() > 0]
    if ends:
        end = ends[-1].end()
        street, town = line[:end], line[end:]
    else:
        words = line.split()
        has_town = len(words) > 3  # noqa: PLR2004 - number, street of two words, town
        street, town = " ".join(words[:-1]), words[-1] if has_town else ""
    return ", ".join([*before, street.strip()]), town.strip()
