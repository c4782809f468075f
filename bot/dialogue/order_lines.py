"""Which lines of an order a customer means: "1 and 3", "the tent", "both", "everything but the socks"."""

import difflib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from bot.dialogue.phrases import bag_of, is_bare, is_yes, plain, words
from bot.dialogue.slots import join_lines

_ALL: Final = re.compile(
    r"\b(?:(?<!at )all(?: of (?:it|them|those|these))?|everything|the (?:whole|entire|complete) (?:order|lot|thing|parcel)|"
    r"the lot|whole order|every item|each of them|complete order)\b"
)
_EXCEPT: Final = re.compile(r"\b(?:except(?: for)?|but not|apart from|but|without|other than)\b")
_NOT: Final = re.compile(
    r"\bnot (?:the|my|that|those|these) (.*?)(?=[,.;!]|\s-|\b(?:but|only|just|rather|i mean|it's|its)\b|$)"
)
_ALSO: Final = re.compile(r"\b(?:also|as well|too|plus|add)\b")
_NUMBERS_ONLY: Final = re.compile(
    r"(?:(?:number|numbers|item|items|line|lines|no|nos|just|only|and|the|please|&|\+|,|\.)\s*|\d{1,2}\s*)+"
)
_DULL: Final = bag_of(
    "the and for with from one ones item items order order's size pair black blue red green grey men mens women "
    "womens men's women's please want would like send back return them they that this those these only just "
    "missing damaged broken arrived was were has have not"
)
_MIN_LETTERS: Final = 3
_CLOSE: Final = 0.8


@dataclass(frozen=True, slots=True)
class Listing:
    """What was last listed for a slot, in the order shown: values, what each is called, its days with blanks between."""

    values: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    days: tuple[str, ...] = ()


def read_lines(text: str, listing: Listing, positions: tuple[int, ...], current: str = "") -> str:
    """Find the listed lines that a text means.

    Args:
        text: As typed.
        listing: The lines last listed.
        positions: Places that the text names ("the second one" is 2, -1 the last).
        current: The value so far; "also the socks" adds to it.

    Returns:
        Line numbers such as "1,3"; "" where the text names none, or not clearly.
    """
    said = plain(text)
    parts = _EXCEPT.split(said, maxsplit=1)
    if len(parts) > 1 and _ALL.search(parts[0]):
        without = _named(parts[1], listing, positions)
        left = [line for line in listing.values if line not in without]
        return join_lines(left) if left and without else ""
    refused = by_name(" ".join(_NOT.findall(said)), listing)
    said = _NOT.sub(" ", said) if refused else said
    chosen = _whole(said, listing) or _named(said, listing, positions)
    if refused and not chosen:
        chosen = [line for line in current.split(",") if line and line not in refused]
    if chosen and current and _ALSO.search(said):
        chosen = [*chosen, *current.split(",")]
    return join_lines(chosen) if chosen else ""


def _whole(said: str, listing: Listing) -> list[str]:
    is_both = len(listing.values) == 2 and re.search(r"\bboth\b", said)  # noqa: PLR2004 - both are two
    is_only_one = len(listing.values) == 1 and (is_yes(said) or said in {"it", "that", "that one"})
    return list(listing.values) if _ALL.search(said) or is_both or is_only_one else []


def _named(said: str, listing: Listing, positions: tuple[int, ...]) -> list[str]:
    if _NUMBERS_ONLY.fullmatch(said):
        numbers: list[str] = re.findall(r"\d{1,2}", said)
        if numbers:
            return numbers if all(number in listing.values for number in numbers) else []
    placed = [line for line in (at_position(listing.values, place) for place in positions) if line]
    return placed or list(by_name(said, listing))


def at_position(values: tuple[str, ...], position: int) -> str:
    """Return the value at a place counted from 1, -1 being the last; "" where there is none."""
    index = position - 1 if position > 0 else len(values) + position
    return values[index] if 0 <= index < len(values) and position else ""


def by_name(text: str, listing: Listing) -> tuple[str, ...]:
    """Return the listed values whose names a text clearly mentions; a word that two names share is not clear."""
    return _by_words(text, listing, _tokens) or _by_words(text, listing, _wearers)


def only_names(text: str, listing: Listing) -> bool:
    """Tell whether a text names listed things and says nothing else: "just the boots"; not "the boots are tight"."""
    known = tuple({token for name in listing.names for token in _tokens(name)})
    said = words(text)
    rest = [word for word in said if not any(_closest(token, known) for token in _tokens(word))]
    return len(rest) < len(said) and is_bare(" ".join(rest), follows_up=True)


def _by_words(text: str, listing: Listing, read: Callable[[str], list[str]]) -> tuple[str, ...]:
    pairs = [*zip(listing.values, listing.names, strict=False)]
    values_of: dict[str, set[str]] = {}
    for value, name in pairs:
        for token in read(name):
            values_of.setdefault(token, set()).add(value)
    heads = [(value, read(name)[-1:]) for value, name in pairs]
    close = [_closest(token, tuple(values_of)) for token in read(text)]
    matched = [_meant(token, values_of[token], heads) for token in close if token]
    clear = {next(iter(values)) for values in matched if len(values) == 1}
    return tuple(value for value in listing.values if value in clear)


def _wearers(text: str) -> list[str]:
    """Return for whom a thing is made, where nothing else tells things apart: "the men's"."""
    return re.findall(r"\b(women|men|junior)(?:'?s)?\b", plain(text))


def _meant(token: str, values: set[str], heads: Sequence[tuple[str, list[str]]]) -> set[str]:
    """Return the values that a word means: "the gloves" are the fleece gloves, "the fleece" is the fleece jumper."""
    called = {value for value, head in heads if head == [token]}
    return called if len(values) > 1 and len(called) == 1 else values


def _closest(token: str, known: tuple[str, ...]) -> str:
    close = difflib.get_close_matches(token, known, n=1, cutoff=_CLOSE)
    return close[0] if close else ""


def _tokens(text: str) -> list[str]:
    found = re.findall(r"[^\W\d_]{3,}|\d{2,}", plain(text))
    return [_singular(token) for token in found if token not in _DULL]


def _singular(token: str) -> str:
    return token[:-1] if token.endswith("s") and len(token) > _MIN_LETTERS else token
