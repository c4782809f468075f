"""Where a parcel is, against what was promised (docs/shop.md, *Delivery*)."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from bot.actions.phrasing import long_day
from bot.crm.rules import CLICK_AND_COLLECT
from bot.crm.working_days import add_working_days
from bot.domain.customer import Order, OrderStatus, Shipment

LOST_AFTER_WORKING_DAYS: Final = 7


class ParcelState(StrEnum):
    """How a parcel is doing."""

    ON_WAY = "on_way"
    OUT_FOR_DELIVERY = "out_for_delivery"
    LATE = "late"
    LOST = "lost"
    DELIVERED = "delivered"


@dataclass(frozen=True, slots=True)
class Parcel:
    """A parcel of an order, judged on a day."""

    shipment: Shipment
    state: ParcelState
    lost_on: date

    def values(self, today: date) -> dict[str, str]:
        """Return what a wording may say about it."""
        arrived = self.shipment.delivered_at
        values = {
            "tracking_number": self.shipment.tracking_number,
            "carrier": self.shipment.carrier,
            "last_place": self.shipment.last_place,
            "last_seen_on": long_day(self.shipment.last_seen_at.date(), today),
            "expected_on": long_day(self.shipment.expected_on, today),
            "lost_on": long_day(self.lost_on, today),
        }
        if arrived is not None:
            values["delivered_on"] = long_day(arrived.date(), today)
        return values


def parcels_of(order: Order, today: date) -> tuple[Parcel, ...]:
    """Judge an order's parcels: those that have not arrived first."""
    judged = [_judge(order, shipment, today) for shipment in order.shipments]
    return tuple(sorted(judged, key=lambda parcel: parcel.state is ParcelState.DELIVERED))


def is_collected(order: Order) -> bool:
    """Tell whether the customer fetches the order from a store."""
    return order.delivery_way == CLICK_AND_COLLECT


def _judge(order: Order, shipment: Shipment, today: date) -> Parcel:
    lost_on = add_working_days(shipment.expected_on, LOST_AFTER_WORKING_DAYS)
    if shipment.delivered_at is not None:
        state = ParcelState.DELIVERED
    elif today > lost_on:
        state = ParcelState.LOST
    elif today > shipment.expected_on:
        state = ParcelState.LATE
    elif order.status is OrderStatus.OUT_FOR_DELIVERY:
        state = ParcelState.OUT_FOR_DELIVERY
    else:
        state = ParcelState.ON_WAY
    return Parcel(shipment, state, lost_on)
