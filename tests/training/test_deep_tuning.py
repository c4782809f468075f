"""An encoder is tuned for intents with a tiny random BERT: it learns, repeats itself, and goes on after a kill."""

from dataclasses import replace
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from tests.training.tiny_bert import write_tiny_bert
from training.deep_base import DeepBase
from training.deep_runs import DeepTrainer, Pace, schedule_for
from training.deep_tuning import DeepRecipe, Lessons, TunedIntents, shares_of
from training.lora import load_base
from training.progress import Report
from training.sentiment_encoding import load_tokenizer

RECIPE = DeepRecipe(
    seed=3, epochs=40, batch_size=16, learning_rate=5e-3, head_learning_rate=2e-2, averaging=0.9,
    dropout=0.0, precision="fp32",
)  # fmt: skip
THINGS = ("parcel", "tent", "good", "bad")


def texts_by_order() -> list[tuple[str, int]]:
    """Two intents that only the order of the words tells apart."""
    return [(f"where is {a} my {b}", int(a < b)) for a, b in permutations(THINGS, 2)]


def some_lessons(times: int = 6) -> Lessons:
    rows = texts_by_order() * times
    classes = np.array([number for _, number in rows], dtype=np.int64)
    return Lessons(tuple(text for text, _ in rows), classes, 2)


def a_base(folder: Path, *, pooling: str = "mean", max_length: int = 16) -> DeepBase:
    base = write_tiny_bert(folder / "base")
    tokenizer = load_tokenizer(base, max_length)
    return DeepBase("tiny", "f" * 32, load_base(base), tokenizer, max_length, pooling)


def a_trainer(folder: Path, recipe: DeepRecipe = RECIPE) -> DeepTrainer:
    return DeepTrainer(a_base(folder), recipe, folder / "work")


def quietly(_share: float, _word: str) -> None:
    """Take a report."""


def killed_in_epoch(number: int) -> Report:
    """Return a report that ends the process's work when an epoch begins."""

    def report(_share: float, word: str) -> None:
        if word.startswith(f"epoch {number} "):
            raise KeyboardInterrupt

    return report


def weights_of(model: TunedIntents) -> list[NDArray[np.float32]]:
    return [one.detach().numpy().copy() for one in model.parameters()]


def are_equal(some: TunedIntents, others: TunedIntents) -> bool:
    return all(
        np.array_equal(a, b) for a, b in zip(weights_of(some), weights_of(others), strict=True)
    )


@pytest.mark.parametrize("pooling", ["mean", "cls"])
def test_intents_are_learnt_that_only_the_order_of_words_tells_apart(
    tmp_path: Path, pooling: str
) -> None:
    trainer = replace(a_trainer(tmp_path), base=a_base(tmp_path, pooling=pooling))
    lessons = some_lessons()

    shares = trainer.shares(lessons, lessons.texts, "a", quietly)

    assert shares.shape == (len(lessons.texts), 2)
    assert np.allclose(shares.sum(axis=1), 1.0, atol=1e-5)
    assert (shares.argmax(axis=1) == lessons.classes).mean() > 0.9


def test_the_head_as_arrays_says_what_the_model_says(tmp_path: Path) -> None:
    trainer, lessons = a_trainer(tmp_path, replace(RECIPE, epochs=2)), some_lessons()
    model, tokenizer = trainer.tune(lessons, "a", quietly), trainer.base.tokenizer
    ids = torch.tensor([tokenizer.encode("where is my tent").ids])

    weights, bias = model.head_arrays()

    with torch.no_grad():
        vector = model.vectors(ids, torch.ones_like(ids)).numpy()
    powers = np.exp(vector @ weights.T + bias)
    wanted = shares_of(model, tokenizer, ["where is my tent"])
    assert np.allclose(powers / powers.sum(), wanted, atol=1e-5)


def test_only_matrices_of_the_layers_change_and_the_base_stays(tmp_path: Path) -> None:
    trainer = a_trainer(tmp_path, replace(RECIPE, epochs=1))
    before = {name: one.clone() for name, one in trainer.base.model.named_parameters()}

    tuned = trainer.tune(some_lessons(), "a", quietly).encoder

    changed = {name for name, one in tuned.named_parameters() if not one.equal(before[name])}
    kinds = [f"attention.self.{kind}" for kind in ("query", "key", "value")]
    kinds += ["attention.output.dense", "intermediate.dense", "output.dense"]
    assert changed == {f"encoder.layer.{n}.{kind}.weight" for n in (0, 1) for kind in kinds}
    assert all(one.equal(before[name]) for name, one in trainer.base.model.named_parameters())


@pytest.mark.parametrize("epoch", [1, 2, 4])
def test_a_killed_run_ends_with_the_weights_of_one_that_was_not(tmp_path: Path, epoch: int) -> None:
    recipe = replace(RECIPE, epochs=4, dropout=0.1)
    trainer, lessons = a_trainer(tmp_path, recipe), some_lessons()
    whole = replace(trainer, folder=tmp_path / "whole").tune(lessons, "a", quietly)

    with pytest.raises(KeyboardInterrupt):
        trainer.tune(lessons, "a", killed_in_epoch(epoch))
    seen: list[str] = []
    resumed = trainer.tune(lessons, "a", lambda _share, word: seen.append(word))

    assert are_equal(whole, resumed)
    assert seen[0].startswith(f"epoch {epoch} of 4")


def test_another_seed_tunes_otherwise(tmp_path: Path) -> None:
    recipe = replace(RECIPE, epochs=1)
    trainer, lessons = a_trainer(tmp_path, recipe), some_lessons()
    other = replace(trainer, recipe=replace(recipe, seed=4), folder=tmp_path / "other")

    assert not are_equal(trainer.tune(lessons, "a", quietly), other.tune(lessons, "a", quietly))


@pytest.mark.parametrize("change", ["recipe", "lessons", "base"])
def test_a_checkpoint_of_something_else_is_not_gone_on_from(tmp_path: Path, change: str) -> None:
    recipe = replace(RECIPE, epochs=2)
    trainer, lessons = a_trainer(tmp_path, recipe), some_lessons()
    trainer.tune(lessons, "a", quietly)
    if change == "recipe":
        trainer = replace(trainer, recipe=replace(recipe, label_smoothing=0.0))
    elif change == "base":
        trainer = replace(trainer, base=replace(trainer.base, fingerprint="0"))
    else:
        lessons = replace(lessons, texts=lessons.texts[::-1])
    seen: list[str] = []

    trainer.tune(lessons, "a", lambda _share, word: seen.append(word))

    assert seen[0].startswith("epoch 1 of 2")


def test_what_was_found_out_is_not_found_out_again(tmp_path: Path) -> None:
    trainer, lessons = a_trainer(tmp_path, replace(RECIPE, epochs=1)), some_lessons()
    first = trainer.shares(lessons, ["where is my tent"], "a", quietly)
    seen: list[str] = []

    again = trainer.shares(lessons, ["where is my tent"], "a", lambda _, word: seen.append(word))
    trainer.shares(lessons, ["where is it"], "a", lambda _, word: seen.append(word))

    assert np.array_equal(first, again)
    assert seen[0] == "known from before"
    assert "epoch 1 of 1" in seen[1]
    assert [file.name for file in trainer.folder.iterdir()] == ["a.npz"]
    trainer.clean_up()
    assert not trainer.folder.exists()


@pytest.mark.parametrize(
    ("examples", "epochs", "folds"), [(500, 12, 5), (2_000, 10, 3), (10_003, 3, 2), (16_000, 3, 2)]
)
def test_few_examples_get_more_epochs_and_more_folds(
    examples: int, epochs: int, folds: int
) -> None:
    found = schedule_for(examples, 3)

    assert (found.epochs, found.folds) == (epochs, folds)


def test_the_time_left_rests_on_what_this_process_did_itself() -> None:
    clock = [500.0]
    told: list[str] = []
    pace = Pace(200.0, now=lambda: clock[0])
    report = pace.reporting(100.0, lambda _share, word: told.append(word))

    report(0.5, "epoch 2 of 2")
    clock[0] += 120.0
    report(0.75, "epoch 2 of 2")
    clock[0] += 120.0
    report(1.0, "tuned")
    pace.end(100.0)
    clock[0] += 4000.0  # spent on something else
    report = pace.reporting(100.0, lambda _share, word: told.append(word))
    report(0.0, "epoch 1 of 2")
    clock[0] += 470.0
    report(0.99, "epoch 2 of 2")

    assert told == [
        "epoch 2 of 2, estimating how long it takes",
        "epoch 2 of 2, about 10 min left",
        "tuned, about 8 min left",
        "epoch 1 of 2, about 8 min left",
        "epoch 2 of 2, nearly done",
    ]
