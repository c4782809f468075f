"""The recipe that ``kefu train intents --deep`` follows, on public sets: over encoders that never saw them."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory

from intents.deep import DeepIntentHead
from training.datasets import LabelledText
from training.deep import DeepTuning
from training.deep_base import open_deep_base
from training.deep_folder import EncoderPair
from training.deep_result import Pupil
from training.deep_runs import DeepTrainer
from training.deep_tuning import DeepRecipe
from training.evaluation.recipes import DEEP, SEEDS, IntentModel, Trial, fit_head
from training.evaluation.unseen import Tunable
from training.models import ModelPlan
from training.progress import Timed

Trainers = Callable[[Path, Path, int], DeepTrainer]


def trainer_of(adapter: Path, folder: Path, seed: int) -> DeepTrainer:
    """Return what tunes copies of the packaged encoder with an adapter.

    Args:
        adapter: Its folder.
        folder: For checkpoints.
        seed: Of everything that is drawn at random.

    Raises:
        TrainingError: The adapter or the encoder is not there.
    """
    recipe = DeepRecipe(seed=seed)
    return DeepTrainer(open_deep_base(ModelPlan("", adapter), recipe.max_length), recipe, folder)


@dataclass(frozen=True, slots=True)
class DeepTrials:
    """Deep tuning where held-out examples say it is better, and the instant head alone where they do not.

    Attributes:
        shipped: For whatever is no public set.
        without: Given a family of public sets, encoders that never saw it, one for each of their seeds; they take turns.
        work: Folder for checkpoints: a run that was killed goes on from there.
        shown: Told how far it is.
        seeds: With how many it is tuned, from ``first_seed`` on; every one takes as long as the command.
        trainers: Makes the trainer of an adapter, with a folder and a seed.
    """

    shipped: Tunable
    without: Callable[[str], Sequence[Tunable]]
    work: Path
    shown: Timed
    seeds: int = 1
    first_seed: int = SEEDS[0]
    name: str = DEEP
    trainers: Trainers = trainer_of

    def trials(self, family: str) -> tuple[Trial, ...]:
        """Return one trial for each seed, on the encoders that never saw the set in turn."""
        seeds = range(self.first_seed, self.first_seed + self.seeds)
        turns = cycle(self.without(family))
        return tuple(
            Trial(replace(self, shipped=one), seed) for one, seed in zip(turns, seeds, strict=False)
        )

    def fit(self, examples: Sequence[LabelledText], *, seed: int) -> IntentModel:
        """Fit the instant head, try deep tuning beside it, and take both where that is better.

        Raises:
            DatasetError: There are too few examples.
            TrainingError: The export failed.
        """
        own = self.shipped
        fitted = fit_head(own.cached, examples, seed=seed)
        names, threshold = fitted.head.names, fitted.thresholds.out_of_scope
        tuning = DeepTuning(
            self.trainers(own.adapter, self.work / f"{own.exported.sha256[:12]}-{seed}", seed)
        )
        with TemporaryDirectory() as folder:
            pupil = Pupil(own.exported, own.cached, fitted)
            taken = tuning(pupil, examples, Path(folder) / "deep", self.shown).taken
            if taken is None:
                return IntentModel(own.cached, fitted.head, names, threshold)
            pair = EncoderPair(own.exported, taken.open_encoder(workers=os.cpu_count() or 1))
        return IntentModel(pair, DeepIntentHead(fitted.head, taken.part), names, threshold)
