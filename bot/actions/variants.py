"""Variants of a product: the women's jacket and the men's, the tent for one and for two."""

import re
from collections.abc import Sequence
from typing import Final

from bot.domain.customer import Product

_TOKEN: Final = re.compile(r"\d+(?:\.\d+)?|[^\W\d_]+(?:'[^\W\d_]+)?")
_MAX_DIFFERENT: Final = 2


def unnamed_variants(
    product: Product, products: Sequence[Product], utterance: str
) -> tuple[Product, ...]:
    """Return the variants that the customer may have meant as well, as nothing said tells them apart.

    Args:
        product: The one taken.
        products: The range.
        utterance: In the customer's words; one that does not name the product leaves nothing open.
    """
    said = _tokens(utterance)
    if utterance.startswith("/") or not said & _own_words(product):
        return ()
    return tuple(
        other
        for other in products
        if _is_variant(other, product) and not said & (_tokens(product.name) - _tokens(other.name))
    )


def _is_variant(other: Product, product: Product) -> bool:
    if other.product_id == product.product_id or other.department != product.department:
        return False
    mine, theirs = _tokens(product.name), _tokens(other.name)
    is_alike = max(len(mine - theirs), len(theirs - mine)) <= _MAX_DIFFERENT
    return is_alike and _own_words(other) == _own_words(product)


def _own_words(product: Product) -> frozenset[str]:
    """Return what a product is called, without its brand: "fellside"; all of its words where it has no such name."""
    brand = _tokens(product.brand)
    written = [found.group() for found in _TOKEN.finditer(product.name)]
    own = _tokens(" ".join(word for word in written if word[0].isupper() and len(word) > 1)) - brand
    return own or frozenset(
        word for word in _tokens(product.name) - brand if not word[0].isdigit() and len(word) > 1
    )


def _tokens(text: str) -> frozenset[str]:
    plain = text.lower().replace("’", "'")
    return frozenset(_singular(found.group()) for found in _TOKEN.finditer(plain))


def _singular(word: str) -> str:
    bare = word.removesuffix("'s")
    return bare[:-1] if len(bare) > 3 and bare.endswith("s") and not bare.endswith("ss") else bare  # noqa: PLR2004
