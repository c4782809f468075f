"""Stories of orders that arrived, came back or were cancelled."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from bot.crm.demo.delivery import STORES
from bot.crm.demo.story_making import Days, StoryDesk, story
from bot.crm.records import LoyaltyEntry, LoyaltyKind, ShopRecords
from bot.crm.rules import BULKY, CLICK_AND_COLLECT
from bot.domain.customer import Address, OrderStatus

_PACKED: Final = OrderStatus.PACKED
_DELIVERED: Final = OrderStatus.DELIVERED


def tom(desk: StoryDesk) -> ShopRecords:
    """Tell of Tom."""
    home = Address("7 Otley Road", "Leeds", "LS6 3AA")
    tom = desk.customer(
        "C-1002", "Tom Hughes", "07700 900102", home, joined=500, is_subscribed=False
    )
    orders = (
        desk.order(
            tom,
            "CP-200201",
            _DELIVERED,
            Days(80, shipped=79, delivered=75),
            ["Norfell Aurora -5 sleeping bag", "Tarnbrook Camper folding foam mat"],
        ),
        desk.order(tom, "CP-200202", _PACKED, Days(1), ["Norfell Beacon 400 head torch"]),
    )
    return story(desk, tom, *orders, loyalty=(desk.points(tom, 214, 61),))


def priya(desk: StoryDesk) -> ShopRecords:
    """Tell of Priya."""
    home = Address("42 Evington Lane", "Leicester", "LE5 5PQ")
    priya = desk.customer(
        "C-1003", "Priya Nair", "07700 900103", home, joined=640, is_subscribed=True
    )
    jacket = desk.order(
        priya,
        "CP-200301",
        OrderStatus.RETURNED,
        Days(30, shipped=29, delivered=26),
        ["Norfell Glacier women's down jacket"],
    )
    jacket = desk.returned(jacket, "RT-399001", (1,), announced=12, received=2)
    shoes = desk.order(
        priya,
        "CP-200302",
        _DELIVERED,
        Days(24, shipped=23, delivered=20),
        ["Skarv Fleet women's trail running shoes", "Skarv Dash women's running tights"],
    )
    older = desk.order(
        priya,
        "CP-200303",
        _DELIVERED,
        Days(130, shipped=129, delivered=126),
        ["Cairn Merino women's base layer top", "Cairn Merino women's leggings"],
    )
    older = desk.returned(older, "RT-399003", (2,), announced=118, received=110)
    orders = (
        desk.refunded(jacket, 21900, created=2, paid=None),
        desk.returned(shoes, "RT-399002", (1,), announced=3, received=None),
        desk.refunded(older, 6200, created=110, paid=107),
    )
    return story(desk, priya, *orders, loyalty=(desk.points(priya, 65, 112),))


_CALLUM_BOUGHT: Final = (
    (1060, "Cairn Fellside 1 tent"),
    (990, "Norfell gas cartridge 230 g"),
    (880, "Cairn Longhaul 65 l rucksack"),
    (790, "Halvorsen Moraine men's mountain boots"),
    (640, "Norfell Scree men's walking trousers"),
    (560, "Halvorsen Belay men's harness"),
    (470, "Halvorsen Lifeline 60 m rope"),
    (330, "Norfell Skerry men's shell jacket"),
    (210, "Norfell Beacon 800 head torch"),
    (95, "Halvorsen Icefang walking ice axe"),
    (38, "Cairn Merino men's base layer top"),
    (15, "Bivvy & Co Cairngorms waterproof map"),
)


def callum(desk: StoryDesk) -> ShopRecords:
    """Tell of Callum."""
    home = Address("21 Bruntsfield Place", "Edinburgh", "EH10 4HN")
    callum = desk.customer(
        "C-1007", "Callum Reid", "07700 900107", home, joined=1075, is_subscribed=True
    )
    orders = tuple(
        desk.order(
            callum,
            f"CP-2007{place:02d}",
            _DELIVERED,
            Days(days, shipped=days - 1, delivered=days - 4),
            [name],
        )
        for place, (days, name) in enumerate(_CALLUM_BOUGHT, start=1)
    )
    points = (desk.points(callum, 286, 315), desk.points(callum, 138, 77))
    return story(
        desk,
        callum,
        *orders,
        loyalty=points,
        surveys=(desk.survey(orders[7], 5, "Kept me dry on the Ben. Brilliant.", 310),),
    )


def sofia(desk: StoryDesk) -> ShopRecords:
    """Tell of Sofia."""
    home = Address("30 Whiteladies Road", "Bristol", "BS8 2LG")
    sofia = desk.customer(
        "C-1010", "Sofia Kowalska", "07700 900110", home, joined=1040, is_subscribed=True
    )
    orders = (
        desk.order(
            sofia,
            "CP-201001",
            _DELIVERED,
            Days(70, shipped=69, delivered=66),
            ["Norfell Polaris 2 expedition tent", "Norfell Aurora 0 sleeping bag"],
        ),
        desk.order(
            sofia,
            "CP-201002",
            _DELIVERED,
            Days(33, shipped=32, delivered=29),
            ["Skarv Pace multisport watch"],
        ),
        replace(
            desk.order(
                sofia,
                "CP-201003",
                OrderStatus.PLACED,
                Days(0),
                ["Tarnbrook beanie hat"],
                CLICK_AND_COLLECT,
            ),
            address=next(store for store in STORES if store.city == home.city),
        ),
    )
    spent = LoyaltyEntry(
        sofia.customer_id, LoyaltyKind.REDEEMED, -200, desk.at(70, 18, 5), None, "CP-201001"
    )
    points = (
        desk.points_until(sofia, 840, desk.anchor + timedelta(days=23)),
        desk.points(sofia, 343, 200),
        desk.points(sofia, 648, 52),
        desk.points(sofia, 269, 15),
        desk.points(sofia, 250, 290),
        spent,
    )
    return story(desk, sofia, *orders, loyalty=points)


def daniel(desk: StoryDesk) -> ShopRecords:
    """Tell of Daniel."""
    home = Address("64 Uplands Crescent", "Swansea", "SA2 0EZ")
    daniel = desk.customer(
        "C-1011", "Daniel Evans", "07700 900111", home, joined=95, is_subscribed=True
    )
    items = (
        "Cairn Fellside 2 tent",
        ("Norfell gas cartridge 230 g", 2),
        ("Tarnbrook Trailpot lentil curry meal", 3),
    )
    days = Days(13, shipped=12, delivered=8)
    return story(desk, daniel, desk.order(daniel, "CP-201101", _DELIVERED, days, items))


def grace(desk: StoryDesk) -> ShopRecords:
    """Tell of Grace."""
    home = Address("11 Jesmond Road", "Newcastle upon Tyne", "NE2 1LA")
    grace = desk.customer(
        "C-1012", "Grace Adeyemi", "07700 900112", home, joined=720, is_subscribed=True
    )
    boots = desk.order(
        grace,
        "CP-201203",
        OrderStatus.RETURNED,
        Days(60, shipped=59, delivered=56),
        ["Cairn Peatland women's walking boots"],
    )
    boots = desk.returned(boots, "RT-399004", (1,), announced=50, received=44)
    orders = (
        desk.order(
            grace, "CP-201201", OrderStatus.CANCELLED, Days(20), ["Skarv Gust women's windproof"]
        ),
        desk.order(
            grace,
            "CP-201202",
            _DELIVERED,
            Days(30, shipped=29, delivered=25),
            [
                "Tarnbrook Glow solar camping lantern",
                "Cairn Billy duo pot set",
                "Tarnbrook steel water bottle",
            ],
        ),
        desk.refunded(boots, 11900, created=44, paid=41),
        desk.order(
            grace,
            "CP-201204",
            _DELIVERED,
            Days(45, shipped=44, delivered=40),
            ["Tarnbrook Heather women's fleece", "Norfell fleece gloves"],
        ),
        desk.order(grace, "CP-201205", _PACKED, Days(2), ["Tarnbrook Heron single kayak"], BULKY),
    )
    paid_by_paypal = tuple(replace(order, payment_method="PayPal") for order in orders)
    return story(desk, grace, *paid_by_paypal, loyalty=(desk.points(grace, 152, 33),))
