"""Entities written into an example: ``[boots](product)`` or ``[boots]{"entity": "product", "role": "returned"}``."""

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

_ANNOTATION: Final = re.compile(
    r"\[(?P<text>[^\]\[]+?)\]"
    r"(?:\((?P<name>[^:()]+?)(?::(?P<value>[^()]+))?\)|(?P<json>\{[^}]*\})|\[(?P<list>\{.*?\})\])"
)
# What looks as if it was meant to be an annotation but was not read as one.
_REMAINS: Final = re.compile(r"\]\s?[({\[]|\[[^\]\[]*\]\{")
_KEYS: Final = frozenset({"entity", "value", "role", "group"})


@dataclass(frozen=True, slots=True)
class ExampleEntity:
    """A value marked in an example.

    Attributes:
        entity: What kind of value it is.
        value: What it means; the marked text where nothing else is said.
        start: First character in the plain text.
        end: One past the last character.
    """

    entity: str
    value: str
    start: int
    end: int
    role: str | None = None
    group: str | None = None


@lru_cache(maxsize=32_768)  # a large catalogue is read again and again, and hardly changes
def parse_annotated(annotated: str) -> tuple[str, tuple[ExampleEntity, ...]]:
    """Split an example into its plain text and its entities, in the order of the text.

    Raises:
        ValueError: An annotation is not closed, is no JSON, or lacks its entity; says which and how to write it.
    """
    plain: list[str] = []
    entities: list[ExampleEntity] = []
    length = position = 0
    for found in _ANNOTATION.finditer(annotated):
        before = annotated[position : found.start()]
        start = length + len(before)
        length = start + len(found["text"])
        plain += [before, found["text"]]
        entities += _entities(found, start)
        position = found.end()
    plain.append(annotated[position:])
    text = "".join(plain)
    remains = _REMAINS.search("\0".join(plain[0::2]))
    if remains:
        raise ValueError(
            f"the annotation near {remains.group()!r} cannot be read; write [text](entity) or "
            '[text]{"entity": "name", "role": "…"}'
        )
    return text, tuple(entities)


def _entities(found: re.Match[str], start: int) -> list[ExampleEntity]:
    text, end = found["text"], start + len(found["text"])
    if found["name"] is not None:
        return [ExampleEntity(found["name"].strip(), found["value"] or text, start, end)]
    try:
        content = json.loads(found["json"] or f"[{found['list']}]")
    except ValueError as error:
        raise ValueError(
            f'what follows [{text}] is no JSON ({error}); write {{"entity": "name"}}'
        ) from error
    items = content if isinstance(content, list) else [content]
    return [_from_json(item, text, (start, end)) for item in items]


def _from_json(item: object, text: str, place: tuple[int, int]) -> ExampleEntity:
    if not isinstance(item, dict) or not isinstance(item.get("entity"), str) or not item["entity"]:
        raise ValueError(f'what follows [{text}] names no entity; write {{"entity": "name"}}')
    unknown = sorted(set(item) - _KEYS)
    if unknown:
        raise ValueError(
            f"what follows [{text}] has the unknown key {unknown[0]!r}; known are {', '.join(sorted(_KEYS))}"
        )
    role, group = item.get("role"), item.get("group")
    return ExampleEntity(
        item["entity"],
        str(item.get("value", text)),
        *place,
        role=None if role is None else str(role),
        group=None if group is None else str(group),
    )
