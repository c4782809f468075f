"""Runs every benchmark and writes the report: ``python -m benchmarks``."""

import argparse
import json
import os
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

from benchmarks import encoding, in_process, learning, over_http
from benchmarks.measuring import Row, machine
from bot.settings import Settings, read_settings
from ui.cli.serve import prepare

REPORT: Final = Path(__file__).parent / "results.md"
RAW: Final = Path(__file__).parent / "results.json"
COMMAND: Final = "make benchmark"


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--peer", action="append", default=[], metavar="URL",
        help="a running server with Rasa's REST and parse endpoints, to be measured beside ours",
    )  # fmt: skip
    peers = parser.parse_args().peer
    os.environ.setdefault("KEFU_DEMO", "true")
    settings = read_settings()
    prepare(settings)
    rows = list(_rows(settings, peers))
    _print(rows)
    day = datetime.now(UTC).date().isoformat()
    REPORT.write_text(_as_markdown(rows, day), "utf-8")
    raw = {"date": day, "machine": machine(), "rows": [asdict(row) for row in rows]}
    RAW.write_text(json.dumps(raw, indent=1) + "\n", "utf-8")


def _rows(settings: Settings, peers: Sequence[str]) -> list[Row]:
    console = Console(stderr=True)
    rows = []
    for name, measure in (
        ("the encoder", lambda _settings: encoding.measure()),
        ("turns in process", in_process.measure),
        ("turns over HTTP", over_http.measure),
        ("learning", learning.measure),
        ("Rasa's doors", lambda _settings: over_http.measure_beside(peers)),
    ):
        with console.status(f"measuring {name} …"):
            rows += measure(settings)
    return rows


def _mark(row: Row) -> str:
    return {True: "yes", False: "no", None: ""}[row.is_met]


def _print(rows: list[Row]) -> None:
    table = Table("what", "measured", "target", "met", "peer", "note", box=None)
    for row in rows:
        table.add_row(row.what, row.measured, row.target, _mark(row), row.peer, row.note)
    Console(width=160).print(table)


def _as_markdown(rows: list[Row], day: str) -> str:
    lines = [
        "# Speed and memory",
        "",
        f"Measured on {day} with `{COMMAND}` on {machine()}. The peer's figures are Rasa 3.6's on a machine of the same kind.",
        "",
        "| what | measured | target | met | peer | note |",
        "| --- | --- | --- | --- | --- | --- |",
        *(
            f"| {row.what} | {row.measured} | {row.target} | {_mark(row)} | {row.peer} | {row.note} |"
            for row in rows
        ),
        "",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
