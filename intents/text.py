"""The one clean-up of text before it is encoded; training and serving both use it."""

import re
import unicodedata
from functools import lru_cache
from typing import Final

_PLAIN_CHARACTERS: Final = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u00b4\u0060\uff07", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb\uff02", '"'),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
        "\u2026": "...",
    }
)
_WHITESPACE: Final = re.compile(r"\s+")
# Control and format characters (zero-width, direction marks), lone surrogates, private use.
_UNSEEN_CATEGORIES: Final = frozenset({"Cc", "Cf", "Cs", "Co"})
_EMOJI: Final = re.compile("[\u2600-\u27bf\U0001f300-\U0001faff]")
_EMOJI_VARIANTS: Final = re.compile("[\ufe0e\ufe0f\U0001f3fb-\U0001f3ff]")


def normalise(text: str) -> str:
    """Bring a text into the form that encoders see.

    Unicode is composed (NFC), typographic quotes and dashes become plain ones, unseen characters go, an emoji becomes
    its name ("thumbs up sign": a BERT knows words, not pictures), and every run of whitespace becomes one space. Case,
    spelling and punctuation stay as typed. Doing it twice changes nothing.

    Returns:
        The text without whitespace at its ends; "" when nothing is left of it.
    """
    if text.isascii() and text.isprintable():  # most messages: only quotes and spaces can need work
        return _WHITESPACE.sub(" ", text.translate(_PLAIN_CHARACTERS)).strip()
    spaced = _EMOJI_VARIANTS.sub("", _WHITESPACE.sub(" ", text))
    seen = "".join(
        character
        for character in spaced
        if unicodedata.category(character) not in _UNSEEN_CATEGORIES
    )
    named = _EMOJI.sub(_emoji_name, unicodedata.normalize("NFC", seen))
    return _WHITESPACE.sub(" ", named.translate(_PLAIN_CHARACTERS)).strip()


def _emoji_name(found: re.Match[str]) -> str:
    return f" {unicodedata.name(found.group(), found.group()).lower()} "


@lru_cache(maxsize=32_768)  # asked about every example of a catalogue whenever one changes
def comparable(text: str) -> str:
    """Reduce a text to what decides whether two examples are the same: its words, in lower case."""
    words = re.sub(r"\W+", " ", normalise(text).casefold()).strip()
    return words or normalise(text)
