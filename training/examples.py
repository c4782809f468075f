"""A catalogue's examples as columns, the way that fitting takes them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from bot.domain.understanding import OUT_OF_SCOPE
from intents.catalogue import Catalogue


@dataclass(frozen=True, slots=True)
class Examples:
    """Examples in the order of the catalogue.

    Attributes:
        texts: Plain.
        names: The intent of each.
        word_lists: The catalogue's own patterns, lists and synonyms, as JSON, for the extractor.
    """

    texts: tuple[str, ...]
    names: tuple[str, ...]
    word_lists: bytes

    @classmethod
    def of(cls, catalogue: Catalogue) -> "Examples":
        """Take a catalogue's examples."""
        found = catalogue.examples()
        lists = {
            "regexes": catalogue.regexes,
            "lookups": catalogue.lookups,
            "synonyms": catalogue.synonyms,
        }
        return cls(
            tuple(one.text for one in found),
            tuple(one.intent for one in found),
            json.dumps(lists, ensure_ascii=False, sort_keys=True).encode(),
        )

    @property
    def strange(self) -> tuple[str, ...]:
        """Return the examples of ``out_of_scope``."""
        pairs = zip(self.texts, self.names, strict=True)
        return tuple(text for text, name in pairs if name == OUT_OF_SCOPE)

    @property
    def by_intent(self) -> Mapping[str, tuple[str, ...]]:
        """Return the examples of every intent but ``out_of_scope``."""
        found: dict[str, list[str]] = {}
        for text, name in zip(self.texts, self.names, strict=True):
            if name != OUT_OF_SCOPE:
                found.setdefault(name, []).append(text)
        return {name: tuple(texts) for name, texts in found.items()}
