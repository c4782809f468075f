"""What was measured, kept by part, so that one part can be measured again without the others."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.measuring import Row


@dataclass(frozen=True, slots=True)
class Part:
    """What one part of the benchmark measured, when and where."""

    day: str
    machine: str
    rows: tuple[Row, ...]


def read_parts(file: Path) -> Mapping[str, Part]:
    """Read what was kept; nothing where there is no file yet."""
    if not file.exists():
        return {}
    return {
        name: Part(one["day"], one["machine"], tuple(Row(**row) for row in one["rows"]))
        for name, one in json.loads(file.read_text("utf-8")).items()
    }


def write_parts(file: Path, parts: Mapping[str, Part]) -> None:
    """Keep what was measured."""
    content = {name: asdict(part) for name, part in parts.items()}
    file.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", "utf-8")


def as_markdown(parts: Sequence[Part], command: str) -> str:
    """Write a table; says for each row when it was measured, and on what machines all were."""
    machines = "; ".join(dict.fromkeys(part.machine for part in parts))
    lines = [
        "# Speed and memory",
        "",
        f"Measured with `{command}` on {machines}. The peer's figures are Rasa 3.6's on a machine of the same kind.",
        "",
        "| what | measured | target | met | peer | day | note |",
        "| --- | --- | --- | --- | --- | --- | --- |",
        *(
            f"| {row.what} | {row.measured} | {row.target} | {mark(row)} | {row.peer} | {part.day} | {row.note} |"
            for part in parts
            for row in part.rows
        ),
        "",
    ]
    return "\n".join(lines)


def mark(row: Row) -> str:
    """Tell whether a row's target is met."""
    return {True: "yes", False: "no", None: ""}[row.is_met]
