"""The report for people: one HTML file with everything inside, nothing from other hosts."""

import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from training.report import Table

_TEMPLATE: Final = "page.html"
_TRAINS: Final = ("intents", "sentiment", "encoder", "retrieval")


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a figure comes from.

    Attributes:
        data: The file or set.
        split: What was trained on and what was measured.
        model: What was measured.
        seed: Of everything that is drawn at random.
    """

    data: str
    split: str
    model: str
    seed: int
    day: str
    command: str

    @classmethod
    def now(cls, *, data: str, split: str, model: str, seed: int) -> "Provenance":
        """Take today's date and the command that runs."""
        return cls(data, split, model, seed, datetime.now(UTC).date().isoformat(), command_line())

    @property
    def caption(self) -> str:
        """Return it as one line below a figure."""
        return (
            f"Data: {self.data}. Split: {self.split}. Model: {self.model}. Seed {self.seed}. "
            f"{self.day}, {self.command}"
        )


@dataclass(frozen=True, slots=True)
class Tile:
    """A number in large type; ``note`` says what it means."""

    value: str
    name: str
    note: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture; ``meaning`` says how to read it, and a broad one has a row of its own."""

    title: str
    meaning: str
    svg: str
    caption: str
    is_broad: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """Everything about one set.

    Attributes:
        lead: A sentence or two, first.
        notes: What somebody should know, one sentence each.
    """

    title: str
    lead: str
    tiles: tuple[Tile, ...] = ()
    figures: tuple[Figure, ...] = ()
    tables: tuple[Table, ...] = ()
    notes: tuple[str, ...] = ()


def write_page(file: Path, title: str, sections: Sequence[Section]) -> None:
    """Write a report; its folder is made where missing."""
    loader = PackageLoader("training.evaluation", "templates")
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined)
    page = environment.get_template(_TEMPLATE).render(
        title=title,
        made_at=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        command=command_line(),
        sections=sections,
    )
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(page, encoding="utf-8")


def command_line() -> str:
    """Return the command as somebody would type it again: ``kefu train X`` runs ``python -m training X``."""
    words = sys.argv[1:]
    group = ["train"] if words[:1] and words[0] in _TRAINS else []
    return shlex.join(["kefu", *group, *words])
