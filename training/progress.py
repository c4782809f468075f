"""Shows how far a long task is: a bar in a terminal, a line now and then elsewhere; always on standard error."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final, TextIO

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

_LINE_EVERY_S: Final = 30.0

Report = Callable[[float, str], None]
"""Called with the share of a stage that is done, in [0, 1], and a word about what is being done."""


def say(what: str) -> None:
    """Tell the person at the terminal something."""
    sys.stderr.write(f"kefu: {what}\n")
    sys.stderr.flush()


@dataclass(slots=True)
class Timed:
    """Keeps the time of the stages; shows nothing."""

    took_s: dict[str, float] = field(default_factory=dict)
    stage: str = ""
    began_at: float = 0.0

    def begin(self, stage: str) -> Report:
        """Begin a stage; the one before is done."""
        self.end()
        self.stage, self.began_at = stage, time.perf_counter()
        return lambda _share, _word: None

    def end(self) -> None:
        """End the last stage."""
        if self.stage:
            self.took_s[self.stage] = round(time.perf_counter() - self.began_at, 2)
            self.stage = ""


@dataclass(slots=True)
class PlainStages(Timed):
    """One line when a stage begins, and one every half minute in which something is told."""

    out: TextIO = field(default_factory=lambda: sys.stderr)
    now: Callable[[], float] = time.monotonic

    def begin(self, stage: str) -> Report:
        """Begin a stage; the one before is done."""
        Timed.begin(self, stage)
        self._write(f"{stage} …")
        told_at = [self.now()]

        def report(share: float, word: str) -> None:
            if self.now() - told_at[0] >= _LINE_EVERY_S:
                told_at[0] = self.now()
                self._write(f"{stage}: {share:.0%}, {word}")

        return report

    def _write(self, line: str) -> None:
        self.out.write(f"kefu: {line}\n")
        self.out.flush()


def _bar() -> Progress:
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
    )


@dataclass(slots=True)
class BarStages(Timed):
    """A bar over all stages; where there are more than were expected, it grows instead of standing full.

    Attributes:
        total: How many stages are expected.
        begun: How many have begun; some may have one name.
    """

    progress: Progress = field(default_factory=_bar)
    total: int = 1
    begun: int = 0

    def begin(self, stage: str) -> Report:
        """Begin a stage; the one before is done."""
        done = self.begun
        self.begun += 1
        Timed.begin(self, stage)
        bar = self.progress.task_ids[0]
        self.total = max(self.total, self.begun)
        self.progress.update(bar, total=self.total)

        def report(share: float, word: str) -> None:
            shown = f"{stage}: {word}" if word else stage
            self.progress.update(bar, completed=done + min(share, 1.0), description=shown)

        report(0.0, "")
        return report

    def close(self, word: str, *, is_done: bool) -> None:
        """Say how it ended; what is done stands full, whatever was expected."""
        self.end()
        bar = self.progress.task_ids[0]
        if is_done:
            self.progress.update(bar, total=self.total, completed=self.total)
        self.progress.update(bar, description=word)


@contextmanager
def stages(total: int) -> Iterator[Timed]:
    """Show the stages of a task, in the way that fits where the output goes.

    Args:
        total: How many stages there will be, or about so.
    """
    if not sys.stderr.isatty():
        shown: Timed = PlainStages()
        try:
            yield shown
        finally:
            shown.end()
        return
    with _bar() as progress:
        progress.add_task("", total=total)
        bars = BarStages(progress=progress, total=total)
        try:
            yield bars
        except BaseException:
            bars.close("stopped", is_done=False)
            raise
        bars.close("done", is_done=True)
