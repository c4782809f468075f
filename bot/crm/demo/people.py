"""Generated customers: who they are, when they joined, what they are like."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Final

from bot.crm.demo.habits import Habits, draw_habits
from bot.crm.demo.names import draw_name
from bot.crm.demo.places import draw_home
from bot.domain.customer import Customer
from bot.domain.message import CustomerId

FIRST_ID: Final = 2001
HISTORY_DAYS: Final = 3 * 365 + 60

_COUNTRIES: Final = {"GB": 955, "IE": 14, "DE": 11, "FR": 9, "NL": 7, "BE": 4}
_MAIL: Final = ("example.com", "example.org", "example.net", "post.example", "inbox.example")
_JOINED_BEFORE_SHARE: Final = 0.5
_EARLIER_DAYS: Final = 1100


@dataclass(frozen=True, slots=True)
class Person:
    """A generated customer; ``random`` goes on being theirs, so that nobody's luck depends on the others."""

    customer: Customer
    habits: Habits
    birthday: tuple[int, int]
    random: Random


def draw_people(seed: int, anchor: date, count: int) -> tuple[Person, ...]:
    """Draw customers; the same seed and day give the same ones."""
    return tuple(_draw_person(seed, anchor, FIRST_ID + place) for place in range(count))


def _draw_person(seed: int, anchor: date, number: int) -> Person:
    random = Random(f"{seed}:customer:{number}")  # noqa: S311 - a demo, no secret
    country = random.choices(list(_COUNTRIES), weights=list(_COUNTRIES.values()))[0]
    first, last = draw_name(random, country)
    habits = draw_habits(random)
    start = anchor - timedelta(days=HISTORY_DAYS)
    if random.random() < _JOINED_BEFORE_SHARE:
        joined_on = start - timedelta(days=random.randint(1, _EARLIER_DAYS))
    else:
        joined_on = start + timedelta(days=int(random.uniform(0, HISTORY_DAYS - 3)))
    customer = Customer(
        CustomerId(f"C-{number}"),
        f"{first} {last}",
        _email(random, first, last, number),
        _phone(random, country),
        draw_home(random, country),
        joined_on,
        is_subscribed=False,
    )
    return Person(customer, habits, (random.randint(1, 12), random.randint(1, 28)), random)


def _email(random: Random, first: str, last: str, number: int) -> str:
    first, last = first.lower(), last.lower()
    name = random.choice(
        (f"{first}.{last}", f"{first}{last}", f"{first[0]}.{last}", f"{last}.{first}")
    )
    return f"{name}{number % 1000}@{random.choice(_MAIL)}"


def _phone(random: Random, country: str) -> str:
    if country == "GB":  # the range that Ofcom keeps for fiction
        return f"07700 900{random.randint(200, 999)}"
    code = {"IE": "353", "DE": "49", "FR": "33", "NL": "31", "BE": "32"}[country]
    return f"+{code} 5550 {random.randint(1000, 9999)}"
