"""What there is to choose from when a flow asks for an order or for lines of one."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from bot.actions.asked import Asked
from bot.actions.bridge import choice
from bot.actions.crm_action import AccountAction, Answer
from bot.actions.orders import MAX_LISTED, OPEN, ORDERS_READ, order_buttons, orders_listed
from bot.actions.phrasing import for_people, item_name, pounds
from bot.crm.rules import FAULTY, REPORT_DAYS, RETURN_DAYS, returnable_lines
from bot.domain.customer import Order, OrderLine, OrderStatus
from bot.domain.facts import ItemsListed
from bot.domain.message import CustomerId
from bot.domain.outcome import ActionDone, ActionRejected
from bot.domain.ports import ChangeOrder, ChangeRejected
from bot.domain.reply import Button, Buttons

# How many days ago an order arrived; None while it has not.
Age = int | None
Worth = Callable[[Order, Age], bool]

_PROBLEM: Final = "report_"
_RETURN: Final = "start_return"


def _is_placed(order: Order, _age: Age) -> bool:
    return order.status is OrderStatus.PLACED


def _is_open(order: Order, _age: Age) -> bool:
    return order.status in OPEN


def _is_moving(order: Order, _age: Age) -> bool:
    return order.status in (OrderStatus.SHIPPED, OrderStatus.OUT_FOR_DELIVERY)


def _is_invoiced(order: Order, _age: Age) -> bool:
    return order.status not in (OrderStatus.PLACED, OrderStatus.PACKED, OrderStatus.CANCELLED)


def _can_come_back(order: Order, age: Age) -> bool:
    return age is not None and age <= RETURN_DAYS and bool(returnable_lines(order, (), FAULTY))


def _can_be_reported(_order: Order, age: Age) -> bool:
    return age is not None and age <= REPORT_DAYS


def _has_money_back(order: Order, _age: Age) -> bool:
    return bool(order.refunds or order.returns)


def _has_arrived(_order: Order, age: Age) -> bool:
    return age is not None


# For each flow, what is worth choosing: the first that finds orders decides.
_WORTH: Final[Mapping[str, tuple[Worth, ...]]] = MappingProxyType(
    {
        "cancel_order": (_is_placed, _is_open),
        "change_delivery_address": (_is_placed, _is_open),
        "start_return": (_can_come_back, _has_arrived),
        "report_missing_item": (_can_be_reported, _has_arrived),
        "report_damaged_item": (_can_be_reported, _has_arrived),
        "request_invoice": (_is_invoiced,),
        "refund_status": (_has_money_back,),
        "track_parcel": (_is_moving, _is_open),
    }
)


class ChooseOrder(AccountAction):
    """Lists the orders worth choosing from, newest first."""

    async def answer_customer(self, customer_id: CustomerId, asked: Asked) -> Answer:
        """List them; say so when there is none at all."""
        orders = await self._desk.crm.orders(customer_id, limit=ORDERS_READ)
        if not orders:
            return self.rejects("no_orders", "no_orders")
        shown = self._worth_choosing(orders, asked.slot("for_flow"))[:MAX_LISTED]
        buttons = order_buttons(shown, self._desk.today())
        return ActionDone(self._name, (buttons,), orders_listed(shown, self._desk.zone))

    def _worth_choosing(self, orders: Sequence[Order], flow: str) -> Sequence[Order]:
        for is_worth in _WORTH.get(flow, ()):
            found = [order for order in orders if is_worth(order, self._age(order))]
            if found:
                return found
        return orders

    def _age(self, order: Order) -> Age:
        arrived = order.delivered_at
        return None if arrived is None else (self._desk.today() - self._desk.day_of(arrived)).days


class ChooseLines(AccountAction):
    """Lists the lines of an order, once it is clear that the order itself will do."""

    async def answer_customer(self, customer_id: CustomerId, asked: Asked) -> Answer:
        """List them, or explain why none of them will do."""
        flow = asked.slot("for_flow")
        order = await self._desk.crm.find_order(customer_id, asked.order_number)
        if order is None:
            return self.no_such_order(asked.order_number)
        refused = await self._refused(customer_id, order, flow)
        if refused is not None:
            return refused
        lines = returnable_lines(order, (), FAULTY) if flow == _RETURN else order.lines
        names = tuple(item_name(line) for line in lines)
        facts = (
            ItemsListed("lines", tuple(str(line.line) for line in lines)),
            ItemsListed("lines_names", names),
        )
        return ActionDone(self._name, (Buttons("", _line_buttons(lines)),), facts)

    async def _refused(
        self, customer_id: CustomerId, order: Order, flow: str
    ) -> ActionRejected | None:
        check = ChangeOrder(customer_id, None, self._desk.now())
        crm, number = self._desk.crm, order.number
        if flow == _RETURN:
            # Faulty things always come back, so this asks about the order and not about its lines.
            change = await crm.start_return(check, number, (), FAULTY)
        elif flow.startswith(_PROBLEM):
            left = returnable_lines(order, (), FAULTY) or order.lines
            lines = [line.line for line in left]
            kind = "damaged" if "damaged" in flow else "missing"
            change = await crm.report_problem(check, number, kind, lines, "")
        else:
            return None
        if not isinstance(change, ChangeRejected):
            return None
        return self.rejects(
            change.reason,
            rejection_wording(flow, change.reason),
            **for_people(change.values, self._desk.today()),
        )


def rejection_wording(flow: str, reason: str) -> str:
    """Return the wording that explains why an order will not do for a flow."""
    subject = "problem" if flow.startswith(_PROBLEM) else "return"
    return f"{subject}_{reason}" if reason in EXPLAINED[subject] else f"rejected_{reason}"


EXPLAINED: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "return": frozenset({"already_cancelled", "not_delivered_yet"}),
        "problem": frozenset({"already_cancelled", "not_delivered_yet", "already_returned"}),
    }
)


def _line_buttons(lines: Sequence[OrderLine]) -> tuple[Button, ...]:
    single = [
        Button(
            f"{item_name(line)} · {pounds(line.price_cents * line.quantity)}",
            choice({"lines": str(line.line)}),
        )
        for line in lines
    ]
    if len(lines) > 1:
        everything = ",".join(str(line.line) for line in lines)
        single.append(Button("Everything", choice({"lines": everything})))
    return tuple(single)
