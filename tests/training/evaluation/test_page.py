"""The report is one file, needs no other host, and shows what was measured."""

import re
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from bot.domain.understanding import OUT_OF_SCOPE
from training.evaluation.charts import Axes, Line, confusion_chart, line_chart, reliability_chart
from training.evaluation.cross_validation import Learned
from training.evaluation.curves import Bin
from training.evaluation.page import Provenance, Section, command_line, write_page
from training.evaluation.predictions import Predictions
from training.evaluation.sections import intent_section
from training.intent_report import Confusion

SOURCE = Provenance("shop.csv", "five parts", "tiny", 7, "2026-11-22", "kefu evaluate nlu")


def texts_of(svg: str) -> list[str]:
    return [found.text or "" for found in ET.fromstring(svg).iter() if found.tag == "text"]  # noqa: S314 - ours


def some_predictions() -> Predictions:
    chance = np.random.default_rng(1)
    shares = chance.dirichlet([1.0, 1.0, 1.0], size=60).astype(np.float32)
    truths = [("a<b", "b", "c", OUT_OF_SCOPE)[n % 4] for n in range(60)]
    return Predictions(
        ("a<b", "b", "c"),
        tuple(f"<script>text {n}</script>" for n in range(60)),
        tuple(truths),
        shares,
        chance.random(60).astype(np.float32),
        0.5,
    )


def test_every_picture_is_drawn_and_captioned(tmp_path: Path) -> None:
    section = intent_section(
        "Intents", "lead", some_predictions(), SOURCE, learning=[Learned(2, 0.3), Learned(9, 0.6)]
    )

    write_page(tmp_path / "new" / "report.html", "Title", [section, Section("Empty", "nothing")])

    page = (tmp_path / "new" / "report.html").read_text("utf-8")
    titles = [figure.title for figure in section.figures]
    assert titles == [
        "Reliability", "Risk and coverage", "Out of scope", "Learning curve", "The worst pairs",
    ]  # fmt: skip
    captions = re.findall(r"<figcaption>(.*?)</figcaption>", page)
    assert len(captions) == page.count("<svg") == 5
    for word in ("shop.csv", "five parts", "tiny", "Seed 7", "2026-11-22", "kefu evaluate nlu"):
        assert all(word in caption for caption in captions)


def test_the_page_asks_no_other_host_and_runs_nothing(tmp_path: Path) -> None:
    section = intent_section("Intents", "lead", some_predictions(), SOURCE)

    write_page(tmp_path / "report.html", "A <b> title", [section])

    page = (tmp_path / "report.html").read_text("utf-8")
    assert not re.findall(r"(?:src|href)=\"(?!#)|url\(|@import|https?://|<script", page)
    assert "&lt;script&gt;text" in page
    assert "A &lt;b&gt; title" in page


@pytest.mark.parametrize(
    ("words", "typed"),
    [
        (["intents", "--data", "my file.csv"], "kefu train intents --data 'my file.csv'"),
        (["sentiment"], "kefu train sentiment"),
        (["evaluate", "sentiment", "--json"], "kefu evaluate sentiment --json"),
    ],
)
def test_the_command_is_as_somebody_types_it(
    monkeypatch: pytest.MonkeyPatch, words: list[str], typed: str
) -> None:
    monkeypatch.setattr(sys, "argv", ["__main__.py", *words])

    assert command_line() == typed
    assert SOURCE.now(data="d", split="s", model="m", seed=1).caption.endswith(f", {typed}")


def test_axes_have_round_numbers() -> None:
    axes = Axes("examples", "accuracy", x_range=(0, 50.8), y_range=(0.5, 1.0), x_is_share=False)

    said = texts_of(line_chart(axes, [Line("ours", ((5.0, 0.6), (50.8, 0.9)))]))

    assert said[:6] == ["50%", "60%", "70%", "80%", "90%", "100%"]
    assert said[6:12] == ["0", "10", "20", "30", "40", "50"]
    assert said[-1] == "ours"


def test_bars_say_how_many_they_hold() -> None:
    chart = reliability_chart([Bin(0.0, 0.5, 3, 0.25, 1 / 3), Bin(0.5, 1.0, 12, 0.9, 1.0)])

    titles = [found.text for found in ET.fromstring(chart).iter("title")]  # noqa: S314 - ours

    assert titles == [
        "confidence 25.0%, right 33.3%, 3 utterances",
        "confidence 90.0%, right 100.0%, 12 utterances",
    ]


def test_the_matrix_holds_the_worst_pairs_and_what_was_right() -> None:
    pairs = [Confusion("pay", "refund", 4, ("x",)), Confusion("refund", "pay", 1, ("y",))]

    said = texts_of(confusion_chart(pairs, {"pay": 6, "refund": 4}))
    narrow = texts_of(confusion_chart([*pairs, Confusion("a", "b", 1, ("z",))], {}, most=2))

    assert [one for one in said if one.isdigit()] == ["6", "4", "1", "4"]
    assert "a" not in narrow
