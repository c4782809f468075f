"""Products of the range, by names that customers shorten and misspell."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from rapidfuzz import fuzz, process

from bot.domain.understanding import SlotValue

_TOKEN: Final = re.compile(r"\d+(?:\.\d+)?|[^\W\d_]+(?:['-][^\W\d_]+)*")
_ID: Final = re.compile(r"(?<![\w-])P-(\d{4})(?![\w-])", re.IGNORECASE)
_MIN_FUZZY_LETTERS: Final = 5
_MIN_TELLING_LETTERS: Final = 7
_CLOSE: Final = 82
_BEFORE: Final = 3
_AFTER: Final = 7
_SURE: Final = 0.9
_UNSURE: Final = 0.6
_MAX_TIED: Final = 6
_MIN_PLAIN_WORDS: Final = 2


@dataclass(frozen=True, slots=True)
class ProductName:
    """A product as customers may name it.

    Attributes:
        name: As sold, "Cairn Fellside 2 tent"; words with a capital are its own, the others say what it is.
        brand: Part of the name; alone it names no product.
    """

    product_id: str
    name: str
    brand: str = ""


@dataclass(frozen=True, slots=True)
class _Words:
    """A name's words: all of them, those of its own ("fellside"), and those that say what it is ("tent")."""

    all: frozenset[str]
    own: frozenset[str]
    plain: frozenset[str]


class ProductFinder:
    """Finds products by their names."""

    def __init__(self, names: Sequence[ProductName]) -> None:
        self._names = {one.product_id: _words_of(one) for one in names}
        holders: dict[str, list[str]] = defaultdict(list)
        for product_id, words in self._names.items():
            for word in sorted(words.all):
                holders[word].append(product_id)
        self._holders = dict(holders)
        self._vocabulary = tuple(word for word in holders if not word[0].isdigit())
        self._own = frozenset(word for words in self._names.values() for word in words.own)
        self._read = lru_cache(maxsize=4096)(self._closest)

    def find(self, text: str) -> Iterator[SlotValue]:
        """Find products: by id, by a word of the name's own, or by all that says what it is.

        Where only variants differ ("Fellside tent" comes for one, two and three), the first is taken with a
        confidence of 0.6; where less is clear ("a tent"), nothing is.
        """
        for found in _ID.finditer(text):
            product_id = f"P-{found[1]}"
            if product_id in self._names:
                yield SlotValue("product", product_id, *found.span(), "product_id")
        if not self._names:
            return
        words = [*_TOKEN.finditer(text)]
        read = [self._read(word.group().lower()) for word in words]
        end = 0
        for place in range(len(read)):
            best = self._best(read, place) if place >= end else None
            if best is not None and (
                len(best[2]) > 1 or _is_telling(words[place].group(), read[place])
            ):
                product_id, confidence, used = best
                end = used[-1] + 1
                span = words[used[0]].start(), words[used[-1]].end()
                yield SlotValue("product", product_id, *span, "product", confidence)

    def _best(self, read: Sequence[str], place: int) -> tuple[str, float, list[int]] | None:
        """Return the product named around a word, how sure that is, and the places of the words that name it."""
        is_own = read[place] in self._own
        scored: list[tuple[float, str, list[int]]] = []
        for product_id in self._holders.get(read[place], ()):
            used = _together(read, place, self._names[product_id].all)
            if self._is_named(product_id, {read[n] for n in used}, is_own=is_own):
                weight = sum(self._weight(word) for word in {read[n] for n in used})
                scored.append((weight, product_id, used))
        if not scored:
            return None
        best = max(scored, key=lambda one: one[0])
        tied = [one for one in scored if one[0] == best[0]]
        if len(tied) == 1:
            return best[1], _SURE, best[2]
        # Variants of one product share its own word; else it is anybody's guess.
        return (best[1], _UNSURE, best[2]) if is_own and len(tied) <= _MAX_TIED else None

    def _is_named(self, product_id: str, said: set[str], *, is_own: bool) -> bool:
        """Tell whether words name a product: one of its own, or everything else that stands in its name."""
        words = self._names[product_id]
        if is_own:
            return True
        return not words.own and len(words.plain) >= _MIN_PLAIN_WORDS and words.plain <= said

    def _weight(self, word: str) -> float:
        return 1.0 + 1.0 / len(self._holders[word])

    def _closest(self, word: str) -> str:
        """Return the word of the range that a word means; the word itself where none is close."""
        single = _singular(word)
        if single in self._holders or len(single) < _MIN_FUZZY_LETTERS or word[0].isdigit():
            return single
        close = process.extractOne(single, self._vocabulary, scorer=fuzz.ratio, score_cutoff=_CLOSE)
        if close is None:
            return next((other for other in _swapped(single) if other in self._own), single)
        is_like = close[0][0] == single[0] and len(close[0]) >= _MIN_FUZZY_LETTERS
        return close[0] if is_like else single


def _words_of(product: ProductName) -> _Words:
    words = [found.group() for found in _TOKEN.finditer(product.name)]
    brand = {_singular(found.group().lower()) for found in _TOKEN.finditer(product.brand)}
    every = {_singular(word.lower()) for word in words}
    own = {_singular(word.lower()) for word in words if word[0].isupper() and len(word) > 1}
    plain = {word for word in every - own - brand if not word[0].isdigit() and len(word) > 1}
    return _Words(frozenset(every), frozenset(own - brand), frozenset(plain))


def _singular(word: str) -> str:
    word = word.removesuffix("'s")
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word  # noqa: PLR2004


def _is_telling(typed: str, read: str) -> bool:
    """Tell whether a word alone names a product: "forget" is no misspelt "Forge" where no jacket is near it."""
    single = _singular(typed.lower())
    return single == read or len(single) >= _MIN_TELLING_LETTERS


def _swapped(word: str) -> Iterator[str]:
    """Yield a word with two neighbours the other way round: "gohst" for "ghost"."""
    for n in range(1, len(word) - 1):
        yield f"{word[:n]}{word[n + 1]}{word[n]}{word[n + 2 :]}"


def _together(read: Sequence[str], place: int, name: frozenset[str]) -> list[int]:
    """Return the places around one whose words stand in a name; at most one other word between two of them."""
    kept = [place]
    for n in range(place + 1, min(len(read), place + _AFTER)):
        if read[n] in name and n - kept[-1] <= 2:  # noqa: PLR2004 - one word between
            kept.append(n)
    for n in range(place - 1, max(-1, place - _BEFORE - 1), -1):
        if read[n] in name and kept[0] - n <= 2:  # noqa: PLR2004 - as above
            kept.insert(0, n)
    return kept
