"""Passages with questions about them: as files, and as the pieces by which a passage is found."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from intents.text import normalise
from training.errors import DatasetError
from training.tables import Column, Row, read_rows, text_of, without_blank

_PASSAGE_COLUMNS: Final = (Column("id", ("passage_id",)), Column("text", ("passage",)))
_QUESTION_COLUMNS: Final = (Column("text", ("question",)), Column("passage_id"))
_LONGEST_HEAD: Final = 200
_WORDS: Final = 100
_OVERLAP: Final = 20


@dataclass(frozen=True, slots=True)
class Passage:
    """A text that answers questions.

    Attributes:
        head: What it is about: its first line or first sentence.
        body: All that follows; "" where there is nothing else.
    """

    passage_id: str
    head: str
    body: str

    @property
    def text(self) -> str:
        """Return head and body in one."""
        return f"{self.head}\n{self.body}".strip()

    def pieces(self) -> tuple[str, ...]:
        """Return cuts of the body that an encoder can take in, each with the head before it."""
        words = self.body.split()
        starts = range(0, max(1, len(words) - _OVERLAP), _WORDS - _OVERLAP)
        cuts = [" ".join(words[start : start + _WORDS]) for start in starts]
        return tuple(normalise(f"{self.head}. {cut}" if cut else self.head) for cut in cuts)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with the passages that answer it, by their numbers."""

    text: str
    relevant: frozenset[int]


@dataclass(frozen=True, slots=True)
class PassageSet:
    """Passages, and what is asked about them.

    Attributes:
        notes: What somebody should know about the files, one sentence each.
    """

    passages: tuple[Passage, ...]
    questions: tuple[Asked, ...]
    notes: tuple[str, ...] = ()


def passage_of(passage_id: str, text: str) -> Passage:
    """Make a passage of a text: a short first line is its head, else its first sentence."""
    first, _, rest = text.strip().partition("\n")
    if rest.strip() and len(first) <= _LONGEST_HEAD:
        return Passage(passage_id, first.strip(), rest.strip())
    ends = [place for mark in ".?!" if (place := text.find(f"{mark} ")) > 0]
    end = min(ends, default=len(text)) + 1
    return Passage(passage_id, text[:end].strip()[:_LONGEST_HEAD], text.strip())


def read_passage_set(passages: Path, questions: Path) -> PassageSet:
    """Read passages and questions; those without a text are left out, and told.

    Args:
        passages: Rows with ``id`` and ``text``.
        questions: Rows with ``text`` and ``passage_id``: one id, or in JSON a list of several.

    Raises:
        DatasetError: A file cannot be read, an id stands twice, is not known or is that of a passage without a text;
            names file, line and remedy.
    """
    numbers: dict[str, int] = {}
    found: list[Passage] = []
    rows = read_rows(passages, _PASSAGE_COLUMNS, "passages")
    written, notes = without_blank(passages, rows, place=1)
    for row in written:
        (passage_id,) = _ids(passages, row, 0)
        if passage_id in numbers:
            raise DatasetError(
                f"{passages}:{row.line}: the id {passage_id!r} stands twice; give every passage its own"
            )
        numbers[passage_id] = len(found)
        found.append(passage_of(passage_id, text_of(passages, row, 1, "text")))
    asked = []
    rows = read_rows(questions, _QUESTION_COLUMNS, "questions")
    worded, more_notes = without_blank(questions, rows)
    for row in worded:
        ids = _ids(questions, row, 1)
        missing = [one for one in ids if one not in numbers]
        if missing:
            raise DatasetError(
                f"{questions}:{row.line}: there is no passage {missing[0]!r} with a text in {passages}; mend the id, or "
                "fill the text in"
            )
        text = text_of(questions, row, 0, "text")
        asked.append(Asked(text, frozenset(numbers[one] for one in ids)))
    for file, kept, what in ((passages, found, "passages"), (questions, asked, "questions")):
        if not kept:
            raise DatasetError(f"{file} holds no {what}; add some, or name another file")
    return PassageSet(tuple(found), tuple(asked), (*notes, *more_notes))


def _ids(file: Path, row: Row, place: int) -> tuple[str, ...]:
    cell = row.cells[place]
    given: Sequence[object] = cell if isinstance(cell, list) else [cell]
    ids = tuple(_clean(given))
    if not ids or (place == 0 and len(ids) > 1):
        raise DatasetError(f"{file}:{row.line}: the passage's id is missing; fill it in")
    return ids


def _clean(given: Iterable[object]) -> Iterable[str]:
    for one in given:
        is_number = isinstance(one, int) and not isinstance(one, bool)
        if (isinstance(one, str) and one.strip()) or is_number:
            yield str(one).strip()
