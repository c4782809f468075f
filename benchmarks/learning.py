"""How long learning takes: BANKING77, a new example in the draft, release 1 on a new machine."""

import asyncio
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from benchmarks.draft import seconds_to_draft
from benchmarks.measuring import Row
from bot.settings import Settings

BANKING77: Final = Path(__file__).parents[2] / "shared" / "data" / "banking77"
_TRAINING: Final = (sys.executable, "-m", "training")


def measure(settings: Settings) -> list[Row]:
    """Measure learning."""
    return [*_banking77(), _draft(settings), _first_start()]


def _banking77() -> list[Row]:
    data = BANKING77 / "train.csv"
    if not data.exists():
        return []
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as home:
        _run("intents", "--data", str(data), home=home)
    took = time.perf_counter() - started
    return [
        Row(
            "BANKING77 (10,003 examples): training time, instant", f"{took:.0f} s", "90 s",
            "Rasa 3.6: 2,051 s", took <= 90, "a process of its own, encoding and calibration included",
        )
    ]  # fmt: skip


def _draft(settings: Settings) -> Row:
    took = asyncio.run(seconds_to_draft(settings))
    return Row(
        "new example to the draft's answer", f"{took:.2f} s", "2 s", "train and restart", took <= 2
    )


def _first_start() -> Row:
    with tempfile.TemporaryDirectory() as home:
        started = time.perf_counter()
        _run("publish", home=home)
        took = time.perf_counter() - started
    return Row(
        "first release on a new machine, after packages are there", f"{took:.0f} s", "120 s", "", took <= 120,
    )  # fmt: skip


def _run(*arguments: str, home: str) -> None:
    subprocess.run(
        [*_TRAINING, *arguments], check=True, stdout=subprocess.DEVNULL, env=_environment(home)
    )


def _environment(home: str) -> dict[str, str]:
    import os  # noqa: PLC0415

    return {**os.environ, "KEFU_HOME": home}
