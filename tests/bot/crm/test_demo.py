"""What holds for every demo shop, whatever the seed and the day."""

from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from typing import Final

import pytest

from bot.crm.demo.range import demo_items, demo_products, product_named
from bot.crm.demo.shop import demo_records
from bot.crm.demo.stories import story_customers, story_records
from bot.crm.loyalty import lots_expired, lots_left
from bot.crm.records import LoyaltyKind, ShopRecords
from bot.domain.customer import OrderStatus, ReturnStatus
from bot.domain.message import CustomerId

ANCHOR: Final = date(2026, 11, 18)
NOW: Final = datetime(2026, 11, 18, 8, tzinfo=UTC)
STATUS_OF_STORIES: Final = {
    "CP-200101": OrderStatus.PLACED,
    "CP-200102": OrderStatus.SHIPPED,
    "CP-200202": OrderStatus.PACKED,
    "CP-200301": OrderStatus.RETURNED,
    "CP-200401": OrderStatus.PLACED,
    "CP-200601": OrderStatus.PLACED,
    "CP-200801": OrderStatus.SHIPPED,
    "CP-200901": OrderStatus.OUT_FOR_DELIVERY,
    "CP-201003": OrderStatus.PLACED,
    "CP-201201": OrderStatus.CANCELLED,
    "CP-201205": OrderStatus.PACKED,
}


@pytest.fixture(scope="module")
def shop() -> ShopRecords:
    return demo_records(3, ANCHOR)


def test_the_shop_has_the_size_it_promises(shop: ShopRecords) -> None:
    assert len(shop.customers) == 2000
    assert len(shop.orders) == 15000
    assert 290 <= len(shop.products) <= 320


def test_everything_refers_to_something_that_exists(shop: ShopRecords) -> None:
    customers = {customer.customer_id for customer in shop.customers}
    products = {product.product_id: product for product in shop.products}
    orders = {order.number: order for order in shop.orders}

    assert len(customers) == len(shop.customers)
    assert len(orders) == len(shop.orders)
    assert {order.customer_id for order in shop.orders} <= customers
    for order in shop.orders:
        assert [line.line for line in order.lines] == list(range(1, len(order.lines) + 1))
        assert all(line.name == products[line.product_id].name for line in order.lines)
    owners = [
        *((entry.order_number, entry.customer_id) for entry in shop.loyalty),
        *((contact.order_number, contact.customer_id) for contact in shop.contacts),
        *((survey.order_number, survey.customer_id) for survey in shop.surveys),
    ]
    assert all(number is None or orders[number].customer_id == owner for number, owner in owners)
    assert all(filed.ticket.customer_id in customers for filed in shop.tickets)


def test_numbers_are_unique_and_follow_time(shop: ShopRecords) -> None:
    generated = [order for order in shop.orders if order.number < "CP-2"]
    parcels = [parcel.tracking_number for order in shop.orders for parcel in order.shipments]
    returns = [case.return_number for order in shop.orders for case in order.returns]

    assert [order.number for order in generated] == [
        f"CP-{100001 + place}" for place in range(len(generated))
    ]
    assert [order.placed_at for order in generated] == sorted(o.placed_at for o in generated)
    assert len(set(parcels)) == len(parcels)
    assert len(set(returns)) == len(returns)
    assert len({filed.ticket.number for filed in shop.tickets}) == len(shop.tickets)


def test_totals_are_lines_and_delivery(shop: ShopRecords) -> None:
    for order in shop.orders:
        goods = sum(line.quantity * line.price_cents for line in order.lines)
        assert order.total_cents == goods + order.delivery_cents
        assert min(line.price_cents for line in order.lines) > 0


def test_delivery_keeps_the_rules_of_the_shop(shop: ShopRecords) -> None:
    gas = {item.product.product_id for item in demo_items() if item.is_gas}
    bulky = {item.product.product_id for item in demo_items() if item.product.is_bulky}

    for order in shop.orders:
        things = {line.product_id for line in order.lines}
        goods = order.total_cents - order.delivery_cents
        assert (order.delivery_way == "abroad") == (order.address.country != "GB")
        if order.delivery_way == "standard":
            assert order.delivery_cents == (0 if goods >= 6000 else 395)
        if things & gas:
            assert order.delivery_way in ("standard", "bulky", "click_and_collect")
        if things & bulky:
            assert order.delivery_way == "bulky"


def test_every_status_fits_what_happened(shop: ShopRecords) -> None:
    for order in shop.orders:
        has_left = order.status not in (
            OrderStatus.PLACED,
            OrderStatus.PACKED,
            OrderStatus.CANCELLED,
        )
        is_there = order.status in (OrderStatus.DELIVERED, OrderStatus.RETURNED)
        back = {line for case in order.returns for line in case.lines}
        assert order.placed_at <= NOW
        assert bool(order.shipments) == has_left
        assert (order.delivered_at is not None) == is_there
        assert not order.returns or is_there
        if order.status is OrderStatus.RETURNED:
            assert back == {line.line for line in order.lines}
            assert order.returns[-1].received_at is not None


def test_time_runs_forwards_and_ends_now(shop: ShopRecords) -> None:
    for order in shop.orders:
        moments = [order.placed_at]
        for parcel in order.shipments:
            moments += [parcel.shipped_at, parcel.last_seen_at]
            moments += [parcel.delivered_at] if parcel.delivered_at else []
        for case in order.returns:
            moments += [case.announced_at]
            moments += [case.received_at] if case.received_at else []
        assert moments == sorted(moments), order.number
        assert moments[-1] <= NOW, order.number
        assert all(refund.created_at <= (refund.paid_at or NOW) <= NOW for refund in order.refunds)


def test_refunds_belong_to_returns_and_never_exceed_the_order(shop: ShopRecords) -> None:
    for order in shop.orders:
        assert sum(refund.amount_cents for refund in order.refunds) <= order.total_cents
        settled = any(case.status is ReturnStatus.REFUNDED for case in order.returns)
        paid = [refund for refund in order.refunds if refund.reason == "return" and refund.paid_at]
        assert bool(paid) == settled, order.number


def test_the_morning_of_the_day_has_orders_at_every_stage(shop: ShopRecords) -> None:
    generated = [order for order in shop.orders if order.number < "CP-2"]
    statuses = Counter(order.status for order in generated)
    late = [
        order
        for order in generated
        if order.status is OrderStatus.SHIPPED and order.shipments[0].expected_on < ANCHOR
    ]

    assert set(statuses) == set(OrderStatus)
    assert statuses[OrderStatus.DELIVERED] > 12000
    assert late
    assert any(refund.paid_at is None for order in generated for refund in order.refunds)
    assert any(filed.ticket.is_open for filed in shop.tickets)
    assert any(
        case.status is ReturnStatus.ANNOUNCED for order in generated for case in order.returns
    )


def test_points_that_expired_are_written_down_as_the_balance_has_it(shop: ShopRecords) -> None:
    by_customer = defaultdict(list)
    for entry in shop.loyalty:
        assert entry.at <= NOW
        by_customer[entry.customer_id].append(entry)

    for entries in by_customer.values():
        written = -sum(e.points for e in entries if e.kind is LoyaltyKind.EXPIRED)
        assert written == sum(lot.points for lot in lots_expired(entries, ANCHOR))
        assert sum(lot.points for lot in lots_left(entries, ANCHOR)) >= sum(
            entry.points for entry in entries
        )


def test_subscriptions_follow_from_consents(shop: ShopRecords) -> None:
    newest = {consent.customer_id: consent.is_given for consent in shop.consents}

    for customer in shop.customers:
        assert customer.is_subscribed == newest.get(customer.customer_id, False)
    assert 0.25 < sum(customer.is_subscribed for customer in shop.customers) / 2000 < 0.7


def test_customers_differ_in_their_habits(shop: ShopRecords) -> None:
    counts = Counter(order.customer_id for order in shop.orders)
    newest: dict[CustomerId, datetime] = {}
    for order in shop.orders:
        newest[order.customer_id] = max(
            order.placed_at, newest.get(order.customer_id, order.placed_at)
        )
    gone = sum(NOW - at > timedelta(days=365) for at in newest.values())

    assert sum(count == 1 for count in counts.values()) > 100
    assert sum(count > 20 for count in counts.values()) > 50
    assert 0.15 < gone / len(newest) < 0.6


def test_unhappy_customers_leave_more_often(shop: ShopRecords) -> None:
    newest: dict[CustomerId, datetime] = {}
    for order in shop.orders:
        newest[order.customer_id] = max(
            order.placed_at, newest.get(order.customer_id, order.placed_at)
        )
    old = [survey for survey in shop.surveys if survey.answered_at < NOW - timedelta(days=365)]

    def share_without_later_order(*, is_unhappy: bool) -> float:
        found = [
            newest[survey.customer_id] < survey.answered_at
            for survey in old
            if (survey.score <= 2) == is_unhappy
        ]
        return sum(found) / len(found)

    assert share_without_later_order(is_unhappy=True) > 1.5 * share_without_later_order(
        is_unhappy=False
    )


def test_a_seed_and_a_day_make_one_shop() -> None:
    first = demo_records(5, ANCHOR, customers=60, orders=300)

    assert demo_records(5, ANCHOR, customers=60, orders=300) == first
    assert demo_records(6, ANCHOR, customers=60, orders=300) != first
    assert demo_records(5, date(2026, 11, 20), customers=60, orders=300) != first


@pytest.mark.parametrize("day", [date(2026, 12, 27), date(2027, 1, 1), date(2028, 2, 29)])
def test_a_shop_is_made_on_any_day(day: date) -> None:
    shop = demo_records(1, day, customers=80, orders=400)

    assert len(shop.customers) == 80
    assert story_records(day).orders[0].placed_at.date() == day


def test_products_have_believable_stock() -> None:
    products = demo_products(3, ANCHOR)

    out = [product for product in products if product.stock == 0]
    assert len({product.name for product in products}) == len(products)
    assert 10 <= len(out) <= 45
    assert all(product.restock_on is None for product in products if product.stock)
    assert any(product.restock_on for product in out)
    assert sum(not product.is_returnable for product in products) >= 20
    assert sum(product.is_bulky for product in products) >= 5
    with pytest.raises(ValueError, match="Moon boots"):
        product_named("Moon boots")


@pytest.mark.parametrize("day", [ANCHOR, date(2027, 1, 4)])
def test_stories_stand_as_documented(day: date) -> None:
    records = story_records(day)
    orders = {order.number: order for order in records.orders}

    assert [customer.customer_id for customer in records.customers] == [
        story.customer_id for story in story_customers()
    ]
    assert [customer.name for customer in records.customers] == [
        story.name for story in story_customers()
    ]
    assert {number: orders[number].status for number in STATUS_OF_STORIES} == STATUS_OF_STORIES
    assert sum(order.customer_id == CustomerId("C-1007") for order in records.orders) == 12
    arrived = {number: order.delivered_at for number, order in orders.items()}
    for number, days in (("CP-200103", 10), ("CP-200201", 75), ("CP-201101", 8)):
        at = arrived[number]
        assert at is not None
        assert (day - at.date()).days == days
