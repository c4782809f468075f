"""What there is to buy: stock and prices. Anybody may ask."""

import re
from abc import abstractmethod
from collections.abc import Sequence
from typing import Final

from rapidfuzz import fuzz, process, utils

from bot.actions.asked import Asked
from bot.actions.bridge import choice
from bot.actions.crm_action import Answer, CrmAction
from bot.actions.phrasing import long_day, pounds
from bot.actions.variants import unnamed_variants
from bot.domain.customer import Product
from bot.domain.facts import Fact, ItemsListed
from bot.domain.outcome import ActionDone, ActionText, Said
from bot.domain.reply import Button, Buttons, Card

FEW: Final = 5
MAX_VARIANTS: Final = 5
FREE_DELIVERY_FROM_CENTS: Final = 6000
_NUMBER: Final = re.compile(r"P-?(\d{4})", re.IGNORECASE)
_CLOSE: Final = 85.0


class ProductAction(CrmAction):
    """An action about one product, by its number or its name."""

    async def answer(self, asked: Asked) -> Answer:
        """Answer about the product named."""
        name = asked.slot("product")
        found = _NUMBER.fullmatch(name)
        if found is not None:
            product = await self._desk.crm.find_product(f"P-{found[1]}")
        else:
            product = closest(name, await self._desk.crm.products())
        if product is None:
            return self.rejects("unknown_product", "rejected_unknown_product", product=name)
        said = ActionText(self.wording(product), self._values(product))
        products = await self._desk.crm.products()
        others = unnamed_variants(product, products, asked.utterance)[:MAX_VARIANTS]
        parts = (said, card_of(product), *_offer(others))
        return ActionDone(self._name, parts, _listed((product, *others)) if others else ())

    @abstractmethod
    def wording(self, product: Product) -> str:
        """Return the wording that answers."""

    def _values(self, product: Product) -> dict[str, str]:
        today = self._desk.today()
        restock = product.restock_on
        values = {
            "product": product.name,
            "price": pounds(product.price_cents),
            "stock": str(product.stock),
        }
        if restock is not None and restock > today:
            values["restock_on"] = long_day(restock, today)
        return values


def card_of(product: Product) -> Card:
    """Return a product at a glance."""
    stock = "Yes" if product.stock > 0 else "No"
    fields = (("Price", pounds(product.price_cents)), ("In stock", stock))
    return Card(product.name, (("Brand", product.brand), *fields))


def _offer(others: Sequence[Product]) -> tuple[Said, ...]:
    """Offer the variants that may have been meant just as well."""
    buttons = tuple(Button(one.name, choice({"product": one.product_id})) for one in others)
    return (ActionText("product_variants"), Buttons("", buttons)) if buttons else ()


def _listed(products: Sequence[Product]) -> tuple[Fact, ...]:
    return (
        ItemsListed("product", tuple(one.product_id for one in products)),
        ItemsListed("product_names", tuple(one.name for one in products)),
    )


class ProductAvailability(ProductAction):
    """Says whether a product is in stock."""

    def wording(self, product: Product) -> str:
        """Return the wording for the stock there is."""
        if product.stock > FEW:
            return "product_in_stock"
        if product.stock > 0:
            return "product_few_left" if product.stock > 1 else "product_last_one"
        is_expected = product.restock_on is not None and product.restock_on > self._desk.today()
        return "product_expected" if is_expected else "product_out_of_stock"


class ProductPrice(ProductAction):
    """Says what a product costs, and what delivery adds."""

    def wording(self, product: Product) -> str:
        """Return the wording for the price."""
        if product.is_bulky:
            return "product_price_bulky"
        is_free = product.price_cents >= FREE_DELIVERY_FROM_CENTS
        return "product_price_free_delivery" if is_free else "product_price"


def closest(name: str, products: Sequence[Product]) -> Product | None:
    """Return the product whose name is meant; None where no name is close."""
    names = [product.name for product in products]
    found = process.extractOne(
        name, names, scorer=fuzz.WRatio, processor=utils.default_process, score_cutoff=_CLOSE
    )
    return None if found is None or not name else products[found[2]]
