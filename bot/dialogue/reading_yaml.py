"""YAML nodes that know their file and line, and a list of what is wrong with them."""

import functools
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError


@dataclass(slots=True)
class Problems:
    """What is wrong, one line each, in the order found; the same thing is told once."""

    found: list[str] = field(default_factory=list)

    def tell(self, place: str, what: str, remedy: str) -> None:
        """Add a problem."""
        line = f"{place}: {what}; {remedy}"
        if line not in self.found:
            self.found.append(line)


@dataclass(frozen=True, slots=True)
class Node:
    """A value of a YAML document.

    Attributes:
        file: The document's name.
        line: Where it stands, from 1.
        value: What the YAML library made of it: mapping, list or scalar; None where nothing stands.
    """

    file: str
    line: int
    value: Any  # a parsed document may hold anything
    problems: Problems

    @property
    def place(self) -> str:
        """Return file and line."""
        return f"{self.file}:{self.line}"

    def tell(self, what: str, remedy: str, at: str = "") -> None:
        """Add a problem of this node, or of its child ``at``."""
        place = self.child(at).place if at and self.has(at) else self.place
        self.problems.tell(place, what, remedy)

    def has(self, key: str) -> bool:
        """Tell whether a mapping has a key."""
        return isinstance(self.value, Mapping) and key in self.value

    def child(self, key: str) -> "Node":
        """Return a mapping's value; an empty node where the key is missing."""
        if not self.has(key):
            return Node(self.file, self.line, None, self.problems)
        return Node(self.file, _line_of(self.value, key, self.line), self.value[key], self.problems)

    def children(self) -> Iterator[tuple[str, "Node"]]:
        """Return a mapping's keys with their values; tell where it is none."""
        if self.value is None:
            return
        if not isinstance(self.value, Mapping):
            self.tell("a mapping was expected here", "write 'key: value' lines")
            return
        for key in self.value:
            yield str(key), self.child(key)

    def items(self) -> list["Node"]:
        """Return a list's items; tell where it is none."""
        if self.value is None:
            return []
        if not isinstance(self.value, Sequence) or isinstance(self.value, str):
            self.tell("a list was expected here", "write '- item' lines, or [] for none")
            return []
        return [
            Node(self.file, _line_of(self.value, place, self.line), item, self.problems)
            for place, item in enumerate(self.value)
        ]

    def only(self, *keys: str) -> None:
        """Tell of keys that are none of these."""
        if not isinstance(self.value, Mapping):
            return
        for key in self.value:
            if key not in keys:
                remedy = f"the known ones are {', '.join(keys)}"
                self.tell(f"the key {str(key)!r} is unknown", remedy, at=key)

    def text(self, key: str, default: str = "") -> str:
        """Return a mapping's text; tell where it is something else."""
        if not self.has(key):
            return default
        value = self.value[key]
        if value is None:
            return default
        if isinstance(value, str):
            return value.strip()
        self.tell(f"{key!r} must be a text", 'put it in "quotes"', at=key)
        return default

    def flag(self, key: str, *, default: bool) -> bool:
        """Return a mapping's truth value; tell where it is something else."""
        value = self.value[key] if self.has(key) else default
        if isinstance(value, bool):
            return value
        self.tell(f"{key!r} must be true or false", "write true or false without quotes", at=key)
        return default

    def whole(self, key: str, default: int, least: int, most: int) -> int:
        """Return a mapping's whole number within limits; tell where it is something else."""
        value = self.value[key] if self.has(key) else default
        if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
            return value
        self.tell(f"{key!r} must be a whole number", f"take {least} to {most}", at=key)
        return default

    def texts(self) -> tuple[str, ...]:
        """Return this node's text, or its list of texts."""
        if isinstance(self.value, str):
            return (self.value.strip(),)
        found = self.items()
        for item in found:
            if not isinstance(item.value, str):
                item.tell("a text was expected here", 'put it in "quotes"')
        return tuple(item.value.strip() for item in found if isinstance(item.value, str))

    def strings(self) -> dict[str, str]:
        """Return a mapping of texts; tell of values that are none."""
        found: dict[str, str] = {}
        for key, entry in self.children():
            if isinstance(entry.value, str):
                found[key] = str(entry.value)
            else:
                entry.tell(f"{key!r} must be a text", 'put it in "quotes"')
        return found


def _line_of(container: object, key: object, default: int) -> int:
    """Return the line of a mapping's key or a list's item, from 1; the library's own types know it."""
    if isinstance(container, CommentedMap):
        return int(container.lc.key(key)[0]) + 1
    if isinstance(container, CommentedSeq):
        return int(container.lc.item(key)[0]) + 1
    return default


@functools.lru_cache(maxsize=8)
def _parsed(text: str) -> object:
    """Parse a document; whoever changes one of three is not to wait for the other two. The values are only read."""
    return YAML(typ="rt").load(io.StringIO(text))


def read_document(documents: Mapping[str, str], file: str, problems: Problems) -> Node:
    """Read one document; tell where it is missing or no YAML."""
    empty = Node(file, 1, None, problems)
    text = documents.get(file)
    if text is None:
        problems.tell(file, "the file is missing", "add it, or take it from the catalogue export")
        return empty
    try:
        value = _parsed(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark
        line = mark.line + 1 if mark is not None else 1
        what = f"this is no YAML ({error.problem or error.context})"
        problems.tell(f"{file}:{line}", what, "look at indents, quotes and colons")
        return empty
    except YAMLError:
        problems.tell(f"{file}:1", "this is no YAML", "look at indents, quotes and colons")
        return empty
    return Node(file, 1, value, problems)
