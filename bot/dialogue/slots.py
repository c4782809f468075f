"""What values a slot takes: a check for each kind that returns the value in one spelling, or what is wrong with it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Final

from bot.dialogue.phrases import is_yes, plain
from bot.dialogue.playbook import SlotKind, SlotSpec

_ORDER_NUMBER: Final = re.compile(r"(?:CP[-\s]?|#|no\.?\s*)?(\d{6})", re.IGNORECASE)
_PRODUCT: Final = re.compile(r"P-?(\d{4})", re.IGNORECASE)
_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}")
_AMOUNT_LIMIT: Final = Decimal(1_000_000)
_UK_POSTCODE: Final = re.compile(r"([A-Z]{1,2}\d[A-Z\d]?)\s*(\d[A-Z]{2})", re.IGNORECASE)
# Ireland; the Netherlands; Belgium, France, Germany: the countries outside the UK that the shop delivers to
_OTHER_POSTCODE: Final = re.compile(
    r"[AC-FHKNPRTV-Y]\d[\dW]\s?[\dA-Z]{4}|\d{4}\s?[A-Z]{2}|\d{4,5}", re.IGNORECASE
)
_MIN_TEXT_LETTERS: Final = 3
_MAX_TEXT_CHARACTERS: Final = 1000
_MAX_ADDRESS_CHARACTERS: Final = 200


@dataclass(frozen=True, slots=True)
class Accepted:
    """A value that does, in its one spelling."""

    value: str


@dataclass(frozen=True, slots=True)
class Unfit:
    """A value that does not do; ``problem`` is the wording key that says why."""

    problem: str


Checked = Accepted | Unfit


def problem_of(kind: SlotKind) -> str:
    """Return the wording key that says what a value of this kind looks like."""
    return f"problem_{kind.value}"


def check(spec: SlotSpec, raw: str, listed: tuple[str, ...] = ()) -> Checked:
    """Check a value for a slot.

    Args:
        spec: The slot.
        raw: The value as found or typed.
        listed: What was last listed for this slot; order lines must be among them.
    """
    text = " ".join(raw.split())
    value = _check_lines(text, listed) if spec.kind is SlotKind.ORDER_LINES else ""
    if spec.kind is SlotKind.CHOICE:
        value = text if any(choice.value == text for choice in spec.choices) else ""
    checker = _CHECKERS.get(spec.kind)
    if checker is not None:
        value = checker(text)
    if value:
        return Accepted(value)
    if spec.kind is SlotKind.ADDRESS and text and not find_postcode(text):
        return Unfit("problem_address_postcode")
    return Unfit(problem_of(spec.kind))


def find_postcode(text: str) -> str:
    """Return the last postcode in a text, in its usual spelling; "" where there is none."""
    found = [*_UK_POSTCODE.finditer(text)]
    if found:
        return f"{found[-1][1]} {found[-1][2]}".upper()
    others = [
        *re.finditer(rf"(?<![\w-])(?:{_OTHER_POSTCODE.pattern})(?![\w-])", text, re.IGNORECASE)
    ]
    return others[-1][0].upper() if others else ""


def _order_number(text: str) -> str:
    found = _ORDER_NUMBER.fullmatch(text)
    return f"CP-{found[1]}" if found else ""


def _product(text: str) -> str:
    found = _PRODUCT.fullmatch(text)
    return f"P-{found[1]}" if found else ""


def _email(text: str) -> str:
    return text.lower() if _EMAIL.fullmatch(text) else ""


def _date(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return ""


def _amount(text: str) -> str:
    try:
        amount = Decimal(text.lstrip("£").replace(",", ""))
    except InvalidOperation:
        return ""
    is_fit = amount.is_finite() and 0 < amount < _AMOUNT_LIMIT
    return str(amount.quantize(Decimal("0.01"))) if is_fit else ""


def _postcode(text: str) -> str:
    if found := _UK_POSTCODE.fullmatch(text):
        return f"{found[1]} {found[2]}".upper()
    return text.upper() if _OTHER_POSTCODE.fullmatch(text) else ""


def _address(text: str) -> str:
    postcode = find_postcode(text)
    before = text.upper().replace(postcode, "") if postcode else ""
    has_street = len(re.findall(r"[^\W\d]{2,}", before)) >= 2  # noqa: PLR2004 - a street and a town
    return text if has_street and len(text) <= _MAX_ADDRESS_CHARACTERS else ""


def _text(text: str) -> str:
    has_words = sum(character.isalpha() for character in text) >= _MIN_TEXT_LETTERS
    return text[:_MAX_TEXT_CHARACTERS] if has_words and not is_yes(text) else ""


_CHECKERS: Final[Mapping[SlotKind, Callable[[str], str]]] = {
    SlotKind.ORDER_NUMBER: _order_number,
    SlotKind.PRODUCT: _product,
    SlotKind.EMAIL: _email,
    SlotKind.DATE: _date,
    SlotKind.AMOUNT: _amount,
    SlotKind.POSTCODE: _postcode,
    SlotKind.ADDRESS: _address,
    SlotKind.TEXT: _text,
}


def _check_lines(text: str, listed: tuple[str, ...]) -> str:
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isdecimal() and (not listed or part in listed) for part in parts):
        return ""
    return join_lines(parts)


def join_lines(lines: list[str] | tuple[str, ...]) -> str:
    """Return line numbers as one value, in order, each once: "1,3"."""
    return ",".join(sorted(set(lines), key=int))


def read_choice(spec: SlotSpec, text: str, *, is_asked: bool) -> Checked | None:
    """Find the choice that a text means; None where it names none.

    Args:
        spec: The slot with its choices.
        text: As typed.
        is_asked: The slot was asked for; else only what cannot mean something else counts ("too small", but
            not "small").
    """
    said = _bare(text)
    longest: dict[str, int] = {}
    for choice in spec.choices:
        for phrase in (choice.title, choice.value, *choice.words):
            words = _bare(phrase).replace("_", " ")
            if (is_asked or " " in words) and _says(said, words):
                longest[choice.value] = max(longest.get(choice.value, 0), len(words))
    if not longest:
        return None
    best = max(longest.values())
    winners = [value for value, length in longest.items() if length == best]
    return Accepted(winners[0]) if len(winners) == 1 else Unfit(problem_of(SlotKind.CHOICE))


def _bare(text: str) -> str:
    """Return a text, plain, without apostrophes: hurried people leave them out."""
    return plain(text).replace("'", "")


def _says(said: str, phrase: str) -> bool:
    return re.search(rf"(?<!\bnot )(?<![\w']){re.escape(phrase)}(?![\w'])", said) is not None
