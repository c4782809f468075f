"""Entries <-> JSON, every member of a union tagged with its class name."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from types import MappingProxyType
from typing import Any, get_args

from cattrs import Converter
from cattrs.strategies import configure_tagged_union

from bot.domain.entries import Entry
from bot.domain.facts import Fact
from bot.domain.reply import Part

# To type checkers a union is no type of its own; cattrs takes it as one.
_ENTRY: Any = Entry


@cache
def _converter() -> Converter:
    converter = Converter()
    converter.register_unstructure_hook(datetime, lambda moment: moment.timestamp())
    converter.register_structure_hook(
        datetime, lambda seconds, _: datetime.fromtimestamp(seconds, UTC)
    )
    # Mapping fields are read back as read-only dicts.
    converter.register_structure_hook_func(
        lambda kind: getattr(kind, "__origin__", None) is Mapping,
        lambda value, kind: MappingProxyType(
            {str(k): converter.structure(v, get_args(kind)[1]) for k, v in value.items()}
        ),
    )
    converter.register_unstructure_hook_func(
        lambda kind: kind is MappingProxyType or getattr(kind, "__origin__", None) is Mapping, dict
    )
    for union in (Fact, Part, Entry):
        configure_tagged_union(union, converter, tag_name="kind")
    return converter


def entry_to_json(entry: Entry) -> str:
    """Write an entry."""
    return json.dumps(entry_to_dict(entry), ensure_ascii=False, separators=(",", ":"))


def entry_to_dict(entry: Entry) -> dict[str, Any]:  # JSON values are of any kind
    """Render an entry as JSON values, ``kind`` naming its class; moments are seconds since 1970."""
    rendered: dict[str, Any] = _converter().unstructure(entry, Entry)
    return rendered


def entry_from_json(text: str) -> Entry:
    """Read an entry."""
    entry: Entry = _converter().structure(json.loads(text), _ENTRY)
    return entry
