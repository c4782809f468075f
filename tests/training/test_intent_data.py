"""Data for intents: loading, splitting, configuring, scoring."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.config import IntentConfig, read_intent_config
from training.datasets import data_fingerprint, read_labelled
from training.errors import DatasetError, TrainingError
from training.metrics import score_classes, share
from training.report import ModelCard, Table, write_report
from training.splits import cap_per_intent, stratified_folds

CLASSES = st.lists(st.integers(0, 6), min_size=1, max_size=80).map(
    lambda c: np.array(c, dtype=np.int64)
)


def a_file(folder: Path, name: str, content: str) -> Path:
    file = folder / name
    file.write_text(content, encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("name", "content"),
    [
        (
            "a.yml",
            "nlu:\n- intent: greet\n  examples: |\n    - hi\u00a0there\n    - hello [Ann](name)\n",
        ),
        ("a.csv", 'text,category\n"hi  there",greet\nhello Ann, greet \n'),
        (
            "a.jsonl",
            '{"sentence": "hi there", "label": "greet"}\n\n{"text": "hello Ann", "intent": "greet"}\n',
        ),
    ],
)
def test_every_format_gives_clean_texts(tmp_path: Path, name: str, content: str) -> None:
    rows = read_labelled(a_file(tmp_path, name, content))

    assert [(row.text, row.intent) for row in rows] == [
        ("hi there", "greet"),
        ("hello Ann", "greet"),
    ]


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.csv", "text,intent\nhi,greet\n ,greet\n", r"a\.csv:3: the text is missing"),
        ("a.csv", "text,intent\nhi\n", r"a\.csv:2: the intent is missing"),
        ("a.csv", "words,intent\nhi,greet\n", r"has no 'text'"),
        ("a.csv", 'text,intent\n"hi"x,greet\n', r"a\.csv:2: .*mend the quotes"),
        ("a.csv", "text,intent\n", "holds no labelled utterances"),
        ("a.jsonl", '{"text": "hi", "intent": "greet"}\n{"text":\n', r"a\.jsonl:2: no JSON"),
        ("a.jsonl", '{"text": 3, "intent": "greet"}\n', r"a\.jsonl:1: the text is missing"),
        ("a.jsonl", "[1]\n", "has no 'text'"),
        ("a.yml", "nlu:\n- intent: a\n", r"a\.yml:2: intent 'a' has no examples"),
        ("a.txt", "hi", r"ends in '\.txt'"),
    ],
)
def test_what_is_wrong_is_refused(tmp_path: Path, name: str, content: str, told: str) -> None:
    with pytest.raises(DatasetError, match=told):
        read_labelled(a_file(tmp_path, name, content))


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="cannot be read"):
        read_labelled(tmp_path / "none.csv")


def test_the_fingerprint_depends_on_content_and_not_on_order() -> None:
    assert data_fingerprint(["a", "b"], ["x", "y"]) == data_fingerprint(["b", "a"], ["y", "x"])
    assert data_fingerprint(["a", "b"], ["x", "y"]) != data_fingerprint(["a", "b"], ["y", "x"])


@given(CLASSES, st.integers(2, 6))
def test_folds_hold_every_example_once_and_every_class_evenly(
    classes: np.ndarray, folds: int
) -> None:
    groups = stratified_folds(classes, folds, seed=3)

    assert sorted(np.concatenate(groups).tolist()) == list(range(len(classes)))
    for number in np.unique(classes):
        sizes = [int((classes[group] == number).sum()) for group in groups]
        if len(groups) == folds:
            assert max(sizes) - min(sizes) <= 1


def some_texts(count: int) -> list[str]:
    return [f"example {number}" for number in range(count)]


def test_one_example_more_changes_few_of_those_that_are_drawn() -> None:
    classes = np.arange(900) % 9
    texts = some_texts(900)
    before = {texts[place] for place in cap_per_intent(texts, classes, 300, seed=0)}

    for number in (0, 4, 9):  # the last one is a new intent
        more = [*texts[:500], "a new one", *texts[500:]]
        places = cap_per_intent(more, np.insert(classes, 500, number), 300, seed=0)
        after = {more[place] for place in places}
        assert len(before ^ after) <= 4
    assert before != {texts[place] for place in cap_per_intent(texts, classes, 300, seed=1)}


@given(CLASSES, st.integers(1, 40))
def test_only_the_largest_classes_lose_examples(classes: np.ndarray, limit: int) -> None:
    kept = cap_per_intent(some_texts(len(classes)), classes, limit, seed=0)

    assert len(kept) == min(limit, len(classes))
    left = np.bincount(classes[kept], minlength=7)
    lost = np.bincount(classes, minlength=7) - left
    assert all(left[number] >= left.max() - 1 for number in np.flatnonzero(lost))


def test_the_shipped_config_is_the_default() -> None:
    assert read_intent_config() == IntentConfig()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("rigde = 0.1", "unknown setting 'rigde'; known are sharpness, ridge"),
        ('ridge = "low"', "is no number"),
        ("max_examples = 1.5", "is no whole number"),
        ("ridge = 0", "must be above 0"),
        ("false_accept_rate = 1.0", "between 0 and 1"),
        ("ridge =", "cannot be read"),
    ],
)
def test_a_bad_config_is_refused(tmp_path: Path, content: str, told: str) -> None:
    with pytest.raises(TrainingError, match=told):
        read_intent_config(a_file(tmp_path, "intent.toml", content))


def test_classes_are_scored() -> None:
    first, second, third = score_classes(np.array([0, 0, 1, 1]), np.array([0, 1, 1, 1]), 3)

    assert (first.examples, first.precision, first.recall) == (2, 1.0, 0.5)
    assert second.f1 == pytest.approx(0.8)
    assert (third.examples, third.precision, third.recall, third.f1) == (0, 0.0, 0.0, 0.0)
    assert share(np.zeros(0, dtype=bool)) == 0.0


def test_a_report_is_written_for_people_and_for_programs(tmp_path: Path) -> None:
    table = Table("Most confused", ("intent", "taken for"), (("a|b", "c"),))
    card = ModelCard(
        "Head", "Ranks.", {"accuracy": 0.91234}, (table,), ("Few words.",), {"numpy": "2"}
    )

    write_report(tmp_path / "out", card)

    text = (tmp_path / "out" / "README.md").read_text("utf-8")
    assert "| accuracy | 0.9123 |" in text
    assert "| a\\|b | c |" in text
    assert '"accuracy": 0.91234' in (tmp_path / "out" / "report.json").read_text("utf-8")
