"""Whom the contract of a CRM asks about, and what they wish."""

from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from typing import Final

from bot.crm.demo.range import demo_products
from bot.crm.demo.stories import story_records
from bot.crm.records import ShopRecords
from bot.domain.customer import Address
from bot.domain.message import CustomerId, OperationId
from bot.domain.ports import Change, ChangeDone, ChangeOrder, ChangeRejected, CrmGateway

ANCHOR: Final = date(2026, 11, 18)


NOW: Final = datetime(2026, 11, 18, 12, tzinfo=UTC)


MAYA: Final = CustomerId("C-1001")


TOM: Final = CustomerId("C-1002")


PRIYA: Final = CustomerId("C-1003")


LENA: Final = CustomerId("C-1004")


GEORGE: Final = CustomerId("C-1005")


CALLUM: Final = CustomerId("C-1007")


HANNAH: Final = CustomerId("C-1008")


WEI: Final = CustomerId("C-1009")


SOFIA: Final = CustomerId("C-1010")


DANIEL: Final = CustomerId("C-1011")


GRACE: Final = CustomerId("C-1012")


NOBODY: Final = CustomerId("C-0000")


BATH: Final = Address("2 Walcot Street", "Bath", "BA1 5BG")


def contract_records() -> ShopRecords:
    """Return the records that a gateway under this contract is filled with."""
    return ShopRecords(products=demo_products(7, ANCHOR)).joined(story_records(ANCHOR))


def doing(customer_id: CustomerId, operation_id: str, now: datetime = NOW) -> ChangeOrder:
    return ChangeOrder(customer_id, OperationId(operation_id), now)


def asking(customer_id: CustomerId) -> ChangeOrder:
    return ChangeOrder(customer_id, None, NOW)


def values_of(change: Change) -> dict[str, str]:
    assert isinstance(change, ChangeDone)
    return dict(change.values)


def reason_of(change: Change) -> str:
    assert isinstance(change, ChangeRejected)
    return change.reason


Wish = Callable[[CrmGateway, ChangeOrder], Awaitable[Change]]


WISHES: Final[tuple[tuple[CustomerId, Wish], ...]] = (
    (MAYA, lambda crm, change: crm.cancel_order(change, "CP-200101")),
    (MAYA, lambda crm, change: crm.change_address(change, "CP-200101", BATH)),
    (MAYA, lambda crm, change: crm.start_return(change, "CP-200103", [1], "too_small")),
    (MAYA, lambda crm, change: crm.report_problem(change, "CP-200103", "missing", [2], "gone")),
    (MAYA, lambda crm, change: crm.send_invoice(change, "CP-200102")),
    (MAYA, lambda crm, change: crm.open_ticket(change, "A call", "Please call me.")),
    (MAYA, lambda crm, change: crm.set_newsletter(change, is_subscribed=False)),
    (MAYA, lambda crm, change: crm.request_deletion(change)),
    (TOM, lambda crm, change: crm.cancel_order(change, "CP-200202")),
)
