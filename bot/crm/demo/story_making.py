"""Makes the story customers' records out of short descriptions, relative to the anchor day."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from bot.crm.demo import delivery
from bot.crm.demo.range import product_named
from bot.crm.loyalty import last_valid_day
from bot.crm.records import NEWSLETTER, Consent, LoyaltyEntry, LoyaltyKind, ShopRecords, Survey
from bot.crm.rules import STANDARD
from bot.domain.customer import (
    Address,
    Customer,
    Order,
    OrderLine,
    OrderStatus,
    Refund,
    ReturnCase,
    ReturnStatus,
    Shipment,
)
from bot.domain.message import CustomerId

Items = Sequence[str | tuple[str, int]]

_GONE: Final = (
    OrderStatus.SHIPPED,
    OrderStatus.OUT_FOR_DELIVERY,
    OrderStatus.DELIVERED,
    OrderStatus.RETURNED,
)


@dataclass(frozen=True, slots=True)
class Days:
    """When an order's steps were or will be, in days before the anchor day (negative is after it)."""

    placed: int
    shipped: int | None = None
    expected: int | None = None
    delivered: int | None = None


@dataclass(frozen=True, slots=True)
class StoryDesk:
    """Knows the anchor day."""

    anchor: date

    def at(self, days_ago: int, hour: int, minute: int = 0) -> datetime:
        """Return a moment some days before the anchor day."""
        day = self.anchor - timedelta(days=days_ago)
        return datetime.combine(day, time(hour, minute), tzinfo=UTC)

    def order(
        self,
        customer: Customer,
        number: str,
        status: OrderStatus,
        days: Days,
        items: Items,
        way: str = STANDARD,
    ) -> Order:
        """Make an order; its parcel follows from the days."""
        lines = tuple(_line(place, item) for place, item in enumerate(items, start=1))
        goods = sum(line.price_cents * line.quantity for line in lines)
        fee = delivery.delivery_cents(way, goods)
        order = Order(
            number=number,
            customer_id=customer.customer_id,
            status=status,
            placed_at=self.at(days.placed, 6, 40)
            if days.placed == 0
            else self.at(days.placed, 18, 5),
            lines=lines,
            delivery_way=way,
            delivery_cents=fee,
            total_cents=goods + fee,
            payment_method="Visa",
            address=customer.address,
        )
        return replace(order, shipments=(self._parcel(order, days),)) if status in _GONE else order

    def returned(
        self,
        order: Order,
        number: str,
        lines: tuple[int, ...],
        announced: int,
        received: int | None,
    ) -> Order:
        """Add a return to an order; ``received`` is how many days ago it arrived, None is not yet."""
        case = ReturnCase(
            number,
            lines,
            "too_small",
            ReturnStatus.ANNOUNCED if received is None else ReturnStatus.RECEIVED,
            self.at(announced, 12, 20),
            None if received is None else self.at(received, 9, 30),
        )
        return replace(order, returns=(*order.returns, case))

    def refunded(self, order: Order, cents: int, created: int, paid: int | None) -> Order:
        """Add a refund to an order; ``paid`` None is on its way. A paid one settles the order's returns."""
        refund = Refund(
            order.number,
            cents,
            order.payment_method,
            "return",
            self.at(created, 10),
            None if paid is None else self.at(paid, 14),
        )
        cases = order.returns
        if paid is not None:
            cases = tuple(replace(case, status=ReturnStatus.REFUNDED) for case in cases)
        return replace(order, returns=cases, refunds=(*order.refunds, refund))

    def consent(self, customer: Customer) -> tuple[Consent, ...]:
        """Return the consent that a customer's subscription rests on."""
        if not customer.is_subscribed:
            return ()
        at = datetime.combine(customer.joined_on, time(12), tzinfo=UTC)
        return (Consent(customer.customer_id, NEWSLETTER, is_given=True, at=at),)

    def points(self, customer: Customer, points: int, days_ago: int) -> LoyaltyEntry:
        """Return points earned some days ago."""
        at = self.at(days_ago, 5)
        return LoyaltyEntry(
            customer.customer_id, LoyaltyKind.EARNED, points, at, last_valid_day(at.date())
        )

    def points_until(self, customer: Customer, points: int, last_day: date) -> LoyaltyEntry:
        """Return points that can be used up to a day."""
        credited_on = last_day - timedelta(days=730)
        at = datetime.combine(credited_on, time(5), tzinfo=UTC)
        return LoyaltyEntry(customer.customer_id, LoyaltyKind.EARNED, points, at, last_day)

    def survey(self, order: Order, score: int, comment: str, days_ago: int) -> Survey:
        """Return how satisfied a customer was."""
        at = self.at(days_ago, 19)
        return Survey(order.customer_id, order.number, score, comment, at)

    def customer(
        self,
        customer_id: str,
        name: str,
        phone: str,
        address: Address,
        *,
        joined: int,
        is_subscribed: bool,
    ) -> Customer:
        """Make a customer who joined some days ago."""
        email = f"{name.lower().replace(' ', '.')}@example.com"
        joined_on = self.anchor - timedelta(days=joined)
        return Customer(
            CustomerId(customer_id), name, email, phone, address, joined_on, is_subscribed
        )

    def _parcel(self, order: Order, days: Days) -> Shipment:
        shipped = days.placed if days.shipped is None else days.shipped
        expected = days.delivered if days.expected is None else days.expected
        carrier, _ = delivery.carrier_of(order.delivery_way)
        shipped_at, city = self.at(shipped, 16, 30), order.address.city
        delivered_at = None if days.delivered is None else self.at(days.delivered, 13, 15)
        match order.status:
            case OrderStatus.OUT_FOR_DELIVERY:
                place, seen_at = delivery.road_place(city), self.at(0, 6, 10)
            case OrderStatus.SHIPPED:
                place, seen_at = delivery.seen_on_the_way(carrier, city, shipped_at, self.at(0, 5))
            case _:
                place = delivery.arrival_place(order.delivery_way, city)
                seen_at = delivered_at or shipped_at
        return Shipment(
            delivery.tracking_number(order.delivery_way, order.number),
            carrier,
            shipped_at,
            self.anchor - timedelta(days=expected or 0),
            place,
            seen_at,
            delivered_at,
        )


def _line(place: int, item: str | tuple[str, int]) -> OrderLine:
    name, quantity = (item, 1) if isinstance(item, str) else item
    product = product_named(name)
    return OrderLine(
        place, product.product_id, name, quantity, product.price_cents, product.is_returnable
    )


def story(
    desk: StoryDesk,
    customer: Customer,
    *orders: Order,
    loyalty: tuple[LoyaltyEntry, ...] = (),
    surveys: tuple[Survey, ...] = (),
) -> ShopRecords:
    """Gather what belongs to one customer."""
    return ShopRecords(
        customers=(customer,),
        orders=orders,
        loyalty=loyalty,
        consents=desk.consent(customer),
        surveys=surveys,
    )
