"""Reads a postal address that was written on one line."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from bot.crm.rules import HOME_COUNTRY
from bot.domain.customer import Address

_COUNTRIES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "gb": "GB", "uk": "GB", "united kingdom": "GB", "great britain": "GB", "england": "GB",
        "scotland": "GB", "wales": "GB", "northern ireland": "GB",
        "ie": "IE", "ireland": "IE", "republic of ireland": "IE",
        "fr": "FR", "france": "FR",
        "de": "DE", "germany": "DE", "deutschland": "DE",
        "nl": "NL", "netherlands": "NL", "the netherlands": "NL", "holland": "NL",
        "be": "BE", "belgium": "BE",
        "us": "US", "usa": "US", "united states": "US", "canada": "CA", "switzerland": "CH",
        "norway": "NO", "australia": "AU", "spain": "ES", "italy": "IT", "austria": "AT",
        "sweden": "SE", "denmark": "DK", "poland": "PL", "portugal": "PT",
    }
)  # fmt: skip
_POSTCODES: Final[Mapping[str, re.Pattern[str]]] = MappingProxyType(
    {
        "GB": re.compile(r"\b([A-Z]{1,2}\d[A-Z\d]?)\s*(\d[A-Z]{2})\b", re.IGNORECASE),
        "IE": re.compile(r"\b([AC-FHKNPRTV-Y]\d[\dW])\s?([\dA-Z]{4})\b", re.IGNORECASE),
        "NL": re.compile(r"\b(\d{4})\s?([A-Z]{2})\b"),
        "FR": re.compile(r"\b(\d{5})\b"),
        "DE": re.compile(r"\b(\d{5})\b"),
        "BE": re.compile(r"\b(\d{4})\b"),
    }
)
_ANY_POSTCODE: Final = re.compile(r"\b(?:[A-Z]-)?(\d{4,6})\b")
_STREETS: Final = frozenset(
    {
        "street", "road", "lane", "avenue", "close", "drive", "way", "court", "place", "crescent", "terrace",
        "gardens", "square", "hill", "grove", "park", "row", "walk", "view", "mews", "rd", "ave",
    }
)  # fmt: skip
_SEPARATOR: Final = re.compile(r"[,;\n]+")


def read_address(text: str, home: str = HOME_COUNTRY) -> Address | None:
    """Read an address such as ``12 Mill Lane, Sheffield S1 4GF``.

    Args:
        text: Street, town and postcode, with commas or without; a country may follow.
        home: The country where none is named and the postcode fits several.

    Returns:
        None where the street, the town or the postcode is not to be made out.
    """
    parts = [part.strip(" .") for part in _SEPARATOR.split(text) if part.strip(" .")]
    country = ""
    if parts and (named := _COUNTRIES.get(parts[-1].lower())):
        country, parts = named, parts[:-1]
    found = _find_postcode(", ".join(parts), country, home)
    if found is None:
        return None
    country, postcode, rest = found
    return _with_town([part for part in rest if part], postcode, country)


def _find_postcode(text: str, country: str, home: str) -> tuple[str, str, list[str]] | None:
    order = [country] if country else [home, *(code for code in _POSTCODES if code != home)]
    for code in order:
        matches = [*_POSTCODES.get(code, _ANY_POSTCODE).finditer(text)]
        # A house number stands first, so the last fit is the postcode.
        if matches and (last := matches[-1]).start() > 0:
            rest = f"{text[: last.start()]},{text[last.end() :]}"
            postcode = " ".join(last.groups()).upper()
            return code, postcode, [part.strip(" .") for part in rest.split(",")]
    return None


def _with_town(parts: list[str], postcode: str, country: str) -> Address | None:
    if len(parts) == 1:
        parts = _split_town(parts[0])
    elif len(parts) > 1 and (named := _COUNTRIES.get(parts[-1].lower())):
        country, parts = named, parts[:-1]
    minimum = 2
    if len(parts) < minimum or not any(character.isalpha() for character in parts[0]):
        return None
    return Address(", ".join(parts[:-1]), parts[-1], postcode, country)


def _split_town(text: str) -> list[str]:
    """Split ``12 Mill Lane Newcastle upon Tyne`` after the word for a street, else before the last word."""
    words = text.split()
    ends = [place for place, word in enumerate(words, start=1) if word.lower() in _STREETS]
    end = next((place for place in ends if place > 1 and place + 1 not in ends), len(words) - 1)
    if not 1 < end < len(words):
        return [text]
    return [" ".join(words[:end]), " ".join(words[end:])]
