"""Times, percentiles, and rows of the report."""

import os
import platform
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the report; ``peer`` is what another system needs for the same, "" where unknown."""

    what: str
    measured: str
    target: str
    peer: str
    is_met: bool | None
    note: str = ""


def percentile(values: Sequence[float], share: float) -> float:
    """Return the nearest-rank percentile of values; ``share`` in [0, 1]."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def milliseconds(started: float) -> float:
    """Return the milliseconds since a ``time.perf_counter`` moment."""
    return (time.perf_counter() - started) * 1000


def machine() -> str:
    """Describe this machine: processor, cores, memory, Python."""
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines()
            if line.startswith("model name")
        ),
        platform.processor(),
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{model}, {os.cpu_count()} cores, {memory:.0f} GiB, Python {platform.python_version()}"


def resident_mib(pid: int) -> float:
    """Return a process's resident memory in MiB, its children's included."""
    total = 0
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and _descends(int(folder.name), pid):
            total += _resident_kib(folder)
    return total / 1024


def _descends(pid: int, ancestor: int) -> bool:
    while pid > 1:
        if pid == ancestor:
            return True
        try:
            stat = Path(f"/proc/{pid}/stat").read_text("utf-8")
        except FileNotFoundError:
            return False
        pid = int(stat.rpartition(")")[2].split()[1])
    return False


def _resident_kib(folder: Path) -> int:
    try:
        lines = (folder / "status").read_text("utf-8").splitlines()
    except FileNotFoundError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("VmRSS")), 0)
