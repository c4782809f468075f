"""Loads labelled utterances from Rasa NLU YAML, CSV or JSON lines, and refuses what is wrong with file and line."""

import csv
import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from intents.catalogue import find_problems, read_catalogue
from intents.text import normalise
from training.errors import DatasetError

_YAML: Final = (".yml", ".yaml")
_TEXT_COLUMNS: Final = ("text", "sentence", "utterance")
_INTENT_COLUMNS: Final = ("intent", "label", "category")


@dataclass(frozen=True, slots=True)
class LabelledText:
    """An utterance, normalised, with its intent; ``line`` counts from 1."""

    text: str
    intent: str
    line: int


def read_labelled(file: Path) -> tuple[LabelledText, ...]:
    """Read utterances with their intents.

    Args:
        file: Rasa NLU YAML (``.yml``); CSV with columns ``text`` and ``intent`` (``.csv``; ``sentence``, ``utterance``,
            ``label``, ``category`` are understood too); or JSON lines with these keys (``.jsonl``).

    Raises:
        DatasetError: It cannot be read, or a line lacks its text or intent; names file, line and remedy.
    """
    try:
        content = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DatasetError(f"{file} cannot be read ({error}); name a file in UTF-8") from error
    match file.suffix.lower():
        case ".yml" | ".yaml":
            rows: Iterable[LabelledText] = _from_yaml(file, content)
        case ".csv":
            rows = _from_csv(file, content)
        case ".jsonl":
            rows = _from_json_lines(file, content)
        case suffix:
            raise DatasetError(f"{file} ends in {suffix!r}; give a .yml, .csv or .jsonl file")
    found = tuple(rows)
    if not found:
        raise DatasetError(f"{file} holds no labelled utterances; add some, or name another file")
    return found


def data_fingerprint(texts: Sequence[str], names: Sequence[str]) -> str:
    """Hash examples with their intents, whatever their order (SHA-256, hexadecimal)."""
    lines = sorted(f"{name}\t{text}" for text, name in zip(texts, names, strict=True))
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _from_yaml(file: Path, content: str) -> Iterator[LabelledText]:
    documents = {file.name: content}
    problems = find_problems(documents)
    if problems:
        raise DatasetError(f"{file.parent / problems[0]}")
    for example in read_catalogue(documents).examples():
        yield _labelled(file, example.line, example.text, example.intent)


def _from_csv(file: Path, content: str) -> Iterator[LabelledText]:
    reader = csv.DictReader(content.splitlines(keepends=True), strict=True)
    text_column = _column(file, reader.fieldnames, _TEXT_COLUMNS)
    intent_column = _column(file, reader.fieldnames, _INTENT_COLUMNS)
    try:
        for row in reader:
            yield _labelled(file, reader.line_num, row[text_column], row[intent_column])
    except csv.Error as error:
        raise DatasetError(f"{file}:{reader.line_num + 1}: {error}; mend the quotes") from error


def _from_json_lines(file: Path, content: str) -> Iterator[LabelledText]:
    for line, row in enumerate(content.split("\n"), start=1):
        if not row.strip():
            continue
        try:
            entry = json.loads(row)
        except ValueError as error:
            raise DatasetError(
                f"{file}:{line}: no JSON ({error}); write one object a line"
            ) from error
        keys = list(entry) if isinstance(entry, dict) else []
        text, intent = _column(file, keys, _TEXT_COLUMNS), _column(file, keys, _INTENT_COLUMNS)
        yield _labelled(file, line, entry[text], entry[intent])


def _column(file: Path, columns: Sequence[str] | None, wanted: Sequence[str]) -> str:
    for name in wanted:
        if name in (columns or ()):
            return name
    raise DatasetError(f"{file} has no {wanted[0]!r}; give every line a {wanted[0]!r}")


def _labelled(file: Path, line: int, text: object, intent: object) -> LabelledText:
    clean = normalise(text) if isinstance(text, str) else ""
    name = intent.strip() if isinstance(intent, str) else ""
    if not clean or not name:
        missing = "intent" if clean else "text"
        raise DatasetError(
            f"{file}:{line}: the {missing} is missing or blank; fill it in or remove the line"
        )
    return LabelledText(clean, name, line)
