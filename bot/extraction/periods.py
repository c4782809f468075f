"""Spans of days: "last week", "this weekend", "in October", "the beginning of November"; the value is ``first/last``."""

import calendar
import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Final

from bot.domain.understanding import SlotValue
from bot.extraction.values import value_of

_MONTHS: Final = tuple(name.lower() for name in calendar.month_name)
_MONTH: Final = "|".join(_MONTHS[1:])
_BACK: Final = r"(?P<which>last|this|next|past|coming|previous)"
_PARTS: Final = {
    "start": (1, 10), "beginning": (1, 10), "early": (1, 10),
    "middle": (11, 20), "mid": (11, 20),
    "end": (21, 31), "late": (21, 31),
}  # fmt: skip
_PART: Final = "|".join(_PARTS)

_MAY_HOLD: Final = re.compile(rf"\b(?:week|weekend|month|{_MONTH})\b", re.IGNORECASE)
_SPAN: Final = re.compile(rf"\b{_BACK}\s+(?P<unit>week|weekend|month)\b", re.IGNORECASE)
_WEEKEND: Final = re.compile(r"\b(?:at|on|over|during)\s+the\s+weekend\b", re.IGNORECASE)
_IN_MONTH: Final = re.compile(
    rf"\b(?:(?:in|from|of|during|since|back in|for|placed|ordered|bought)\s+)?"
    rf"(?:(?:the\s+)?(?P<part>{_PART})(?:\s+of\s+|\s+|-))?(?P<month>{_MONTH})\b(?!\s+(?:the\s+)?\d)",
    re.IGNORECASE,
)
_STEPS: Final = {"last": -1, "past": -1, "previous": -1, "this": 0, "next": 1, "coming": 1}
_NEXT: Final = re.compile(r"\b(?:next|coming|will|need|by|before|until|till)\b", re.IGNORECASE)
_WEEK: Final = 7
_SATURDAY: Final = 5

_Span = tuple[date, date]


def find_periods(text: str, today: date) -> Iterator[SlotValue]:
    """Find spans of days.

    Args:
        text: As typed.
        today: The day it is in the shop's time zone.

    Yields:
        Values such as ``2026-11-09/2026-11-15``; weeks begin on Monday.
    """
    if not _MAY_HOLD.search(text):
        return
    for pattern, read in _READERS:
        for found in pattern.finditer(text):
            span = read(found, text, today)
            if span is not None:
                first, last = span
                yield value_of("period", f"{first.isoformat()}/{last.isoformat()}", found, "period")


def _relative(found: re.Match[str], _text: str, today: date) -> _Span:
    step = _STEPS[found["which"].lower()]
    monday = today - timedelta(days=today.weekday()) + timedelta(days=_WEEK * step)
    match found["unit"].lower():
        case "week":
            return monday, monday + timedelta(days=_WEEK - 1)
        case "weekend":
            saturday = monday + timedelta(days=_SATURDAY)
            return saturday, saturday + timedelta(days=1)
        case _:
            months = today.year * 12 + today.month - 1 + step
            return _month(months // 12, months % 12 + 1)


def _weekend(found: re.Match[str], text: str, today: date) -> _Span:
    monday = today - timedelta(days=today.weekday())
    saturday = monday + timedelta(days=_SATURDAY)
    if saturday > today and not _NEXT.search(text[: found.start()]):
        saturday -= timedelta(days=_WEEK)
    return saturday, saturday + timedelta(days=1)


def _in_month(found: re.Match[str], text: str, today: date) -> _Span | None:
    name, part = found["month"].lower(), found["part"]
    lead = found.group().lower().removesuffix(name).strip()
    if not lead:  # "may", "march" alone are other words
        return None
    month = _MONTHS.index(name)
    is_ahead = _NEXT.search(text[: found.start()]) is not None
    year = today.year
    if month > today.month and not is_ahead:
        year -= 1
    elif month < today.month and is_ahead:
        year += 1
    first, last = _month(year, month)
    if not part:
        return first, last
    begin, end = _PARTS[part.lower()]
    return first.replace(day=begin), last.replace(day=min(end, last.day))


def _month(year: int, month: int) -> _Span:
    days = calendar.monthrange(year, month)[1]
    return date(year, month, 1), date(year, month, days)


_READERS: Final[tuple[tuple[re.Pattern[str], Callable[..., _Span | None]], ...]] = (
    (_SPAN, _relative),
    (_WEEKEND, _weekend),
    (_IN_MONTH, _in_month),
)
