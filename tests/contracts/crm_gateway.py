"""What every ``CrmGateway`` promises; the tests of each implementation inherit it.

The records are those of the story customers (docs/demo-customers.md) on ``ANCHOR``.
"""

import asyncio
from datetime import timedelta

import pytest

from bot.domain.customer import OrderStatus, ReturnStatus
from bot.domain.message import CustomerId, OperationId
from bot.domain.ports import ChangeDone, CrmGateway
from bot.errors import CrmError
from tests.contracts.crm_reading import CrmReadingContract
from tests.contracts.crm_wishes import (
    BATH,
    DANIEL,
    GRACE,
    HANNAH,
    LENA,
    MAYA,
    NOW,
    PRIYA,
    TOM,
    WISHES,
    asking,
    doing,
    reason_of,
    values_of,
)


class CrmGatewayContract(CrmReadingContract):
    """The promises: what is read, and what is changed."""

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
