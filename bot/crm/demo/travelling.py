"""When a parcel is packed, shipped, expected and delivered, with the delays of real life."""

from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Final

from bot.crm.demo import delivery
from bot.crm.demo.purchases import Travel
from bot.crm.rules import CLICK_AND_COLLECT
from bot.crm.working_days import add_working_days, is_working_day
from bot.domain.customer import Address

_CUT_OFF: Final = time(15)
_LATE_SHARE: Final = 0.05
_LATE_SHARE_DECEMBER: Final = 0.12
_LOST_SHARE: Final = 0.006
_LOST_DAYS: Final = 12
_DECEMBER: Final = 12


def draw_travel(random: Random, way: str, placed_at: datetime, address: Address) -> Travel:
    """Draw a parcel's way."""
    day = placed_at.date()
    if placed_at.time() >= _CUT_OFF or not is_working_day(day):
        day = add_working_days(day + timedelta(days=1), 0)
    is_fast = way == delivery.EXPRESS
    packed_at = _between(random, day, time(15, 10) if is_fast else time(15, 30), 110)
    shipped_on = day if is_fast else add_working_days(day, 1)
    shipped_at = _between(random, shipped_on, time(17, 5) if is_fast else time(11), 50)
    expected_on = delivery.promised_day(way, day, address, random)
    arrives_on = _arrival(random, expected_on, shipped_on)
    hour = time(8) if way == CLICK_AND_COLLECT else time(8, 30)
    delivered_at = _between(random, arrives_on, hour, 540)
    out_at = _between(random, arrives_on, time(6), 50)
    return Travel(packed_at, shipped_at, expected_on, out_at, delivered_at)


def _arrival(random: Random, expected_on: date, shipped_on: date) -> date:
    luck = random.random()
    late_share = _LATE_SHARE_DECEMBER if expected_on.month == _DECEMBER else _LATE_SHARE
    if luck < _LOST_SHARE:
        return add_working_days(expected_on, _LOST_DAYS)
    if luck < late_share:
        return add_working_days(expected_on, random.randint(1, 5))
    early = expected_on - timedelta(days=1)
    if random.random() < 0.3 and early > shipped_on and is_working_day(early):  # noqa: PLR2004
        return early
    return expected_on


def _between(random: Random, day: date, start: time, minutes: int) -> datetime:
    at = datetime.combine(day, start, tzinfo=UTC)
    return at + timedelta(minutes=random.randint(0, minutes), seconds=random.randint(0, 59))
