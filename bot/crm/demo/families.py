"""The demo shop's range as families of products: one line each, with the variants that fill the ``{}``."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Family:
    """Products that differ in one thing only.

    Attributes:
        name: With the brand in front; ``{}`` is where the variant goes.
        pounds: Price of the first variant; each further one costs ``step`` more.
        kinds: Words of ``unreturnable``, ``bulky``, ``gas`` that are true of them.
    """

    department: str
    brand: str
    name: str
    pounds: float
    step: float
    variants: tuple[str, ...]
    kinds: frozenset[str]


def families() -> tuple[Family, ...]:
    """Return the whole range, in the order of its product numbers."""
    return tuple(
        _family(department, line)
        for department, lines in _RANGE.items()
        for line in lines.strip().splitlines()
    )


def _family(department: str, line: str) -> Family:
    brand, name, price, variants, *kinds = (cell.strip() for cell in line.split("|"))
    pounds, _, step = price.partition("+")
    return Family(
        department,
        brand,
        name,
        float(pounds),
        float(step or 0),
        tuple(variant.strip() for variant in variants.split(",")),
        frozenset(kinds),
    )


_RANGE: Final = {
    "tents": """
        Cairn | Fellside {} tent | 189+70 | 1, 2, 3
        Cairn | Windrose {} tunnel tent | 299+110 | 2, 3, 4
        Norfell | Polaris {} expedition tent | 489+130 | 2, 3
        Bivvy & Co | Hush {} bivvy bag | 95+45 | light, storm
        Tarnbrook | Meadow {} family tent | 549+150 | 5, 6, 8 | bulky
        Skarv | Ghost {} ultralight tent | 379+90 | 1, 2
        Cairn | {} groundsheet | 24+6 | Fellside 1, Fellside 2, Fellside 3
        Bivvy & Co | Canopy {} tarp | 59+25 | 3 x 3 m, 4 x 4 m
        Cairn | {} tent pegs | 12+6 | steel, alloy, sand
    """,
    "sleeping bags": """
        Cairn | Ember {} down sleeping bag | 219+60 | 400, 600, 800
        Norfell | Aurora {} sleeping bag | 129+30 | +5, 0, -5
        Tarnbrook | Snug {} sleeping bag | 49+15 | junior, regular, wide
        Skarv | Feather {} quilt | 239+50 | summer, three-season
        Bivvy & Co | {} sleeping bag liner | 22+28 | cotton, silk
        Norfell | Drift {} travel blanket | 35+14 | single, double
    """,
    "mats": """
        Cairn | Bedrock {} sleeping mat | 79+20 | regular, long, wide
        Skarv | Cloud {} air mat | 109+30 | regular, insulated
        Tarnbrook | Camper {} foam mat | 18+7 | single, folding
        Norfell | Dune {} self-inflating mat | 64+21 | 3 cm, 5 cm, 10 cm
        Bivvy & Co | Pebble {} pillow | 19+8 | small, large
        Cairn | {} mat repair kit | 9+3 | basic, field
    """,
    "rucksacks": """
        Cairn | Ridgeway {} l rucksack | 79+20 | 22, 30, 40
        Cairn | Longhaul {} l rucksack | 149+25 | 50, 65, 75
        Norfell | Summiteer {} l alpine rucksack | 119+25 | 28, 38
        Skarv | Breeze {} l running vest | 85+15 | 5, 12
        Tarnbrook | Tot {} child carrier | 189+50 | classic, comfort
        Halvorsen | Courier {} l city rucksack | 69+14 | 18, 24
        Cairn | {} rain cover | 15+3 | small, medium, large
        Bivvy & Co | {} l dry bag | 11+4 | 5, 10, 20, 35
        Tarnbrook | Roamer {} l duffel bag | 65+20 | 40, 60, 90
    """,
    "boots and shoes": """
        Halvorsen | Granite {} walking boots | 159+0 | women's, men's
        Halvorsen | Moraine {} mountain boots | 239+0 | women's, men's
        Cairn | Peatland {} walking boots | 119+0 | women's, men's, junior
        Skarv | Fleet {} trail running shoes | 115+0 | women's, men's
        Skarv | Torrent {} fell running shoes | 125+0 | women's, men's
        Tarnbrook | Lakeside {} sandals | 59+0 | women's, men's
        Norfell | Hearth {} camp slippers | 39+0 | women's, men's
        Halvorsen | Col {} approach shoes | 129+0 | women's, men's
        Tarnbrook | Puddle {} wellingtons | 45+0 | adult, junior
        Cairn | {} gaiters | 32+13 | short, long
        Halvorsen | {} boot insoles | 24+8 | flat, arched
        Cairn | {} laces | 5+1 | 120 cm, 150 cm, 180 cm
    """,
    "jackets": """
        Cairn | Stormline {} waterproof jacket | 189+0 | women's, men's
        Cairn | Drizzle {} packable jacket | 89+0 | women's, men's, junior
        Norfell | Skerry {} shell jacket | 289+0 | women's, men's
        Norfell | Glacier {} down jacket | 219+0 | women's, men's
        Skarv | Gust {} windproof | 69+0 | women's, men's
        Tarnbrook | Heather {} fleece | 55+0 | women's, men's, junior
        Halvorsen | Forge {} insulated jacket | 149+0 | women's, men's
        Cairn | Larch {} down gilet | 99+0 | women's, men's
        Tarnbrook | Orchard {} waxed jacket | 139+0 | women's, men's
        Bivvy & Co | {} poncho | 29+10 | one size, rucksack
    """,
    "base layers and trousers": """
        Cairn | Merino {} base layer top | 65+0 | women's, men's
        Cairn | Merino {} leggings | 62+0 | women's, men's
        Norfell | Scree {} walking trousers | 79+0 | women's, men's
        Skarv | Dash {} running tights | 58+0 | women's, men's
        Tarnbrook | Ramble {} zip-off trousers | 55+0 | women's, men's, junior
        Cairn | Stormline {} overtrousers | 85+0 | women's, men's
        Halvorsen | {} wool walking socks | 15+3 | light, mid, heavy | unreturnable
        Skarv | {} running socks | 12+2 | ankle, crew | unreturnable
        Cairn | Merino {} underwear | 28+0 | women's, men's | unreturnable
        Norfell | {} gloves | 25+20 | liner, fleece, winter
        Tarnbrook | {} hat | 16+5 | beanie, sun, trapper
        Cairn | {} neck tube | 12+6 | plain, merino
    """,
    "cooking": """
        Norfell | Kindle {} gas stove | 45+35 | folding, remote
        Bivvy & Co | Boil {} cooking system | 89+25 | 0.8 l, 1.2 l
        Norfell | gas cartridge {} | 5.5+2 | 100 g, 230 g, 450 g | unreturnable | gas
        Bivvy & Co | {} fuel | 7.5+3 | alcohol 1 l, firelighter | unreturnable | gas
        Cairn | Billy {} pot set | 35+15 | solo, duo, family
        Tarnbrook | Trailpot {} meal | 6.95+0 | lentil curry, pasta bolognese, chilli, porridge, chicken rice, mushroom risotto | unreturnable
        Skarv | {} energy bars (box of 12) | 19.5+1 | oat, date, nut | unreturnable
        Cairn | {} vacuum flask | 22+6 | 0.5 l, 0.75 l, 1 l
        Tarnbrook | {} water bottle | 12+6 | plastic, steel
        Bivvy & Co | Clearwell {} water filter | 34+25 | squeeze, pump
        Cairn | {} titanium cutlery | 9+8 | spork, set
        Tarnbrook | Hamper {} cool box | 49+30 | 20 l, 40 l
    """,
    "lighting": """
        Norfell | Beacon {} head torch | 29+20 | 200, 400, 800
        Skarv | Comet {} running light | 45+20 | chest, head
        Tarnbrook | Glow {} camping lantern | 24+15 | mini, classic, solar
        Norfell | {} hand torch | 19+16 | pocket, long-range
        Cairn | {} power bank | 29+20 | 10000 mAh, 20000 mAh
        Bivvy & Co | {} fairy lights | 15+5 | 5 m, 10 m
        Cairn | {} solar panel | 69+50 | 10 W, 20 W
    """,
    "climbing": """
        Halvorsen | Belay {} harness | 59+20 | women's, men's, junior
        Halvorsen | Lifeline {} rope | 119+40 | 40 m, 60 m, 70 m
        Norfell | {} karabiner | 9+5 | wire, screwgate, auto
        Halvorsen | Crux {} climbing shoes | 95+25 | beginner, edge
        Norfell | Rampart {} helmet | 55+15 | classic, light
        Halvorsen | Icefang {} ice axe | 89+60 | walking, technical
        Halvorsen | Icefang {} crampons | 99+50 | strap, clip
        Skarv | {} chalk bag | 15+5 | plain, printed
        Norfell | {} sling | 6+2 | 60 cm, 120 cm, 240 cm
        Norfell | Powder {} avalanche set | 269+70 | probe and shovel, with transceiver
        Cairn | {} walking poles | 45+40 | alloy, carbon
    """,
    "navigation": """
        Bivvy & Co | Bearing {} compass | 19+16 | base, mirror
        Norfell | Waypoint {} satellite navigator | 219+100 | 20, 40
        Cairn | {} map case | 14+6 | A5, A4
        Skarv | Pace {} watch | 179+90 | run, multisport
        Bivvy & Co | {} whistle | 4+2 | plastic, metal
        Tarnbrook | {} binoculars | 89+60 | 8 x 25, 10 x 42
        Bivvy & Co | {} waterproof map | 13.5+0 | Peak District, Lake District, Eryri, Cairngorms, Dartmoor
    """,
    "water sports": """
        Tarnbrook | Heron {} kayak | 549+250 | single, tandem | bulky
        Tarnbrook | Otter {} canoe | 899+200 | 14 ft, 16 ft | bulky
        Tarnbrook | {} paddle | 49+30 | alloy, carbon
        Tarnbrook | Buoy {} buoyancy aid | 59+0 | adult, junior
        Skarv | Tide {} wetsuit | 129+0 | women's, men's, junior
        Skarv | {} swim buoy | 25+10 | plain, dry bag
        Norfell | {} paddle board | 349+100 | 10 ft, 12 ft
        Skarv | {} neoprene boots | 32+8 | thin, thick
        Tarnbrook | {} roof box | 329+90 | 320 l, 450 l | bulky
    """,
    "dog gear": """
        Tarnbrook | Rover {} dog harness | 29+4 | small, medium, large
        Tarnbrook | Rover {} dog coat | 34+5 | small, medium, large
        Cairn | {} dog lead | 16+6 | 1.5 m, hands-free
        Bivvy & Co | {} dog bowl | 9+4 | folding, steel
        Tarnbrook | {} dog bed | 39+15 | travel, camp
        Cairn | {} dog boots | 32+4 | small, large
        Tarnbrook | {} dog rucksack | 45+8 | medium, large
    """,
    "accessories": """
        Cairn | {} first-aid kit | 19+16 | pocket, family, expedition
        Bivvy & Co | {} multi-tool | 29+30 | small, full
        Cairn | {} reproofing wash | 9.5+5 | 250 ml, 500 ml
        Cairn | gift card £{} | 25+25 | 25, 50, 75, 100 | unreturnable
        Cairn | engraved {} name tag | 12+5 | steel, brass | unreturnable
        Bivvy & Co | {} insect net | 14+8 | head, bed
        Tarnbrook | {} camping chair | 35+20 | stool, folding, lounge
        Tarnbrook | {} camping table | 49+30 | small, large
        Cairn | {} travel towel | 13+6 | small, large
        Bivvy & Co | {} repair tape | 6+2 | clear, black
        Skarv | {} sunglasses | 39+30 | classic, glacier
        Cairn | {} cord | 5+3 | 5 m, 15 m
    """,
}
