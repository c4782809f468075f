"""What a training run says about its result: package versions, a JSON report and a model card in Markdown."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a heading."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class ModelCard:
    """What somebody who uses a model must know.

    Attributes:
        title: The model's name.
        summary: What it does and what it is made from.
        numbers: Metrics, by name.
        tables: Details.
        limits: What it cannot do, one sentence each.
    """

    title: str
    summary: str
    numbers: Mapping[str, float]
    tables: tuple[Table, ...] = ()
    limits: tuple[str, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)

    def markdown(self) -> str:
        """Render the card."""
        numbers = Table(
            "Numbers",
            ("metric", "value"),
            tuple((name, f"{value:.4g}") for name, value in self.numbers.items()),
        )
        parts = [f"# {self.title}", self.summary, *map(_render, (numbers, *self.tables))]
        if self.limits:
            parts.append("## Limits\n" + "\n".join(f"- {limit}" for limit in self.limits))
        if self.versions:
            versions = ", ".join(f"{name} {number}" for name, number in self.versions.items())
            parts.append(f"Made with {versions}.")
        return "\n\n".join(parts) + "\n"


def write_report(folder: Path, card: ModelCard) -> None:
    """Write ``report.json`` and ``README.md`` into the folder beside the model."""
    folder.mkdir(parents=True, exist_ok=True)
    report = {
        "title": card.title,
        "numbers": dict(card.numbers),
        "versions": dict(card.versions),
        "tables": [
            {"title": table.title, "columns": table.columns, "rows": table.rows}
            for table in card.tables
        ],
    }
    text = json.dumps(report, indent=2, ensure_ascii=False) + "\n"
    (folder / "report.json").write_text(text, encoding="utf-8")
    (folder / "README.md").write_text(card.markdown(), encoding="utf-8")


def package_versions(*names: str) -> dict[str, str]:
    """Return the installed versions of packages; those that are not installed are left out."""
    found = {}
    for name in names:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _render(table: Table) -> str:
    lines = [f"## {table.title}", _line(table.columns), _line(["---"] * len(table.columns))]
    return "\n".join([*lines, *map(_line, table.rows)])


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
