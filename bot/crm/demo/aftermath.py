"""What comes of a delivery: returns, trouble, and how satisfied the customer says they are."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Final

from bot.crm.demo.comments import draw_comment
from bot.crm.demo.people import Person
from bot.crm.demo.purchases import Answer, BasketLine, Comeback, Travel, Trouble
from bot.crm.records import TicketKind
from bot.crm.working_days import add_working_days

_REASONS: Final = {
    "too_small": 27,
    "too_big": 18,
    "not_as_expected": 20,
    "changed_mind": 17,
    "wrong_item": 5,
    "faulty": 13,
}
_FIT_DEPARTMENTS: Final = ("boots and shoes", "jackets", "base layers and trousers")
_WEARING_FACTOR: Final = 1.5
_OTHER_FACTOR: Final = 0.6
_WHOLE_RETURN_SHARE: Final = 0.4
_MISSING_SHARE: Final = 0.010
_DAMAGED_SHARE: Final = 0.012
_REFUNDED_SHARE: Final = 0.55
_PATIENCE_DAYS: Final = 2
_ASKED_ABOUT_SHARE: Final = 0.5


def draw_comeback(person: Person, basket: Sequence[BasketLine], travel: Travel) -> Comeback | None:
    """Draw a return; None is the rule."""
    random = person.random
    can = [place for place, line in enumerate(basket, 1) if line.item.product.is_returnable]
    wears = any(line.item.product.department in _FIT_DEPARTMENTS for line in basket)
    rate = person.habits.kind.return_rate * (_WEARING_FACTOR if wears else _OTHER_FACTOR)
    if not can or random.random() > rate:
        return None
    lines = can if random.random() < _WHOLE_RETURN_SHARE else [random.choice(can)]
    reason = random.choices(list(_REASONS), weights=list(_REASONS.values()))[0]
    announced_at = travel.delivered_at + timedelta(days=random.uniform(0.3, 24))
    arrived_on = add_working_days((announced_at + timedelta(days=random.uniform(3, 11))).date(), 0)
    paid_on = add_working_days(arrived_on, random.randint(1, 4))
    return Comeback(
        tuple(lines), reason, announced_at, _at(random, arrived_on), _at(random, paid_on)
    )


def draw_trouble(random: Random, basket: Sequence[BasketLine], travel: Travel) -> Trouble | None:
    """Draw a problem that the customer tells; late parcels are asked about before they come."""
    late = travel.days_late
    if late > _PATIENCE_DAYS and random.random() < _ASKED_ABOUT_SHARE:
        told_on = travel.expected_on + timedelta(days=random.randint(2, late))
        return Trouble(TicketKind.LATE, 1, _at(random, told_on), None)
    luck, line = random.random(), random.randint(1, len(basket))
    if luck > _MISSING_SHARE + _DAMAGED_SHARE:
        return None
    kind = TicketKind.MISSING if luck < _MISSING_SHARE else TicketKind.DAMAGED
    told_at = travel.delivered_at + timedelta(hours=random.uniform(2, 90))
    is_refunded = random.random() < _REFUNDED_SHARE
    paid_on = add_working_days(told_at.date(), 2)
    return Trouble(kind, line, told_at, _at(random, paid_on) if is_refunded else None)


def draw_answer(
    person: Person, travel: Travel, comeback: Comeback | None, trouble: Trouble | None
) -> tuple[float, Answer | None]:
    """Return how a customer felt about an order (1 to 5), and the survey if they answered it."""
    random = person.random
    feeling = 4.35 + person.habits.mood + random.gauss(0, 0.5)
    subject = "fine"
    if travel.days_late > 0:
        feeling -= 0.9 + 0.15 * min(6, travel.days_late)
        subject = "late"
    if trouble is not None and trouble.kind is not TicketKind.LATE:
        feeling -= 1.3
        subject = trouble.kind.value
    if comeback is not None:
        feeling -= 1.2 if comeback.reason in ("faulty", "wrong_item") else 0.3
        subject = "faulty" if comeback.reason == "faulty" else subject
    feeling = min(5.0, max(1.0, feeling))
    if random.random() > person.habits.survey_rate:
        return feeling, None
    score = round(feeling)
    answered_at = travel.delivered_at + timedelta(days=random.uniform(4, 12))
    return feeling, Answer(score, draw_comment(random, subject, score), answered_at)


def _at(random: Random, day: date) -> datetime:
    return datetime.combine(day, time(random.randint(9, 16), random.randint(0, 59)), tzinfo=UTC)
