"""A customer's Trail Points while their orders are generated: what they earn, redeem and lose."""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from bot.crm.demo.purchases import Purchase
from bot.crm.loyalty import (
    BIRTHDAY_POINTS,
    CREDITED_AFTER_DAYS,
    POINTS_PER_STEP,
    STEP_WORTH_CENTS,
    last_valid_day,
    lots_expired,
    lots_left,
    points_in_year,
    tier_of,
)
from bot.crm.records import LoyaltyEntry, LoyaltyKind
from bot.domain.message import CustomerId

_REDEEM_SHARE: Final = 0.35
_MOST_OF_TOTAL: Final = 0.5


@dataclass(frozen=True, slots=True)
class Booking:
    """An entry, and the purchase that it belongs to, whose number is not known yet."""

    entry: LoyaltyEntry
    purchase: Purchase | None = None


@dataclass(slots=True)
class PointsBook:
    """Grows with every purchase."""

    customer_id: CustomerId
    bookings: list[Booking] = field(default_factory=list)

    @property
    def entries(self) -> list[LoyaltyEntry]:
        """Return the entries so far, later ones included."""
        return [booking.entry for booking in self.bookings]

    def tier_on(self, day: date) -> str:
        """Return the tier on a day."""
        return tier_of(max(0, points_in_year(self.entries, day)))

    def add_birthday(self, day: date) -> None:
        """Book the points of a birthday."""
        at = datetime.combine(day, time(5), tzinfo=UTC)
        self._book(LoyaltyKind.BIRTHDAY, BIRTHDAY_POINTS, at)

    def add_purchase(self, purchase: Purchase) -> None:
        """Book what a purchase costs and brings in points."""
        if purchase.cancelled_at is not None:
            return
        redeemed_cents = self._redeem(purchase)
        gifts = sum(
            line.total_cents for line in purchase.basket if "gift card" in line.item.product.name
        )
        credited_at = purchase.travel.delivered_at + timedelta(days=CREDITED_AFTER_DAYS)
        credited_at = credited_at.replace(hour=5, minute=0)
        paid = max(0, purchase.goods_cents - gifts - redeemed_cents)
        back, comeback = 0, purchase.comeback
        if comeback is not None:
            back = sum(purchase.basket[place - 1].total_cents for place in comeback.lines)
            if comeback.announced_at < credited_at:
                paid, back = max(0, paid - back), 0
        if paid >= 100:  # noqa: PLR2004 - pence in a pound
            self._book(LoyaltyKind.EARNED, paid // 100, credited_at, purchase)
        if comeback is not None and min(back, paid) >= 100:  # noqa: PLR2004
            self._book(
                LoyaltyKind.TAKEN_BACK, -(min(back, paid) // 100), comeback.paid_at, purchase
            )

    def finished(self, now: datetime) -> list[Booking]:
        """Return all bookings up to now, with what expired."""
        known = [booking for booking in self.bookings if booking.entry.at <= now]
        for lot in lots_expired((booking.entry for booking in known), now.date()):
            at = datetime.combine(lot.expires_on + timedelta(days=1), time(0, 30), tzinfo=UTC)
            expired = LoyaltyEntry(self.customer_id, LoyaltyKind.EXPIRED, -lot.points, at)
            known.append(Booking(expired))
        return sorted(known, key=lambda booking: booking.entry.at)

    def _redeem(self, purchase: Purchase) -> int:
        day = purchase.placed_at.date()
        balance = sum(lot.points for lot in lots_left(self.entries, day))
        most = int(purchase.goods_cents * _MOST_OF_TOTAL) // STEP_WORTH_CENTS
        steps = min(balance // POINTS_PER_STEP, most)
        if steps < 1 or purchase.person.random.random() > _REDEEM_SHARE:
            return 0
        self._book(LoyaltyKind.REDEEMED, -steps * POINTS_PER_STEP, purchase.placed_at, purchase)
        return steps * STEP_WORTH_CENTS

    def _book(
        self, kind: LoyaltyKind, points: int, at: datetime, purchase: Purchase | None = None
    ) -> None:
        expires_on = last_valid_day(at.date()) if points > 0 else None
        entry = LoyaltyEntry(self.customer_id, kind, points, at, expires_on)
        self.bookings.append(Booking(entry, purchase))


def numbered(booking: Booking, order_number: str | None) -> LoyaltyEntry:
    """Return a booking's entry with its order's number."""
    return replace(booking.entry, order_number=order_number)
