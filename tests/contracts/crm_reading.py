"""What every ``CrmGateway`` tells; part of ``tests.contracts.crm_gateway``."""

from abc import ABC, abstractmethod
from datetime import timedelta

import pytest

from bot.domain.ports import CrmGateway
from bot.errors import CustomerNotFoundError
from tests.contracts.crm_wishes import (
    ANCHOR,
    CALLUM,
    GEORGE,
    GRACE,
    LENA,
    MAYA,
    NOBODY,
    NOW,
    PRIYA,
    SOFIA,
    TOM,
    WEI,
    WISHES,
    contract_records,
    doing,
    reason_of,
)


class CrmReadingContract(ABC):
    """What is read."""

    @abstractmethod
    def crm(self) -> CrmGateway:
        """Return a gateway to ``contract_records()``; a fixture of this name."""

    async def test_a_customer_is_read_with_address_and_subscription(self, crm: CrmGateway) -> None:
        maya, tom = await crm.customer(MAYA), await crm.customer(TOM)

        assert (maya.name, maya.email) == ("Maya Okafor", "maya.okafor@example.com")
        assert str(maya.address) == "18 Crookes Road, Sheffield, S10 1UA"
        assert (maya.is_subscribed, tom.is_subscribed) == (True, False)

    async def test_an_unknown_customer_is_an_error_everywhere(self, crm: CrmGateway) -> None:
        calls = (
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
