"""Tickets, e-mails, consents and surveys of the generated customers."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Final

from bot.crm.demo.comments import draw_ticket
from bot.crm.demo.people import Person
from bot.crm.demo.purchases import Purchase
from bot.crm.demo.shopping import Years
from bot.crm.outcomes import invoice_number
from bot.crm.records import NEWSLETTER, Consent, Contact, FiledTicket, Survey, TicketKind
from bot.crm.schema import FIRST_TICKET
from bot.domain.customer import Order, Ticket

_QUESTION_SHARE: Final = 0.02
_OPEN_DAYS: Final = 3
_LATER_SHARE: Final = 0.12
_LEAVES_LETTER_SHARE: Final = 0.07
_LEAVES_LETTER_WITH_SHOP_SHARE: Final = 0.4

Kept = Sequence[tuple[Purchase, Order]]


def tickets_of(kept: Kept, random: Random, now: datetime) -> tuple[FiledTicket, ...]:
    """Return all tickets, numbered in order of time; those of the last days are open."""
    found: list[tuple[datetime, TicketKind, Purchase, Order]] = []
    for purchase, order in kept:
        trouble = purchase.trouble
        if trouble is not None and trouble.told_at <= now:
            found.append((trouble.told_at, trouble.kind, purchase, order))
        asked_at = purchase.placed_at + timedelta(days=random.uniform(1, 40))
        if random.random() < _QUESTION_SHARE and asked_at <= now:
            found.append((asked_at, TicketKind.QUESTION, purchase, order))
    found.sort(key=lambda one: one[0])
    return tuple(
        _file(random, f"TK-{FIRST_TICKET + place}", one, now)
        for place, one in enumerate(found, start=1)
    )


def _file(
    random: Random, number: str, one: tuple[datetime, TicketKind, Purchase, Order], now: datetime
) -> FiledTicket:
    at, kind, purchase, order = one
    line = 1 if purchase.trouble is None else purchase.trouble.line
    item = order.lines[line - 1].name
    words = draw_ticket(random, kind, order.number, item)
    is_open = at > now - timedelta(days=_OPEN_DAYS)
    ticket = Ticket(number, order.customer_id, *words, created_at=at, is_open=is_open)
    return FiledTicket(ticket, kind, order.number)


def surveys_of(kept: Kept, now: datetime) -> tuple[Survey, ...]:
    """Return the surveys answered by now."""
    return tuple(
        Survey(
            order.customer_id,
            order.number,
            purchase.answer.score,
            purchase.answer.comment,
            purchase.answer.answered_at,
        )
        for purchase, order in kept
        if purchase.answer is not None and purchase.answer.answered_at <= now
    )


def contacts_of(kept: Kept) -> tuple[Contact, ...]:
    """Return the e-mails that went out with parcels, returns and refunds."""
    return tuple(contact for _, order in kept for contact in _contacts(order))


def _contacts(order: Order) -> Iterator[Contact]:
    customer_id, number = order.customer_id, order.number
    for parcel in order.shipments:
        subject = f"Order {number} is on its way, with invoice {invoice_number(number)}"
        yield Contact(customer_id, "dispatch_notice", subject, parcel.shipped_at, number)
    for case in order.returns:
        subject = f"Your label for return {case.return_number}"
        yield Contact(customer_id, "return_label", subject, case.announced_at, number)
    for refund in order.refunds:
        if refund.paid_at is not None:
            subject = f"Your refund for {number}"
            yield Contact(customer_id, "refund_paid", subject, refund.paid_at, number)


def consents_of(years: Years, now: datetime) -> tuple[Consent, ...]:
    """Return a customer's newsletter history; whoever leaves the shop often leaves that too."""
    person = years.person
    random, joined_on = person.random, person.customer.joined_on
    given_at = _at(random, joined_on)
    if random.random() > person.habits.kind.newsletter:
        if random.random() > _LATER_SHARE:
            return ()
        given_at += timedelta(days=random.uniform(5, 400))
    share = _LEAVES_LETTER_SHARE if years.left_on is None else _LEAVES_LETTER_WITH_SHOP_SHARE
    found = [_consent(person, given_at, is_given=True)]
    if random.random() < share:
        left_at = max(given_at, _at(random, years.left_on or joined_on))
        left_at += timedelta(days=random.uniform(3, 60))
        found.append(_consent(person, left_at, is_given=False))
    return tuple(consent for consent in found if consent.at <= now)


def _consent(person: Person, at: datetime, *, is_given: bool) -> Consent:
    return Consent(person.customer.customer_id, NEWSLETTER, is_given, at)


def _at(random: Random, day: date) -> datetime:
    return datetime.combine(day, time(random.randint(7, 21), random.randint(0, 59)), tzinfo=UTC)
