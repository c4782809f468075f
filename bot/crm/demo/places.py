"""Where generated customers live: towns with the postcode areas that fit them, street names, and places abroad."""

from dataclasses import dataclass
from random import Random
from typing import Final

from bot.domain.customer import Address


@dataclass(frozen=True, slots=True)
class Town:
    """A town, its postcode districts, and its share of customers (any scale)."""

    city: str
    area: str
    first_district: int
    last_district: int
    share: float


def _towns(text: str) -> tuple[Town, ...]:
    found = []
    for line in text.strip().splitlines():
        city, area, first, last, share = (cell.strip() for cell in line.split("|"))
        found.append(Town(city, area, int(first), int(last), float(share)))
    return tuple(found)


_UK: Final = _towns("""
    Sheffield | S | 2 | 13 | 9
    Leeds | LS | 4 | 18 | 6
    Manchester | M | 11 | 25 | 7
    London | SE | 3 | 28 | 6
    London | N | 2 | 22 | 5
    London | SW | 4 | 20 | 4
    Bristol | BS | 3 | 16 | 6
    Edinburgh | EH | 3 | 16 | 6
    Glasgow | G | 11 | 46 | 5
    Birmingham | B | 12 | 33 | 5
    Nottingham | NG | 2 | 11 | 4
    Derby | DE | 21 | 24 | 3
    Newcastle upon Tyne | NE | 2 | 7 | 4
    Liverpool | L | 12 | 25 | 4
    Cardiff | CF | 10 | 24 | 4
    Keswick | CA | 12 | 12 | 2
    Kendal | LA | 8 | 9 | 2
    Bangor | LL | 57 | 57 | 2
    Exeter | EX | 1 | 4 | 2
    Plymouth | PL | 3 | 7 | 2
    Brighton | BN | 1 | 3 | 3
    Oxford | OX | 3 | 4 | 2
    Cambridge | CB | 1 | 4 | 2
    Norwich | NR | 2 | 7 | 2
    York | YO | 10 | 31 | 3
    Leicester | LE | 2 | 9 | 3
    Aberdeen | AB | 11 | 25 | 2
    Inverness | IV | 2 | 3 | 1.5
    Belfast | BT | 5 | 17 | 2.5
    Swansea | SA | 1 | 6 | 1.5
    Buxton | SK | 17 | 17 | 1.5
    Hebden Bridge | HX | 7 | 7 | 1
    Fort William | PH | 33 | 33 | 1
""")
_STREETS: Final = tuple(
    f"{name} {kind}"
    for name in [
        "Mill",
        "Church",
        "Station",
        "Victoria",
        "Park",
        "Orchard",
        "Chapel",
        "Bridge",
        "Albert",
        "Grange",
        "Hawthorn",
        "Beech",
        "Rowan",
        "Quarry",
        "Moor",
        "Springfield",
        "Westfield",
        "Abbey",
        "Castle",
        "Priory",
        "Ash",
        "Willow",
        "Primrose",
        "Kiln",
        "Foundry",
    ]
    for kind in ("Road", "Street", "Lane", "Avenue", "Close", "Terrace")
)
# The letters that the Post Office uses in the last two places of a postcode.
_LETTERS: Final = "ABDEFGHJLNPQRSTUWXYZ"

_ABROAD: Final = {
    "IE": (("Dublin", "D{:02d} X4Y5", 1, 18), ("Cork", "T12 AB{:02d}", 10, 99)),
    "FR": (("Lyon", "6900{}", 1, 9), ("Grenoble", "380{}0", 0, 1), ("Paris", "750{:02d}", 1, 20)),
    "DE": (("Hamburg", "2035{}", 4, 9), ("Freiburg", "7910{}", 0, 9), ("Leipzig", "0410{}", 3, 9)),
    "NL": (("Utrecht", "35{:02d} AB", 11, 85), ("Amsterdam", "10{:02d} CD", 11, 98)),
    "BE": (("Ghent", "90{:02d}", 0, 52), ("Namur", "50{:02d}", 0, 4)),
}
_ABROAD_STREETS: Final = {
    "IE": ("{} Patrick Street", "{} Mill Road"),
    "FR": ("{} rue des Lilas", "{} avenue de la Gare"),
    "DE": ("Gartenstraße {}", "Bergweg {}"),
    "NL": ("Molenstraat {}", "Kerkweg {}"),
    "BE": ("Stationsstraat {}", "Rue du Moulin {}"),
}


def draw_home(random: Random, country: str) -> Address:
    """Draw an address in a country."""
    number = 1 + int(random.paretovariate(0.6)) % 140
    if country != "GB":
        city, pattern, first, last = random.choice(_ABROAD[country])
        street = random.choice(_ABROAD_STREETS[country]).format(number)
        return Address(street, city, pattern.format(random.randint(first, last)), country)
    town = random.choices(_UK, weights=_SHARES)[0]
    district = random.randint(town.first_district, town.last_district)
    inward = f"{random.randint(1, 9)}{random.choice(_LETTERS)}{random.choice(_LETTERS)}"
    return Address(
        f"{number} {random.choice(_STREETS)}", town.city, f"{town.area}{district} {inward}"
    )


_SHARES: Final = tuple(town.share for town in _UK)
