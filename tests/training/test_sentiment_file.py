"""The mood is taught with somebody's own sentences: they count, and ours help out."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from tests.training.test_sentiment import a_config, silent
from training import sentiment
from training.sentiment import train
from training.sentiment_adapter import SentimentHead
from training.sentiment_data import LabelledUtterance, read_sentiments, split_own
from training.sentiment_head import Moods, fit_head

Utterances = Sequence[LabelledUtterance]


def a_file(folder: Path, rows: int) -> Path:
    """Write sentences of somebody who calls a question negative."""
    lines = [f"where is my tent {n} now,negative\nthanks {n} tent,positive" for n in range(rows)]
    file = folder / "theirs.csv"
    file.write_text("text,sentiment\n" + "\n".join(lines) + "\n", "utf-8")
    return file


def test_somebodys_own_sentences_are_not_drowned_in_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sentiment, "_FEWEST_OURS", 6)
    config = replace(a_config(tmp_path), data_file=a_file(tmp_path, 20), own_share=0.1)

    folder = train(config, silent)

    examples = json.loads((folder / "config.json").read_text("utf-8"))["training_examples"]
    theirs, _ = read_sentiments(tmp_path / "theirs.csv")
    assert examples == len(split_own(theirs).train) + 6
    assert "| theirs.csv, test |" in (folder / "README.md").read_text("utf-8")


def test_calibration_is_on_somebodys_own_sentences_where_there_are_enough(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held_out: list[str] = []

    def noted(
        moods: Moods, examples: Utterances, unseen: Utterances, tuned: SentimentHead
    ) -> SentimentHead:
        held_out.extend(one.text for one in unseen)
        return fit_head(moods, examples, unseen, tuned)

    monkeypatch.setattr(sentiment, "fit_head", noted)
    monkeypatch.setattr(sentiment, "_FEWEST_HELD_OUT", 3)
    config = replace(a_config(tmp_path), data_file=a_file(tmp_path, 40))

    train(config, silent)

    assert len(held_out) >= 3
    assert all(text.endswith(("now", "tent")) for text in held_out)
