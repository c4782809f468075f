"""Turns purchases into orders as they stand at a moment: what lies in the future has not happened."""

from dataclasses import replace
from datetime import datetime

from bot.crm import rules
from bot.crm.demo import delivery
from bot.crm.demo.purchases import Comeback, Purchase, Trouble
from bot.crm.records import TicketKind
from bot.domain.customer import (
    Order,
    OrderLine,
    OrderStatus,
    Refund,
    ReturnCase,
    ReturnStatus,
    Shipment,
)

_STILL_HERE = (OrderStatus.PLACED, OrderStatus.PACKED, OrderStatus.CANCELLED)


def order_of(purchase: Purchase, number: str, return_number: str | None, now: datetime) -> Order:
    """Return an order as it stands at ``now``; ``return_number`` is that of a return announced by then."""
    order = Order(
        number=number,
        customer_id=purchase.person.customer.customer_id,
        status=_status(purchase, now),
        placed_at=purchase.placed_at,
        lines=_lines(purchase),
        delivery_way=purchase.way,
        delivery_cents=purchase.delivery_cents,
        total_cents=purchase.total_cents,
        payment_method=purchase.payment_method,
        address=purchase.address,
    )
    if order.status in _STILL_HERE:
        return order
    order = replace(order, shipments=(_shipment(order, purchase, now),))
    if order.status is not OrderStatus.DELIVERED:
        return order
    order = _with_trouble(order, purchase.trouble, now)
    if purchase.comeback is None or return_number is None:
        return order
    return _with_return(order, purchase.comeback, return_number, now)


def _status(purchase: Purchase, now: datetime) -> OrderStatus:
    travel = purchase.travel
    if purchase.cancelled_at is not None:
        return OrderStatus.CANCELLED if purchase.cancelled_at <= now else OrderStatus.PLACED
    for moment, status in (
        (travel.delivered_at, OrderStatus.DELIVERED),
        (travel.out_at, OrderStatus.OUT_FOR_DELIVERY),
        (travel.shipped_at, OrderStatus.SHIPPED),
        (travel.packed_at, OrderStatus.PACKED),
    ):
        if moment <= now:
            return status
    return OrderStatus.PLACED


def _lines(purchase: Purchase) -> tuple[OrderLine, ...]:
    return tuple(
        OrderLine(
            place,
            line.item.product.product_id,
            line.item.product.name,
            line.quantity,
            line.price_cents,
            line.item.product.is_returnable,
        )
        for place, line in enumerate(purchase.basket, start=1)
    )


def _shipment(order: Order, purchase: Purchase, now: datetime) -> Shipment:
    travel, city = purchase.travel, order.address.city
    carrier, _ = delivery.carrier_of(order.delivery_way)
    match order.status:
        case OrderStatus.DELIVERED:
            place, seen_at = delivery.arrival_place(order.delivery_way, city), travel.delivered_at
        case OrderStatus.OUT_FOR_DELIVERY:
            place, seen_at = delivery.road_place(city), travel.out_at
        case _:
            place, seen_at = delivery.seen_on_the_way(carrier, city, travel.shipped_at, now)
    return Shipment(
        delivery.tracking_number(order.delivery_way, order.number),
        carrier,
        travel.shipped_at,
        travel.expected_on,
        place,
        seen_at,
        travel.delivered_at if order.status is OrderStatus.DELIVERED else None,
    )


def _with_trouble(order: Order, trouble: Trouble | None, now: datetime) -> Order:
    if trouble is None or trouble.paid_at is None or trouble.told_at > now:
        return order
    line = order.lines[trouble.line - 1]
    refund = Refund(
        order.number,
        line.price_cents * line.quantity,
        order.payment_method,
        "missing item" if trouble.kind is TicketKind.MISSING else "damaged item",
        trouble.told_at,
        trouble.paid_at if trouble.paid_at <= now else None,
    )
    return replace(order, refunds=(refund,))


def _with_return(order: Order, comeback: Comeback, number: str, now: datetime) -> Order:
    is_received, is_paid = comeback.received_at <= now, comeback.paid_at <= now
    status = ReturnStatus.RECEIVED if is_received else ReturnStatus.ANNOUNCED
    case = ReturnCase(
        number,
        comeback.lines,
        comeback.reason,
        ReturnStatus.REFUNDED if is_paid else status,
        comeback.announced_at,
        comeback.received_at if is_received else None,
    )
    if not is_received:
        return replace(order, returns=(case,))
    refund = Refund(
        order.number,
        rules.return_value_cents(order, rules.named_lines(order, comeback.lines)),
        order.payment_method,
        "return",
        comeback.received_at,
        comeback.paid_at if is_paid else None,
    )
    is_all = len(comeback.lines) == len(order.lines)
    return replace(
        order,
        status=OrderStatus.RETURNED if is_all else order.status,
        returns=(case,),
        refunds=(*order.refunds, refund),
    )
