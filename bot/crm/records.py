"""What the CRM keeps beside the domain's words, and a whole shop's records as one value."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from bot.domain.customer import Customer, Order, Product, Ticket
from bot.domain.message import CustomerId

NEWSLETTER: Final = "newsletter"


class LoyaltyKind(StrEnum):
    """Why points came or went."""

    EARNED = "earned"
    BIRTHDAY = "birthday"
    REDEEMED = "redeemed"
    TAKEN_BACK = "taken_back"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class LoyaltyEntry:
    """Points that came (above 0, with the last day they are valid) or went (below 0)."""

    customer_id: CustomerId
    kind: LoyaltyKind
    points: int
    at: datetime
    expires_on: date | None = None
    order_number: str | None = None


class TicketKind(StrEnum):
    """What a ticket is about."""

    QUESTION = "question"
    MISSING = "missing"
    DAMAGED = "damaged"
    LATE = "late"
    DELETION = "deletion"


@dataclass(frozen=True, slots=True)
class FiledTicket:
    """A ticket with what it is about."""

    ticket: Ticket
    kind: TicketKind
    order_number: str | None = None


@dataclass(frozen=True, slots=True)
class Contact:
    """A letter or e-mail that went out to a customer."""

    customer_id: CustomerId
    kind: str
    subject: str
    sent_at: datetime
    order_number: str | None = None


@dataclass(frozen=True, slots=True)
class Consent:
    """A consent given or taken back; the newest of a kind counts."""

    customer_id: CustomerId
    kind: str
    is_given: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class Survey:
    """How satisfied a customer was with an order: ``score`` from 1 (bad) to 5."""

    customer_id: CustomerId
    order_number: str | None
    score: int
    comment: str
    answered_at: datetime


@dataclass(frozen=True, slots=True)
class ShopRecords:
    """The records of a shop.

    Attributes:
        consents: The history that every customer's ``is_subscribed`` follows from.
    """

    products: tuple[Product, ...] = ()
    customers: tuple[Customer, ...] = ()
    orders: tuple[Order, ...] = ()
    loyalty: tuple[LoyaltyEntry, ...] = ()
    tickets: tuple[FiledTicket, ...] = ()
    contacts: tuple[Contact, ...] = ()
    consents: tuple[Consent, ...] = ()
    surveys: tuple[Survey, ...] = field(default=())

    def joined(self, other: "ShopRecords") -> "ShopRecords":
        """Return the records of both."""
        return ShopRecords(
            self.products + other.products,
            self.customers + other.customers,
            self.orders + other.orders,
            self.loyalty + other.loyalty,
            self.tickets + other.tickets,
            self.contacts + other.contacts,
            self.consents + other.consents,
            self.surveys + other.surveys,
        )
