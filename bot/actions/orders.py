"""Looking at orders and parcels."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from datetime import date, timedelta, tzinfo
from types import MappingProxyType
from typing import Final

from bot.actions.asked import Asked
from bot.actions.bridge import choice
from bot.actions.crm_action import AccountAction, Answer
from bot.actions.parcels import Parcel, ParcelState, is_collected, parcels_of
from bot.actions.phrasing import (
    items_of,
    long_day,
    order_title,
    pounds,
    short_day,
    status_name,
)
from bot.crm.rules import FAULTY, RETURN_DAYS, local_day, returnable_lines
from bot.domain.customer import Order, OrderStatus
from bot.domain.facts import Fact, ItemsListed, SlotFilled
from bot.domain.message import CustomerId
from bot.domain.outcome import ActionDone, ActionText, Said
from bot.domain.reply import Button, Buttons, Card

MAX_LISTED: Final = 5
ORDERS_READ: Final = 50
COLLECT_DAYS: Final = 10
OPEN: Final = (
    OrderStatus.PLACED,
    OrderStatus.PACKED,
    OrderStatus.SHIPPED,
    OrderStatus.OUT_FOR_DELIVERY,
)


def order_buttons(orders: Sequence[Order], today: date) -> Buttons:
    """Offer orders to choose from."""
    return Buttons(
        "",
        tuple(
            Button(order_title(order, today), choice({"order_number": order.number}))
            for order in orders
        ),
    )


def orders_listed(orders: Sequence[Order], zone: tzinfo) -> tuple[Fact, ...]:
    """Return what the conversation learns from orders shown in this order; days are those of ``zone``."""
    return (
        ItemsListed("order_number", tuple(order.number for order in orders)),
        ItemsListed("order_number_names", tuple(items_of(order) for order in orders)),
        ItemsListed("order_number_days", tuple(days_of(order, zone) for order in orders)),
    )


def days_of(order: Order, zone: tzinfo) -> str:
    """Return the days by which a customer may know an order: placed, delivered."""
    moments = filter(None, (order.placed_at, order.delivered_at))
    return " ".join(local_day(moment, zone).isoformat() for moment in moments)


class OrderAction(AccountAction):
    """An action about one order: the one named, else the one that is most likely meant."""

    async def answer_customer(self, customer_id: CustomerId, asked: Asked) -> Answer:
        """Answer about the order named, or choose one, or offer a few."""
        number = asked.order_number
        if number:
            order = await self._desk.crm.find_order(customer_id, number)
            return self.no_such_order(number) if order is None else self.about(order)
        orders = await self._desk.crm.orders(customer_id, limit=ORDERS_READ)
        if not orders:
            return self.says("no_orders")
        likely = [order for order in orders if self.is_likely(order)]
        if len(likely) > 1:
            return self._offer(likely[:MAX_LISTED])
        chosen = likely[0] if likely else self.otherwise(orders)
        answer = self.about(chosen)
        facts = (
            SlotFilled("order_number", chosen.number),
            *orders_listed([chosen], self._desk.zone),
        )
        return ActionDone(self._name, answer.said, facts)

    def is_likely(self, order: Order) -> bool:
        """Tell whether an order is probably meant when none is named."""
        return order.status in OPEN

    def otherwise(self, orders: Sequence[Order]) -> Order:
        """Return the order to speak of when none is likely: the newest that was delivered, else the newest."""
        arrived = (order for order in orders if order.status is OrderStatus.DELIVERED)
        return next(arrived, orders[0])

    @abstractmethod
    def about(self, order: Order) -> ActionDone:
        """Answer about one order."""

    def _offer(self, orders: Sequence[Order]) -> ActionDone:
        said = (
            ActionText("several_orders", {"count": str(len(orders))}),
            order_buttons(orders, self._desk.today()),
        )
        return ActionDone(self._name, said, orders_listed(orders, self._desk.zone))

    def values(self, order: Order) -> dict[str, str]:
        """Return what a wording may say about an order."""
        today = self._desk.today()
        values = {
            "order_number": order.number,
            "items": items_of(order),
            "amount": pounds(order.total_cents),
            "placed_on": long_day(self._desk.day_of(order.placed_at), today),
            "address": str(order.address),
            "payment_method": order.payment_method,
            "refunded": pounds(sum(refund.amount_cents for refund in order.refunds)),
        }
        if order.delivered_at is not None:
            arrived = self._desk.day_of(order.delivered_at)
            values["delivered_on"] = long_day(arrived, today)
            values["last_day"] = long_day(arrived + timedelta(days=RETURN_DAYS), today)
            values["collect_by"] = long_day(arrived + timedelta(days=COLLECT_DAYS), today)
        return values

    def card(self, order: Order, parcel: Parcel | None) -> Card:
        """Show an order at a glance."""
        today = self._desk.today()
        fields = [
            ("Status", status_name(order.status)),
            ("Ordered", short_day(self._desk.day_of(order.placed_at), today)),
            ("Items", items_of(order)),
            ("Total", pounds(order.total_cents)),
        ]
        if parcel is not None:
            shipment = parcel.shipment
            fields.append(("Tracking", f"{shipment.carrier} {shipment.tracking_number}"))
            if parcel.state is not ParcelState.DELIVERED:
                fields.append(("Expected", short_day(shipment.expected_on, today)))
        return Card(f"Order {order.number}", tuple(fields))


class OrderStatusAction(OrderAction):
    """Says how far an order is, and what comes next."""

    def about(self, order: Order) -> ActionDone:
        """Say it."""
        parcels = parcels_of(order, self._desk.today())
        first = parcels[0] if parcels else None
        values = self.values(order)
        if first is not None:
            values |= first.values(self._desk.today())
        said: list[Said] = [ActionText(self._wording(order, parcels), values)]
        for case in order.returns:
            if case.received_at is None:
                case_values = {"return_number": case.return_number, "order_number": order.number}
                said.append(ActionText("order_return_announced", case_values))
        return ActionDone(self._name, (*said, self.card(order, first)))

    def _wording(self, order: Order, parcels: Sequence[Parcel]) -> str:
        match order.status:
            case OrderStatus.PLACED if is_collected(order):
                return "order_placed_to_collect"
            case OrderStatus.PLACED | OrderStatus.PACKED | OrderStatus.CANCELLED:
                return f"order_{order.status.value}"
            case OrderStatus.RETURNED:
                return "order_returned_refunded" if order.refunds else "order_returned"
            case OrderStatus.SHIPPED | OrderStatus.OUT_FOR_DELIVERY:
                return _moving_wording(order, parcels)
            case OrderStatus.DELIVERED:
                return self._arrived_wording(order)

    def _arrived_wording(self, order: Order) -> str:
        if order.delivered_at is None:
            return "order_delivered_some_day"
        arrived_days_ago = (self._desk.today() - self._desk.day_of(order.delivered_at)).days
        if is_collected(order) and arrived_days_ago <= COLLECT_DAYS:
            return "order_at_store"
        if arrived_days_ago > RETURN_DAYS or not returnable_lines(order, (), FAULTY):
            return "order_delivered_long_ago"
        return "order_delivered"


def _moving_wording(order: Order, parcels: Sequence[Parcel]) -> str:
    if not parcels:
        return "order_shipped_untracked"
    state = parcels[0].state
    if parcels[-1].state is ParcelState.DELIVERED and state is not ParcelState.DELIVERED:
        return "order_partly_delivered"
    if is_collected(order) and state is ParcelState.ON_WAY:
        return "order_on_way_to_store"
    return f"order_{state.value}"


_UNTRACKED: Final[Mapping[OrderStatus, str]] = MappingProxyType(
    {
        OrderStatus.PLACED: "track_placed",
        OrderStatus.PACKED: "track_packed",
        OrderStatus.SHIPPED: "track_shipped",
        OrderStatus.OUT_FOR_DELIVERY: "track_shipped",
        OrderStatus.DELIVERED: "order_delivered_some_day",
    }
)


class TrackParcelAction(OrderAction):
    """Says where an order's parcels are."""

    def is_likely(self, order: Order) -> bool:
        """Tell whether an order has a parcel on its way."""
        return order.status in (OrderStatus.SHIPPED, OrderStatus.OUT_FOR_DELIVERY)

    def otherwise(self, orders: Sequence[Order]) -> Order:
        """Return the newest order that is still to leave, else the newest that arrived."""
        waiting = (order for order in orders if order.status in OPEN)
        return next(waiting, super().otherwise(orders))

    def about(self, order: Order) -> ActionDone:
        """Say it, parcel by parcel."""
        today = self._desk.today()
        parcels = parcels_of(order, today)
        if order.status in (OrderStatus.CANCELLED, OrderStatus.RETURNED):
            return self.says(f"track_{order.status.value}", **self.values(order))
        if not parcels:
            return self.says(_UNTRACKED[order.status], **self.values(order))
        said = [
            ActionText(f"track_{parcel.state.value}", self.values(order) | parcel.values(today))
            for parcel in parcels
        ]
        return ActionDone(self._name, (*said, self.card(order, parcels[0])))


class ListOrdersAction(AccountAction):
    """Lists a customer's newest orders."""

    async def answer_customer(self, customer_id: CustomerId, asked: Asked) -> Answer:
        """List them, with buttons to look at each."""
        orders = await self._desk.crm.orders(customer_id, limit=ORDERS_READ)
        if not orders:
            return self.says("no_orders")
        shown, today = orders[:MAX_LISTED], self._desk.today()
        lines = [
            f"{place}. {order_title(order, today)} · {status_name(order.status)} · {pounds(order.total_cents)}"
            for place, order in enumerate(shown, start=1)
        ]
        wording = "orders_listed" if len(orders) > 1 else "orders_listed_one"
        if len(orders) > len(shown):
            wording = "orders_listed_newest"
        values = {"orders": "\n".join(lines), "count": str(len(shown))}
        said = (ActionText(wording, values), order_buttons(shown, today))
        return ActionDone(self._name, said, orders_listed(shown, self._desk.zone))
