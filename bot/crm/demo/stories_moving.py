"""Stories of orders on their way."""

from typing import Final

from bot.crm.demo import delivery
from bot.crm.demo.story_making import Days, StoryDesk, story
from bot.crm.records import ShopRecords
from bot.domain.customer import Address, OrderStatus

_PLACED: Final = OrderStatus.PLACED
_SHIPPED: Final = OrderStatus.SHIPPED
_DELIVERED: Final = OrderStatus.DELIVERED


def maya(desk: StoryDesk) -> ShopRecords:
    """Tell of Maya."""
    home = Address("18 Crookes Road", "Sheffield", "S10 1UA")
    maya = desk.customer(
        "C-1001", "Maya Okafor", "07700 900101", home, joined=800, is_subscribed=True
    )
    orders = (
        desk.order(
            maya, "CP-200101", _PLACED, Days(0), ["Cairn Stormline women's waterproof jacket"]
        ),
        desk.order(
            maya,
            "CP-200102",
            _SHIPPED,
            Days(3, shipped=2, expected=-2),
            ["Cairn Ridgeway 30 l rucksack", "Cairn medium rain cover"],
        ),
        desk.order(
            maya,
            "CP-200103",
            _DELIVERED,
            Days(14, shipped=13, delivered=10),
            ["Halvorsen Granite women's walking boots", ("Halvorsen mid wool walking socks", 2)],
        ),
    )
    points = (desk.points(maya, 310, 400), desk.points(maya, 110, 60))
    return story(desk, maya, *orders, loyalty=points)


def lena(desk: StoryDesk) -> ShopRecords:
    """Tell of Lena."""
    home = Address("Lindenweg 9", "Berlin", "12163", "DE")
    lena = desk.customer(
        "C-1004", "Lena Fischer", "+49 30 5550 1004", home, joined=210, is_subscribed=True
    )
    orders = (
        desk.order(lena, "CP-200401", _PLACED, Days(0), ["Cairn Fellside 2 tent"], delivery.ABROAD),
        desk.order(
            lena,
            "CP-200402",
            _DELIVERED,
            Days(22, shipped=21, delivered=12),
            ["Tarnbrook Heather women's fleece", "Bivvy & Co Bearing mirror compass"],
            delivery.ABROAD,
        ),
    )
    return story(desk, lena, *orders)


def george(desk: StoryDesk) -> ShopRecords:
    """Tell of George."""
    home = Address("3 Station Road", "Ludlow", "SY8 2AA")
    george = desk.customer(
        "C-1005", "George Whitfield", "07700 900105", home, joined=6, is_subscribed=True
    )
    return story(desk, george)


def aisha(desk: StoryDesk) -> ShopRecords:
    """Tell of Aisha."""
    home = Address("115 Alum Rock Road", "Birmingham", "B8 1JA")
    aisha = desk.customer(
        "C-1006", "Aisha Rahman", "07700 900106", home, joined=2, is_subscribed=True
    )
    items = ["Tarnbrook Snug regular sleeping bag", "Tarnbrook Camper single foam mat"]
    return story(desk, aisha, desk.order(aisha, "CP-200601", _PLACED, Days(1), items))


def hannah(desk: StoryDesk) -> ShopRecords:
    """Tell of Hannah."""
    home = Address("56 Cathedral Road", "Cardiff", "CF11 9LL")
    hannah = desk.customer(
        "C-1008", "Hannah Lewis", "07700 900108", home, joined=300, is_subscribed=True
    )
    days = Days(9, shipped=8, expected=3)
    order = desk.order(
        hannah,
        "CP-200801",
        _SHIPPED,
        days,
        ["Cairn Bedrock regular sleeping mat", "Bivvy & Co Pebble large pillow"],
    )
    return story(desk, hannah, order, loyalty=(desk.points(hannah, 88, 150),))


def wei(desk: StoryDesk) -> ShopRecords:
    """Tell of Wei."""
    home = Address("9 Burlington Street", "Manchester", "M15 6HX")
    wei = desk.customer("C-1009", "Wei Chen", "07700 900109", home, joined=420, is_subscribed=False)
    order = desk.order(
        wei,
        "CP-200901",
        OrderStatus.OUT_FOR_DELIVERY,
        Days(2, shipped=1, expected=0),
        ["Halvorsen Crux beginner climbing shoes", "Skarv plain chalk bag"],
        delivery.EXPRESS,
    )
    return story(desk, wei, order)
