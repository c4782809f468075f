"""The products of the demo shop, made from their families."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from random import Random
from typing import Final

from bot.crm.demo.families import families
from bot.domain.customer import Product

_OUT_OF_STOCK_SHARE: Final = 0.08
_UNKNOWN_RESTOCK_SHARE: Final = 0.25


@dataclass(frozen=True, slots=True)
class RangeItem:
    """A product and whether it is gas or fuel, which goes by standard in Great Britain only."""

    product: Product
    is_gas: bool


@cache
def demo_items() -> tuple[RangeItem, ...]:
    """Return the range with everything in stock; numbers and prices never change."""
    found: list[RangeItem] = []
    for family in families():
        for place, variant in enumerate(family.variants):
            product = Product(
                product_id=f"P-{len(found) + 1:04d}",
                name=f"{family.brand} {family.name.format(variant)}",
                brand=family.brand,
                department=family.department,
                price_cents=round((family.pounds + place * family.step) * 100),
                stock=50,
                is_returnable="unreturnable" not in family.kinds,
                is_bulky="bulky" in family.kinds,
            )
            found.append(RangeItem(product, "gas" in family.kinds))
    return tuple(found)


def demo_products(seed: int, anchor: date) -> tuple[Product, ...]:
    """Return the range with the stock of a shop's day; some are out of stock, most of these with a day of return."""
    random = Random(f"{seed}:stock")  # noqa: S311 - a demo, no secret
    return tuple(_stocked(item.product, random, anchor) for item in demo_items())


def product_named(name: str) -> Product:
    """Return the product of a name.

    Raises:
        ValueError: The range has none of this name.
    """
    for item in demo_items():
        if item.product.name == name:
            return item.product
    raise ValueError(f"the demo's range has no {name!r}")


def _stocked(product: Product, random: Random, anchor: date) -> Product:
    stock, restock_on = max(2, round(random.lognormvariate(3.2, 0.9))), None
    if product.name in _FIXED_STOCK:
        stock, days = _FIXED_STOCK[product.name]
        restock_on = None if days is None else anchor + timedelta(days=days)
    elif random.random() < _OUT_OF_STOCK_SHARE:
        stock = 0
        if random.random() > _UNKNOWN_RESTOCK_SHARE:
            restock_on = anchor + timedelta(days=random.randint(3, 45))
    return Product(
        product.product_id,
        product.name,
        product.brand,
        product.department,
        product.price_cents,
        stock,
        is_returnable=product.is_returnable,
        is_bulky=product.is_bulky,
        restock_on=restock_on,
    )


# Stock that tests, documents and demos rely on, with the days until more comes.
_FIXED_STOCK: Final[dict[str, tuple[int, int | None]]] = {
    "Cairn Fellside 2 tent": (14, None),
    "Cairn Stormline women's waterproof jacket": (23, None),
    "Norfell Skerry men's shell jacket": (0, 12),
    "Skarv Ghost 1 ultralight tent": (0, None),
    "Halvorsen Granite women's walking boots": (3, None),
    "Norfell gas cartridge 230 g": (180, None),
}
