"""Places in a list ("the second one") and words that point back ("that order", "it")."""

import re
from collections.abc import Iterator
from typing import Final

from bot.domain.understanding import SlotValue
from bot.extraction.values import value_of

_ORDINALS: Final = {
    "first": 1, "1st": 1, "top": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4,
    "fifth": 5, "5th": 5, "sixth": 6, "6th": 6, "seventh": 7, "7th": 7, "eighth": 8, "8th": 8,
    "ninth": 9, "9th": 9, "tenth": 10, "10th": 10, "last": -1, "bottom": -1, "final": -1,
}  # fmt: skip
_CARDINALS: Final = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6}
_ORDINAL: Final = rf"(?<!\w)(?:{'|'.join(_ORDINALS)})(?!\w)"
_NOUN: Final = r"(?:ones?|orders?|items?|products?|parcels?|packages?|options?|entry|choice)"
# "the second one", "2nd please", "the first and the third"; not "last Tuesday", "first of all", "a second".
_PLACED: Final = re.compile(
    rf"(?P<lead>\b(?:the|that|this)\s+|^\W*|\bis\s+)?"
    rf"(?P<list>{_ORDINAL}(?:\s*(?:,\s*and|,|and|&|\+)\s*(?:the\s+)?{_ORDINAL})*)"
    rf"(?:(?P<noun>\s+{_NOUN}\b)|(?P<rest>\s+(?:(?:in|on|of|from) (?:the|your|that|them|those|these)\b|please\b|pls\b|"
    r"thanks\b|thank you\b))|(?P<end>\s*(?:[.,!?]|$)))",
    re.IGNORECASE,
)
_NOT_PLACES: Final = re.compile(
    r"\b(?:my|a|one|at|wait|just|every|split|per)\s+(?:very\s+)?$", re.IGNORECASE
)
_DATE_LEAD: Final = re.compile(
    r"\b(?:on|since|by|before|until|till|after)\s+(?:the\s+)?$", re.IGNORECASE
)
_FROM_END: Final = re.compile(
    r"\b(?:second|2nd|next) (?:to|from) last\b|\blast but one\b|\bpenultimate\b", re.IGNORECASE
)
# Orders are listed newest first: "the one before that" is the second, until one of them is being talked about.
_ONE_BEFORE: Final = re.compile(
    r"\b(?:the|my) (?:one|order) before(?: (?:that|it|this)(?: one)?)?\b(?=\s*(?:[.,!?]|$))",
    re.IGNORECASE,
)
_NUMBERED: Final = re.compile(
    r"(?:\b(?:number|no\.?|nr\.?|option|choice|item|position)\s?|(?<![\w#&])#)"
    r"(?P<number>\d{1,2}|one|two|three|four|five|six)"
    r"(?![\w/£€%-]|[.,:]\d| ?(?:%|quid|pounds?|euros?|kg|cm|days?|weeks?|months?|people)\b)",
    re.IGNORECASE,
)
_NOT_NUMBERED: Final = re.compile(
    r"\b(?:house|flat|phone|telephone|street|size|bus|tracking|order|card|account)\s+$",
    re.IGNORECASE,
)
_ONLY_NUMBERS: Final = re.compile(
    r"^\W*(?:(?:and|ok|okay|so|then|what about|how about)\s+)*(?:(?:the|number|no|item|option)\.?\s+)*(?P<list>\d{1,2}(?:\s*(?:,|and|&|\+)\s*\d{1,2})*)"
    r"\W*(?:(?:please|pls|thanks)\W*)?$",
    re.IGNORECASE,
)
_NEWEST: Final = re.compile(
    r"\b(?:my|the)\s+(?:very\s+)?(?:(?:most\s+)?recent|latest|newest)\s+(?:order|purchase|one)\b"
    r"|\bmy\s+(?:very\s+)?last\s+(?:order|purchase)\b",
    re.IGNORECASE,
)
_OTHER: Final = re.compile(
    r"\b(?:the|my) other (?:one|order|item|product|parcel)\b|\bthe other\b(?=\s*(?:[.,!?]|$))",
    re.IGNORECASE,
)
_POINTING: Final = re.compile(
    r"\b(?:that|this|the same) (?:same )?(?:order|one|item|product|parcel|package|purchase)\b"
    r"|\bthe same(?=\s*(?:[.,!?]|$))",
    re.IGNORECASE,
)
_DO: Final = (
    r"cancel(?:led)?|return(?:ed)?|track(?:ed)?|send|sent|exchange|change|refund(?:ed)?|find|ordered|order|got|get|"
    r"want|need|check|buy|bought|receive[d]?|keep|have|had|stop|deliver(?:ed)?|see|ship(?:ped)?|replace|repair|fix|"
    r"swap|collect|about|for|with|of|to|redirect|paid|pay|take|took|give|bring|resend|follow"
)
_IT: Final = (
    re.compile(
        rf"\b(?:{_DO}|send back|call off|where(?:'s| is| was| has)?|when(?:'s| is| will| does| did)?|has|did|was|will|"
        r"won't|hasn't|didn't)\s+(?P<it>it|them)\b(?! (?:rain|snow|take|cost|matter|mean|is|possible)\b)",
        re.IGNORECASE,
    ),
    re.compile(
        r"\bis\s+(?P<it>it)(?=\s+(?:in stock|there|here|coming|on (?:its|the|it's) way|shipped|sent|delivered|packed|"
        r"available|out|due|late|lost|still|already)\b)",
        re.IGNORECASE,
    ),
    re.compile(
        r"\b(?P<it>it)(?=\s+(?:hasn't|has not|hasnt|didn't|did not|never|should have|was (?:supposed|meant) to)\b)",
        re.IGNORECASE,
    ),
)
_IDLE_IT: Final = re.compile(
    r"\b(?:how (?:long|much|many \w+)|what) (?:does|will|would|did|is|has)\s+$", re.IGNORECASE
)


def find_positions(text: str) -> Iterator[SlotValue]:
    """Find places in a list, counted from 1; -1 is the last. "My last order" is the newest, which stands first."""
    if only := _ONLY_NUMBERS.match(text):
        for number in re.finditer(r"\d+", only["list"]):
            begin, end = (only.start("list") + place for place in number.span())
            if place := int(number.group()):
                yield SlotValue("position", str(place), begin, end, "position")
        return
    for pattern, fixed in ((_NEWEST, "1"), (_FROM_END, "-2"), (_ONE_BEFORE, "2")):
        for found in pattern.finditer(text):
            yield value_of("position", fixed, found, "position")
    for found in _NUMBERED.finditer(text):
        if not _NOT_NUMBERED.search(text[: found.start()]):
            word = found["number"].lower()
            yield value_of("position", str(_CARDINALS.get(word, word)), found, "position")
    yield from _placed(text)


def _placed(text: str) -> Iterator[SlotValue]:
    for found in _PLACED.finditer(text):
        before = text[: found.start("list")]
        is_one = re.match(r"\s+ones?\b", found["noun"] or "", re.IGNORECASE) is not None
        if not (found["lead"] is not None or is_one) or _NOT_PLACES.search(before):
            continue
        if _DATE_LEAD.search(before) and found["noun"] is None:
            continue
        for word in re.finditer(_ORDINAL, found["list"], re.IGNORECASE):
            place = str(_ORDINALS[word.group().lower()])
            begin, end = (found.start("list") + at for at in word.span())
            yield SlotValue("position", place, begin, end, "position")


def find_references(text: str) -> Iterator[SlotValue]:
    """Find words that point back: the value is ``other`` for "the other one", else ``same``."""
    for found in _OTHER.finditer(text):
        yield value_of("reference", "other", found, "reference")
    for found in _POINTING.finditer(text):
        yield value_of("reference", "same", found, "reference")
    for pattern in _IT:
        for found in pattern.finditer(text):
            if not _IDLE_IT.search(text[: found.start("it")]):
                yield SlotValue("reference", "same", *found.span("it"), "reference")
