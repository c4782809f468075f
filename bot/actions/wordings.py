"""The seed's wording for callers that have none: plain text with values filled in."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

_PLACEHOLDER: Final = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class SeedWording:
    """Texts by key.

    Attributes:
        texts: Variants of each wording; the first one that has all its values is taken.
        shop: The shop's own values, such as ``phone``.
    """

    texts: Mapping[str, tuple[str, ...]]
    shop: Mapping[str, str] = field(default_factory=dict)

    # Values come from a rasa_sdk response, whose other keys may hold anything.
    def render(self, key: str, values: Mapping[str, Any]) -> str:
        """Render a wording; an unknown key gives an empty text, a missing value a gap."""
        known = {**self.shop, **{name: str(value) for name, value in values.items()}}
        variants = self.texts.get(key, ())
        complete = [text for text in variants if set(_PLACEHOLDER.findall(text)) <= known.keys()]
        chosen = next(iter(complete or variants), "")
        return _PLACEHOLDER.sub(lambda found: known.get(found[1], ""), chosen)
