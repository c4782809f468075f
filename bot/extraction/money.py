"""Amounts of money, in pounds unless the value's role says ``EUR``."""

import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Final

from bot.domain.understanding import SlotValue
from bot.extraction.values import value_of

_NUMBER: Final = r"(?:\d{1,3}(?:,\d{3})+|\d{1,6})(?:[.,]\d{1,2})?"
_AMOUNT: Final = re.compile(
    rf"(?<![\w.])(?P<sign>[£€])\s?(?P<after>{_NUMBER})(?![\d-]|[.,]\d)(?:\s?(?:quid|pounds?)\b)?"
    rf"|(?<![\w.,£€#-])(?P<before>{_NUMBER})\s?(?P<unit>£|€|(?:quid|pounds?|gbp|euros?|eur|pence|p)\b)"
    r"|\b(?P<word>five|ten|twenty|thirty|forty|fifty|sixty|a hundred|one hundred)\s(?:quid|pounds)\b"
    r"|\b(?:a|my|that)\s(?P<note>fiver|tenner)\b",
    re.IGNORECASE,
)
_WORDS: Final = {
    "five": 5, "ten": 10, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60,
    "a hundred": 100, "one hundred": 100, "fiver": 5, "tenner": 10,
}  # fmt: skip


def find_amounts(text: str) -> Iterator[SlotValue]:
    """Find amounts: £45, 45 quid, 1,200.50 pounds, 99p, €20, twenty pounds, a tenner."""
    for found in _AMOUNT.finditer(text):
        word = found["word"] or found["note"]
        if word:
            amount, unit = Decimal(_WORDS[word.lower()]), "£"
        else:
            amount = _decimal(found["after"] or found["before"])
            unit = (found["sign"] or found["unit"]).lower()
        if unit in ("p", "pence"):
            amount /= 100
        value = value_of("amount", f"{amount:.2f}", found, "amount")
        yield replace(value, role="EUR") if unit[0] in "€e" else value


def _decimal(written: str) -> Decimal:
    if re.search(r",\d{1,2}$", written):  # a comma before one or two digits is a decimal one
        whole, _, cents = written.rpartition(",")
        return Decimal(f"{whole.replace(',', '')}.{cents}")
    return Decimal(written.replace(",", ""))
