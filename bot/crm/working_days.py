"""Working days as the shop counts them: Monday to Friday, without the bank holidays of England and Wales."""

from datetime import date, timedelta
from functools import cache
from typing import Final

_ONE_DAY: Final = timedelta(days=1)
_SATURDAY: Final = 5


def is_working_day(day: date) -> bool:
    """Tell whether the warehouse and the carriers work on a day."""
    return day.weekday() < _SATURDAY and day not in bank_holidays(day.year)


def add_working_days(day: date, count: int) -> date:
    """Return the working day that is ``count`` working days after ``day``; 0 is the next one from ``day`` on."""
    while not is_working_day(day):
        day += _ONE_DAY
    for _ in range(count):
        day += _ONE_DAY
        while not is_working_day(day):
            day += _ONE_DAY
    return day


@cache
def bank_holidays(year: int) -> frozenset[date]:
    """Return the bank holidays of a year; a holiday on a weekend moves to the next free weekday."""
    easter = _easter(year)
    found = {
        easter - timedelta(days=2),
        easter + _ONE_DAY,
        _first_monday(date(year, 5, 1)),
        _first_monday(date(year, 5, 25)),
        _first_monday(date(year, 8, 25)),
    }
    for day in (date(year, 1, 1), date(year, 12, 25), date(year, 12, 26)):
        substitute = day
        while substitute.weekday() >= _SATURDAY or substitute in found:
            substitute += _ONE_DAY
        found.add(substitute)
    return frozenset(found)


def _first_monday(day: date) -> date:
    return day + timedelta(days=-day.weekday() % 7)


def _easter(year: int) -> date:
    """Return Easter Sunday by the anonymous Gregorian algorithm (Meeus, *Astronomical Algorithms*, chapter 8)."""
    golden = year % 19
    century, rest = divmod(year, 100)
    leaps, odd = divmod(century, 4)
    moon = (19 * golden + century - leaps - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    quarter, left = divmod(rest, 4)
    weekday = (32 + 2 * odd + 2 * quarter - moon - left) % 7
    shift = (golden + 11 * moon + 22 * weekday) // 451
    month, day = divmod(moon + weekday - 7 * shift + 114, 31)
    return date(year, month, day + 1)
