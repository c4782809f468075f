"""The doors by which others measure us, on a release of small things."""

import asyncio
import csv
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.training.tiny_release import (
    ARTICLES,
    EXAMPLES,
    QUESTIONS,
    TinyPlan,
    open_house,
)
from training.__main__ import main
from training.errors import DatasetError
from training.evaluation.intent_doors import measure_catalogue
from training.intent_file import train_on_file
from training.model_folder import HEAD_FILE, MANIFEST_FILE
from training.progress import Timed

NLU_KEYS = ["accuracy", "ece", "in_scope_accuracy", "macro_f1", "n"]
OOS_KEYS = ["oos_auroc", "oos_recall_at_95"]


def a_csv(file: Path, columns: list[str], rows: Sequence[tuple[str, ...]]) -> Path:
    with file.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerows([columns, *rows])
    return file


def labelled(file: Path, intents: dict[str, list[str]]) -> Path:
    rows = [(text, intent) for intent, texts in intents.items() for text in texts]
    return a_csv(file, ["text", "intent"], rows)


def told(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> dict[str, float]:
    """Run a command that prints JSON, and nothing else, on standard output."""
    assert main([str(one) for one in arguments]) == 0
    found: dict[str, float] = json.loads(capsys.readouterr().out)
    return found


@pytest.mark.parametrize("has_strangers", [True, False])
def test_the_live_release_is_measured_on_a_file(
    inside: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], *, has_strangers: bool
) -> None:
    intents = {k: v for k, v in EXAMPLES.items() if has_strangers or k != "out_of_scope"}
    file = labelled(tmp_path / "test.csv", intents)

    found = told(capsys, "evaluate", "nlu", "--data", file, "--out", tmp_path, "--json")

    assert sorted(found) == sorted(NLU_KEYS + OOS_KEYS * has_strangers)
    assert found["n"] == sum(map(len, intents.values()))
    assert found["in_scope_accuracy"] == 1.0
    (report,) = tmp_path.glob("nlu-*.html")
    assert "Reliability" in report.read_text("utf-8")
    assert list((inside / "cache" / "encodings").glob("evaluation-*.npz"))


@pytest.mark.parametrize("has_strangers", [True, False])
def test_a_model_is_trained_on_a_file_and_measured_on_another(
    inside: Path,
    tmp_path: Path,
    plan: TinyPlan,
    capsys: pytest.CaptureFixture[str],
    *,
    has_strangers: bool,
) -> None:
    learnt = {k: v for k, v in EXAMPLES.items() if has_strangers or k != "out_of_scope"}
    train, out = labelled(tmp_path / "train.csv", learnt), tmp_path / "model"
    test = labelled(tmp_path / "test.csv", {**EXAMPLES, "never heard": ["cancel my order"]})

    asyncio.run(train_on_file(inside / "cache", plan, train, out, Timed(), seed=7))
    found = told(capsys, "evaluate", "nlu", "--model", out, "--data", test, "--json")

    files = {str(file.relative_to(out)) for file in out.rglob("*") if file.is_file()}
    assert files == {
        "README.md", "report.json", "report.html", MANIFEST_FILE, HEAD_FILE,
        "encoder/model.onnx", "encoder/tokenizer.json", "encoder/encoder.json",
    }  # fmt: skip
    assert sorted(found) == sorted(NLU_KEYS + OOS_KEYS)
    assert found["in_scope_accuracy"] == pytest.approx(24 / 25)
    assert found["oos_auroc"] > 0.5
    manifest = json.loads((out / MANIFEST_FILE).read_text("utf-8"))
    assert manifest["examples"] == sum(map(len, learnt.values()))
    assert str(tmp_path) not in (out / MANIFEST_FILE).read_text("utf-8")


def test_a_seed_is_used_and_written_down(
    inside: Path,
    tmp_path: Path,
    plan: TinyPlan,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for place in ("training.commands.plan_for", "training.evaluation.doors.plan_for"):
        monkeypatch.setattr(place, lambda *_: plan)
    data, out = labelled(tmp_path / "train.csv", EXAMPLES), tmp_path / "model"
    file = ("intents", "--data", data, "--out", out)

    trained = told(capsys, *file, "--seed", "8", "--json")
    told(capsys, "evaluate", "nlu", "--seed", "9", "--out", tmp_path, "--json")

    manifest = json.loads((out / MANIFEST_FILE).read_text("utf-8"))
    assert (manifest["seed"], manifest["metrics"]) == (8, trained)
    assert "Seed 8." in (out / "report.html").read_text("utf-8")
    # of what the probabilities were calibrated on, no calibration error is told
    assert sorted(trained) == sorted({*NLU_KEYS, *OOS_KEYS} - {"ece"})
    assert "flatters" in (out / "report.html").read_text("utf-8")
    (report,) = tmp_path.glob("nlu-*.html")
    assert "Seed 9." in report.read_text("utf-8")
    opened: list[int] = []

    def open_noting(*_: object, seed: int) -> None:
        opened.append(seed)
        raise DatasetError("enough")

    monkeypatch.setattr("training.deep.DeepTuning.open", open_noting)
    assert main([str(one) for one in (*file, "--deep", "--seed", "8")]) == 2
    assert main(["intents", "--deep", "--seed", "10"]) == 2
    assert opened == [8, 10]


def test_the_same_file_makes_the_same_model(inside: Path, tmp_path: Path, plan: TinyPlan) -> None:
    train = labelled(tmp_path / "train.csv", EXAMPLES)

    for name in ("a", "b"):
        asyncio.run(train_on_file(inside / "cache", plan, train, tmp_path / name, Timed(), seed=7))

    assert (tmp_path / "a" / HEAD_FILE).read_bytes() == (tmp_path / "b" / HEAD_FILE).read_bytes()


def test_the_catalogue_is_cross_validated(inside: Path, plan: TinyPlan, tmp_path: Path) -> None:
    async def measured() -> tuple[str, ...]:
        async with open_house(tmp_path, plan) as house:
            found = await measure_catalogue(house.releases, plan, Timed(), release=None, seed=7)
            assert sorted(found.scores.as_json()) == sorted(NLU_KEYS + OOS_KEYS)
            assert found.scores.n == 30
            return tuple(section.title for section in found.sections)

    assert asyncio.run(measured()) == ("Your catalogue", "What to look at")


def test_sentiment_is_measured_with_and_without_neutral(
    inside: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [("my parcel is late", "negative"), ("please cancel", "Positive")]
    two = a_csv(tmp_path / "two.csv", ["text", "sentiment"], rows)
    three = a_csv(tmp_path / "three.csv", ["text", "sentiment"], [*rows, ("hello", "neutral")])

    for file, count in ((two, 2), (three, 3)):
        found = told(capsys, "evaluate", "sentiment", "--data", file, "--json")

        assert sorted(found) == ["accuracy", "ece", "macro_f1", "n"]
        assert found["n"] == count


def test_passages_are_searched(
    inside: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    passages, questions = tmp_path / "p.jsonl", tmp_path / "q.jsonl"
    lines = [{"id": n, "text": "\n".join(ARTICLES[path])} for n, path in enumerate(ARTICLES)]
    asked = [
        {"text": one, "passage_id": n or [n]}
        for n, path in enumerate(ARTICLES)
        for one in QUESTIONS[path]
    ]
    passages.write_text("\n".join(map(json.dumps, lines)))
    questions.write_text("\n".join(map(json.dumps, asked)))

    files = ("--passages", passages, "--questions", questions)
    found = told(capsys, "evaluate", "retrieval", *files, "--json")

    assert list(found) == ["recall@1", "recall@5", "mrr@10", "ndcg@10", "n"]
    assert found["n"] == 12
    assert found["recall@5"] == 1.0
    assert main(["evaluate", "retrieval", *map(str, files), "--model", str(tmp_path)]) == 2


def test_conversations_are_played(
    inside: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    script = "- name: {0}\n  turns:\n    - says: hello\n      replies: [{{{1}: unheard of}}]\n"
    (tmp_path / "scripts.yml").write_text(
        script.format("wrong", "contains") + script.format("right", "not_contains")
    )

    assert told(capsys, "evaluate", "dialogue", "--json") == {"accuracy": 1.0, "n": 1}
    found = told(capsys, "evaluate", "dialogue", "--data", tmp_path / "scripts.yml", "--json")

    assert found == {"accuracy": 0.5, "n": 2}


def test_a_release_is_measured_by_its_number(
    inside: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    intents = labelled(tmp_path / "a.csv", EXAMPLES)
    moods = a_csv(tmp_path / "b.csv", ["text", "sentiment"], [("hello", "neutral")])

    for words in (("nlu", "--data", intents), ("sentiment", "--data", moods), ("dialogue",)):
        live = told(capsys, "evaluate", *words, "--json")

        assert told(capsys, "evaluate", *words, "--release", "1", "--json") == live
        assert main(["evaluate", *map(str, words), "--release", "2"]) == 2
        assert "release 2" in capsys.readouterr().err


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch, plan: TinyPlan) -> list[tuple[int, Timed]]:
    """Return, for every evaluation, how many stages were expected, and those there were."""
    found: list[tuple[int, Timed]] = []

    @contextmanager
    def noting(total: int) -> Iterator[Timed]:
        shown = Timed()
        found.append((total, shown))
        yield shown
        shown.end()

    monkeypatch.setattr("training.evaluation.doors.stages", noting)
    monkeypatch.setattr("training.evaluation.doors.plan_for", lambda *_: plan)
    return found


def test_the_bar_knows_how_many_stages_there_are(
    inside: Path, tmp_path: Path, counted: list[tuple[int, Timed]]
) -> None:
    intents = labelled(tmp_path / "a.csv", EXAMPLES)
    moods = a_csv(tmp_path / "b.csv", ["text", "sentiment"], [("hello", "neutral")])
    passages = a_csv(tmp_path / "p.csv", ["id", "text"], [("1", "it is late"), ("2", "pay")])
    questions = a_csv(tmp_path / "q.csv", ["text", "passage_id"], [("how to pay", "2")])
    for part in ("train", "test"):
        folder = tmp_path / "public" / "banking77"
        folder.mkdir(parents=True, exist_ok=True)
        labelled(folder / f"{part}.csv", {k: v for k, v in EXAMPLES.items() if k != "out_of_scope"})

    for words in (
        ("nlu", "--data", intents),
        ("nlu",),
        ("sentiment", "--data", moods),
        ("retrieval", "--passages", passages, "--questions", questions),
        ("dialogue",),
        ("nlu", "--data", tmp_path / "public"),
    ):
        assert main(["evaluate", *map(str, words), "--out", str(tmp_path)]) == 0

    assert [total for total, _ in counted] == [3, 4, 2, 2, 2, 3]
    assert [len(shown.took_s) for _, shown in counted] == [3, 4, 2, 2, 2, 3]
