"""The story customers: few, with fixed ids and order numbers, for tests, demos and documents (docs/demo-customers.md)."""

from dataclasses import dataclass
from datetime import date
from functools import reduce
from typing import Final

from bot.crm.demo import stories_moving as moving
from bot.crm.demo import stories_settled as settled
from bot.crm.demo.story_making import StoryDesk
from bot.crm.records import ShopRecords
from bot.domain.message import CustomerId


@dataclass(frozen=True, slots=True)
class StoryCustomer:
    """A customer to choose in a demo: who they are and what is going on."""

    customer_id: CustomerId
    name: str
    story: str


_STORIES: Final = (
    ("C-1001", "Maya Okafor", "one order placed today, one on its way, one delivered 10 days ago"),
    ("C-1002", "Tom Hughes", "one order too old to return, one packed; no newsletter"),
    ("C-1003", "Priya Nair", "a refund on its way, a return announced, an older refund paid"),
    ("C-1004", "Lena Fischer", "lives in Berlin; one order placed, one delivered"),
    ("C-1005", "George Whitfield", "joined last week, has not ordered yet"),
    ("C-1006", "Aisha Rahman", "a single order, still open"),
    ("C-1007", "Callum Reid", "twelve orders in three years"),
    ("C-1008", "Hannah Lewis", "a parcel that is three days late"),
    ("C-1009", "Wei Chen", "a parcel on the van today; no newsletter"),
    ("C-1010", "Sofia Kowalska", "Summit tier, many Trail Points, some about to expire"),
    ("C-1011", "Daniel Evans", "a tent, gas cartridges and meals delivered 8 days ago"),
    ("C-1012", "Grace Adeyemi", "a cancelled, a returned, a bulky order; a delivery with problems"),
)


def story_customers() -> tuple[StoryCustomer, ...]:
    """Return the story customers, as offered for choice in a demo."""
    return tuple(StoryCustomer(CustomerId(number), name, story) for number, name, story in _STORIES)


def story_records(anchor: date) -> ShopRecords:
    """Return the story customers' records (products are the range's)."""
    desk = StoryDesk(anchor)
    return reduce(ShopRecords.joined, (tell(desk) for tell in _TELLERS))


_TELLERS: Final = (
    moving.maya,
    settled.tom,
    settled.priya,
    moving.lena,
    moving.george,
    moving.aisha,
    settled.callum,
    moving.hannah,
    moving.wei,
    settled.sofia,
    settled.daniel,
    settled.grace,
)
