"""What customers bought, before numbers are given: baskets, prices, the way of the parcel, what came of it."""

from dataclasses import dataclass
from datetime import date, datetime

from bot.crm.demo.people import Person
from bot.crm.demo.range import RangeItem
from bot.crm.records import TicketKind
from bot.domain.customer import Address


@dataclass(frozen=True, slots=True)
class BasketLine:
    """Pieces of a product at a price."""

    item: RangeItem
    quantity: int
    price_cents: int

    @property
    def total_cents(self) -> int:
        """Return what the line costs."""
        return self.quantity * self.price_cents


@dataclass(frozen=True, slots=True)
class Travel:
    """When a parcel's steps are, also those still to come."""

    packed_at: datetime
    shipped_at: datetime
    expected_on: date
    out_at: datetime
    delivered_at: datetime

    @property
    def days_late(self) -> int:
        """Return calendar days after the promised one; 0 or less is in time."""
        return (self.delivered_at.date() - self.expected_on).days


@dataclass(frozen=True, slots=True)
class Comeback:
    """A return: line numbers, why, and when its steps are, also those still to come."""

    lines: tuple[int, ...]
    reason: str
    announced_at: datetime
    received_at: datetime
    paid_at: datetime


@dataclass(frozen=True, slots=True)
class Trouble:
    """A problem that became a ticket; ``line`` is refunded at ``paid_at`` where there is one."""

    kind: TicketKind
    line: int
    told_at: datetime
    paid_at: datetime | None


@dataclass(frozen=True, slots=True)
class Answer:
    """A survey answered."""

    score: int
    comment: str
    answered_at: datetime


@dataclass(frozen=True, slots=True)
class Purchase:
    """One order's whole story. ``cancelled_at`` ends it before it is packed."""

    person: Person
    placed_at: datetime
    basket: tuple[BasketLine, ...]
    way: str
    delivery_cents: int
    payment_method: str
    address: Address
    travel: Travel
    cancelled_at: datetime | None = None
    comeback: Comeback | None = None
    trouble: Trouble | None = None
    answer: Answer | None = None

    @property
    def goods_cents(self) -> int:
        """Return what the goods cost."""
        return sum(line.total_cents for line in self.basket)

    @property
    def total_cents(self) -> int:
        """Return goods and delivery."""
        return self.goods_cents + self.delivery_cents
