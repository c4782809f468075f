"""One file of Rasa NLU YAML: what it says, line by line, and changes that leave every other byte as it was."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError
from ruamel.yaml.scalarstring import LiteralScalarString

from intents.errors import CatalogueError

KINDS: Final = ("intent", "synonym", "regex", "lookup")
_NEWEST: Final = (3, 1)
_DASH: Final = "-"


@dataclass(frozen=True, slots=True)
class ItemLine:
    """An example, or a line of a synonym, regex or lookup; ``line`` counts from 1."""

    text: str
    line: int


@dataclass(frozen=True, slots=True)
class NluItem:
    """One item under ``nlu``.

    Attributes:
        kind: ``intent``, ``synonym``, ``regex`` or ``lookup``.
        name: What stands behind it.
        line: Where the item begins, counted from 1.
        lines: Its examples.
        flaws: What cannot be read in it, with a remedy; each with its line.
        is_block: Its examples are a literal block (``|``), not a list.
        index: Its place under ``nlu``.
    """

    kind: str
    name: str
    line: int
    lines: tuple[ItemLine, ...]
    flaws: tuple[ItemLine, ...]
    is_block: bool
    index: int


@dataclass(frozen=True, slots=True)
class NluDocument:
    """A file's text and what was read from it."""

    path: str
    text: str
    items: tuple[NluItem, ...]
    flaws: tuple[ItemLine, ...]


def read_document(path: str, text: str) -> NluDocument:
    """Read a file; one without ``nlu`` has no items.

    Raises:
        CatalogueError: It is no YAML mapping, or made for a newer Rasa; names file, line and remedy.
    """
    content = _load(path, text)
    _check_version(path, content)
    items = content.get("nlu")
    if items is None:
        return NluDocument(path, text, (), ())
    if not isinstance(items, CommentedSeq):
        line = content.lc.key("nlu")[0] + 1
        raise CatalogueError(
            f"{path}:{line}: 'nlu' is no list; write '- intent: name' items under it"
        )
    read: list[NluItem] = []
    flaws: list[ItemLine] = []
    for index, item in enumerate(items):
        line = items.lc.item(index)[0] + 1
        kind = next((kind for kind in KINDS if isinstance(item, CommentedMap) and kind in item), "")
        if kind and isinstance(item[kind], str) and item[kind].strip():
            read.append(_read_item(item, kind, line, index))
        else:
            told = f"an item is none of {', '.join(KINDS)}; write '- intent: name'"
            flaws.append(ItemLine(told, line))
    return NluDocument(path, text, tuple(read), tuple(flaws))


def with_line(document: NluDocument, item: NluItem, text: str) -> NluDocument:
    """Add a line at the end of an item's examples; nothing else changes.

    Raises:
        CatalogueError: The examples are written in a way that cannot be added to.
    """
    rows = _rows(document.text)
    if not item.lines:
        raise _not_changeable(document, item)
    last = item.lines[-1].line - 1
    indent = rows[last][: rows[last].index(_DASH)] if _DASH in rows[last] else None
    if indent is None or indent.strip():
        raise _not_changeable(document, item)
    end = last + 1
    if item.is_block:
        new = f"{indent}- {text}"
    else:
        new = f"{indent}- text: |\n{indent}    {text}"
        end = _end_of_entry(rows, last, len(indent))
    _end_line(rows, end - 1)
    rows.insert(end, new + _ending(rows))
    return _changed(document, rows)


def without_line(document: NluDocument, item: NluItem, line: ItemLine) -> NluDocument:
    """Remove one line of an item's examples; nothing else changes.

    Raises:
        CatalogueError: The examples are written in a way that cannot be removed from, or it is the only one.
    """
    rows = _rows(document.text)
    first = line.line - 1
    if len(item.lines) == 1:
        raise CatalogueError(
            f"{document.path}:{item.line}: {line.text!r} is the only example of {item.kind} {item.name!r} here; add another "
            "one first"
        )
    if not rows[first].lstrip().startswith(_DASH):
        raise _not_changeable(document, item)
    end = first + 1
    if not item.is_block:
        end = _end_of_entry(rows, first, rows[first].index(_DASH))
    del rows[first:end]
    return _changed(document, rows)


def with_item(document: NluDocument, intent: str, texts: Sequence[str]) -> NluDocument:
    """Add a new intent after the file's last item."""
    content = _load(document.path, document.text)
    items = content.get("nlu")
    block = "\n".join(f"    - {text}" for text in texts)
    new = f"- intent: {intent}\n  examples: |\n{block}\n"
    if not isinstance(items, CommentedSeq) or not len(items):
        joint = "" if document.text.endswith("\n") or not document.text else "\n"
        header = "" if "nlu" in content else "nlu:\n"
        return read_document(document.path, f"{document.text}{joint}{header}{new}")
    column = items.lc.item(len(items) - 1)[1] - 2  # where the dash stands
    rows = _rows(document.text)
    after = [
        content.lc.key(key)[0] for key in content if content.lc.key(key) > content.lc.key("nlu")
    ]
    end = min(after, default=len(rows))
    while end > 0 and (not rows[end - 1].strip() or rows[end - 1].startswith("#")):
        end -= 1
    _end_line(rows, end - 1)
    shifted = "".join(" " * column + row for row in _rows(new))
    rows.insert(end, shifted.replace("\n", _ending(rows)))
    return _changed(document, rows)


def _load(path: str, text: str) -> CommentedMap:
    try:
        content = YAML(typ="rt", pure=True).load(text)
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        line = 1 if mark is None else mark.line + 1
        told = getattr(error, "problem", None) or str(error).splitlines()[0]
        raise CatalogueError(
            f"{path}:{line}: broken YAML ({told}); mend this line or the one above"
        ) from error
    if content is None:
        return CommentedMap()
    if not isinstance(content, CommentedMap):
        raise CatalogueError(f"{path}:1: no mapping; begin with 'version: \"3.1\"' and 'nlu:'")
    return content


def _check_version(path: str, content: Mapping[str, object]) -> None:
    if "version" not in content:
        return
    numbers = str(content["version"]).split(".")
    if not all(number.isdigit() for number in numbers):
        raise CatalogueError(
            f'{path}:1: version {content["version"]!r} is no number; write version: "3.1"'
        )
    if int(numbers[0]) > _NEWEST[0]:
        raise CatalogueError(
            f"{path}:1: version {content['version']} is newer than {_NEWEST[0]}.{_NEWEST[1]}; export the file for Rasa 3"
        )


def _read_item(item: CommentedMap, kind: str, line: int, index: int) -> NluItem:
    examples = item.get("examples")
    is_block = isinstance(examples, LiteralScalarString)
    if isinstance(examples, CommentedSeq):
        found = list(_from_list(examples))
    elif isinstance(examples, str):
        begin = item.lc.value("examples")[0] + 1 + is_block
        found = list(_from_text(examples, begin, is_block=is_block))
    else:
        found = []
    lines = tuple(entry for entry, is_good in found if is_good)
    flaws = [entry for entry, is_good in found if not is_good]
    if not found:
        flaws.append(
            ItemLine(
                f"{kind} {item[kind]!r} has no examples; write 'examples: |' with lines '- text'",
                line,
            )
        )
    return NluItem(kind, str(item[kind]).strip(), line, lines, tuple(flaws), is_block, index)


def _from_text(text: str, begin: int, *, is_block: bool) -> Iterator[tuple[ItemLine, bool]]:
    for offset, row in enumerate(text.split("\n")):
        line = begin + (offset if is_block else 0)
        stripped = row.strip()
        if stripped.startswith(_DASH) and stripped[1:].strip():
            yield ItemLine(stripped[1:].strip(), line), True
        elif stripped:
            yield ItemLine(f"{stripped!r} is no example; begin the line with '- '", line), False


def _from_list(examples: CommentedSeq) -> Iterator[tuple[ItemLine, bool]]:
    for index, entry in enumerate(examples):
        line = examples.lc.item(index)[0] + 1
        text = entry.get("text") if isinstance(entry, CommentedMap) else entry
        if isinstance(text, str) and text.strip():
            yield ItemLine(text.strip().removeprefix("- ").strip(), line), True
        else:
            yield (
                ItemLine("an example has no text; write '- text: |' with the words below it", line),
                False,
            )


def _end_of_entry(rows: Sequence[str], first: int, column: int) -> int:
    """Find the row after a list entry that begins in row ``first`` with a dash in ``column``."""
    end = first + 1
    while end < len(rows):
        row = rows[end]
        if row.strip() and len(row) - len(row.lstrip()) <= column:
            break
        end += 1
    while not rows[end - 1].strip():
        end -= 1
    return end


def _rows(text: str) -> list[str]:
    """Split at line feeds only, as YAML does; ``splitlines`` knows more line ends."""
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def _ending(rows: Sequence[str]) -> str:
    return "\r\n" if rows and rows[0].endswith("\r\n") else "\n"


def _end_line(rows: list[str], place: int) -> None:
    if not rows[place].endswith("\n"):
        rows[place] += _ending(rows)


def _changed(document: NluDocument, rows: Sequence[str]) -> NluDocument:
    return read_document(document.path, "".join(rows))


def _not_changeable(document: NluDocument, item: NluItem) -> CatalogueError:
    return CatalogueError(
        f"{document.path}:{item.line}: {item.kind} {item.name!r} cannot be changed without rewriting it; write its "
        "examples as 'examples: |' with two or more lines '- text', and edit the file by hand"
    )
