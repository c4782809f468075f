"""What there is in the range: products of a kind to choose from, and two of them side by side. Anybody may ask."""

import re
from collections.abc import Iterable, Sequence
from typing import Final

from bot.actions.asked import Asked
from bot.actions.bridge import choice
from bot.actions.crm_action import Answer, CrmAction
from bot.actions.products import card_of
from bot.domain.customer import Product
from bot.domain.facts import ItemsListed
from bot.domain.outcome import ActionDone, ActionText
from bot.domain.reply import Button, Buttons

MAX_OFFERED: Final = 6
_TOKEN: Final = re.compile(r"\d+(?:\.\d+)?|[^\W\d_]+")
# "do you sell …", "got any …": what follows is the thing, up to where the sentence goes on.
_WANTED: Final = re.compile(
    r"\b(?:sell|stock|carry|(?:do|does|did) (?:you|u|ye) (?:have|do)|have you got|got|any|price of|cost of|buy)\s+"
    r"(?:(?:any|some|a|an|the|your|of|those|these)\s+)*(?P<thing>[^?.!,;]+)",
    re.IGNORECASE,
)
_GOES_ON: Final = re.compile(
    r"\s+(?:in stock|at the moment|right now|please|pls|for|in|that|which|with|under|available|left|and|or|to)\b.*$",
    re.IGNORECASE,
)
_DULL: Final = re.compile(
    r"an?|the|any|some|ones?|it|this|that|them|these|those|things?|stuff|something|anything|more|else|products?|items?|"
    r"sizes?|colou?rs?|stock|good|new|other|kinds?|sort|type|of|for|and|or|on|in|l|m|cm|"
    r"now|today|yet|still|again|currently|online|left|available"
)
_MAX_THING_WORDS: Final = 4


class ChooseProduct(CrmAction):
    """Lists the products that a message may mean, one of each family; none where it names no kind of thing."""

    async def answer(self, asked: Asked) -> Answer:
        """List them; say so where the thing asked for is not in the range."""
        products = await self._desk.crm.products()
        thing = thing_named(asked.utterance)
        found = products_like(asked.slot("product_type") or thing, products)
        if not found and thing:
            return self.rejects("not_in_range", "product_not_in_range")
        found = found or among(asked.slot("among"), products)
        found = made_for(asked.slot("audience"), asked.slot("party_size"), found)
        shown = one_of_each_family(found)[:MAX_OFFERED]
        if not shown:
            return ActionDone(self._name, ())
        buttons = tuple(Button(one.name, choice({"product": one.product_id})) for one in shown)
        facts = (
            ItemsListed("product", tuple(one.product_id for one in shown)),
            ItemsListed("product_names", tuple(one.name for one in shown)),
        )
        said = (ActionText("products_like_that"), Buttons("", buttons))
        return ActionDone(self._name, said, facts)


class CompareProducts(CrmAction):
    """Shows two products side by side, without a word about which of them is better."""

    async def answer(self, asked: Asked) -> Answer:
        """Show what the records hold of both."""
        first = await self._desk.crm.find_product(asked.slot("product"))
        second = await self._desk.crm.find_product(asked.slot("other_product"))
        if first is None or second is None:
            name = asked.slot("product" if first is None else "other_product")
            return self.rejects("unknown_product", "rejected_unknown_product", product=name)
        said = ActionText("products_side_by_side", {"product": first.name, "other": second.name})
        return ActionDone(self._name, (said, card_of(first), card_of(second)))


def thing_named(utterance: str) -> str:
    """Return the thing that a message asks for, "surf boards" of "do you sell surf boards?"; "" for none."""
    found = None if utterance.startswith("/") else _WANTED.search(utterance)
    thing = _GOES_ON.sub("", found["thing"]).strip() if found is not None else ""
    words = _tokens(thing)
    return thing if words and len(words) <= _MAX_THING_WORDS else ""


def products_like(thing: str, products: Sequence[Product]) -> tuple[Product, ...]:
    """Return the products whose names hold most of a thing's words, and its last one: an "ice axe" is an axe."""
    words = _tokens(thing)
    if not words:
        return ()
    hits = [(len({*words} & {*_tokens(one.name)}), one) for one in products]
    hits = [(count, one) for count, one in hits if words[-1] in _tokens(one.name)]
    called = [(count, one) for count, one in hits if _tokens(one.name)[-1:] == words[-1:]]
    hits = called or hits  # "tent pegs" are no tents
    most = max((count for count, _ in hits), default=0)
    return tuple(one for count, one in hits if count == most)


def among(listed: str, products: Sequence[Product]) -> tuple[Product, ...]:
    """Return the products whose ids are listed, with commas between: what was shown last, to be narrowed down."""
    ids = listed.split(",")
    return tuple(one for one in products if one.product_id in ids)


def made_for(audience: str, party_size: str, products: Sequence[Product]) -> tuple[Product, ...]:
    """Return the products made for somebody, or for so many people; all of them where none says that it is.

    Args:
        audience: A word of the names, "junior", "women"; "" for anybody.
        party_size: Holds a number that the names say too, "2 people" for "Fellside 2 tent"; "" for any.
        products: To choose from.
    """
    found = tuple(products)
    for wanted in (*_tokens(audience), *re.findall(r"\d+", party_size)):
        found = tuple(one for one in found if wanted in _tokens(one.name)) or found
    return found


def one_of_each_family(products: Iterable[Product]) -> tuple[Product, ...]:
    """Return the first product of each family, where families are many; "Fellside 1" stands for 2 and 3."""
    found = tuple(products)
    if len(found) <= MAX_OFFERED:
        return found
    families = {_family(one): one for one in reversed(found)}
    return tuple(one for one in found if families[_family(one)] is one)


def _family(product: Product) -> tuple[str, ...]:
    """Return the words of a name that its variants share: brand and name of its own, else brand and last word."""
    words = product.name.split()
    own = [w for w in words if w[0].isupper() and w.isalpha() and len(w) > 1]
    return (*own, words[-1])


def _tokens(text: str) -> list[str]:
    found = (_singular(word.lower()) for word in _TOKEN.findall(text))
    return [word for word in found if not _DULL.fullmatch(word)]


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word  # noqa: PLR2004
