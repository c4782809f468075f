"""The CRM in SQL, as the assistant calls it: time-outs, one transaction per change, and repetition without effect."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, tzinfo
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy.exc import SQLAlchemyError

from bot.crm import changes, reading
from bot.crm.loyalty import account_of
from bot.crm.rules import local_day
from bot.crm.writing import keep_outcome, read_outcome
from bot.domain.customer import Address, Customer, LoyaltyAccount, Order, Product, Refund
from bot.domain.message import CustomerId, OperationId
from bot.domain.ports import Change, ChangeOrder
from bot.errors import CrmUnavailableError
from bot.sql import Database
from bot.sql_work import SqlConnection

T = TypeVar("T")
Reading = Callable[[SqlConnection], Awaitable[T]]

LONDON: Final = ZoneInfo("Europe/London")


class SqlCrm:
    """A ``CrmGateway`` over the CRM's tables."""

    def __init__(
        self, database: Database, *, zone: tzinfo = LONDON, timeout_s: float = 3.0
    ) -> None:
        """Take the records from a database.

        Args:
            database: With the CRM's tables in it, see ``prepare_tables``.
            zone: The shop's; decides on which day something happened.
            timeout_s: After which a call gives up; a change may still be made then.
        """
        self._database = database
        self._zone = zone
        self._timeout_s = timeout_s

    async def customer(self, customer_id: CustomerId) -> Customer:
        """Read a customer."""
        return await self._read(lambda lent: reading.read_customer(lent, customer_id))

    async def orders(self, customer_id: CustomerId, *, limit: int) -> tuple[Order, ...]:
        """Read a customer's orders, newest first."""
        return await self._read(lambda lent: reading.read_orders(lent, customer_id, limit))

    async def find_order(self, customer_id: CustomerId, number: str) -> Order | None:
        """Read one order of this customer; None when there is none."""
        return await self._read(lambda lent: reading.read_order(lent, customer_id, number))

    async def refunds(self, customer_id: CustomerId) -> tuple[Refund, ...]:
        """Read a customer's refunds, newest first."""
        return await self._read(lambda lent: reading.read_refunds(lent, customer_id))

    async def loyalty(self, customer_id: CustomerId, now: datetime) -> LoyaltyAccount:
        """Read a customer's Trail Points."""
        entries = await self._read(lambda lent: reading.read_loyalty(lent, customer_id))
        return account_of(entries, local_day(now, self._zone))

    async def products(self) -> tuple[Product, ...]:
        """Read the whole range."""
        return await self._read(reading.read_products)

    async def find_product(self, product_id: str) -> Product | None:
        """Read one product; None when there is none."""
        return await self._read(lambda lent: reading.read_product(lent, product_id))

    async def operation_outcome(self, operation_id: OperationId) -> Change | None:
        """Read what came of a change; None when it never happened."""
        return await self._read(lambda lent: read_outcome(lent, operation_id))

    async def cancel_order(self, change: ChangeOrder, number: str) -> Change:
        """Cancel an order that is still *placed*."""
        return await self._change(
            "cancel_order",
            change,
            lambda lent: changes.cancel_order(lent, change, number, self._zone),
        )

    async def change_address(self, change: ChangeOrder, number: str, address: Address) -> Change:
        """Send an order that is still *placed* somewhere else."""
        return await self._change(
            "change_address",
            change,
            lambda lent: changes.change_address(lent, change, number, address, self._zone),
        )

    async def start_return(
        self, change: ChangeOrder, number: str, lines: Sequence[int], reason: str
    ) -> Change:
        """Announce a return; no lines are all that can still come back."""
        wish = (tuple(lines), reason)
        return await self._change(
            "start_return",
            change,
            lambda lent: changes.start_return(lent, change, number, wish, self._zone),
        )

    async def report_problem(
        self, change: ChangeOrder, number: str, kind: str, lines: Sequence[int], text: str
    ) -> Change:
        """Report lines as ``missing`` or ``damaged``."""
        if kind not in changes.PROBLEM_KINDS:
            raise ValueError(f"kind is {kind!r} but must be one of {sorted(changes.PROBLEM_KINDS)}")
        report = (kind, tuple(lines), text)
        return await self._change(
            f"report_{kind}",
            change,
            lambda lent: changes.report_problem(lent, change, number, report, self._zone),
        )

    async def send_invoice(self, change: ChangeOrder, number: str) -> Change:
        """Send the VAT invoice to the account's e-mail address."""
        return await self._change(
            "send_invoice", change, lambda lent: changes.send_invoice(lent, change, number)
        )

    async def open_ticket(self, change: ChangeOrder, subject: str, text: str) -> Change:
        """Write a matter down for colleagues."""
        return await self._change(
            "open_ticket", change, lambda lent: changes.open_ticket(lent, change, subject, text)
        )

    async def set_newsletter(self, change: ChangeOrder, *, is_subscribed: bool) -> Change:
        """Subscribe to or leave the newsletter."""
        return await self._change(
            "set_newsletter",
            change,
            lambda lent: changes.set_newsletter(lent, change, is_subscribed=is_subscribed),
        )

    async def request_deletion(self, change: ChangeOrder) -> Change:
        """Ask for the account's data to be deleted."""
        return await self._change(
            "request_deletion",
            change,
            lambda lent: changes.request_deletion(lent, change, self._zone),
        )

    async def _read(self, read: Reading[T]) -> T:
        """Read, once more where the first try failed."""

        async def lent() -> T:
            async with self._database.read() as connection:
                return await read(connection)

        async def twice() -> T:
            try:
                return await lent()
            except SQLAlchemyError:
                return await lent()

        return await self._in_time(twice())

    async def _change(self, kind: str, change: ChangeOrder, make: Reading[Change]) -> Change:
        """Make a change and keep its outcome in one transaction; one that has an outcome is not made again."""
        operation_id = change.operation_id
        if operation_id is None:
            return await self._read(make)

        async def once(connection: SqlConnection) -> Change:
            await reading.lock_customer(connection, change.customer_id)
            stored = await read_outcome(connection, operation_id, change.customer_id)
            if stored is not None:
                return stored
            outcome = await make(connection)
            await keep_outcome(connection, change, operation_id, kind, outcome)
            return outcome

        return await self._in_time(self._database.write(once))

    async def _in_time(self, answer: Awaitable[T]) -> T:
        try:
            async with asyncio.timeout(self._timeout_s):
                return await answer
        except TimeoutError as error:
            raise CrmUnavailableError(
                f"the records did not answer within {self._timeout_s} s"
            ) from error
        except (SQLAlchemyError, OSError) as error:
            raise CrmUnavailableError(
                f"the records cannot be reached ({type(error).__name__})"
            ) from error
