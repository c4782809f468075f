"""How far a long task is, where no terminal shows a bar."""

import io

from training.progress import PlainStages


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
