"""A part of the benchmark that is measured again takes its old place, and the others stay."""

from pathlib import Path

from benchmarks.measuring import Row
from benchmarks.report import Part, as_markdown, read_parts, write_parts

TURNS = Part(
    "2026-11-01", "a machine", (Row("a turn", "8 ms", "6 ms", "Rasa: 9 ms", is_met=False),)
)
OLDER = Part("2026-11-01", "a machine", (Row("a new example", "2 s", "1 s", "", is_met=False),))
NEWER = Part(
    "2026-11-02", "another", (Row("an example", "0.5 s", "1 s", "", is_met=True, note="median"),)
)


def test_parts_come_back_from_their_file(tmp_path: Path) -> None:
    file = tmp_path / "results.json"
    assert read_parts(file) == {}

    write_parts(file, {"turns": TURNS, "learning": OLDER})
    write_parts(file, {**read_parts(file), "learning": NEWER})

    assert read_parts(file) == {"turns": TURNS, "learning": NEWER}


def test_each_row_says_when_it_was_measured() -> None:
    text = as_markdown([TURNS, NEWER], "make benchmark")

    assert "with `make benchmark` on a machine; another." in text
    assert "| a turn | 8 ms | 6 ms | no | Rasa: 9 ms | 2026-11-01 |  |" in text
    assert "| an example | 0.5 s | 1 s | yes |  | 2026-11-02 | median |" in text
