"""Passages found -> an answer, word for word, with the articles it rests on; or no answer."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bot.domain.decision import Quoting
from bot.domain.reply import Source, Sources
from knowledge_base.passage import Match, Passage

_MAX_SOURCES: Final = 3
_MAX_JOINED_CHARACTERS: Final = 700
# Shares of the best passage's probability: for its neighbour to be quoted too, for one not said yet to go first.
_BESIDE_SHARE: Final = 0.75
_NEW_SHARE: Final = 0.85
_LINK: Final = re.compile(r"!?\[([^\]]*)\]\([^)\s]*(?:\s+\"[^\"]*\")?\)")
_STRONG: Final = re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1")
_EMPHASIS: Final = re.compile(r"(?<![\w*])([*_])(?=\S)([^*_\n]+?)(?<=\S)\1(?![\w*])")
_CODE: Final = re.compile(r"`+([^`]+)`+")
_ESCAPE: Final = re.compile(r"\\([\\`*_{}\[\]()#+.!|>~-])")
_HIDDEN: Final = 0xF000  # within Unicode's private use area
_ASCII: Final = 128
_BULLET: Final = re.compile(r"^(\s*)[-*+]\s+")
_HEADING: Final = re.compile(r"^#{1,6}\s+(.*?)\s*#*$")
_RULE: Final = re.compile(r"^\s*(?:[-*_]\s*){3,}$")
_TABLE_RULE: Final = re.compile(r"^\s*\|?\s*:?-{2,}:?\s*(?:\|\s*:?-{2,}:?\s*)*\|?\s*$")
_NEW_LINE: Final = re.compile(r"^\s*(?:•|\d+[.)]\s)")


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer: passages as plain text, and the articles it rests on."""

    text: str
    sources: Sources


def compose_answer(
    matches: Sequence[Match],
    threshold: float,
    quoting: Quoting = Quoting.ANYTHING,
    said: str = "",
) -> Answer | None:
    """Compose an answer from passages that are probable enough; nothing is added to their words.

    Args:
        matches: Best first.
        threshold: The probability that a passage needs.
        quoting: What may be quoted again.
        said: What the last reply said.

    Returns:
        The answer; None where no passage is probable enough.
    """
    fitting = _unsaid([m for m in matches if m.probability >= threshold], quoting, said)
    if not fitting:
        return None
    least = fitting[0].probability * _BESIDE_SHARE
    fit = [match.passage for match in fitting]
    beside = [match.passage for match in fitting if match.probability >= least]
    known = [m.passage for m in matches if not (said and _is_in(m.passage, said))]
    quoted = _with_opening(beside, known)
    text = "\n\n".join(_quote(passage, is_first=n == 0) for n, passage in enumerate(quoted))
    slugs = dict.fromkeys(passage.slug for passage in fit)
    titles = {passage.slug: passage.title for passage in reversed(fit)}
    sources = tuple(Source(titles[slug], f"/help/{slug}") for slug in [*slugs][:_MAX_SOURCES])
    return Answer(text, Sources(sources))


def _unsaid(fitting: list[Match], quoting: Quoting, said: str) -> list[Match]:
    """Leave out what was said already, where that is wanted and enough is left."""
    if quoting is Quoting.ANYTHING or not said or not fitting:
        return fitting
    new = [match for match in fitting if not _is_in(match.passage, said)]
    if quoting is Quoting.NEW_ONLY:
        return new
    is_enough = bool(new) and new[0].probability >= fitting[0].probability * _NEW_SHARE
    return new if is_enough else fitting


def _is_in(passage: Passage, said: str) -> bool:
    return as_plain_text(passage.text) in said


def _with_opening(fit: Sequence[Passage], known: Sequence[Passage]) -> list[Passage]:
    """Return the best passage, after its article's opening (which holds the short answer) where that was found too.

    Args:
        fit: Passages that are probable enough, best first.
        known: All that were found.
    """
    best = fit[0]
    for other in known:
        is_opening = other.slug == best.slug and _place(other) == 0 and other is not best
        is_beside = (
            other in fit and other.slug == best.slug and abs(_place(other) - _place(best)) == 1
        )
        is_short = len(other.text) + len(best.text) <= _MAX_JOINED_CHARACTERS
        is_new = other.text not in best.text and best.text not in other.text
        if (is_opening or is_beside) and is_short and is_new:
            return sorted([best, other], key=_place)
    return [best]


def _place(passage: Passage) -> int:
    number = passage.passage_id.rpartition("#")[2]
    return int(number) if number.isdecimal() else -2


def _quote(passage: Passage, *, is_first: bool) -> str:
    text = as_plain_text(passage.text)
    if is_first or not passage.heading or text.startswith(passage.heading):
        return text
    return f"{as_plain_text(passage.heading)}\n{text}"


def as_plain_text(markdown: str) -> str:
    """Turn Markdown into plain text: links become their words, lists "• " lines, tables "• a: b" lines."""
    blocks: list[str] = []
    for block in re.split(r"\n\s*\n", markdown.strip()):
        lines = [line for line in block.splitlines() if not _RULE.match(line)]
        if len(lines) > 1 and "|" in lines[0] and _TABLE_RULE.match(lines[1]):
            lines = _table_lines(lines)
        else:
            lines = _flow_lines(lines)
        text = "\n".join(_inline(line) for line in lines).strip()
        if text:
            blocks.append(text)
    return "\n\n".join(blocks)


def _flow_lines(lines: Sequence[str]) -> list[str]:
    """Mark list items, take off heading and quote marks, and join what only wraps."""
    joined: list[str] = []
    for line in lines:
        text = _BULLET.sub(r"\1• ", re.sub(r"^\s*>\s?", "", line)).rstrip()
        heading = _HEADING.match(text)
        starts_anew = not joined or heading or _NEW_LINE.match(text) or joined[-1].endswith("\0")
        text = f"{heading[1]}\0" if heading else text.strip()
        if starts_anew:
            joined.append(text)
        else:
            joined[-1] = f"{joined[-1]} {text}"
    return [line.removesuffix("\0") for line in joined]


def _table_lines(lines: Sequence[str]) -> list[str]:
    header, *rows = [
        [cell.strip() for cell in line.strip().strip("|").split("|")]
        for number, line in enumerate(lines)
        if number != 1
    ]
    return [f"• {row[0]}: {_cells(header, row)}" for row in rows]


def _cells(header: Sequence[str], row: Sequence[str]) -> str:
    if len(row) <= 2:  # noqa: PLR2004 - with two columns the header says nothing new
        return ", ".join(row[1:])
    pairs = zip(header[1:], row[1:], strict=False)
    return ", ".join(f"{name} {cell}" if name else cell for name, cell in pairs if cell)


def _inline(line: str) -> str:
    # an escaped sign is hidden while the real markup goes, then shown as it is
    text = _ESCAPE.sub(lambda found: chr(_HIDDEN + ord(found[1])), line)
    text = _LINK.sub(r"\1", text)
    text = _CODE.sub(r"\1", text)
    text = _STRONG.sub(r"\2", text)
    text = _EMPHASIS.sub(r"\2", text)
    return "".join(
        chr(ord(c) - _HIDDEN) if _HIDDEN <= ord(c) < _HIDDEN + _ASCII else c for c in text
    )
