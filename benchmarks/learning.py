"""How long learning takes: BANKING77, what is new in the draft, publishing, release 1 on a new machine."""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from benchmarks import many_intents
from benchmarks.draft import ROUNDS, DraftTimes, time_draft
from benchmarks.measuring import Row
from bot.bootstrap import open_releases
from bot.settings import Settings, read_settings

BANKING77: Final = Path(__file__).parents[2] / "shared" / "data" / "banking77"


def measure(settings: Settings) -> list[Row]:
    """Measure learning; BANKING77 only where its data lie beside the project."""
    return [
        *(_banking77() if BANKING77.exists() else []),
        *_shipped(settings),
        *(_many() if many_intents.DATA.exists() else []),
        _first_start(),
    ]


def _banking77() -> list[Row]:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.banking77", str(BANKING77)],
        check=True,
        capture_output=True,
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


def _shipped(settings: Settings) -> list[Row]:
    times = time_draft(settings.home, "product_care")
    with tempfile.TemporaryDirectory() as home:
        _publish(home)  # exports the encoder; what is published next is what is measured
        took = _publish(home)
    return [*_draft_rows("shipped catalogue", times), _publish_row("shipped catalogue", took)]


def _many() -> list[Row]:
    what = "150 intents × 100 examples"
    with tempfile.TemporaryDirectory() as home:
        settings = read_settings(home=Path(home))
        asyncio.run(_fill(settings))
        _publish(home)
        times = time_draft(settings.home, "freeze_account")
        return [*_draft_rows(what, times), _publish_row(what, _publish(home))]


async def _fill(settings: Settings) -> None:
    async with open_releases(settings) as releases:
        await releases.save_draft(many_intents.many_documents(), expected=None)


def _draft_rows(what: str, times: DraftTimes) -> list[Row]:
    return [
        Row(
            f"new {kind} to the draft's answer, {what}", f"{took.half:.2f} s", "1 s",
            "train and restart", took.half <= 1, f"by 'kefu serve --draft'; median of {ROUNDS}, longest {took.most:.2f} s",
        )
        for kind, took in (("example", times.example), ("intent", times.intent))
    ]  # fmt: skip


def _publish(home: str) -> float:
    """Return the seconds that publishing the draft takes."""
    started = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "training", "publish"],
        check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env={**os.environ, "KEFU_HOME": home},
    )  # fmt: skip
    return time.perf_counter() - started


def _publish_row(what: str, took: float) -> Row:
    note = "all fitted and calibrated anew, conversations rehearsed; encodings are kept"
    return Row(f"publishing, {what}", f"{took:.0f} s", "", "", None, note)


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
