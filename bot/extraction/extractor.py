"""All rules and lists together: a text in, slot values out, in the order they stand."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final

from bot.domain.understanding import SlotValue
from bot.extraction.dates import find_dates
from bot.extraction.lookups import CatalogueEntities, LookupFinder
from bot.extraction.money import find_amounts
from bot.extraction.orders import find_emails, find_order_numbers
from bot.extraction.periods import find_periods
from bot.extraction.places import find_addresses, find_postcodes
from bot.extraction.products import ProductFinder, ProductName
from bot.extraction.references import find_positions, find_references
from bot.extraction.values import overlaps, readable

_BY_RULE: Final = frozenset(
    {
        "order_number", "email", "date", "period", "amount", "product", "postcode", "address", "position", "reference",
    }
)  # fmt: skip


class Extractor:
    """Finds slot values."""

    def __init__(
        self, products: Sequence[ProductName] = (), entities: CatalogueEntities | None = None
    ) -> None:
        """Prepare the lists.

        Args:
            products: The range.
            entities: Patterns and lists of the catalogue, for entities that no rule finds.
        """
        self._products = ProductFinder(products)
        self._lookups = LookupFinder(entities or CatalogueEntities(), without=_BY_RULE)

    def extract(self, text: str, today: date) -> tuple[SlotValue, ...]:
        """Find values.

        Args:
            text: As typed; places refer to it.
            today: The day it is in the shop's time zone.

        Returns:
            Values in the order of the text. Where two rules claim the same characters the more certain one has them;
            only a postcode inside an address, and what the catalogue's own lists find, may overlap with others.
        """
        plain = readable(text)
        values: list[SlotValue] = []
        for found in (
            find_emails(plain),
            find_order_numbers(plain),
            find_addresses(plain),
        ):
            _take(found, values)
        addresses = [value for value in values if value.slot == "address"]
        inside = [p for p in find_postcodes(plain) if overlaps(p, addresses)]
        for found in (
            find_postcodes(plain),
            find_amounts(plain),
            find_dates(plain, today),
            find_periods(plain, today),
            self._products.find(plain),
            find_positions(plain),
            find_references(plain),
        ):
            _take(found, values)
        values += inside
        values += [place for place in find_positions(plain) if _is_all(place, plain, values)]
        _take_lists(self._lookups.find(plain), values)
        return tuple(sorted(values, key=lambda value: (value.start, -value.end)))


def _is_all(place: SlotValue, text: str, known: Sequence[SlotValue]) -> bool:
    """Tell whether a message is a place and nothing else: "the 2nd" may be a day, and the second of a list as well."""
    rest = text[: place.start] + text[place.end :]
    return place not in known and rest.strip(" .,!").lower() in {"", "the"}


def _take(found: Iterable[SlotValue], values: list[SlotValue]) -> None:
    """Add values whose characters nobody has claimed."""
    for value in found:
        if value.end > value.start and not overlaps(value, values):
            values.append(value)


def _take_lists(found: Iterable[SlotValue], values: list[SlotValue]) -> None:
    for value in found:
        if not overlaps(value, [other for other in values if other.slot == value.slot]):
            values.append(value)
