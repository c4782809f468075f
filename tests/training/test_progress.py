"""How far a long task is, in a terminal and elsewhere."""

import io

import pytest
from rich.console import Console
from rich.progress import Progress

from training import progress
from training.progress import PlainStages, stages


def test_a_long_stage_tells_how_far_it_is_every_half_minute() -> None:
    out, clock = io.StringIO(), [0.0]
    report = PlainStages(out=out, now=lambda: clock[0]).begin("tuning")

    for second in range(0, 70, 10):
        clock[0] = float(second)
        report(second / 70, f"{second} s")

    assert out.getvalue().splitlines() == [
        "kefu: tuning …",
        "kefu: tuning: 43%, 30 s",
        "kefu: tuning: 86%, 60 s",
    ]


@pytest.fixture
def bar(monkeypatch: pytest.MonkeyPatch) -> Progress:
    """Return the bar of a terminal that nobody looks at."""
    made = Progress(console=Console(file=io.StringIO()))
    monkeypatch.setattr(progress, "_bar", lambda: made)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    return made


@pytest.mark.parametrize("count", [1, 3, 5])
def test_a_bar_ends_full_and_never_stands_full_before(bar: Progress, count: int) -> None:
    with stages(3) as shown:
        for number in range(count):
            report = shown.begin("tuning")
            assert bar.tasks[0].percentage < 100
            report(0.5, f"part {number}")

    assert bar.tasks[0].percentage == 100
    assert bar.tasks[0].description == "done"


def test_a_bar_that_is_stopped_stays_where_it_was(bar: Progress) -> None:
    def break_off() -> None:
        with stages(2) as shown:
            shown.begin("one")
            shown.begin("two")
            raise KeyError

    with pytest.raises(KeyError):
        break_off()

    assert bar.tasks[0].percentage == 50
    assert bar.tasks[0].description == "stopped"
