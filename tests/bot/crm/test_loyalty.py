"""Trail Points add up whatever comes and goes."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.crm.loyalty import account_of, last_valid_day, lots_expired, lots_left, tier_of
from bot.crm.records import LoyaltyEntry, LoyaltyKind
from bot.domain.customer import LoyaltyAccount
from bot.domain.message import CustomerId

TODAY = date(2026, 11, 18)


def an_entry(points: int, days_ago: int, kind: LoyaltyKind = LoyaltyKind.EARNED) -> LoyaltyEntry:
    at = datetime.combine(TODAY - timedelta(days=days_ago), time(5), tzinfo=UTC)
    expires_on = last_valid_day(at.date()) if points > 0 else None
    return LoyaltyEntry(CustomerId("C-1"), kind, points, at, expires_on)


def test_nothing_is_an_explorer_with_nothing() -> None:
    assert account_of((), TODAY) == LoyaltyAccount(0, "Explorer", 500, 0, None)


def test_points_go_oldest_first() -> None:
    entries = (
        an_entry(100, 600),
        an_entry(100, 300),
        an_entry(-120, 10, LoyaltyKind.REDEEMED),
    )

    account = account_of(entries, TODAY)

    assert account.points == 80
    assert account.expiring_points == 80
    assert account.expires_on == last_valid_day(TODAY - timedelta(days=300))


def test_points_count_until_their_last_day_and_not_beyond() -> None:
    last_day = last_valid_day(TODAY)

    assert [
        sum(lot.points for lot in lots_left([an_entry(40, 0)], day))
        for day in (last_day, last_day + timedelta(days=1))
    ] == [40, 0]
    assert [
        lot.points for lot in lots_expired([an_entry(40, 0)], last_day + timedelta(days=1))
    ] == [40]


def test_an_expiry_written_down_is_not_counted_twice() -> None:
    entries = [an_entry(100, 800), an_entry(-100, 69, LoyaltyKind.EXPIRED), an_entry(30, 5)]

    assert account_of(entries, TODAY).points == 30


def test_points_taken_back_after_they_were_spent_are_owed() -> None:
    entries = [
        an_entry(100, 50),
        an_entry(-100, 40, LoyaltyKind.REDEEMED),
        an_entry(-60, 30, LoyaltyKind.TAKEN_BACK),
        an_entry(80, 20),
    ]

    assert account_of(entries, TODAY).points == 20


@pytest.mark.parametrize(
    ("points", "tier"),
    [(0, "Explorer"), (499, "Explorer"), (500, "Ranger"), (1499, "Ranger"), (1500, "Summit")],
)
def test_tiers_begin_at_their_thresholds(points: int, tier: str) -> None:
    assert tier_of(points) == tier


def test_tiers_count_what_was_earned_in_12_months() -> None:
    entries = [an_entry(600, 370), an_entry(550, 360), an_entry(-100, 5, LoyaltyKind.TAKEN_BACK)]

    account = account_of(entries, TODAY)

    assert (account.tier, account.points_to_next_tier) == ("Explorer", 50)


def test_points_of_a_leap_day_end_on_the_28th() -> None:
    assert last_valid_day(date(2024, 2, 29)) == date(2026, 2, 28)


@given(st.lists(st.tuples(st.integers(-400, 400).filter(bool), st.integers(0, 1500)), max_size=25))
def test_no_point_appears_or_is_lost(moves: list[tuple[int, int]]) -> None:
    entries = [
        an_entry(points, days, LoyaltyKind.EARNED if points > 0 else LoyaltyKind.REDEEMED)
        for points, days in moves
    ]

    left = sum(lot.points for lot in lots_left(entries, TODAY))
    expired = sum(lot.points for lot in lots_expired(entries, TODAY))

    earned = sum(points for points, _ in moves if points > 0)
    spent = -sum(points for points, _ in moves if points < 0)
    assert 0 <= left <= earned
    assert earned - spent <= left + expired <= earned
