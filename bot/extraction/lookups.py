"""The catalogue's own patterns and word lists as extractors: entity -> slot of the same name."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from bot.domain.understanding import SlotValue

_MAX_PATTERN: Final = 200


@dataclass(frozen=True, slots=True)
class CatalogueEntities:
    """What a catalogue says about entities.

    Attributes:
        regexes: Patterns by entity.
        lookups: Words by entity.
        synonyms: Other words for a value, by the value.
    """

    regexes: Mapping[str, Sequence[str]] = field(default_factory=dict)
    lookups: Mapping[str, Sequence[str]] = field(default_factory=dict)
    synonyms: Mapping[str, Sequence[str]] = field(default_factory=dict)


class LookupFinder:
    """Finds what the catalogue's patterns and lists describe."""

    def __init__(self, entities: CatalogueEntities, *, without: frozenset[str]) -> None:
        """Compile the patterns; those that are no pattern were refused at validation, and are left out here.

        Args:
            entities: Of the catalogue.
            without: Entities that rules find already.
        """
        self._canonical = {
            other.casefold(): value
            for value, others in entities.synonyms.items()
            for other in others
        }
        self._patterns: list[tuple[str, str, re.Pattern[str]]] = []
        self._words = {word.casefold() for words in entities.lookups.values() for word in words}
        for name, patterns in entities.regexes.items():
            if name not in without:
                self._patterns += [(name, "regex", p) for p in _compiled(patterns)]
        for name, words in entities.lookups.items():
            if name not in without and words:
                values = {word.casefold() for word in words}
                also = [
                    other for other, value in self._canonical.items() if value.casefold() in values
                ]
                self._patterns.append((name, "lookup", _any_of([*words, *also])))

    def find(self, text: str) -> Iterator[SlotValue]:
        """Find values; a synonym is given as the value that it stands for."""
        for name, extractor, pattern in self._patterns:
            for found in pattern.finditer(text):
                if found.group():
                    yield SlotValue(
                        name, self._value(found.group(), extractor), *found.span(), extractor
                    )

    def _value(self, written: str, extractor: str) -> str:
        folded = written.casefold()
        if extractor == "regex":
            return self._canonical.get(folded, written)
        for form in (folded, folded.removesuffix("s"), folded.removesuffix("es")):
            if form in self._canonical or form in self._words:
                return self._canonical.get(form, form)
        return folded


def _compiled(patterns: Sequence[str]) -> Iterator[re.Pattern[str]]:
    for pattern in patterns:
        if len(pattern) <= _MAX_PATTERN:
            try:
                yield re.compile(pattern, re.IGNORECASE)
            except re.error:
                continue


def _any_of(words: Sequence[str]) -> re.Pattern[str]:
    ordered = sorted({re.escape(word) for word in words}, key=lambda word: (-len(word), word))
    return re.compile(rf"(?<![\w-])(?:{'|'.join(ordered)})(?:e?s)?(?![\w-])", re.IGNORECASE)
