"""How long deep tuning takes: ``kefu train intents --deep`` on BANKING77's training part, from the command to its end."""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from benchmarks.learning import BANKING77
from benchmarks.measuring import Row

_TARGET_MIN: Final = 20


def measure() -> list[Row]:
    """Measure it on both cores; nothing where BANKING77 does not lie beside the project."""
    if not BANKING77.exists():
        return []
    with tempfile.TemporaryDirectory() as folder:
        home, model = Path(folder) / "home", Path(folder) / "model"
        command = ["-m", "training", "intents", "--deep", "--json"]
        files = ["--data", str(BANKING77 / "train.csv"), "--out", str(model)]
        started = time.perf_counter()
        done = subprocess.run(
            [sys.executable, *command, *files],
            check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            env={**os.environ, "KEFU_HOME": str(home)},
        )  # fmt: skip
        minutes = (time.perf_counter() - started) / 60
    verdict = json.loads(done.stdout)["deep"]
    instant, deep = (100 * verdict[way]["accuracy"] for way in ("instant", "deep"))
    return [
        Row(
            "BANKING77 (10,003 examples): training time, deep", f"{minutes:.0f} min",
            f"{_TARGET_MIN} min", "Rasa 3.6: 34 min, 30 epochs", minutes <= _TARGET_MIN,
            f"from the command to its end, export and verdict included; held-out accuracy {instant:.1f} → {deep:.1f} %",
        )
    ]  # fmt: skip
