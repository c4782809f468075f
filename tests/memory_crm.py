"""A CRM in memory that keeps the gateway's contract: the same rules, no database."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, tzinfo
from itertools import count
from typing import Final

from bot.crm import outcomes, rules
from bot.crm.changes import PROBLEM_KINDS
from bot.crm.gateway import LONDON
from bot.crm.loyalty import account_of
from bot.crm.records import ShopRecords
from bot.domain.customer import (
    Address,
    Customer,
    LoyaltyAccount,
    Order,
    OrderStatus,
    Product,
    Refund,
    ReturnCase,
    ReturnStatus,
    Ticket,
)
from bot.domain.message import CustomerId, OperationId
from bot.domain.ports import Change, ChangeDone, ChangeOrder
from bot.errors import CrmError, CrmUnavailableError, CustomerNotFoundError

_DELETION: Final = "Delete the account's data"


class MemoryCrm:
    """A ``CrmGateway`` over records in memory; ``is_down`` makes every call fail."""

    def __init__(self, records: ShopRecords, *, zone: tzinfo = LONDON) -> None:
        self.customers = {customer.customer_id: customer for customer in records.customers}
        self.stored_orders = {order.number: order for order in records.orders}
        self.range = {product.product_id: product for product in records.products}
        self.tickets: list[Ticket] = [filed.ticket for filed in records.tickets]
        self.mails: list[str] = []
        self.is_down = False
        self._loyalty = records.loyalty
        self._operations: dict[OperationId, tuple[CustomerId, Change]] = {}
        self._zone = zone
        self._returns, self._tickets = count(900001), count(900001)

    async def customer(self, customer_id: CustomerId) -> Customer:
        self._answer()
        if customer_id not in self.customers:
            raise CustomerNotFoundError(f"no customer has the id {customer_id!r}")
        return self.customers[customer_id]

    async def orders(self, customer_id: CustomerId, *, limit: int) -> tuple[Order, ...]:
        await self.customer(customer_id)
        own = [o for o in self.stored_orders.values() if o.customer_id == customer_id]
        own.sort(key=lambda order: (order.placed_at, order.number), reverse=True)
        return tuple(own[:limit])

    async def find_order(self, customer_id: CustomerId, number: str) -> Order | None:
        await self.customer(customer_id)
        order = self.stored_orders.get(number)
        return order if order is not None and order.customer_id == customer_id else None

    async def refunds(self, customer_id: CustomerId) -> tuple[Refund, ...]:
        orders = await self.orders(customer_id, limit=len(self.stored_orders))
        found = [refund for order in orders for refund in order.refunds]
        return tuple(sorted(found, key=lambda refund: refund.created_at, reverse=True))

    async def loyalty(self, customer_id: CustomerId, now: datetime) -> LoyaltyAccount:
        await self.customer(customer_id)
        own = [entry for entry in self._loyalty if entry.customer_id == customer_id]
        return account_of(own, rules.local_day(now, self._zone))

    async def products(self) -> tuple[Product, ...]:
        self._answer()
        return tuple(self.range.values())

    async def find_product(self, product_id: str) -> Product | None:
        self._answer()
        return self.range.get(product_id)

    async def operation_outcome(self, operation_id: OperationId) -> Change | None:
        self._answer()
        _, outcome = self._operations.get(operation_id, (None, None))
        return outcome

    async def cancel_order(self, change: ChangeOrder, number: str) -> Change:
        def make(_: Customer, order: Order) -> Change:
            rejected = rules.reject_unless_placed(order, self._zone)
            if rejected is None and change.operation_id is not None:
                self._put(replace(order, status=OrderStatus.CANCELLED))
            return rejected or ChangeDone(outcomes.cancelled(order))

        return await self._on_order(change, number, make)

    async def change_address(self, change: ChangeOrder, number: str, address: Address) -> Change:
        def make(_: Customer, order: Order) -> Change:
            rejected = rules.reject_address(order, address, self._zone)
            if rejected is None and change.operation_id is not None:
                self._put(replace(order, address=address))
            return rejected or ChangeDone(outcomes.readdressed(order, address))

        return await self._on_order(change, number, make)

    async def start_return(
        self, change: ChangeOrder, number: str, lines: Sequence[int], reason: str
    ) -> Change:
        def make(customer: Customer, order: Order) -> Change:
            rejected = rules.reject_return(order, lines, reason, change.now, self._zone)
            if rejected is not None:
                return rejected
            taken = rules.returnable_lines(order, lines, reason)
            values = outcomes.return_announced(order, taken, customer.email, change.now, self._zone)
            if change.operation_id is not None:
                values["return_number"] = f"RT-{next(self._returns)}"
                case = ReturnCase(
                    values["return_number"],
                    tuple(line.line for line in taken),
                    reason,
                    ReturnStatus.ANNOUNCED,
                    change.now,
                    None,
                )
                self._put(replace(order, returns=(*order.returns, case)))
            return ChangeDone(values)

        return await self._on_order(change, number, make)

    async def report_problem(
        self, change: ChangeOrder, number: str, kind: str, lines: Sequence[int], text: str
    ) -> Change:
        if kind not in PROBLEM_KINDS:
            raise ValueError(f"kind is {kind!r} but must be one of {sorted(PROBLEM_KINDS)}")

        def make(_: Customer, order: Order) -> Change:
            rejected = rules.reject_problem(order, lines, change.now, self._zone)
            if rejected is not None:
                return rejected
            values = outcomes.problem_reported(order, kind, rules.named_lines(order, lines))
            return ChangeDone(values | self._file(change, kind, text))

        return await self._on_order(change, number, make)

    async def send_invoice(self, change: ChangeOrder, number: str) -> Change:
        def make(customer: Customer, order: Order) -> Change:
            rejected = rules.reject_invoice(order)
            if rejected is None and change.operation_id is not None:
                self.mails.append(customer.email)
            return rejected or ChangeDone(outcomes.invoice_sent(order, customer))

        return await self._on_order(change, number, make)

    async def open_ticket(self, change: ChangeOrder, subject: str, text: str) -> Change:
        return await self._once(change, lambda _: ChangeDone(self._file(change, subject, text)))

    async def set_newsletter(self, change: ChangeOrder, *, is_subscribed: bool) -> Change:
        def make(customer: Customer) -> Change:
            rejected = rules.reject_newsletter(
                customer.email, is_subscribed=customer.is_subscribed, is_wanted=is_subscribed
            )
            if rejected is None and change.operation_id is not None:
                changed = replace(customer, is_subscribed=is_subscribed)
                self.customers[customer.customer_id] = changed
            return rejected or ChangeDone({"email": customer.email})

        return await self._once(change, make)

    async def request_deletion(self, change: ChangeOrder) -> Change:
        def make(customer: Customer) -> Change:
            for ticket in self.tickets:
                if (ticket.customer_id, ticket.subject) == (customer.customer_id, _DELETION):
                    return rules.deletion_waits(ticket, self._zone)
            values = outcomes.deletion_requested(change.now, self._zone)
            filed = self._file(change, _DELETION, "")
            return ChangeDone({**values, "email": customer.email, **filed})

        return await self._once(change, make)

    async def _on_order(
        self, change: ChangeOrder, number: str, make: Callable[[Customer, Order], Change]
    ) -> Change:
        order = await self.find_order(change.customer_id, number)
        if order is None:
            return await self._once(change, lambda _: rules.unknown_order(number))
        return await self._once(change, lambda customer: make(customer, order))

    async def _once(self, change: ChangeOrder, make: Callable[[Customer], Change]) -> Change:
        customer = await self.customer(change.customer_id)
        if change.operation_id is None:
            return make(customer)
        if change.operation_id not in self._operations:
            self._operations[change.operation_id] = (change.customer_id, make(customer))
        owner, outcome = self._operations[change.operation_id]
        if owner != change.customer_id:
            raise CrmError(f"operation {change.operation_id!r} belongs to another customer")
        return outcome

    def _file(self, change: ChangeOrder, subject: str, text: str) -> dict[str, str]:
        if change.operation_id is None:
            return {}
        number = f"TK-{next(self._tickets)}"
        ticket = Ticket(number, change.customer_id, subject, text, change.now, is_open=True)
        self.tickets.append(ticket)
        return {"ticket": number}

    def _put(self, order: Order) -> None:
        self.stored_orders[order.number] = order

    def _answer(self) -> None:
        if self.is_down:
            raise CrmUnavailableError("the records cannot be reached (switched off by a test)")
