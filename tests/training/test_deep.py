"""A deep result is taken only where held-out examples say it is better; then it is written, published and served."""

import asyncio
import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bot.loading import DEEP, DEEP_PART
from intents.errors import ArtifactError
from tests.training.evaluation.tiny_models import WordEncoder
from tests.training.test_deep_tuning import RECIPE, a_base, texts_by_order
from tests.training.tiny_release import (
    NLU,
    House,
    TinyPlan,
    nlu_document,
    open_house,
    tiny_documents,
)
from training.__main__ import main
from training.datasets import LabelledText
from training.deep import DeepTuning
from training.deep_folder import PART_FILE, RESULT_FILE, read_deep_folder
from training.deep_held_out import try_out
from training.deep_runs import DeepTrainer, Pace
from training.deep_trial import HeldOutTrial
from training.deep_verdict import judge
from training.draft import DraftTrainer
from training.evaluation.intent_doors import read_examples
from training.evaluation.subjects import released_intents
from training.intent_catalogue import deepen_draft
from training.intent_file import train_on_file
from training.lock import only_one
from training.model_folder import MANIFEST_FILE, read_model_folder
from training.progress import Timed

INTENTS = ("go_there", "come_back")
REPORT = "deep.html"


def a_tuning(folder: Path) -> DeepTuning:
    return DeepTuning(DeepTrainer(a_base(folder), RECIPE, folder / "work"))


def rows_by_order() -> list[LabelledText]:
    """Two intents that an encoder blind to the order of words cannot tell apart."""
    endings = ("", " thanks", " great", " awful", " lovely", " where", " is")
    pairs = [(f"{text}{end}", number) for end in endings for text, number in texts_by_order()]
    return [LabelledText(text, INTENTS[number], n) for n, (text, number) in enumerate(pairs, 1)]


def a_file(folder: Path, rows: list[LabelledText]) -> Path:
    file = folder / "train.csv"
    lines = ["text,intent", *(f"{row.text},{row.intent}" for row in rows)]
    file.write_text("\n".join(lines) + "\n", "utf-8")
    return file


def a_trial(*, shares_know: bool) -> HeldOutTrial:
    """Held-out examples of which the instant head gets three in four right, with a deep part that may know more."""
    chance = np.random.default_rng(0)
    classes = chance.integers(3, size=400)
    said = np.where(chance.random(400) < 0.75, classes, chance.integers(3, size=400))
    known = np.where(chance.random(400) < 0.95, classes, chance.integers(3, size=400))
    scores = np.eye(3, dtype=np.float32)[said] * 0.6 + 0.1
    deep = known if shares_know else chance.integers(3, size=400)
    rows = tuple(LabelledText(f"text {n}", "abc"[number], n) for n, number in enumerate(classes))
    return HeldOutTrial(
        ("a", "b", "c"),
        rows,
        scores,
        (scores / scores.sum(axis=1, keepdims=True)).astype(np.float32),
        np.full(400, 0.1, dtype=np.float32),
        0.5,
        np.eye(3, dtype=np.float32)[deep] * 0.8 + np.float32(0.2 / 3),
    )


def test_a_part_that_knows_more_is_found_better_and_counts_more() -> None:
    verdict = judge(a_trial(shares_know=True), 1, seed=7)

    assert verdict.is_better
    assert verdict.accuracy.low < verdict.accuracy.mean < verdict.accuracy.high
    assert verdict.deep.in_scope_accuracy == pytest.approx(
        (verdict.instant.in_scope_accuracy or 0.0) + verdict.accuracy.mean
    )
    assert "was taken" in verdict.sentence()
    assert a_trial(shares_know=True).blend().share > a_trial(shares_know=False).blend().share


def test_a_part_that_knows_nothing_is_not_found_better() -> None:
    verdict = judge(a_trial(shares_know=False), 1, seed=7)

    assert not verdict.is_better
    assert "the instant head stays" in verdict.sentence()


def test_a_better_result_is_written_and_asked(tmp_path: Path, plan: TinyPlan) -> None:
    rows, out = rows_by_order(), tmp_path / "model"

    found = asyncio.run(
        train_on_file(
            tmp_path / "cache", plan, a_file(tmp_path, rows), out, Timed(), seed=7,
            deepen=a_tuning(tmp_path),
        )
    )  # fmt: skip
    model = read_model_folder(out)

    assert found.deep is not None
    assert found.deep.is_better
    assert found.scores.in_scope_accuracy == found.deep.deep.in_scope_accuracy
    vectors = model.encoder.encode([row.text for row in rows])
    said = [one.ranking[0][0] for one in model.head.predict(vectors)]
    assert np.mean([a == row.intent for a, row in zip(said, rows, strict=True)]) > 0.9
    manifest = json.loads((out / MANIFEST_FILE).read_text("utf-8"))
    assert manifest["deep"]["taken"]
    assert manifest["deep"]["accuracy_gain"] > 0
    assert manifest["thresholds"] == dict(read_deep_folder(out / DEEP).notes.thresholds)
    assert "Deep tuning is better and was taken" in (out / "report.html").read_text("utf-8")
    assert not (tmp_path / "work").exists()


def test_where_the_instant_head_is_as_good_it_stays(tmp_path: Path, plan: TinyPlan) -> None:
    texts = {"go_there": "where is my parcel", "come_back": "thanks great lovely tent"}
    rows = [
        LabelledText(f"{text} {end}", intent, 1)
        for intent, text in texts.items()
        for end in ("good", "bad", "awful", "now", "please")
    ]
    out = tmp_path / "model"
    (out / DEEP).mkdir(parents=True)

    found = asyncio.run(
        train_on_file(
            tmp_path / "cache", plan, a_file(tmp_path, rows), out, Timed(), seed=7,
            deepen=a_tuning(tmp_path),
        )
    )  # fmt: skip

    assert found.deep is not None
    assert not found.deep.is_better
    assert not (out / DEEP).exists()
    assert not json.loads((out / MANIFEST_FILE).read_text("utf-8"))["deep"]["taken"]
    assert read_model_folder(out).names == ("come_back", "go_there")


def documents_by_order() -> dict[str, str]:
    examples: dict[str, list[str]] = {}
    for row in rows_by_order():
        examples.setdefault(row.intent, []).append(row.text)
    routes = (
        "routes:\n  go_there: {say: greet, title: go}\n  come_back: {say: greet, title: come}\n"
    )
    return {
        **tiny_documents(),
        NLU: nlu_document({**examples, "out_of_scope": ["tell me a joke", "who won the match"]}),
        "catalogue/routes.yml": routes,
    }


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory, plan: TinyPlan) -> Path:
    """Try deep tuning on a draft that needs it; returns the folder of the result, only to be read."""
    folder = tmp_path_factory.mktemp("deepened")

    async def deepen() -> None:
        async with open_house(folder, plan) as house:
            await change_to(house, documents_by_order())
            outcome = await deepen_draft(
                house.releases, plan, (folder / DEEP, folder / REPORT), a_tuning(folder), Timed()
            )
        assert outcome.taken is not None

    asyncio.run(deepen())
    return folder / DEEP


async def change_to(house: House, documents: dict[str, str]) -> None:
    draft = await house.releases.draft()
    await house.releases.save_draft(documents, expected=draft.fingerprint)


def with_result(house: House, place: Path) -> House:
    return replace(house, plan=replace(house.plan, deep=place))


def test_the_report_says_by_how_much(result: Path) -> None:
    report = (result.parent / REPORT).read_text("utf-8")

    assert "Deep tuning is better and was taken" in report
    assert "95 % interval" in report


async def test_publishing_takes_a_better_result(house: House, result: Path) -> None:
    await change_to(house, documents_by_order())

    manifest = (await with_result(house, result).publish(forces=True)).manifest

    assert DEEP_PART in manifest.artifacts
    assert manifest.metrics["deep_accuracy_gain"] > 0
    assert manifest.thresholds["accept"] == read_deep_folder(result).thresholds.accept
    release = await house.loader.load(manifest)
    rows = rows_by_order()
    found = [await release.understand(row.text) for row in rows]
    right = [a.intents[0].name == row.intent for a, row in zip(found, rows, strict=True)]
    assert np.mean(right) > 0.9
    assert len(found[0].vector) == 32
    model = await released_intents(house.releases, manifest)
    examples = await read_examples(house.releases, manifest.number)
    assert model.predict(examples).is_right.mean() > 0.9


async def test_a_draft_beside_a_deep_release_keeps_the_thresholds_of_its_own_head(
    house: House, result: Path
) -> None:
    await change_to(house, documents_by_order())
    plain = (await house.publish(forces=True)).manifest
    deep = (await with_result(house, result).publish(forces=True)).manifest
    trainer = await DraftTrainer.open(house.releases, house.plan, seed=7)

    draft = await trainer.train()

    assert draft is not None
    assert deep.thresholds != plain.thresholds
    assert draft.thresholds == plain.thresholds
    assert DEEP_PART not in draft.artifacts


async def test_publishing_leaves_a_result_for_other_intents_out(
    house: House, result: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    manifest = (await with_result(house, result).publish()).manifest

    assert DEEP_PART not in manifest.artifacts
    assert "these intents are new or gone since: cancel_order, come_back" in capsys.readouterr().err


@pytest.mark.parametrize("broken", [PART_FILE, RESULT_FILE])
async def test_a_broken_result_is_refused(
    house: House, result: Path, tmp_path: Path, broken: str
) -> None:
    place = tmp_path / "broken"
    shutil.copytree(result, place)
    (place / broken).write_bytes(b"{}")

    with pytest.raises(ArtifactError, match="broken"):
        await with_result(house, place).publish()


def test_an_intent_whose_texts_all_went_to_one_part_is_learnt_from(tmp_path: Path) -> None:
    doubtful = ["where is my parcel", "thanks great tent"]
    rows = [
        *(LabelledText(f"{text} {n}", "first", 1) for n in range(9) for text in doubtful),
        *(LabelledText(f"{text} {n}", "second", 1) for n in range(9) for text in ("bad", "good")),
    ]
    rows += [LabelledText(row.text, "third", 1) for row in (rows[0], rows[6])]  # one fold for both
    trainer = DeepTrainer(a_base(tmp_path), replace(RECIPE, epochs=1), tmp_path / "work")
    pace = Pace(1.0)

    trial = try_out(trainer, WordEncoder(), rows, 5, (pace, lambda _share, _word: None))

    assert trial.names == ("first", "second", "third")
    assert trial.shares.shape == (len(trial.rows), 3)


def test_only_one_deep_tuning_runs_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KEFU_HOME", str(tmp_path))

    with only_one(tmp_path / "cache" / "deep.lock", "another"):
        status = main(["intents", "--deep"])

    assert status == 2
    assert "deep tuning is already running" in capsys.readouterr().err


def test_training_again_without_deep_leaves_no_deep_part(tmp_path: Path, plan: TinyPlan) -> None:
    file, out = a_file(tmp_path, rows_by_order()), tmp_path / "model"
    (out / DEEP).mkdir(parents=True)

    found = asyncio.run(train_on_file(tmp_path / "cache", plan, file, out, Timed(), seed=7))

    assert found.deep is None
    assert not (out / DEEP).exists()
    assert read_model_folder(out).encoder.dim == 32
