"""Days: "yesterday", "last Tuesday", "the 3rd", "3 May", "12/11", "in two days"; day first, as people in Britain write.

Rules of our own: a general parser takes tens of milliseconds and finds dates in "two tents", "may I" and "sun cream".
"""

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Final

from bot.domain.understanding import SlotValue
from bot.extraction.values import value_of

_WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MONTHS: Final = (
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
)  # fmt: skip
_NUMBERS: Final = {
    "a": 1, "an": 1, "one": 1, "two": 2, "a couple of": 2, "couple of": 2, "three": 3, "a few": 3, "four": 4,
    "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12,
}  # fmt: skip
_UNIT_DAYS: Final = {"day": 1, "week": 7, "fortnight": 14, "month": 30, "year": 365}
_COUNT: Final = "|".join(["\\d{1,3}", *_NUMBERS])
_DAY_NAME: Final = r"mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday|s)?|thu(?:rs?(?:day)?)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?"
_LONG_DAY: Final = (
    r"monday|tuesday|tues|wednesday|thursday|thurs|friday|saturday|sunday|wensday|wednsday"
)
_MONTH: Final = (
    r"jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|"
    r"oct(?:ober)?|nov(?:ember)?|dec(?:ember)?"
)
_NTH: Final = r"(?P<day>[0-3]?\d)\s?(?:st|nd|rd|th)"
_YEAR: Final = r"(?:,?\s+(?P<year>20\d\d)\b)?"
_LEAD: Final = r"(?:on|since|by|before|until|till|from|after|for)"

# Is there anything that could be a day at all? Most messages stop here.
_MAY_HOLD: Final = re.compile(
    r"\b(?:today|tonight|tomorrow|tmrw|tomorow|yesterday|yday|ago|morning|fortnight|mon|tue|wed|thu|fri|sat|sun|"
    r"tues|weds|thur|thurs)\b|day\b|\d\s?(?:st|nd|rd|th)\b|\d[/.-]\d|"
    rf"\b(?:{_MONTH})\b|\bin\s+(?:{_COUNT})\s",
    re.IGNORECASE,
)
_FUTURE: Final = re.compile(
    r"\b(?:will|by|before|until|till|next|coming|going|leave|leaving|need(?:ed)?|arrive|arriving|due|travel|trip|"
    r"holiday|birthday|party|wedding|flight|fly|flies|goes|can|could|deliver|expect(?:ed)?|get here|come|tomorrow)\b",
    re.IGNORECASE,
)
_PAST: Final = re.compile(
    r"\b(?:ordered|bought|paid|placed|sent|shipped|dispatched|posted|returned|arrived|came|got|received|delivered|was|were|"
    r"had|since|did|didn't|made|cancelled|ago|last|returning|started|charged|told|promised|said|delivery was)\b",
    re.IGNORECASE,
)

_NAMED_DAYS: Final = {
    "today": 0, "tonight": 0, "this morning": 0, "this afternoon": 0, "this evening": 0,
    "yesterday": -1, "yday": -1, "last night": -1, "tomorrow": 1, "tmrw": 1, "tomorow": 1,
    "the day before yesterday": -2, "day before yesterday": -2,
    "the day after tomorrow": 2, "day after tomorrow": 2,
}  # fmt: skip
_NAMED: Final = re.compile(
    "|".join(rf"\b{name}\b" for name in sorted(_NAMED_DAYS, key=len, reverse=True)), re.IGNORECASE
)
_AGO: Final = re.compile(
    rf"\b(?P<count>{_COUNT})\s+(?P<unit>day|week|fortnight|month|year)s?\s+(?:ago|back)\b",
    re.IGNORECASE,
)
_AHEAD: Final = re.compile(
    rf"\bin\s+(?P<count>{_COUNT})\s+(?P<unit>day|week|fortnight)s?(?:'s?)?(?:\s+time)?\b(?!\s*-?\s*(?:\d|or|to\b))",
    re.IGNORECASE,
)
_RELATIVE_WEEKDAY: Final = re.compile(
    rf"\b(?P<which>last|this|next|coming|past|this coming|this past)\s+(?P<weekday>{_DAY_NAME})\b"
    rf"|\b(?P<week>{_LONG_DAY})\s+(?P<when>last week|next week|this week)\b",
    re.IGNORECASE,
)
_WEEKDAY: Final = re.compile(
    rf"\b(?:(?P<lead>{_LEAD})\s+(?P<short>{_DAY_NAME})|(?P<long>{_LONG_DAY}))\b(?!\s*(?:-|to|until)\s*(?:{_DAY_NAME}))",
    re.IGNORECASE,
)
_DAY_MONTH: Final = re.compile(
    rf"(?<![\w.,£€/-])(?:the\s+)?(?:{_NTH}|(?P<plain>[0-3]?\d))\s+(?:of\s+)?(?P<month>{_MONTH})\b{_YEAR}",
    re.IGNORECASE,
)
_MONTH_DAY: Final = re.compile(
    rf"\b(?P<month>{_MONTH})\s+(?:the\s+)?(?:{_NTH}|(?P<plain>[0-3]?\d))(?![\w£€%]|[.,]\d|\s+(?:days|weeks|items|pairs|people|tents|of))\b{_YEAR}",
    re.IGNORECASE,
)
_NUMERIC: Final = re.compile(
    r"(?<![\w£€.,/#-])(?P<day>[0-3]?\d)(?P<sep>[/.-])(?P<month>[01]?\d)(?:(?P=sep)(?P<year>20\d\d|\d\d))?(?![\w/£€%-]|[.,]\d)"
)
_ISO: Final = re.compile(r"(?<![\w-])(?P<year>20\d\d)-(?P<month>[01]\d)-(?P<day>[0-3]\d)(?![\w-])")
_THE_NTH: Final = re.compile(
    rf"\b(?:(?:{_LEAD})\s+)?the\s+{_NTH}\b(?!\s+(?:one|order|item|product|parcel|package|option|time|party|floor|on|in|and the|from|or))",
    re.IGNORECASE,
)
_NO_DATES: Final = frozenset({"24/7", "1/2", "3/4", "1/4", "1/3", "2/3", "9/10", "10/10", "5/5"})
_DECEMBER: Final = 12

_Reader = Callable[[re.Match[str], str, date], date | None]


def find_dates(text: str, today: date) -> Iterator[SlotValue]:
    """Find days.

    Args:
        text: As typed.
        today: The day it is in the shop's time zone.

    Yields:
        Values such as ``2026-11-17``; what could be two days is taken as the one that the sentence points to.
    """
    if not _MAY_HOLD.search(text):
        return
    taken: list[tuple[int, int]] = []
    for pattern, read in _READERS:
        for found in pattern.finditer(text):
            if any(found.start() < end and start < found.end() for start, end in taken):
                continue
            day = read(found, text, today)
            if day is not None:
                taken.append(found.span())
                yield value_of("date", day.isoformat(), found, "date")


def _named(found: re.Match[str], _text: str, today: date) -> date:
    return today + timedelta(days=_NAMED_DAYS[" ".join(found.group().lower().split())])


def _ago(found: re.Match[str], _text: str, today: date) -> date:
    return today - _span(found)


def _ahead(found: re.Match[str], _text: str, today: date) -> date:
    return today + _span(found)


def _span(found: re.Match[str]) -> timedelta:
    count = " ".join(found["count"].lower().split())
    number = int(count) if count.isdecimal() else _NUMBERS[count]
    return timedelta(days=number * _UNIT_DAYS[found["unit"].lower()])


def _relative_weekday(found: re.Match[str], _text: str, today: date) -> date:
    if found["week"]:
        monday = today - timedelta(days=today.weekday())
        weeks = {"last week": -1, "this week": 0, "next week": 1}[
            " ".join(found["when"].lower().split())
        ]
        return monday + timedelta(days=7 * weeks + _number_of(found["week"]))
    weekday = _number_of(found["weekday"])
    which = found["which"].lower()
    if "last" in which or "past" in which:
        return today - timedelta(days=(today.weekday() - weekday - 1) % 7 + 1)
    if which == "this":
        return today + timedelta(days=(weekday - today.weekday()) % 7)
    return today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)


def _weekday(found: re.Match[str], text: str, today: date) -> date:
    weekday = _number_of(found["short"] or found["long"])
    if _points_ahead(found, text):
        return today + timedelta(days=(weekday - today.weekday()) % 7)
    return today - timedelta(days=(today.weekday() - weekday) % 7)


def _day_month(found: re.Match[str], text: str, today: date) -> date | None:
    day = int(found["day"] or found["plain"])
    month = _MONTHS.index(found["month"][:3].lower()) + 1
    if found["year"]:
        return _date(int(found["year"]), month, day)
    return _nearest_year(month, day, today, is_ahead=_points_ahead(found, text))


def _numeric(found: re.Match[str], text: str, today: date) -> date | None:
    day, month, year = int(found["day"]), int(found["month"]), found["year"]
    if year:
        return _date(int(year) if len(year) > 2 else 2000 + int(year), month, day)  # noqa: PLR2004 - "26" is 2026
    if found["sep"] != "/" or found.group() in _NO_DATES:
        return None
    is_size = re.search(r"\b(?:size|sizes|uk|eu|us)\s*$", text[: found.start()], re.IGNORECASE)
    if is_size or re.match(r"\s*(?:stars?|people|inch|of|full)\b", text[found.end() :]):
        return None
    return _nearest_year(month, day, today, is_ahead=_points_ahead(found, text))


def _iso(found: re.Match[str], _text: str, _today: date) -> date | None:
    return _date(int(found["year"]), int(found["month"]), int(found["day"]))


def _the_nth(found: re.Match[str], text: str, today: date) -> date | None:
    day = int(found["day"])
    is_ahead = _points_ahead(found, text)
    year, month = today.year, today.month
    for _ in range(3):  # no month has fewer than 28 days twice in a row
        this = _date(year, month, day)
        if this is not None and (this >= today if is_ahead else this <= today):
            return this
        months = year * _DECEMBER + month - 1 + (1 if is_ahead else -1)
        year, month = months // _DECEMBER, months % _DECEMBER + 1
    return None


def _points_ahead(found: re.Match[str], text: str) -> bool:
    """Tell whether a day without more is one to come: by the word before it, else by the rest of its sentence."""
    begin = max(text.rfind(mark, 0, found.start()) for mark in ".!?\n") + 1
    ends = [end for mark in ".!?\n" if (end := text.find(mark, found.end())) >= 0]
    written = found.group().lower()
    if re.match(r"since|from|after", written):
        return False
    if re.match(r"by|before|until|till|for", written):
        return True
    before, after = text[begin : found.start()], text[found.end() : min(ends, default=len(text))]
    if re.search(r"\b(?:by|before|until|till)\s+$", before, re.IGNORECASE):
        return True
    sentence = f"{before} {after}"
    return not _PAST.search(sentence) and _FUTURE.search(sentence) is not None


def _nearest_year(month: int, day: int, today: date, *, is_ahead: bool) -> date | None:
    this = _date(today.year, month, day)
    if this is None:
        return None
    if is_ahead:
        return this if this >= today else _date(today.year + 1, month, day)
    return this if this <= today else _date(today.year - 1, month, day)


def _number_of(weekday: str) -> int:
    return _WEEKDAYS.index({"wen": "wed"}.get(weekday[:3].lower(), weekday[:3].lower()))


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


_READERS: Final[tuple[tuple[re.Pattern[str], _Reader], ...]] = (
    (_ISO, _iso),
    (_NUMERIC, _numeric),
    (_DAY_MONTH, _day_month),
    (_MONTH_DAY, _day_month),
    (_NAMED, _named),
    (_AGO, _ago),
    (_AHEAD, _ahead),
    (_RELATIVE_WEEKDAY, _relative_weekday),
    (_WEEKDAY, _weekday),
    (_THE_NTH, _the_nth),
)
