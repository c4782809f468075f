"""What every ``CrmGateway`` promises; the tests of each implementation inherit it.

The records are those of the story customers (docs/demo-customers.md) on ``ANCHOR``.
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from typing import Final

import pytest

from bot.crm.demo.range import demo_products
from bot.crm.demo.stories import story_records
from bot.crm.records import ShopRecords
from bot.domain.customer import Address, OrderStatus, ReturnStatus
from bot.domain.message import CustomerId, OperationId
from bot.domain.ports import Change, ChangeDone, ChangeOrder, ChangeRejected, CrmGateway
from bot.errors import CrmError, CustomerNotFoundError

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


class CrmGatewayContract(ABC):
    """The promises."""

    @abstractmethod
    def crm(self) -> CrmGateway:
        """Return a gateway to ``contract_records()``; a fixture of this name."""

    async def test_a_customer_is_read_with_address_and_subscription(self, crm: CrmGateway) -> None:
        maya, tom = await crm.customer(MAYA), await crm.customer(TOM)

        assert (maya.name, maya.email) == ("Maya Okafor", "maya.okafor@example.com")
        assert str(maya.address) == "18 Crookes Road, Sheffield, S10 1UA"
        assert (maya.is_subscribed, tom.is_subscribed) == (True, False)

    async def test_an_unknown_customer_is_an_error_everywhere(self, crm: CrmGateway) -> None:
        calls: tuple[Awaitable[object], ...] = (
            crm.customer(NOBODY),
            crm.orders(NOBODY, limit=3),
            crm.find_order(NOBODY, "CP-200101"),
            crm.refunds(NOBODY),
            crm.loyalty(NOBODY, NOW),
            *(wish(crm, doing(NOBODY, f"nobody-{at}")) for at, (_, wish) in enumerate(WISHES)),
        )

        for call in calls:
            with pytest.raises(CustomerNotFoundError):
                await call

    async def test_orders_come_newest_first_up_to_the_limit(self, crm: CrmGateway) -> None:
        orders = await crm.orders(CALLUM, limit=5)

        assert [order.number for order in orders] == [f"CP-2007{n:02d}" for n in (12, 11, 10, 9, 8)]
        assert len(await crm.orders(CALLUM, limit=100)) == 12
        assert await crm.orders(GEORGE, limit=5) == ()

    async def test_an_order_is_read_with_everything_that_happened(self, crm: CrmGateway) -> None:
        expected = {order.number: order for order in contract_records().orders}

        for number, owner in (
            ("CP-200101", MAYA),
            ("CP-200102", MAYA),
            ("CP-200301", PRIYA),
            ("CP-200302", PRIYA),
            ("CP-200402", LENA),
            ("CP-200901", WEI),
            ("CP-201201", GRACE),
        ):
            assert await crm.find_order(owner, number) == expected[number]

    async def test_nobody_sees_or_touches_the_order_of_another(self, crm: CrmGateway) -> None:
        before = await crm.find_order(MAYA, "CP-200101")

        assert await crm.find_order(TOM, "CP-200101") is None
        for at, (owner, wish) in enumerate(WISHES[:5]):
            assert owner == MAYA
            assert reason_of(await wish(crm, doing(TOM, f"theft-{at}"))) == "unknown_order"
        assert await crm.find_order(MAYA, "CP-200101") == before

    async def test_refunds_come_newest_first(self, crm: CrmGateway) -> None:
        refunds = await crm.refunds(PRIYA)

        assert [(refund.order_number, refund.amount_cents) for refund in refunds] == [
            ("CP-200301", 21900),
            ("CP-200303", 6200),
        ]
        assert refunds[0].paid_at is None
        assert refunds[1].paid_at is not None
        assert await crm.refunds(MAYA) == ()

    async def test_points_add_up_to_a_balance_a_tier_and_what_expires(
        self, crm: CrmGateway
    ) -> None:
        sofia, george = await crm.loyalty(SOFIA, NOW), await crm.loyalty(GEORGE, NOW)

        assert (sofia.points, sofia.tier, sofia.points_to_next_tier) == (2150, "Summit", 0)
        assert sofia.expiring_points == 640
        assert sofia.expires_on == ANCHOR + timedelta(days=23)
        assert (george.points, george.tier, george.expires_on) == (0, "Explorer", None)

    async def test_points_expire_as_days_pass(self, crm: CrmGateway) -> None:
        on_the_day = await crm.loyalty(SOFIA, NOW + timedelta(days=23))
        day_after = await crm.loyalty(SOFIA, NOW + timedelta(days=24))

        assert (on_the_day.points, day_after.points) == (2150, 1510)

    async def test_products_are_read_all_and_one_by_one(self, crm: CrmGateway) -> None:
        products = await crm.products()

        assert products == contract_records().products
        assert await crm.find_product("P-0002") == products[1]
        assert await crm.find_product("P-9999") is None

    @pytest.mark.parametrize("place", range(len(WISHES)))
    async def test_a_check_writes_nothing_and_says_what_the_change_would(
        self, crm: CrmGateway, place: int
    ) -> None:
        owner, wish = WISHES[place]
        before = (await crm.customer(owner), await crm.orders(owner, limit=99))

        checked = await wish(crm, asking(owner))

        assert (await crm.customer(owner), await crm.orders(owner, limit=99)) == before
        done = await wish(crm, doing(owner, "op"))
        assert type(done) is type(checked)
        assert {**done.values, **checked.values} == done.values
        assert set(done.values) - set(checked.values) <= {"return_number", "ticket"}

    @pytest.mark.parametrize("place", range(len(WISHES)))
    async def test_a_repeated_change_returns_its_outcome_and_happens_once(
        self, crm: CrmGateway, place: int
    ) -> None:
        owner, wish = WISHES[place]

        first, second = await asyncio.gather(*(wish(crm, doing(owner, "op")) for _ in range(2)))
        third = await wish(crm, doing(owner, "op", NOW + timedelta(days=200)))

        assert first == second == third
        assert await crm.operation_outcome(OperationId("op")) == first

    async def test_an_operation_that_never_happened_has_no_outcome(self, crm: CrmGateway) -> None:
        await crm.cancel_order(asking(MAYA), "CP-200101")

        assert await crm.operation_outcome(OperationId("op")) is None

    async def test_an_operation_of_another_customer_is_not_told(self, crm: CrmGateway) -> None:
        await crm.set_newsletter(doing(MAYA, "op"), is_subscribed=False)

        with pytest.raises(CrmError, match="another customer"):
            await crm.set_newsletter(doing(TOM, "op"), is_subscribed=True)

    async def test_a_placed_order_is_cancelled(self, crm: CrmGateway) -> None:
        values = values_of(await crm.cancel_order(doing(MAYA, "op"), "CP-200101"))

        assert values["amount"] == "189.00"
        order = await crm.find_order(MAYA, "CP-200101")
        assert order is not None
        assert order.status is OrderStatus.CANCELLED

    async def test_of_two_cancellations_at_once_one_is_told_so(self, crm: CrmGateway) -> None:
        outcomes = await asyncio.gather(
            *(crm.cancel_order(doing(MAYA, f"op-{at}"), "CP-200101") for at in range(2))
        )

        done = [outcome for outcome in outcomes if isinstance(outcome, ChangeDone)]
        refused = [outcome for outcome in outcomes if not isinstance(outcome, ChangeDone)]
        assert len(done) == 1
        assert [reason_of(outcome) for outcome in refused] == ["already_cancelled"]

    async def test_a_placed_order_goes_somewhere_else_in_its_country(self, crm: CrmGateway) -> None:
        values = values_of(await crm.change_address(doing(MAYA, "op"), "CP-200101", BATH))

        assert values["address"] == "2 Walcot Street, Bath, BA1 5BG"
        order = await crm.find_order(MAYA, "CP-200101")
        assert order is not None
        assert order.address == BATH
        abroad = await crm.change_address(doing(LENA, "abroad"), "CP-200401", BATH)
        assert reason_of(abroad) == "other_country"

    async def test_a_return_is_announced_with_a_number_of_its_own(self, crm: CrmGateway) -> None:
        first = values_of(await crm.start_return(doing(MAYA, "a"), "CP-200103", [1], "too_small"))
        second = values_of(await crm.start_return(doing(MAYA, "b"), "CP-200103", [], "faulty"))

        assert first["amount"] == "159.00"
        assert first["items"] == "Halvorsen Granite women's walking boots"
        assert first["send_by"] == "2026-12-02"
        assert second["items"] == "2 x Halvorsen mid wool walking socks"
        assert first["return_number"] != second["return_number"]
        order = await crm.find_order(MAYA, "CP-200103")
        assert order is not None
        assert [(case.return_number, case.lines, case.status) for case in order.returns] == [
            (first["return_number"], (1,), ReturnStatus.ANNOUNCED),
            (second["return_number"], (2,), ReturnStatus.ANNOUNCED),
        ]

    @pytest.mark.parametrize(
        ("customer_id", "number", "lines", "reason"),
        [
            (TOM, "CP-200201", [1], "window_over"),
            (TOM, "CP-200202", [1], "not_delivered_yet"),
            (HANNAH, "CP-200801", [1], "not_delivered_yet"),
            (DANIEL, "CP-201101", [2], "not_returnable"),
            (PRIYA, "CP-200302", [1], "already_returned"),
            (PRIYA, "CP-200301", [], "already_returned"),
            (GRACE, "CP-201201", [], "already_cancelled"),
            (MAYA, "CP-200103", [3], "unknown_line"),
        ],
    )
    async def test_a_return_is_refused_for_a_reason(
        self, crm: CrmGateway, customer_id: CustomerId, number: str, lines: list[int], reason: str
    ) -> None:
        outcome = await crm.start_return(doing(customer_id, "op"), number, lines, "not_liked")

        assert reason_of(outcome) == reason
        assert await crm.operation_outcome(OperationId("op")) == outcome

    async def test_what_cannot_go_back_is_left_out_of_a_whole_return(self, crm: CrmGateway) -> None:
        values = values_of(
            await crm.start_return(doing(DANIEL, "op"), "CP-201101", [], "not_liked")
        )

        assert values["items"] == "Cairn Fellside 2 tent"

    async def test_sending_back_from_abroad_costs(self, crm: CrmGateway) -> None:
        values = values_of(await crm.start_return(doing(LENA, "op"), "CP-200402", [1], "too_small"))

        assert (values["amount"], values["return_cost"]) == ("48.05", "6.95")

    @pytest.mark.parametrize(
        ("customer_id", "number", "lines", "reason"),
        [
            (GRACE, "CP-201204", [1], "too_late_to_report"),
            (GRACE, "CP-201202", [], "unknown_line"),
            (TOM, "CP-200202", [1], "not_delivered_yet"),
        ],
    )
    async def test_a_report_is_refused_for_a_reason(
        self, crm: CrmGateway, customer_id: CustomerId, number: str, lines: list[int], reason: str
    ) -> None:
        outcome = await crm.report_problem(doing(customer_id, "op"), number, "damaged", lines, "")

        assert reason_of(outcome) == reason

    async def test_missing_and_damaged_lines_become_tickets(self, crm: CrmGateway) -> None:
        missing = values_of(
            await crm.report_problem(doing(GRACE, "a"), "CP-201202", "missing", [2, 3], "Not there")
        )
        damaged = values_of(
            await crm.report_problem(doing(GRACE, "b"), "CP-201202", "damaged", [1], "Cracked")
        )

        assert missing["items"] == "Cairn Billy duo pot set, Tarnbrook steel water bottle"
        assert missing["ticket"] != damaged["ticket"]
        with pytest.raises(ValueError, match="damaged"):
            await crm.report_problem(doing(GRACE, "c"), "CP-201202", "ugly", [1], "")

    async def test_an_invoice_exists_once_the_order_has_shipped(self, crm: CrmGateway) -> None:
        values = values_of(await crm.send_invoice(doing(MAYA, "op"), "CP-200103"))
        waiting = await crm.send_invoice(doing(MAYA, "op-2"), "CP-200101")

        assert values["invoice_number"] == "INV-200103"
        assert values["email"] == "maya.okafor@example.com"
        assert (values["amount"], values["vat"]) == ("195.00", "32.50")
        assert reason_of(waiting) == "not_invoiced_yet"

    async def test_the_newsletter_goes_on_and_off(self, crm: CrmGateway) -> None:
        again = await crm.set_newsletter(doing(MAYA, "a"), is_subscribed=True)
        values = values_of(await crm.set_newsletter(doing(MAYA, "b"), is_subscribed=False))
        twice = await crm.set_newsletter(doing(MAYA, "c"), is_subscribed=False)

        assert reason_of(again) == "already_subscribed"
        assert values["email"] == "maya.okafor@example.com"
        assert reason_of(twice) == "not_subscribed"
        assert not (await crm.customer(MAYA)).is_subscribed

    async def test_deletion_is_asked_for_once(self, crm: CrmGateway) -> None:
        values = values_of(await crm.request_deletion(doing(MAYA, "a")))
        again = await crm.request_deletion(doing(MAYA, "b"))
        other = await crm.request_deletion(doing(TOM, "c"))

        assert values["done_by"] == "2026-12-18"
        assert reason_of(again) == "already_requested"
        assert again.values["ticket"] == values["ticket"]
        assert values_of(other)["ticket"] != values["ticket"]
