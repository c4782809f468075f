"""Trail Points: what a balance is, which tier it means, and what expires next."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from bot.crm.records import LoyaltyEntry, LoyaltyKind
from bot.domain.customer import LoyaltyAccount

POINTS_PER_STEP: Final = 100
STEP_WORTH_CENTS: Final = 500
BIRTHDAY_POINTS: Final = 50
CREDITED_AFTER_DAYS: Final = 14
VALID_YEARS: Final = 2
TIERS: Final = (("Summit", 1500), ("Ranger", 500), ("Explorer", 0))

_TIER_DAYS: Final = 365


@dataclass(frozen=True, slots=True)
class Lot:
    """Points that came together and expire together after ``expires_on``."""

    points: int
    expires_on: date


def last_valid_day(credited_on: date) -> date:
    """Return the last day on which points credited on a day can be used."""
    try:
        return credited_on.replace(year=credited_on.year + VALID_YEARS)
    except ValueError:  # 29 February
        return credited_on.replace(year=credited_on.year + VALID_YEARS, day=28)


def tier_of(points_in_year: int) -> str:
    """Return the tier for points earned in 12 months."""
    return next(name for name, threshold in TIERS if points_in_year >= threshold)


def lots_left(entries: Iterable[LoyaltyEntry], today: date) -> tuple[Lot, ...]:
    """Return what is left of the points, oldest first.

    Points go oldest first. What expired follows from the dates, so *expired* entries are history only.
    """
    left, _ = _settle(entries, today)
    return left


def lots_expired(entries: Iterable[LoyaltyEntry], today: date) -> tuple[Lot, ...]:
    """Return the points that nobody used before they expired, up to yesterday."""
    _, expired = _settle(entries, today)
    return expired


def _settle(
    entries: Iterable[LoyaltyEntry], today: date
) -> tuple[tuple[Lot, ...], tuple[Lot, ...]]:
    """Return the lots left and the lots expired. Points taken back that were spent are owed by later ones."""
    lots: list[Lot] = []
    expired: list[Lot] = []
    debt = 0
    for entry in sorted(entries, key=lambda entry: entry.at):
        day = entry.at.date()
        if day > today or entry.kind is LoyaltyKind.EXPIRED:
            continue
        expired += [lot for lot in lots if lot.expires_on < day]
        lots = [lot for lot in lots if lot.expires_on >= day]
        if entry.points > 0:
            paid = min(debt, entry.points)
            debt -= paid
            if entry.points > paid:
                lots.append(Lot(entry.points - paid, entry.expires_on or last_valid_day(day)))
        else:
            lots, unpaid = _spend(lots, -entry.points)
            debt += unpaid
    expired += [lot for lot in lots if lot.expires_on < today]
    return tuple(lot for lot in lots if lot.expires_on >= today), tuple(expired)


def _spend(lots: list[Lot], points: int) -> tuple[list[Lot], int]:
    left: list[Lot] = []
    for lot in sorted(lots, key=lambda lot: lot.expires_on):
        used = min(points, lot.points)
        points -= used
        if lot.points > used:
            left.append(Lot(lot.points - used, lot.expires_on))
    return left, points


def points_in_year(entries: Iterable[LoyaltyEntry], today: date) -> int:
    """Return the points earned in the 12 months up to today, less those taken back."""
    counted = (LoyaltyKind.EARNED, LoyaltyKind.BIRTHDAY, LoyaltyKind.TAKEN_BACK)
    since = today - timedelta(days=_TIER_DAYS)
    return sum(
        entry.points
        for entry in entries
        if entry.kind in counted and since < entry.at.date() <= today
    )


def account_of(entries: Iterable[LoyaltyEntry], today: date) -> LoyaltyAccount:
    """Add up a customer's entries."""
    known = tuple(entries)
    lots = lots_left(known, today)
    earned = max(0, points_in_year(known, today))
    expires_on = min((lot.expires_on for lot in lots), default=None)
    return LoyaltyAccount(
        points=sum(lot.points for lot in lots),
        tier=tier_of(earned),
        points_to_next_tier=min(
            (threshold - earned for _, threshold in TIERS if threshold > earned), default=0
        ),
        expiring_points=sum(lot.points for lot in lots if lot.expires_on == expires_on),
        expires_on=expires_on,
    )
