"""Puts the demo shop's records together: everybody's years, numbered in order of time, and the story customers."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time
from random import Random
from typing import Final

from bot.crm.demo.baskets import Baskets
from bot.crm.demo.letters import consents_of, contacts_of, surveys_of, tickets_of
from bot.crm.demo.ordering import order_of
from bot.crm.demo.people import draw_people
from bot.crm.demo.points import numbered
from bot.crm.demo.purchases import Purchase
from bot.crm.demo.range import demo_products
from bot.crm.demo.shopping import Years, live_through
from bot.crm.demo.stories import story_records
from bot.crm.records import LoyaltyEntry, ShopRecords
from bot.crm.schema import FIRST_RETURN
from bot.domain.customer import Customer, Order

CUSTOMERS: Final = 2000
ORDERS: Final = 15000

Progress = Callable[[str, float], None]

_FIRST_ORDER: Final = 100001
_OPENING: Final = time(8)
_REPORT_EVERY: Final = 100


def demo_records(
    seed: int,
    anchor: date,
    *,
    customers: int = CUSTOMERS,
    orders: int = ORDERS,
    progress: Progress = lambda _step, _share: None,
) -> ShopRecords:
    """Generate the demo shop as it stands on the morning of a day; the same seed and day give the same shop.

    Args:
        seed: Of all that is drawn.
        anchor: The shop's present day.
        customers: How many, story customers included.
        orders: At most how many, story orders included; the oldest are left out.
        progress: Told what is being done and which share of the generation is done.
    """
    now = datetime.combine(anchor, _OPENING, tzinfo=UTC)
    stories = story_records(anchor)
    baskets = Baskets(seed, anchor)
    lives: list[Years] = []
    people = draw_people(seed, anchor, customers - len(stories.customers))
    for place, person in enumerate(people):
        lives.append(live_through(person, baskets, now))
        if place % _REPORT_EVERY == 0:
            progress("customers and their orders", place / len(people))
    records = _gather(lives, orders - len(stories.orders), seed, now)
    progress("customers and their orders", 1.0)
    return ShopRecords(products=demo_products(seed, anchor)).joined(stories).joined(records)


def _gather(lives: Sequence[Years], most: int, seed: int, now: datetime) -> ShopRecords:
    purchases = [purchase for years in lives for purchase in years.purchases]
    purchases.sort(key=lambda one: (one.placed_at, one.person.customer.customer_id))
    purchases = purchases[-most:]
    orders = _orders(purchases, now)
    kept = tuple(zip(purchases, orders, strict=True))
    random = Random(f"{seed}:letters")  # noqa: S311 - a demo, no secret
    consents = tuple(consents_of(years, now) for years in lives)
    return ShopRecords(
        customers=tuple(
            _settled(years.person.customer, is_subscribed=bool(given) and given[-1].is_given)
            for years, given in zip(lives, consents, strict=True)
        ),
        orders=orders,
        loyalty=_loyalty(lives, purchases, orders, now),
        tickets=tickets_of(kept, random, now),
        contacts=contacts_of(kept),
        consents=tuple(consent for given in consents for consent in given),
        surveys=surveys_of(kept, now),
    )


def _settled(customer: Customer, *, is_subscribed: bool) -> Customer:
    return replace(customer, is_subscribed=is_subscribed)


def _orders(purchases: Sequence[Purchase], now: datetime) -> tuple[Order, ...]:
    """Number orders in order of time, returns in the order they were announced."""
    announced = [
        (purchase.comeback.announced_at, place)
        for place, purchase in enumerate(purchases)
        if purchase.comeback is not None and purchase.comeback.announced_at <= now
    ]
    returns = {
        place: f"RT-{FIRST_RETURN + number}"
        for number, (_, place) in enumerate(sorted(announced), start=1)
    }
    return tuple(
        order_of(purchase, f"CP-{_FIRST_ORDER + place}", returns.get(place), now)
        for place, purchase in enumerate(purchases)
    )


def _loyalty(
    lives: Sequence[Years], purchases: Sequence[Purchase], orders: Sequence[Order], now: datetime
) -> tuple[LoyaltyEntry, ...]:
    """Return all points; those of orders too old to be kept have no order number."""
    numbers = {
        id(purchase): order.number for purchase, order in zip(purchases, orders, strict=True)
    }
    return tuple(
        numbered(booking, numbers.get(id(booking.purchase)))
        for years in lives
        for booking in years.points.finished(now)
    )
