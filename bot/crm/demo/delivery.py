"""How parcels travel in the demo shop (docs/shop.md): price, carrier, promised day, places on the way."""

from datetime import date, datetime, timedelta
from random import Random
from typing import Final

from bot.crm.rules import BULKY, CLICK_AND_COLLECT, STANDARD
from bot.crm.working_days import add_working_days
from bot.domain.customer import Address

EXPRESS: Final = "express"
ABROAD: Final = "abroad"
STANDARD_FREE_FROM_CENTS: Final = 6000

STORES: Final = (
    Address("Cairn & Pine, 14 Division Street", "Sheffield", "S1 4GF"),
    Address("Cairn & Pine, 52 Deansgate", "Manchester", "M3 2EG"),
    Address("Cairn & Pine, 3 Main Street", "Keswick", "CA12 5BD"),
    Address("Cairn & Pine, 27 Park Street", "Bristol", "BS1 5NH"),
    Address("Cairn & Pine, 61 Rose Street", "Edinburgh", "EH2 2NH"),
)

_PRICES: Final = {STANDARD: 395, EXPRESS: 795, CLICK_AND_COLLECT: 0, BULKY: 1495, ABROAD: 1295}
_CARRIERS: Final = {
    STANDARD: ("Parcelway", "PW"),
    EXPRESS: ("Parcelway", "PW"),
    CLICK_AND_COLLECT: ("Parcelway", "PW"),
    BULKY: ("TwoMan Freight", "TM"),
    ABROAD: ("EuroParcel", "EP"),
}
_WORKING_DAYS: Final = {
    STANDARD: (3, 5),
    EXPRESS: (1, 1),
    CLICK_AND_COLLECT: (2, 4),
    BULKY: (5, 7),
    ABROAD: (5, 8),
}
_REMOTE_DAYS: Final = 2
_REMOTE_AREAS: Final = ("IV", "HS", "KW", "ZE", "BT", "IM", "JE", "GY")
_TO_HUB: Final = timedelta(hours=14)
_TO_DEPOT: Final = timedelta(hours=34)
_HUBS: Final = {
    "Parcelway": ("Parcelway hub Tamworth", "Parcelway depot {city}"),
    "TwoMan Freight": ("TwoMan Freight hub Rugby", "TwoMan Freight depot {city}"),
    "EuroParcel": ("EuroParcel hub Rotterdam", "EuroParcel depot {city}"),
}


def delivery_cents(way: str, goods_cents: int, *, is_express_free: bool = False) -> int:
    """Return what a delivery costs."""
    if way == STANDARD and goods_cents >= STANDARD_FREE_FROM_CENTS:
        return 0
    if way == EXPRESS and is_express_free:
        return 0
    return _PRICES[way]


def is_remote(address: Address) -> bool:
    """Tell whether standard delivery takes longer there and express does not go."""
    letters = "".join(letter for letter in address.postcode.split(" ")[0] if letter.isalpha())
    return address.country == "GB" and letters in _REMOTE_AREAS


def carrier_of(way: str) -> tuple[str, str]:
    """Return who carries a parcel and how its tracking numbers begin."""
    return _CARRIERS[way]


def tracking_number(way: str, order_number: str) -> str:
    """Return a parcel's tracking number, different for every order."""
    digits = order_number.removeprefix("CP-")
    check = int(digits) * 7919 % 9973
    return f"{_CARRIERS[way][1]}{digits}{check:04d}"


def promised_day(way: str, placed_on: date, address: Address, random: Random) -> date:
    """Return the day a parcel is expected on, within the range that the shop states."""
    fewest, most = _WORKING_DAYS[way]
    days = random.randint(fewest, most)
    return add_working_days(placed_on, days + (_REMOTE_DAYS if is_remote(address) else 0))


def seen_on_the_way(
    carrier: str, city: str, shipped_at: datetime, now: datetime
) -> tuple[str, datetime]:
    """Return where and when a parcel was last seen that has been travelling since ``shipped_at``."""
    hub, depot = _HUBS[carrier]
    at_hub, at_depot = shipped_at + _TO_HUB, shipped_at + _TO_DEPOT
    if now < at_hub:
        return "Sheffield warehouse", shipped_at
    return (hub, at_hub) if now < at_depot else (depot.format(city=city), at_depot)


def arrival_place(way: str, city: str) -> str:
    """Return where a delivered parcel was handed over."""
    return f"Cairn & Pine store {city}" if way == CLICK_AND_COLLECT else f"delivered in {city}"


def road_place(city: str) -> str:
    """Return where a parcel is on the day it is delivered."""
    return f"on the van in {city}"
