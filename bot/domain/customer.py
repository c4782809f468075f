"""Customers, their orders and what hangs on them."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from bot.domain.message import CustomerId


@dataclass(frozen=True, slots=True)
class Address:
    """Where something goes; ``country`` is an ISO 3166 code such as ``GB``."""

    street: str
    city: str
    postcode: str
    country: str = "GB"

    def __str__(self) -> str:
        """Return it on one line."""
        return ", ".join(filter(None, [self.street, self.city, self.postcode]))


@dataclass(frozen=True, slots=True)
class Customer:
    """A person with an account."""

    customer_id: CustomerId
    name: str
    email: str
    phone: str
    address: Address
    joined_on: date
    is_subscribed: bool


@dataclass(frozen=True, slots=True)
class Product:
    """A thing the shop sells.

    Attributes:
        product_id: Such as ``P-0042``.
        price_cents: With VAT.
        stock: Pieces in the warehouse; 0 is out of stock.
        is_returnable: False for gas, food, underwear, personalised items and gift cards once opened or used.
        is_bulky: Goes by two-man freight.
        restock_on: The day more is expected; None is unknown or not needed.
    """

    product_id: str
    name: str
    brand: str
    department: str
    price_cents: int
    stock: int
    is_returnable: bool = True
    is_bulky: bool = False
    restock_on: date | None = None


class OrderStatus(StrEnum):
    """How far an order is."""

    PLACED = "placed"
    PACKED = "packed"
    SHIPPED = "shipped"
    OUT_FOR_DELIVERY = "out_for_delivery"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"
    RETURNED = "returned"


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One product in an order; ``line`` counts from 1."""

    line: int
    product_id: str
    name: str
    quantity: int
    price_cents: int
    is_returnable: bool


@dataclass(frozen=True, slots=True)
class Shipment:
    """A parcel: where it was last seen and when it is expected."""

    tracking_number: str
    carrier: str
    shipped_at: datetime
    expected_on: date
    last_place: str
    last_seen_at: datetime
    delivered_at: datetime | None


class ReturnStatus(StrEnum):
    """How far a return is."""

    ANNOUNCED = "announced"
    RECEIVED = "received"
    REFUNDED = "refunded"


@dataclass(frozen=True, slots=True)
class ReturnCase:
    """A return of some lines of an order; number such as ``RT-300123``."""

    return_number: str
    lines: tuple[int, ...]
    reason: str
    status: ReturnStatus
    announced_at: datetime
    received_at: datetime | None


@dataclass(frozen=True, slots=True)
class Refund:
    """Money going back; ``paid_at`` is None while it is on its way to be paid."""

    order_number: str
    amount_cents: int
    method: str
    reason: str
    created_at: datetime
    paid_at: datetime | None


@dataclass(frozen=True, slots=True)
class Order:
    """An order with everything that happened to it. ``total_cents`` includes delivery."""

    number: str
    customer_id: CustomerId
    status: OrderStatus
    placed_at: datetime
    lines: tuple[OrderLine, ...]
    delivery_way: str
    delivery_cents: int
    total_cents: int
    payment_method: str
    address: Address
    shipments: tuple[Shipment, ...] = ()
    returns: tuple[ReturnCase, ...] = ()
    refunds: tuple[Refund, ...] = ()

    @property
    def delivered_at(self) -> datetime | None:
        """Return when the last parcel arrived; None while one is on its way or none has left."""
        arrivals = [shipment.delivered_at for shipment in self.shipments]
        known = [arrival for arrival in arrivals if arrival is not None]
        return max(known) if known and len(known) == len(arrivals) else None


@dataclass(frozen=True, slots=True)
class LoyaltyAccount:
    """Trail Points: the balance, the tier, and what expires next."""

    points: int
    tier: str
    points_to_next_tier: int
    expiring_points: int
    expires_on: date | None


@dataclass(frozen=True, slots=True)
class Ticket:
    """A matter written down for colleagues; number such as ``TK-500321``."""

    number: str
    customer_id: CustomerId | None
    subject: str
    text: str
    created_at: datetime
    is_open: bool
