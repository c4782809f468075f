"""Article -> passages that can stand alone, and the texts by which each is found."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from knowledge_base.article import Article
from knowledge_base.passage import Passage

_HEADING: Final = re.compile(r"^## +(.+?)(?: +#+)?\s*$")
_CODE_FENCE: Final = re.compile(r"^\s*(?:```|~~~)")
_LINK: Final = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_MARKS: Final = re.compile(r"[*_`|#>\\]+|^\s*(?:[-+]|\d+[.)])\s+|-{3,}", re.MULTILINE)
_LIST_ITEM: Final = re.compile(r"\s*(?:[-*+]|\d+[.)])\s|\s*\||\s{2,}\S")
MAX_CHARACTERS: Final = 900


class EntryKind(StrEnum):
    """What a text to search by is."""

    PASSAGE = "passage"
    TITLE = "title"
    QUESTION = "question"


@dataclass(frozen=True, slots=True)
class Entry:
    """A text by which an article is found; each gets a vector and its words of its own."""

    kind: EntryKind
    slug: str
    passage_id: str
    text: str


def cut(article: Article, *, max_characters: int = MAX_CHARACTERS) -> tuple[Passage, ...]:
    """Cut an article: what stands before the first ``##`` heading, then one passage per section.

    A section longer than ``max_characters`` is cut between its paragraphs; a paragraph that ends in a colon stays
    with the list or table that it introduces. Every passage's text stands in the article word for word.

    Returns:
        Passages in the article's order; the first one is the opening.
    """
    pieces = [
        (heading, text)
        for heading, section in _sections(article.body)
        for text in _split_long(section, max_characters)
    ]
    return tuple(
        Passage(f"{article.slug}#{n}", article.slug, article.title, heading, article.topic, text)
        for n, (heading, text) in enumerate(pieces)
    )


def entries_of(article: Article, passages: Sequence[Passage]) -> tuple[Entry, ...]:
    """Return the texts by which an article is found: its passages, its title, its questions.

    Title and questions lead to the opening passage until training finds a passage that answers one better.
    """
    opening = passages[0].passage_id
    texts = [
        Entry(EntryKind.PASSAGE, article.slug, passage.passage_id, searchable(passage))
        for passage in passages
    ]
    texts.append(Entry(EntryKind.TITLE, article.slug, opening, article.title))
    texts += [Entry(EntryKind.QUESTION, article.slug, opening, one) for one in article.questions]
    return tuple(texts)


def searchable(passage: Passage) -> str:
    """Return a passage as models see it: title, heading and text, without Markdown's marks."""
    head = f"{passage.title}. {passage.heading}" if passage.heading else passage.title
    return f"{head}\n{plain(passage.text)}"


def plain(markdown: str) -> str:
    """Take Markdown's marks off; links become their words."""
    return re.sub(r"\s+", " ", _MARKS.sub(" ", _LINK.sub(r"\1", markdown))).strip()


def _sections(body: str) -> Iterator[tuple[str, str]]:
    heading, lines, is_code = "", list[str](), False
    for line in body.splitlines():
        is_code ^= bool(_CODE_FENCE.match(line))
        found = None if is_code else _HEADING.match(line)
        if found is None:
            lines.append(line)
            continue
        yield heading, "\n".join(lines)
        heading, lines = found[1], []
    yield heading, "\n".join(lines)


def _split_long(section: str, max_characters: int) -> Iterator[str]:
    text = section.strip("\n").rstrip()
    if len(text) <= max_characters:
        if text.strip():
            yield text
        return
    piece = ""
    for block in _blocks(text):
        if piece and len(piece) + len(block) > max_characters:
            yield piece.strip("\n").rstrip()
            piece = ""
        piece += block
    yield piece.strip("\n").rstrip()


def _blocks(text: str) -> Iterator[str]:
    """Yield paragraphs with the blank lines after them; what belongs together stays in one block."""
    parts = [part for part in re.split(r"(?<=\n)(?:[ \t]*\n)+", text + "\n") if part.strip()]
    block, at = "", 0
    for n, part in enumerate(parts):
        start = text.index(part.rstrip("\n"), at)
        block += text[at:start] + part.rstrip("\n")
        at = start + len(part.rstrip("\n"))
        following = parts[n + 1] if n + 1 < len(parts) else ""
        is_held = block.rstrip().endswith(":") or bool(_LIST_ITEM.match(following))
        if not is_held:
            yield block
            block = ""
    if block:
        yield block
