"""Money that goes back."""

from collections.abc import Sequence
from typing import Final

from bot.actions.asked import Asked
from bot.actions.crm_action import AccountAction, Answer
from bot.actions.orders import ORDERS_READ
from bot.actions.phrasing import long_day, pounds
from bot.crm.working_days import add_working_days
from bot.domain.customer import Order, OrderStatus, Refund, ReturnCase
from bot.domain.facts import SlotFilled
from bot.domain.message import CustomerId
from bot.domain.outcome import ActionDone, ActionText

REFUND_WORKING_DAYS: Final = 5
_MAX_TOLD: Final = 3


class RefundStatus(AccountAction):
    """Says where a refund is: of the order named, else the newest ones."""

    async def answer_customer(self, customer_id: CustomerId, asked: Asked) -> Answer:
        """Say it."""
        number = asked.order_number
        if number:
            order = await self._desk.crm.find_order(customer_id, number)
            return self.no_such_order(number) if order is None else self._about(order)
        refunds = await self._desk.crm.refunds(customer_id)
        waiting = [refund for refund in refunds if refund.paid_at is None]
        if waiting:
            return self._tell(waiting[:_MAX_TOLD])
        orders = await self._desk.crm.orders(customer_id, limit=ORDERS_READ)
        for order in orders:
            case = _open_return(order)
            if case is not None:
                return self._about(order)
        return self._tell(refunds[:1]) if refunds else self.says("refund_none")

    def _about(self, order: Order) -> ActionDone:
        case = _open_return(order)
        if order.refunds and case is None:
            return self._tell(order.refunds)
        said = [self._words(refund) for refund in order.refunds]
        if case is not None:
            said.append(self._return_words(order, case))
        elif order.status is OrderStatus.CANCELLED:
            said.append(ActionText("refund_not_charged", {"order_number": order.number}))
        else:
            said.append(ActionText("refund_none_for_order", {"order_number": order.number}))
        return ActionDone(self._name, tuple(said), (SlotFilled("order_number", order.number),))

    def _tell(self, refunds: Sequence[Refund]) -> ActionDone:
        said = tuple(self._words(refund) for refund in refunds[:_MAX_TOLD])
        facts = (SlotFilled("order_number", refunds[0].order_number),)
        return ActionDone(self._name, said, facts)

    def _words(self, refund: Refund) -> ActionText:
        today, created = self._desk.today(), self._desk.day_of(refund.created_at)
        due_on = add_working_days(created, REFUND_WORKING_DAYS)
        values = {
            "order_number": refund.order_number,
            "amount": pounds(refund.amount_cents),
            "payment_method": refund.method,
            "created_on": long_day(created, today),
            "due_on": long_day(due_on, today),
        }
        if refund.paid_at is not None:
            paid_on = self._desk.day_of(refund.paid_at)
            return ActionText("refund_paid", {**values, "paid_on": long_day(paid_on, today)})
        return ActionText("refund_waiting" if today <= due_on else "refund_overdue", values)

    def _return_words(self, order: Order, case: ReturnCase) -> ActionText:
        today = self._desk.today()
        values = {"order_number": order.number, "return_number": case.return_number}
        if case.received_at is None:
            return ActionText("refund_return_announced", values)
        received = self._desk.day_of(case.received_at)
        due_on = add_working_days(received, REFUND_WORKING_DAYS)
        values |= {
            "received_on": long_day(received, today),
            "due_on": long_day(due_on, today),
            "payment_method": order.payment_method,
        }
        return ActionText("refund_return_received", values)


def _open_return(order: Order) -> ReturnCase | None:
    """Return the newest return whose money is not on its way yet."""
    newest = sorted(order.returns, key=lambda case: case.announced_at, reverse=True)
    return next((case for case in newest if not _is_settled(order, case)), None)


def _is_settled(order: Order, case: ReturnCase) -> bool:
    received = case.received_at
    if received is None:
        return False
    return any(refund.created_at >= received for refund in order.refunds)
