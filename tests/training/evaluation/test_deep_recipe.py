"""Deep tuning is measured on public sets as the command does it: over encoders that never saw them, with several seeds."""

import asyncio
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.training.test_deep import INTENTS, rows_by_order
from tests.training.test_deep_tuning import RECIPE, a_base
from tests.training.test_sentiment import a_config, silent
from tests.training.tiny_release import TinyPlan
from training.deep_base import open_deep_base
from training.deep_runs import DeepTrainer
from training.deep_tuning import Lessons
from training.evaluation.deep_recipe import DeepTrials
from training.evaluation.recipes import EncoderRecipe
from training.evaluation.scores import score_intents
from training.evaluation.subjects import exported_base, remembering
from training.evaluation.unseen import Tunable
from training.models import ModelPlan
from training.progress import Timed
from training.sentiment import train


@pytest.fixture
def tunable(tmp_path: Path, plan: TinyPlan) -> Tunable:
    exported = asyncio.run(exported_base(tmp_path, plan)).encoder
    return Tunable(exported, remembering(exported, tmp_path), tmp_path / "adapter")


def recipe_over(tunable: Tunable, folder: Path, *, seeds: int = 1) -> DeepTrials:
    def trainer(adapter: Path, work: Path, seed: int) -> DeepTrainer:
        assert adapter == tunable.adapter
        return DeepTrainer(a_base(folder), replace(RECIPE, seed=seed), work)

    return DeepTrials(
        tunable,
        lambda family: (tunable,) if family == "banking77" else (),
        folder / "work",
        Timed(),
        trainers=trainer,
        seeds=seeds,
    )


def test_each_seed_is_a_trial_of_its_own_and_a_set_that_all_saw_has_none(
    tunable: Tunable, tmp_path: Path
) -> None:
    recipe = recipe_over(tunable, tmp_path, seeds=2)

    trials = recipe.trials("banking77")

    assert [trial.seed for trial in trials] == [7, 8]
    assert {trial.recipe.name for trial in trials} == {recipe.name}
    assert recipe.trials("clinc150") == ()


def test_encoders_of_several_seeds_take_turns(tunable: Tunable, tmp_path: Path) -> None:
    another = replace(tunable, adapter=tmp_path / "another")
    recipe = replace(recipe_over(tunable, tmp_path, seeds=3), without=lambda _: (tunable, another))

    trials = recipe.trials("banking77")

    assert [trial.seed for trial in trials] == [7, 8, 9]
    assert [
        trial.recipe.shipped.adapter for trial in trials if isinstance(trial.recipe, DeepTrials)
    ] == [
        tunable.adapter,
        another.adapter,
        tunable.adapter,
    ]


def test_a_better_result_answers_and_its_work_is_cleared_away(
    tunable: Tunable, tmp_path: Path
) -> None:
    rows = rows_by_order()
    (trial,) = recipe_over(tunable, tmp_path).trials("banking77")

    deep = score_intents(trial.recipe.fit(rows, seed=trial.seed).predict(rows))
    instant = score_intents(EncoderRecipe("plain", tunable.cached).fit(rows, seed=7).predict(rows))

    assert (deep.in_scope_accuracy or 0) > max(0.9, instant.in_scope_accuracy or 0)
    assert not any((tmp_path / "work").iterdir())


def test_where_the_instant_head_is_as_good_it_answers_alone(
    tunable: Tunable, tmp_path: Path
) -> None:
    rows = [
        replace(rows_by_order()[0], text=f"{text} {end}", intent=intent)
        for intent, text in zip(INTENTS, ("where is my parcel", "thanks lovely tent"), strict=True)
        for end in ("good", "bad", "awful", "now", "please")
    ]

    model = recipe_over(tunable, tmp_path).fit(rows, seed=7)

    assert model.encoder is tunable.cached


def test_an_encoder_that_was_not_taught_the_mood_can_be_tuned(tmp_path: Path) -> None:
    config = a_config(tmp_path)
    adapter = train(config, silent).folder
    (adapter / "head.safetensors").unlink()
    plan = ModelPlan("", adapter, sentiment_base=str(config.base_folder))

    base = open_deep_base(plan, max_length=8)

    assert base.max_length == 8
    tuned = DeepTrainer(base, replace(RECIPE, epochs=1), tmp_path / "work").tune(
        Lessons(("where is my parcel", "thanks good tent"), np.array([0, 1]), 2), "a", silent
    )
    assert tuned.scores(torch.zeros((1, 16))).shape == (1, 2)
