"""Runs the benchmarks and writes the report: ``python -m benchmarks``."""

import argparse
import os
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

from benchmarks import deep, encoding, in_process, learning, over_http
from benchmarks.measuring import Row, machine
from benchmarks.report import Part, as_markdown, mark, read_parts, write_parts
from bot.settings import Settings, read_settings
from ui.cli.serve import prepare

REPORT: Final = Path(__file__).parent / "results.md"
RAW: Final = Path(__file__).parent / "results.json"
COMMAND: Final = "make benchmark"
DOORS: Final = "doors"

_PARTS: Final[Mapping[str, Callable[[Settings], Sequence[Row]]]] = {
    "turns": in_process.measure,
    "http": over_http.measure,
    "encoder": lambda _settings: encoding.measure(),
    "learning": learning.measure,
}
# measured only when named: it takes longer than all others
_LONG: Final[Mapping[str, Callable[[Settings], Sequence[Row]]]] = {
    "deep": lambda _settings: deep.measure()
}


def main() -> None:
    """Measure, print and write."""
    given = _parser().parse_args()
    os.environ.setdefault("KEFU_DEMO", "true")
    settings = read_settings()
    prepare(settings)
    console, parts = Console(stderr=True), dict(read_parts(RAW))
    parts_of = {**_PARTS, **_LONG}
    day = datetime.now(UTC).date().isoformat()
    for name in given.only or (*_PARTS, DOORS):
        with console.status(f"measuring {name} …"):
            rows = (
                over_http.measure_beside(given.peer) if name == DOORS else parts_of[name](settings)
            )
        _print(rows)
        parts[name] = Part(day, machine(), tuple(rows))
        write_parts(RAW, parts)  # a later part may fail
        shown = [parts[one] for one in (*parts_of, DOORS) if one in parts]
        REPORT.write_text(as_markdown(shown, COMMAND), "utf-8")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--peer", action="append", default=[], metavar="URL",
        help="a running server with Rasa's REST and parse endpoints, to be measured beside ours",
    )  # fmt: skip
    parser.add_argument(
        "--only", action="append", choices=(*_PARTS, *_LONG, DOORS),
        help="measure this part again, and leave the others in the report as they are",
    )  # fmt: skip
    return parser


def _print(rows: Sequence[Row]) -> None:
    table = Table("what", "measured", "target", "met", "peer", "note", box=None)
    for row in rows:
        table.add_row(row.what, row.measured, row.target, mark(row), row.peer, row.note)
    Console(width=160).print(table)


if __name__ == "__main__":
    main()
