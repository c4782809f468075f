"""How long learning takes: BANKING77, a new example in the draft, release 1 on a new machine."""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from benchmarks.draft import seconds_to_draft
from benchmarks.measuring import Row
from bot.settings import Settings

DATA: Final = Path(__file__).parents[2] / "shared" / "data" / "banking77"


def measure(settings: Settings) -> list[Row]:
    """Measure learning; BANKING77 only where its data lie beside the project."""
    return [*(_banking77() if DATA.exists() else []), _draft(settings), _first_start()]


def _banking77() -> list[Row]:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.banking77", str(DATA)], check=True, capture_output=True
    )
    found = json.loads(done.stdout)
    took, accuracy = found["total_s"], found["accuracy"] * 100
    return [
        Row(
            "BANKING77 (10,003 examples): training time, instant", f"{took:.0f} s ({accuracy:.1f} %)",
            "90 s", "Rasa 3.6: 2,051 s (90.5 %)", took <= 90,
            f"encoding {found['encoding_s']:.0f} s, fitting and calibrating {found['fitting_s']:.0f} s; "
            f"accuracy on its {found['n']:,} test sentences",
        )
    ]  # fmt: skip


def _draft(settings: Settings) -> Row:
    took = asyncio.run(seconds_to_draft(settings))
    return Row(
        "new example to the draft's answer", f"{took:.2f} s", "2 s", "train and restart", took <= 2
    )


def _first_start() -> Row:
    """Time what the first ``kefu serve`` builds: demo shop and release 1, on an empty folder."""
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "KEFU_HOME": home, "KEFU_DEMO": "true"}
        started = time.perf_counter()
        for command in (("ui.cli.main", "demo", "--yes"), ("training", "publish")):
            subprocess.run(
                [sys.executable, "-m", *command],
                check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment,
            )  # fmt: skip
        took = time.perf_counter() - started
    return Row(
        "first `make serve` on a new machine, packages there", f"{took:.0f} s", "120 s", "", took <= 120,
        "demo shop and release 1",
    )  # fmt: skip
