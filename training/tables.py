"""Reads rows from CSV, TSV or JSON lines; whatever is wrong is told with file, line and remedy."""

import codecs
import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from training.errors import DatasetError

_SEPARATORS: Final = {".csv": ",", ".tsv": "\t"}
_NAMES: Final = {",": "commas", "\t": "tabs", ";": "semicolons"}
_JSON_LINES: Final = (".jsonl", ".ndjson")
_SHOWN: Final = 60
_SHOWN_LINES: Final = 3


@dataclass(frozen=True, slots=True)
class Column:
    """A column that is wanted.

    Attributes:
        name: Its name; upper and lower case are alike.
        others: Names that are understood too.
    """

    name: str
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One row.

    Attributes:
        line: Where it begins, counted from 1.
        cells: In the order of the wanted columns; text from CSV, anything from JSON, None where it is missing.
    """

    line: int
    cells: tuple[object, ...]


def read_text(file: Path) -> str:
    """Read a file as text: UTF-8 with or without a byte order mark, or UTF-16 with one.

    Raises:
        DatasetError: It is not there, or in another encoding; names the first line that cannot be read.
    """
    try:
        content = file.read_bytes()
    except OSError as error:
        raise DatasetError(
            f"{file} cannot be read ({error.strerror}); name another file"
        ) from error
    is_wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        return content.decode("utf-16" if is_wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise DatasetError(
            f"{file}:{line}: not UTF-8 ({error.reason} at byte {error.start}); save the file as UTF-8"
        ) from error


def read_rows(file: Path, columns: Sequence[Column], what: str) -> tuple[Row, ...]:
    """Read the rows of a file; rows with nothing in any cell are left out.

    Args:
        file: ``.csv`` or ``.tsv`` whose first line names the columns, or ``.jsonl`` with one object a line.
        columns: What is wanted, in the order of the cells.
        what: What the rows are, such as ``passages``; for the message when there are none.

    Raises:
        DatasetError: It cannot be read, lacks a column or holds no row; names file, line and remedy.
    """
    suffix = file.suffix.lower()
    if suffix in _SEPARATORS:
        found = tuple(_from_csv(file, read_text(file), columns, _SEPARATORS[suffix]))
    elif suffix in _JSON_LINES:
        found = tuple(_from_json_lines(file, read_text(file), columns))
    else:
        raise DatasetError(f"{file} ends in {suffix!r}; give a .csv, .tsv or .jsonl file")
    if not found:
        raise DatasetError(f"{file} holds no {what}; add some, or name another file")
    return found


def without_blank(
    file: Path, rows: Sequence[Row], place: int = 0
) -> tuple[tuple[Row, ...], tuple[str, ...]]:
    """Leave out rows without a text; returns the others, and what to tell.

    Published sets hold such rows. Nothing can be learnt from them or asked with them, whatever their label.

    Args:
        file: Where they come from.
        rows: As they were read.
        place: Of the cell with the text.
    """
    kept = tuple(row for row in rows if has_ink(row.cells[place]))
    if len(kept) == len(rows):
        return kept, ()
    lines = [str(row.line) for row in rows if not has_ink(row.cells[place])][:_SHOWN_LINES]
    some = counted(len(rows) - len(kept), "row has no text and is", "rows have no text and are")
    return kept, (f"{file}: {some} left out, such as line {', '.join(lines)}",)


def has_ink(cell: object) -> bool:
    """Tell whether something stands in a cell."""
    return cell is not None and (not isinstance(cell, str) or bool(cell.strip()))


def counted(count: int, one: str, many: str) -> str:
    """Put a number before the words that go with it."""
    return f"{count:,} {one if count == 1 else many}"


def text_of(file: Path, row: Row, place: int, name: str) -> str:
    """Return a cell as text without whitespace at its ends.

    Raises:
        DatasetError: It is missing, blank, or no text.
    """
    cell = row.cells[place]
    text = cell.strip() if isinstance(cell, str) else ""
    if not text:
        raise DatasetError(
            f"{file}:{row.line}: the {name} is missing or blank; fill it in or remove the line"
        )
    return text


def _from_csv(file: Path, content: str, columns: Sequence[Column], separator: str) -> Iterator[Row]:
    reader = csv.reader(io.StringIO(content, newline=""), delimiter=separator, strict=True)
    header: list[str] | None = None
    places: list[int] = []
    began = 1
    try:
        for cells in reader:
            line, began = began, reader.line_num + 1
            if not any(cell.strip() for cell in cells):
                continue
            if header is None:
                header = [cell.strip().casefold() for cell in cells]
                _check_separator(file, line, cells, separator)
                places = [_place(file, line, header, column) for column in columns]
                continue
            if any(cell.strip() for cell in cells[len(header) :]):
                raise DatasetError(
                    f"{file}:{line}: {len(cells)} cells where the header names {len(header)}; "
                    "put a text that holds the separator into double quotes"
                )
            yield Row(line, tuple(cells[n] if n < len(cells) else None for n in places))
    except csv.Error as error:
        raise DatasetError(f"{file}:{began}: {error}; mend the quotes") from error


def _check_separator(file: Path, line: int, header: Sequence[str], separator: str) -> None:
    """Refuse a header that another separator divides, as some spreadsheets write it."""
    for other, name in _NAMES.items():
        if other != separator and len(header) == 1 and other in header[0]:
            raise DatasetError(
                f"{file}:{line}: separated with {name}; separate with {_NAMES[separator]}, as {file.suffix} means, "
                "or save it anew"
            )


def _from_json_lines(file: Path, content: str, columns: Sequence[Column]) -> Iterator[Row]:
    for line, row in enumerate(content.split("\n"), start=1):
        if not row.strip():
            continue
        try:
            entry = json.loads(row)
        except ValueError as error:
            raise DatasetError(
                f"{file}:{line}: no JSON ({error}); write one object a line"
            ) from error
        given = entry if isinstance(entry, dict) else {}
        folded = {str(key).strip().casefold(): value for key, value in given.items()}
        keys = list(folded)
        cells = tuple(folded[keys[_place(file, line, keys, column)]] for column in columns)
        if any(cell not in ("", None) for cell in cells):
            yield Row(line, cells)


def _place(file: Path, line: int, header: Sequence[str], column: Column) -> int:
    for name in (column.name, *column.others):
        if name in header:
            return header.index(name)
    found = ", ".join(map(repr, header))[:_SHOWN] or "nothing"
    raise DatasetError(
        f"{file}:{line}: has no {column.name!r} but {found}; name the column (or key) {column.name!r}"
    )
