"""Cuts a message into clauses that may each hold a wish of its own."""

import re
from collections.abc import Iterator
from typing import Final

_MIN_WORDS: Final = 2
_MIN_MESSAGE_WORDS: Final = 6
MAX_CLAUSES: Final = 5

# What a wish may begin with; an "and" joins two wishes only where one of these follows it.
_STARTERS: Final = (
    r"(?:can|could|would|will|may|shall|should) (?:you|i|we|u)\b|(?:can|could) (?:the|my)\b|"
    r"(?:where|what|when|how|why|which|who)(?:'s|s)?\b|(?:is|are|do|does|did|has|have|was) (?:there|it|the|my|you|i|we|that)\b|"
    r"i (?:want|need|would|also|have|haven't|can't|cannot|was|never|still|wish)\b|i'd\b|i'm\b|"
    r"(?:please|pls|plz)\b|(?:tell|show|give|send|cancel|change|update|track|return|check|open|stop|unsubscribe|"
    r"subscribe|sign|resend|delete|remove|book|report|let|e-?mail|forward|look)\b (?!back\b)"
)
_SENTENCE_END: Final = r"(?<!\bno\.)(?<!\bnr\.)(?<!\bst\.)(?<!\brd\.)(?<=[.!?;])\s+|\s*\n+\s*"
_CONNECTOR: Final = (
    r"\s*,?\s+(?:and|plus|as well as|oh and|but)(?:,)?\s+(?:also|then|secondly|could you also|please also)\b,?\s*"
    r"|\s*,\s*also\b,?\s*|\s+also,\s*|\s*,?\s+plus\s+(?=(?:" + _STARTERS + r"))"
    r"|\s*,?\s+(?:and|but|then|oh and)\s+(?=(?:" + _STARTERS + r"))"
    r"|\s*,\s*(?=(?:" + _STARTERS + r"))"
    r"|(?<=\?)\s*(?=\w)"
)
_BORDER: Final = re.compile(f"{_SENTENCE_END}|{_CONNECTOR}", re.IGNORECASE)
# "Where is it", "please cancel", "hi, can you": a request. "These boots pinch" only tells.
_ASKS: Final = re.compile(
    r"^\W*(?:(?:hi|hello|hey|and|also|so|then|ok|okay|oh|well|thanks|sorry|good (?:morning|afternoon|evening)|i was "
    rf"wondering|secondly|first(?:ly)?|plus)\b[\s,.!:-]*)*(?:{_STARTERS})",
    re.IGNORECASE,
)
_TELLS: Final = re.compile(
    r"^\W*(?:i have|i was|i never|i still|i haven't|i can't|i cannot|i'm)\b", re.IGNORECASE
)
# "the newsletter please stop it", "and my order cancelled": the request comes last.
_ASKS_LATE: Final = re.compile(
    r"\b(?:please|pls|plz)\b|\b(?:stop|cancel|send|change|return|check|track|update|delete) (?:it|that|them)\W*$"
    r"|^(?!.*\b(?:is|are|was|were|got|been|has|have|had|i|you|we|they|it)\b).*"
    r"\b(?:stopped|cancelled|canceled|changed|deleted|refunded|returned|updated|resent|sent again)\W*$",
    re.IGNORECASE,
)
_WORD: Final = re.compile(r"[^\W_]+")
# "If it is late, can you …" is one wish: what comes first only sets the scene.
_SETS_SCENE: Final = re.compile(
    r"^\W*(?:if|when|once|since|because|as|although|while|after|before|unless|in case|hi|hello|hey|sorry|excuse me|"
    r"thanks|thank you|ok|okay|please|yes|no|so|well|also)\b",
    re.IGNORECASE,
)


def clauses_of(text: str) -> tuple[tuple[int, int], ...]:
    """Return the clauses' places ``(start, end)``, in order; one clause where there is nothing to cut.

    A clause of a single word, or one that only sets the scene ("if it is late, …"), stays with the next one.
    """
    if len(_WORD.findall(text)) < _MIN_MESSAGE_WORDS:
        return (_trimmed(text, 0, len(text)),)
    spans: list[tuple[int, int]] = []
    start = 0
    for end, resume in [*_borders(text), (len(text), len(text))]:
        piece = text[start:end]
        is_comma = text[end:resume].strip().startswith(",")
        is_held = len(_WORD.findall(piece)) < _MIN_WORDS or (
            is_comma and _SETS_SCENE.match(piece) is not None
        )
        if is_held and end < len(text):
            continue
        spans.append(_trimmed(text, start, end))
        start = resume
    spans = [span for span in spans if span[1] > span[0]]
    if len(spans) > 1 and len(_WORD.findall(text[slice(*spans[-1])])) < _MIN_WORDS:
        last = spans.pop()
        spans[-1] = (spans[-1][0], last[1])
    return tuple(spans) if len(spans) <= MAX_CLAUSES else (_trimmed(text, 0, len(text)),)


def asks(clause: str) -> bool:
    """Tell whether a clause asks for something: a question, a command, or "I want"."""
    if clause.rstrip().endswith("?"):
        return True
    is_request = _ASKS.match(clause) is not None or _ASKS_LATE.search(clause) is not None
    return is_request and _TELLS.match(clause) is None


def _borders(text: str) -> Iterator[tuple[int, int]]:
    for found in _BORDER.finditer(text):
        if found.start() > 0 and found.end() < len(text):
            yield found.span()


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    piece = text[start:end]
    begin = start + len(piece) - len(piece.lstrip())
    return begin, max(begin, end - len(piece) + len(piece.rstrip()))
