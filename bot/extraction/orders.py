"""Order numbers and e-mail addresses."""

import re
from collections.abc import Iterator
from typing import Final

from bot.domain.understanding import SlotValue
from bot.extraction.values import value_of

_PREFIXED: Final = re.compile(
    r"(?<![A-Za-z0-9])C\s?P\s?[-_:.#/ ]{0,3}([0-9O]{6})(?![A-Za-z0-9])", re.IGNORECASE
)
_NAMED: Final = re.compile(
    r"(?<![\w-])(?:order|ord|purchase)s?(?:\s*(?:number|no|nr|num|ref(?:erence)?|id|code))?"
    r"\s*(?:is|was|=)?\s*[.:#-]{0,2}\s*(\d{3}[ -]?\d{3})(?![\w-]|[.,]\d| \d)",
    re.IGNORECASE,
)
_BARE: Final = re.compile(r"(?<![\w.,/@+-])#?\s?(\d{6})(?![\w@-]|[.,/:]\d|\.\w)")
# What makes six digits something else: telephone numbers, money, codes, other numbers of the shop.
_NOT_BEFORE: Final = re.compile(
    r"(?:[£€$]|\d|\+\d+|\b(?:rt|tk|pin|otp|phone|telephone|mobile|tel|call|ring|gift card|card number|"
    r"(?:return|ticket|tracking|invoice|account|customer|serial)(?: (?:number|no|nr|id|code))|"
    r"(?:security|verification|sign-?in|login|two-step|authenticator) code|sort code)\b"
    r"(?: (?:is|was|no|number|on))?)[\s:.#-]*$",
    re.IGNORECASE,
)
_NOT_AFTER: Final = re.compile(
    r"^\s?(?:[£€$%]|\d|(?:quid|pounds?|gbp|euros?|eur|people|times|steps|miles|km|metres|lumens?)\b)",
    re.IGNORECASE,
)
_EMAIL: Final = re.compile(
    r"(?<![\w.+-])\w[\w.+'-]*@(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,}(?![\w@-])"
)
_REACH: Final = 40


def find_order_numbers(text: str) -> Iterator[SlotValue]:
    """Find order numbers: with CP in many spellings, after the word "order", or six digits alone."""
    for found in _PREFIXED.finditer(text):
        digits = found[1].upper().replace("O", "0")
        yield value_of("order_number", f"CP-{digits}", found, "order_number")
    for found in _NAMED.finditer(text):
        if not _NOT_AFTER.search(text[found.end() :]):
            yield _only_number(found, re.sub(r"\D", "", found[1]))
    for found in _BARE.finditer(text):
        is_other = _NOT_BEFORE.search(text[max(0, found.start() - _REACH) : found.start()])
        if not is_other and not _NOT_AFTER.search(text[found.end() :]):
            yield _only_number(found, found[1])


def find_emails(text: str) -> Iterator[SlotValue]:
    """Find e-mail addresses, in lower case."""
    for found in _EMAIL.finditer(text):
        yield value_of("email", found.group().lower(), found, "email")


def _only_number(found: re.Match[str], digits: str) -> SlotValue:
    start = found.start(1)
    if start and found.string[start - 1] == "#":
        start -= 1
    return SlotValue("order_number", f"CP-{digits}", start, found.end(1), "order_number")
