"""Loads labelled utterances from Rasa NLU YAML, CSV or JSON lines, and refuses what is wrong with file and line."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from intents.catalogue import read_catalogue
from intents.errors import CatalogueError
from intents.text import comparable, normalise
from training.errors import DatasetError
from training.tables import Column, Row, counted, read_rows, read_text, text_of, without_blank

_COLUMNS: Final = (
    Column("text", ("sentence", "utterance")),
    Column("intent", ("label", "category")),
)
_YAML: Final = (".yml", ".yaml")
_TABLES: Final = (".csv", ".tsv", ".jsonl", ".ndjson")
_WHAT: Final = "labelled utterances"
_SHOWN: Final = 3


@dataclass(frozen=True, slots=True)
class LabelledText:
    """An utterance, normalised, with its intent; ``line`` counts from 1."""

    text: str
    intent: str
    line: int


@dataclass(frozen=True, slots=True)
class Cleaned:
    """Examples that were read.

    Attributes:
        rows: Each text once per intent.
        notes: What somebody should know about the file, one sentence each.
    """

    rows: tuple[LabelledText, ...]
    notes: tuple[str, ...]


def read_labelled(file: Path) -> tuple[LabelledText, ...]:
    """Read utterances with their intents; repeated ones stay, blank rows do not.

    Args:
        file: Rasa NLU YAML (``.yml``); CSV or TSV with columns ``text`` and ``intent`` (``sentence``, ``utterance``,
            ``label``, ``category`` are understood too); or JSON lines with these keys (``.jsonl``).

    Raises:
        DatasetError: It cannot be read, or a line lacks its text or intent; names file, line and remedy.
    """
    if file.suffix.lower() in _YAML:
        found = tuple(_from_yaml(file))
    else:
        found = tuple(_labelled(file, row) for row in _rows(file))
    if not found:
        raise DatasetError(f"{file} holds no {_WHAT}; add some, or name another file")
    return found


def read_leniently(file: Path) -> Cleaned:
    """Read like ``read_labelled``, but leave out rows that have an intent and no text, and tell so.

    Raises:
        DatasetError: As ``read_labelled``.
    """
    if file.suffix.lower() in _YAML:
        return Cleaned(read_labelled(file), ())
    rows, notes = without_blank(file, _rows(file))
    found = tuple(_labelled(file, row) for row in rows)
    if not found:
        raise DatasetError(f"{file} holds no {_WHAT}; add some, or name another file")
    return Cleaned(found, notes)


def clean_for_training(file: Path, rows: Sequence[LabelledText]) -> Cleaned:
    """Take repeated examples out; a text under two intents stays under both, and is told.

    Public sets hold such contradictions, and which intent is right only their owner knows: a wrong one costs a little,
    a refusal costs the whole file.
    """
    kept: dict[tuple[str, str], LabelledText] = {}
    for row in rows:
        kept.setdefault((comparable(row.text), row.intent), row)
    notes = []
    if len(kept) < len(rows):
        some = counted(len(rows) - len(kept), "repeated row counts", "repeated rows count")
        notes.append(f"{file}: {some} once")
    return Cleaned(tuple(kept.values()), (*notes, *_contradictions(file, tuple(kept.values()))))


def contradictions(file: Path, rows: Sequence[LabelledText]) -> tuple[str, ...]:
    """Tell which texts stand under two intents; empty where none does."""
    return tuple(_contradictions(file, rows))


def _contradictions(file: Path, rows: Sequence[LabelledText]) -> Iterator[str]:
    first: dict[str, LabelledText] = {}
    found = []
    for row in rows:
        known = first.setdefault(comparable(row.text), row)
        if known.intent != row.intent:
            found.append(
                f"{row.text!r} is {known.intent!r} in line {known.line} and {row.intent!r} in line {row.line}"
            )
    if found:
        more = f" (and {len(found) - _SHOWN} more)" if len(found) > _SHOWN else ""
        yield (
            f"{file}: {counted(len(found), 'text stands', 'texts stand')} under two intents; keep one of each: "
            f"{'; '.join(found[:_SHOWN])}{more}"
        )


def data_fingerprint(texts: Sequence[str], names: Sequence[str]) -> str:
    """Hash examples with their intents, whatever their order (SHA-256, hexadecimal)."""
    lines = sorted(f"{name}\t{text}" for text, name in zip(texts, names, strict=True))
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _rows(file: Path) -> tuple[Row, ...]:
    suffix = file.suffix.lower()
    if suffix not in _TABLES:
        raise DatasetError(f"{file} ends in {suffix!r}; give a .yml, .csv, .tsv or .jsonl file")
    return read_rows(file, _COLUMNS, _WHAT)


def _from_yaml(file: Path) -> Iterator[LabelledText]:
    try:
        catalogue = read_catalogue({file.name: read_text(file)})
    except CatalogueError as error:
        raise DatasetError(f"{file.parent}/{error}") from error
    problems = catalogue.flaws()
    if problems:
        raise DatasetError(f"{file.parent / problems[0]}")
    for example in catalogue.examples():
        row = Row(example.line, (example.text, example.intent))
        yield _labelled(file, row)


def _labelled(file: Path, row: Row) -> LabelledText:
    intent = text_of(file, row, 1, "intent") if _is_text(row.cells[0]) else ""
    text = normalise(text_of(file, row, 0, "text"))
    if not text:
        raise DatasetError(
            f"{file}:{row.line}: the text is missing or blank (only unseen characters); "
            "fill it in or remove the line"
        )
    return LabelledText(text, intent, row.line)


def _is_text(cell: object) -> bool:
    return isinstance(cell, str) and bool(cell.strip())
