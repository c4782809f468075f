"""Fills baskets: which products a customer takes, at which price, and how they are delivered."""

from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from random import Random
from typing import Final

from bot.crm.demo import delivery
from bot.crm.demo.habits import KINDS, Kind
from bot.crm.demo.people import Person
from bot.crm.demo.purchases import BasketLine
from bot.crm.demo.range import RangeItem, demo_items
from bot.crm.rules import BULKY, CLICK_AND_COLLECT, STANDARD
from bot.domain.customer import Address

_SUMMER_MONTHS: Final = range(4, 10)
_SEASONED: Final = {  # department: factor in summer, factor in winter
    "tents": (1.6, 0.5),
    "sleeping bags": (1.4, 0.7),
    "mats": (1.4, 0.7),
    "water sports": (1.7, 0.35),
    "jackets": (0.7, 1.5),
    "base layers and trousers": (0.8, 1.4),
    "lighting": (0.7, 1.5),
}
_SELDOM: Final = 0.15
_SALE: Final = ((11, 20, 30), (1, 2, 15), (7, 1, 10))  # month, first and last day
_SALE_SHARE: Final = 0.45
_SALE_FACTOR: Final = 0.85
_GROWTH_A_YEAR: Final = 0.03
_RECENT_DAYS: Final = 60
_MANY: Final = 8
_SMALL_CENTS: Final = 2500
_SUMMIT_FACTOR: Final = 0.9


@dataclass(frozen=True, slots=True)
class Shelves:
    """The range as a kind of customer walks through it in a season: items and running weights."""

    items: tuple[RangeItem, ...]
    running: tuple[float, ...]


class Baskets:
    """Draws baskets; knows how popular each product is."""

    def __init__(self, seed: int, anchor: date) -> None:
        random = Random(f"{seed}:popularity")  # noqa: S311 - a demo, no secret
        self._anchor = anchor
        self._popularity = [random.paretovariate(1.6) for _ in demo_items()]
        self._shelves = {
            (kind.name, is_summer): self._shelve(kind, is_summer=is_summer)
            for kind in KINDS
            for is_summer in (True, False)
        }

    def draw(
        self, person: Person, day: date, way: str, *, is_summit: bool
    ) -> tuple[BasketLine, ...]:
        """Draw what a customer orders on a day; fits the way it goes and the country."""
        random, kind = person.random, person.habits.kind
        shelves = self._shelves[kind.name, day.month in _SUMMER_MONTHS]
        wanted = 1 + min(_MANY, int(random.expovariate(1 / max(0.1, kind.lines - 0.5))))
        chosen: dict[str, RangeItem] = {}
        for _ in range(wanted):
            item = _choose(random, shelves, kind.thrift)
            if _may_go(item, way, person.customer.address):
                chosen.setdefault(item.product.product_id, item)
        while not chosen:
            item = _choose(random, shelves, kind.thrift)
            if _may_go(item, way, person.customer.address):
                chosen[item.product.product_id] = item
        return tuple(self._line(person, item, day, is_summit=is_summit) for item in chosen.values())

    def _line(self, person: Person, item: RangeItem, day: date, *, is_summit: bool) -> BasketLine:
        random, product = person.random, item.product
        many = person.habits.kind.pieces + (0.6 if product.price_cents < _SMALL_CENTS else 0)
        quantity = 1 + min(_MANY, int(random.expovariate(1.4 / max(0.05, many - 1.0))))
        cents = product.price_cents
        if "gift card" not in product.name:
            cents = self._price(random, cents, day)
            if is_summit and product.brand == "Cairn":
                cents = round(cents * _SUMMIT_FACTOR)
        return BasketLine(item, quantity, cents)

    def _price(self, random: Random, cents: int, day: date) -> int:
        age = (self._anchor - day).days
        if age > _RECENT_DAYS:
            cents = round(cents * (1 - _GROWTH_A_YEAR) ** (age // 365) / 50) * 50
        if _is_sale(day) and random.random() < _SALE_SHARE:
            cents = round(cents * _SALE_FACTOR)
        return cents

    def _shelve(self, kind: Kind, *, is_summer: bool) -> Shelves:
        items = demo_items()
        size: dict[str, float] = {}
        for item, popularity in zip(items, self._popularity, strict=True):
            department = item.product.department
            size[department] = size.get(department, 0) + popularity
        weights = []
        for item, popularity in zip(items, self._popularity, strict=True):
            department = item.product.department
            summer, winter = _SEASONED.get(department, (1.0, 1.0))
            wish = kind.departments.get(department, _SELDOM) * (summer if is_summer else winter)
            weights.append(wish * popularity / size[department])
        return Shelves(items, tuple(accumulate(weights)))


def draw_way(person: Person, *, is_express_free: bool) -> str:
    """Draw how a customer wants an order delivered."""
    address, random = person.customer.address, person.random
    if address.country != "GB":
        return delivery.ABROAD
    way = person.habits.way if random.random() < 0.8 else STANDARD  # noqa: PLR2004 - habits are habits
    if is_express_free and way == STANDARD and random.random() < 0.5:  # noqa: PLR2004
        way = delivery.EXPRESS
    has_store = any(address.city == store.city for store in delivery.STORES)
    if way == CLICK_AND_COLLECT and not has_store:
        return STANDARD
    return STANDARD if way == delivery.EXPRESS and delivery.is_remote(address) else way


def way_for(basket: tuple[BasketLine, ...], way: str) -> str:
    """Return how a basket goes: bulky things by freight, gas by standard."""
    if any(line.item.product.is_bulky for line in basket):
        return BULKY
    if way == delivery.EXPRESS and any(line.item.is_gas for line in basket):
        return STANDARD
    return way


def _choose(random: Random, shelves: Shelves, thrift: float) -> RangeItem:
    first, second = random.choices(shelves.items, cum_weights=shelves.running, k=2)
    if first.product.department != second.product.department:
        return first
    cheaper, dearer = sorted((first, second), key=lambda item: item.product.price_cents)
    return cheaper if random.random() < thrift else dearer


def _may_go(item: RangeItem, way: str, address: Address) -> bool:
    if way == delivery.ABROAD:
        return not (item.is_gas or item.product.is_bulky)
    if item.is_gas:
        return not address.postcode.startswith("BT")
    return not (item.product.is_bulky and way == CLICK_AND_COLLECT)


def _is_sale(day: date) -> bool:
    return any(day.month == month and first <= day.day <= last for month, first, last in _SALE)
