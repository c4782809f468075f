"""Working days and bank holidays."""

from datetime import date

import pytest

from bot.crm.working_days import add_working_days, bank_holidays, is_working_day


def test_the_holidays_of_a_year_are_those_of_england_and_wales() -> None:
    assert sorted(bank_holidays(2026)) == [
        date(2026, 1, 1),
        date(2026, 4, 3),
        date(2026, 4, 6),
        date(2026, 5, 4),
        date(2026, 5, 25),
        date(2026, 8, 31),
        date(2026, 12, 25),
        date(2026, 12, 28),
    ]


@pytest.mark.parametrize(
    ("year", "days"),
    [
        (2021, {date(2021, 12, 27), date(2021, 12, 28)}),
        (2022, {date(2022, 1, 3), date(2022, 12, 26), date(2022, 12, 27)}),
        (2027, {date(2027, 3, 26), date(2027, 3, 29)}),
    ],
)
def test_holidays_on_weekends_move(year: int, days: set[date]) -> None:
    assert days <= bank_holidays(year)
    assert all(day.weekday() < 5 for day in days)


def test_counting_skips_weekends_and_holidays() -> None:
    friday, thursday_before_christmas = date(2026, 11, 20), date(2026, 12, 24)

    assert add_working_days(friday, 1) == date(2026, 11, 23)
    assert add_working_days(date(2026, 11, 21), 0) == date(2026, 11, 23)
    assert add_working_days(thursday_before_christmas, 1) == date(2026, 12, 29)
    assert not is_working_day(date(2026, 12, 25))
