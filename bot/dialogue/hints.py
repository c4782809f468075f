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
_AND_MORE: Final = re.compile(r"\b(?:and then|and also|and|also|plus)\b", re.IGNORECASE)
_ENOUGH: Final = re.compile(
    r"\b(?:that's|thats|that is|that was) (?:all|it|everything)\b|\bnothing else\b"
)
_AHEAD: Final = re.compile(
    r"\b(?:if|in case|when) (?:it|they|these|this|that|one|i|we|the|he|she)\b"
)
_OWN: Final = re.compile(
    r"\b(?:my|our) (?:\w+ )?(?:orders?|parcels?|packages?|delivery|deliveries|shipment|purchase|stuff|things?)\b"
)
_GOODS: Final = re.compile(
    r"\b(?:you|u|ye)(?: guys| lot| people)?(?: also| even)? (?:sell|stock|carry|have any|got any)\b|^got any\b"
)
_LEFT: Final = re.compile(
    r"(?:(?:and|so|ok|okay|oh)[ ,]+)*how (?:many|much)(?: of (?:them|those|it|that))?"
    r"(?: (?:are|is|do i have|have i(?: got)?|i have|i've got|there))*(?: still)?(?: left| remain(?:ing)?| over)?(?: now| then)?\W*"
)
_ORDER: Final = r"(?:it|that|there|this|(?:that|this|the|my) (?:order|one|parcel|package))"
_ASKS_ABOUT_ORDER: Final = re.compile(
    r"\b(?:what|which|wot)(?:'?s)?(?: (?:items?|things?|stuff|ones|products?|all|else))?"
    rf"(?: (?:is|are|r|was|were|do i have|did i (?:order|get|buy|have)))?(?: all)? in {_ORDER}\W*$"
    r"|\b(?:what|which) order (?:is|was) (?:that|this|it)\b"
)
_EXCHANGES: Final = (
    re.compile(r"\b(?P<new>\w+)[ ,]+(?:and )?(?:not|instead of|rather than) (?P<old>\w+)\W*$"),
    re.compile(r"\bnot (?P<old>\w+)[ ,]+(?:but |it's |its )?(?P<new>\w+)\W*$"),
)
_LACKS: Final = re.compile(
    r"(?:(?:but|and|i|i've|ive|we|have|got|there's|theres|there is)[ ,]+)*(?:no|lost (?:the|my)) "
    r"(?!thanks?\b|problem|worr|idea|clue|way\b|need|chance|rush|more\b|longer|one\b|please|sorry|it\b|that\b|not\b)"
    r"[\w-]+\W*"
)
# What stands before the thing in "i'm looking for a light tent", "any good tents"; not "i need to return the tent".
_WANTS: Final = re.compile(
    r"(?:^|(?<!do )(?<!if )(?<!should )(?<!would )(?<!when )\b(?:i|i'm|im|we|we're|just|also|and|hi|hello)[ ,]+)(?:am |are )?"
    r"(?:need|want|look(?:ing)? for|search(?:ing)?(?: for)?|(?:would|'d) like|am after|after)"
    r"(?: (?!to\b|my\b|the\b|your\b|on\b|about\b|with\b|for\b|help\b|advice\b)[\w-]+){0,4} ?$"
    r"|\b(?:do|have) (?:you|u|ye)(?: guys| lot| people)?(?: also| even)? (?:have|got|do|sell|stock)"
    r"(?: (?!to\b|my\b|the\b|your\b|an?y? \w+ (?:on|of|for|about)\b)[\w-]+){0,3} ?$"
    r"|(?:^|\b(?:is|are) there )(?:any|a|an|some)(?: (?!of\b|news\b|idea\b)[\w-]+){0,3} ?$"
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


def asks_ahead(text: str) -> bool:
    """Tell whether a text asks about a case that may come: "can I send it back if it doesn't fit"."""
    return _AHEAD.search(plain(text)) is not None


def swaps(text: str) -> bool:
    """Tell whether a text puts one thing in the place of another: "not the pots, the bottle"."""
    return _SWAPS.search(plain(text)) is not None


def speaks_of_own(text: str) -> bool:
    """Tell whether a text is about the customer's own things: "my parcel is late"; not "how late are parcels"."""
    return _OWN.search(plain(text)) is not None


def asks_for_goods(text: str) -> bool:
    """Tell whether a text asks what is sold: "do you stock surfboards"."""
    return _GOODS.search(plain(text)) is not None


def wants_goods(before: str) -> bool:
    """Tell whether the words before a thing say that one is wanted: "i need a light", "are there any"."""
    return _WANTS.search(plain(before)) is not None


def asks_what_is_left(text: str) -> bool:
    """Tell whether a text asks how much there is, of what it does not say: "so how many left"."""
    return _LEFT.fullmatch(plain(text)) is not None


def has_form_words(text: str) -> bool:
    """Tell whether a text holds words that make a sentence, in whatever order: "which day"; not "gribble snork"."""
    return any(word in _FORM_WORDS for word in words(text))


def asks_about_order(text: str) -> bool:
    """Tell whether a text asks what an order holds, or which one is meant: "which items are in it"."""
    return _ASKS_ABOUT_ORDER.search(plain(text)) is not None


def exchange(text: str) -> tuple[str, str] | None:
    """Return the right word and the wrong one where a text puts one for the other, "24 not 22"; None for none."""
    found = next(filter(None, (pattern.search(plain(text)) for pattern in _EXCHANGES)), None)
    return (found["new"], found["old"]) if found is not None else None


def lacks_thing(text: str) -> bool:
    """Tell whether a few words only say what is not there, "no receipt"; not "no thanks"."""
    return _LACKS.fullmatch(plain(text)) is not None


def has_enough(text: str) -> bool:
    """Tell whether a text says that nothing more is wanted: "no, that's all"."""
    return _ENOUGH.search(plain(text)) is not None


def yes_and_more(text: str) -> tuple[str, str]:
    """Split "yes, and cancel the jacket too" into what comes before and after its first "and" or "also"; "" for none."""
    parts = _AND_MORE.split(text, maxsplit=1)
    return (parts[0].strip(" ,.;!"), parts[1].strip()) if len(parts) > 1 else ("", "")
