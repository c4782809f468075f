"""The mood is taught with somebody's own sentences: they count, and ours help out."""

import json
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from intents.artifact import SENTIMENTS
from tests.training.test_sentiment import a_config, silent
from tests.training.tiny_bert import write_sentence_encoder
from training import sentiment
from training.__main__ import main
from training.errors import DatasetError
from training.models import ModelPlan
from training.sentiment import train
from training.sentiment_adapter import SentimentHead
from training.sentiment_config import SentimentConfig
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

    folder = train(config, silent).folder

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


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put a tiny encoder in the place of the one that ships, in a ``KEFU_HOME`` of its own; returns a folder to write to."""
    shipped, home = tmp_path / "shipped", tmp_path / "home"
    home.mkdir()
    base = write_sentence_encoder(tmp_path / "sentence-encoder")
    config = replace(a_config(tmp_path), base_folder=base, out_folder=shipped)
    train(config, silent)
    own = config.own_folder
    small = partial(SentimentConfig, own_folder=own, rank=8, word_rank=4, max_length=16)
    plan = partial(ModelPlan, sentiment_base=str(base))
    monkeypatch.setenv("KEFU_HOME", str(home))
    monkeypatch.setattr("training.sentiment_config.SentimentConfig", small)
    monkeypatch.setattr("training.encoders.packaged_base", lambda: base)
    monkeypatch.setattr("training.commands.packaged_adapter", lambda: shipped)
    monkeypatch.setattr("training.anchors.anchors", lambda *_, **__: config.anchors)
    monkeypatch.setattr("training.evaluation.sentiment_doors.ModelPlan", plan)
    return tmp_path


def test_a_file_goes_on_from_another_adapter_where_one_is_named(
    tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[SentimentConfig] = []

    def noted(config: SentimentConfig, _: object) -> None:
        asked.append(config)
        raise DatasetError("enough")

    monkeypatch.setattr("training.sentiment.train", noted)
    file = a_file(tiny, 4)

    for more in ((), ("--from", "other")):
        assert main(["sentiment", "--data", str(file), *more]) == 2
    assert main(["sentiment", "--from", "other"]) == 2

    assert [one.data_file for one in asked] == [file, file, None]
    assert [one.start_folder for one in asked] == [tiny / "shipped", Path("other"), Path("other")]


def test_a_file_is_learnt_from_and_measured_as_training_said(
    tiny: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, unseen, out = a_file(tiny, 40), tiny / "unseen.csv", tiny / "mine"
    theirs, _ = read_sentiments(file)
    held_out = split_own(theirs).test
    lines = [f"{one.text},{SENTIMENTS[one.sentiment]}" for one in held_out]
    unseen.write_text("\n".join(["text,sentiment", *lines]), "utf-8")

    learn = ["sentiment", "--data", str(file), "--out", str(out), "--seed", "8", "--json"]
    assert main(learn) == 0
    learnt = capsys.readouterr()
    measure = ["evaluate", "sentiment", "--model", str(out), "--data", str(unseen), "--json"]
    assert main(measure) == 0
    measured = json.loads(capsys.readouterr().out)

    found = json.loads(learnt.out)
    assert found.pop("folder") == str(out)
    assert found["n"] == len(held_out) > 3
    assert list(found) == ["accuracy", "macro_f1", "ece", "n"]
    assert measured == pytest.approx(found, abs=1e-4)
    assert "theirs.csv, test" in learnt.err
    assert json.loads((out / "config.json").read_text("utf-8"))["training"]["seed"] == 8
    assert not list(out.glob("*.run*"))
