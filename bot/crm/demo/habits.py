"""Kinds of customers: what they buy, how often, in which season, what comes back, how easily they leave."""

from dataclasses import dataclass, field
from random import Random
from typing import Final

# How much of a year's shopping falls into each month, January first.
_ALL_YEAR: Final = (0.9, 0.8, 0.9, 1.0, 1.1, 1.1, 1.1, 1.0, 1.0, 1.0, 1.3, 1.4)
_SUMMER: Final = (0.2, 0.3, 0.7, 1.4, 2.0, 2.2, 2.0, 1.2, 0.6, 0.3, 0.5, 0.6)
_WINTER: Final = (1.5, 1.3, 1.0, 0.6, 0.5, 0.5, 0.5, 0.6, 0.9, 1.3, 1.8, 1.6)
_GIFTS: Final = (0.2, 0.2, 0.3, 0.3, 0.4, 0.7, 0.4, 0.3, 0.3, 0.6, 2.8, 5.0)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of customer.

    Attributes:
        share: Of all customers.
        orders_a_year: While they are with the shop.
        lines: Lines of an order, on average.
        departments: Weights; departments left out are bought from seldom.
        months: Weight of each month.
        return_rate: Probability that something of an order comes back.
        leaving: Probability to leave after an order that went well.
        thrift: Probability of taking the cheaper of two products.
        newsletter: Probability of subscribing when joining.
        pieces: Pieces of a line, on average.
    """

    name: str
    share: float
    orders_a_year: float
    lines: float
    departments: dict[str, float] = field(hash=False)
    months: tuple[float, ...] = _ALL_YEAR
    return_rate: float = 0.10
    leaving: float = 0.03
    thrift: float = 0.5
    newsletter: float = 0.55
    pieces: float = 1.1


@dataclass(frozen=True, slots=True)
class Habits:
    """How one customer deviates from their kind.

    Attributes:
        pace: Factor on how often they order.
        mood: Added to every satisfaction score.
        survey_rate: Probability of answering a survey.
        payment_method: Preferred.
        way: Preferred delivery.
    """

    kind: Kind
    pace: float
    mood: float
    survey_rate: float
    payment_method: str
    way: str


KINDS: Final = (
    Kind("weekend walker", 0.23, 2.9, 1.9,
         {"boots and shoes": 4, "jackets": 3, "rucksacks": 3, "base layers and trousers": 4, "navigation": 2,
          "accessories": 2, "cooking": 1, "lighting": 1}),
    Kind("camping family", 0.14, 2.5, 3.2,
         {"tents": 3, "sleeping bags": 3, "mats": 3, "cooking": 4, "lighting": 2, "accessories": 3, "water sports": 1},
         months=_SUMMER, return_rate=0.08, thrift=0.7),
    Kind("mountaineer", 0.10, 4.4, 2.2,
         {"climbing": 4, "jackets": 3, "boots and shoes": 2, "base layers and trousers": 3, "rucksacks": 2, "tents": 1,
          "cooking": 2, "lighting": 1}, months=_WINTER, return_rate=0.09, leaving=0.02, thrift=0.25),
    Kind("climber", 0.09, 3.9, 2.0,
         {"climbing": 8, "boots and shoes": 1, "base layers and trousers": 2, "rucksacks": 1, "accessories": 1},
         return_rate=0.12),
    Kind("runner", 0.11, 4.6, 1.6,
         {"boots and shoes": 5, "base layers and trousers": 4, "rucksacks": 1, "lighting": 1, "navigation": 1,
          "cooking": 1}, return_rate=0.22, thrift=0.45),
    Kind("paddler", 0.05, 2.1, 1.8,
         {"water sports": 8, "rucksacks": 1, "accessories": 1, "cooking": 1}, months=_SUMMER, return_rate=0.07),
    Kind("dog owner", 0.08, 3.3, 1.9,
         {"dog gear": 7, "boots and shoes": 2, "jackets": 2, "accessories": 1, "lighting": 1}, newsletter=0.65),
    Kind("gift buyer", 0.07, 1.5, 1.8,
         {"accessories": 4, "cooking": 2, "lighting": 3, "navigation": 2, "base layers and trousers": 3},
         months=_GIFTS, return_rate=0.16, leaving=0.10, newsletter=0.35),
    Kind("gear collector", 0.05, 10.5, 2.1,
         {"tents": 2, "sleeping bags": 2, "mats": 2, "rucksacks": 3, "jackets": 3, "cooking": 3, "lighting": 3,
          "navigation": 2, "boots and shoes": 2, "accessories": 2},
         return_rate=0.20, leaving=0.01, thrift=0.2, newsletter=0.85),
    Kind("one-off", 0.06, 1.1, 1.7,
         {"tents": 3, "jackets": 3, "boots and shoes": 3, "rucksacks": 2, "water sports": 1},
         return_rate=0.14, leaving=0.62, thrift=0.6, newsletter=0.25),
    Kind("club", 0.02, 6.0, 3.5,
         {"cooking": 3, "climbing": 3, "mats": 2, "tents": 2, "lighting": 2, "accessories": 2},
         return_rate=0.05, leaving=0.01, newsletter=0.5, pieces=4.0),
)  # fmt: skip

_PAYMENTS: Final = {
    "Visa": 38,
    "Mastercard": 24,
    "American Express": 4,
    "PayPal": 16,
    "Apple Pay": 9,
    "Google Pay": 6,
    "Pay in 3": 3,
}
_WAYS: Final = {"standard": 74, "express": 14, "click_and_collect": 12}


def draw_habits(random: Random) -> Habits:
    """Draw a customer's habits."""
    kind = random.choices(KINDS, weights=[kind.share for kind in KINDS])[0]
    return Habits(
        kind,
        pace=random.lognormvariate(-0.08, 0.4),
        mood=random.gauss(0, 0.45),
        survey_rate=random.betavariate(1.4, 4.2),
        payment_method=random.choices(list(_PAYMENTS), weights=list(_PAYMENTS.values()))[0],
        way=random.choices(list(_WAYS), weights=list(_WAYS.values()))[0],
    )
