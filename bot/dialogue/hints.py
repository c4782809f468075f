"""What the words of a message hint at, where a model's guess is not enough: a comparison, a supposition, own things."""

import re
from typing import Final

from bot.dialogue.phrases import bag_of, plain, words

_COMPARES: Final = re.compile(
    r"\b(?:better|best|worse|than|compare[ds]?|comparison|diff(?:eren(?:t|ce|ces))?|differ|versus|vs|choose between|"
    r"which (?:one|of|is|would)|(?:or|like) the|prefer)\b"
)
_SUPPOSES: Final = re.compile(
    r"(?:(?:and|but|so|ok|okay)[ ,]+)*(?:what (?:happens |about |do i do |should i do )?)?if\b"
)
_SWAPS: Final = re.compile(r"\b(?:not|instead of|rather than) (?:the|my|that|this|those|these) \w+")
_OWN: Final = re.compile(
    r"\b(?:my|our) (?:\w+ )?(?:orders?|parcels?|packages?|delivery|deliveries|shipment|purchase|stuff|things?)\b"
)
_GOODS: Final = re.compile(
    r"\b(?:you|u|ye)(?: guys| lot| people)?(?: also| even)? (?:sell|stock|carry|have any|got any)\b|^got any\b"
)
# Words that hold a sentence together: without any, letters that nobody knows are no more than letters.
_FORM_WORDS: Final = bag_of(
    "what which when where who why how i my me we our you your it they them this that these those is are was will "
    "do does can in on at to for from with without by and or but if not too also"
)


def compares(text: str) -> bool:
    """Tell whether a text sets one thing against another: "is this warmer than that"."""
    return _COMPARES.search(plain(text)) is not None


def supposes(text: str) -> bool:
    """Tell whether a text supposes something new: "what if it doesn't fit"."""
    return _SUPPOSES.match(plain(text)) is not None


def swaps(text: str) -> bool:
    """Tell whether a text puts one thing in the place of another: "not the pots, the bottle"."""
    return _SWAPS.search(plain(text)) is not None


def speaks_of_own(text: str) -> bool:
    """Tell whether a text is about the customer's own things: "my parcel is late"; not "how late are parcels"."""
    return _OWN.search(plain(text)) is not None


def asks_for_goods(text: str) -> bool:
    """Tell whether a text asks what is sold: "do you stock surfboards"."""
    return _GOODS.search(plain(text)) is not None


def has_form_words(text: str) -> bool:
    """Tell whether a text holds words that make a sentence, in whatever order: "which day"; not "gribble snork"."""
    return any(word in _FORM_WORDS for word in words(text))
