"""What the doors refuse, in words and with the remedy."""

import asyncio
from pathlib import Path

import pytest

from intents.errors import ArtifactError
from tests.training.evaluation.test_doors import a_csv, labelled
from tests.training.tiny_release import EXAMPLES, TinyPlan
from training.__main__ import main
from training.errors import DatasetError
from training.intent_file import train_on_file
from training.model_folder import HEAD_FILE, MANIFEST_FILE, read_model_folder
from training.progress import Timed


@pytest.mark.parametrize("broken", [MANIFEST_FILE, HEAD_FILE])
def test_a_broken_model_folder_is_refused(
    inside: Path, tmp_path: Path, plan: TinyPlan, broken: str
) -> None:
    train = labelled(tmp_path / "train.csv", EXAMPLES)
    asyncio.run(train_on_file(inside / "cache", plan, train, tmp_path / "m", Timed(), seed=7))

    (tmp_path / "m" / broken).write_bytes(b"{}")

    with pytest.raises(ArtifactError, match=broken.partition(".")[0]):
        read_model_folder(tmp_path / "m")


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ("evaluate nlu --data none.csv", "none.csv is not there"),
        ("evaluate nlu --model m", "name with --data the file to measure m on"),
        ("evaluate sentiment", "name a file with text,sentiment"),
        ("evaluate retrieval", "--passages FILE --questions FILE"),
        ("evaluate retrieval --passages p.jsonl", "belong together"),
        (
            "evaluate retrieval --data . --model m",
            "with --passages and --questions what to measure",
        ),
        ("evaluate nlu --passages p --questions q", "are for 'evaluate retrieval'"),
        ("evaluate dialogue --model m", "--model is for 'evaluate nlu'"),
        ("evaluate nlu --data . --model m", "public sets take --encoders instead"),
        ("evaluate retrieval --passages p --questions q --data .", "leave --data out"),
        ("evaluate --data Makefile --out r", "without a report; leave --out out"),
        ("evaluate nlu --data Makefile --table t.md", "--table is for public sets"),
        ("evaluate sentiment --data Makefile --encoders e", "--encoders is for public sets"),
        ("evaluate sentiment --data tests --encoders e", "e is no folder"),
        ("evaluate retrieval --data tests --encoders nowhere", "nowhere is no folder"),
        ("evaluate nlu --data Makefile --model m --release 1", "leave one out"),
        ("evaluate nlu --data tests --release 1", "--release means nothing for public sets"),
        ("evaluate dialogue --release 0", "release 0 is the draft"),
        ("evaluate dialogue --release 99", "no release 99"),
        ("evaluate nlu --data tests", "tests holds no public set; name the folder that holds some"),
        ("evaluate nlu --data tests", "banking77, clinc150, or a file with text,intent"),
        ("evaluate sentiment --data tests", "sst2, airline-tweets, or a file with text,sentiment"),
        ("evaluate retrieval --data tests", "feedbackqa, stackfaq, or files with --passages FILE"),
        ("evaluate --data tests", "stackfaq, or a kind and a file"),
        ("intents --data a.csv", "--data and --out belong together"),
        ("sentiment --data none.csv", "none.csv is not there"),
    ],
)
def test_options_that_do_not_go_together_are_refused(
    inside: Path, capsys: pytest.CaptureFixture[str], arguments: str, why: str
) -> None:
    assert main(arguments.split()) == 2

    said = capsys.readouterr()
    assert why in said.err
    assert said.out == ""


def test_a_folder_without_a_model_is_refused(
    inside: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = labelled(tmp_path / "a.csv", EXAMPLES)
    feelings = a_csv(tmp_path / "b.csv", ["text", "sentiment"], [("hello", "neutral")])

    assert main(["evaluate", "nlu", "--model", str(tmp_path), "--data", str(file)]) == 2
    assert "kefu train intents" in capsys.readouterr().err
    assert main(["evaluate", "sentiment", "--model", str(tmp_path), "--data", str(feelings)]) == 2
    assert "kefu train sentiment" in capsys.readouterr().err


def test_a_folder_that_cannot_be_made_is_refused(
    inside: Path, tmp_path: Path, plan: TinyPlan
) -> None:
    train = labelled(tmp_path / "train.csv", EXAMPLES)

    with pytest.raises(DatasetError, match=r"cannot be made .*name another folder"):
        asyncio.run(train_on_file(inside / "cache", plan, train, train / "x", Timed(), seed=7))
