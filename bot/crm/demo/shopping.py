"""One customer's years with the shop: when they order, what becomes of it, and when they leave."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Final

from bot.crm.demo import delivery
from bot.crm.demo.aftermath import draw_answer, draw_comeback, draw_trouble
from bot.crm.demo.baskets import Baskets, draw_way, way_for
from bot.crm.demo.people import HISTORY_DAYS, Person
from bot.crm.demo.points import PointsBook
from bot.crm.demo.purchases import Comeback, Purchase, Trouble
from bot.crm.demo.travelling import draw_travel
from bot.crm.rules import CLICK_AND_COLLECT
from bot.domain.customer import Address

# Chosen so that 2,000 customers place a little over 15,000 orders in three years.
_PACE: Final = 1.5

_FIRST_DAY_SHARE: Final = 0.85
_CANCELLED_SHARE: Final = 0.025
_CONTENT_FROM: Final = 3.7
_LEAVING_PER_POINT: Final = 0.16
_FREE_EXPRESS_TIERS: Final = ("Ranger", "Summit")
_PAY_IN_3_CENTS: Final = range(5000, 100001)
_HOURS: Final = (0.3, 0.1, 0, 0, 0, 0.2, 0.8, 2, 3, 3, 3, 3, 4, 4, 3, 3, 3, 4, 5, 6, 7, 6, 4, 0)


@dataclass(frozen=True, slots=True)
class Years:
    """What one customer did; ``left_on`` is None while they are with the shop."""

    person: Person
    purchases: tuple[Purchase, ...]
    points: PointsBook
    left_on: date | None


def live_through(person: Person, baskets: Baskets, now: datetime) -> Years:
    """Let a customer order until they leave or the present comes."""
    points = PointsBook(person.customer.customer_id)
    start = max(now.date() - timedelta(days=HISTORY_DAYS), person.customer.joined_on)
    for day in _birthdays(person, start, now.date()):
        points.add_birthday(day)
    purchases: list[Purchase] = []
    if _left_earlier(person, start):
        return Years(person, (), points, start)
    for placed_at in _moments(person, start, now):
        purchase, feeling = _buy(person, baskets, points, placed_at)
        points.add_purchase(purchase)
        purchases.append(purchase)
        unhappy = max(0.0, _CONTENT_FROM - feeling) * _LEAVING_PER_POINT
        if person.random.random() < person.habits.kind.leaving + unhappy:
            return Years(person, tuple(purchases), points, placed_at.date())
    return Years(person, tuple(purchases), points, None)


def _moments(person: Person, start: date, now: datetime) -> Iterator[datetime]:
    """Draw when a customer orders: at random, thinned to the pace of the months."""
    random, kind = person.random, person.habits.kind
    if person.customer.joined_on == start and random.random() < _FIRST_DAY_SHARE:
        first = _moment(random, start)
        if first <= now:
            yield first
    highest = max(kind.months)
    a_day = kind.orders_a_year * person.habits.pace * _PACE * highest / 365
    passed = 0.0
    while True:
        passed += random.expovariate(a_day)
        placed_at = _moment(random, start + timedelta(days=1 + int(passed)))
        if placed_at > now:
            return
        if random.random() < kind.months[placed_at.month - 1] / highest:
            yield placed_at


def _buy(
    person: Person, baskets: Baskets, points: PointsBook, placed_at: datetime
) -> tuple[Purchase, float]:
    """Return a purchase with everything that becomes of it, and how it felt (1 to 5)."""
    random, day = person.random, placed_at.date()
    tier = points.tier_on(day)
    is_express_free = tier in _FREE_EXPRESS_TIERS
    way = draw_way(person, is_express_free=is_express_free)
    basket = baskets.draw(person, day, way, is_summit=tier == "Summit")
    way = way_for(basket, way)
    address = _goes_to(person.customer.address, way)
    goods = sum(line.total_cents for line in basket)
    fee = delivery.delivery_cents(way, goods, is_express_free=is_express_free)
    travel = draw_travel(random, way, placed_at, address)
    payment = _payment(person, goods + fee)
    if random.random() < _CANCELLED_SHARE:
        cancelled_at = placed_at + (travel.packed_at - placed_at) * random.uniform(0.05, 0.8)
        purchase = Purchase(
            person, placed_at, basket, way, fee, payment, address, travel, cancelled_at
        )
        return purchase, _CONTENT_FROM
    comeback = draw_comeback(person, basket, travel)
    trouble = _unless_returned(draw_trouble(random, basket, travel), comeback)
    feeling, answer = draw_answer(person, travel, comeback, trouble)
    purchase = Purchase(
        person,
        placed_at,
        basket,
        way,
        fee,
        payment,
        address,
        travel,
        comeback=comeback,
        trouble=trouble,
        answer=answer,
    )
    return purchase, feeling


def _unless_returned(trouble: Trouble | None, comeback: Comeback | None) -> Trouble | None:
    """Leave out trouble with a line that is sent back anyway, so that nothing is refunded twice."""
    if trouble is None or comeback is None or trouble.line not in comeback.lines:
        return trouble
    return None


def _goes_to(home: Address, way: str) -> Address:
    if way != CLICK_AND_COLLECT:
        return home
    return next(store for store in delivery.STORES if store.city == home.city)


def _payment(person: Person, total_cents: int) -> str:
    method = person.habits.payment_method
    if method != "Pay in 3":
        return method
    is_home = person.customer.address.country == "GB"
    return method if is_home and total_cents in _PAY_IN_3_CENTS else "Visa"


def _moment(random: Random, day: date) -> datetime:
    hour = random.choices(range(24), weights=_HOURS)[0]
    at = time(hour, random.randint(0, 59), random.randint(0, 59))
    return datetime.combine(day, at, tzinfo=UTC)


def _birthdays(person: Person, start: date, end: date) -> Iterator[date]:
    month, day = person.birthday
    for year in range(start.year, end.year + 1):
        birthday = date(year, month, day)
        if start < birthday <= end:
            yield birthday


def _left_earlier(person: Person, start: date) -> bool:
    """Tell whether a customer of old had left before the orders that are kept begin."""
    years = max(0, (start - person.customer.joined_on).days) / 365
    orders = years * person.habits.kind.orders_a_year * person.habits.pace
    stayed = float((1 - person.habits.kind.leaving) ** orders)
    return person.random.random() > stayed
