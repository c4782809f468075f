"""``train intents --deep``: tunes an encoder for the intents, and takes it only if cross-validation says it is better."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import numpy as np
import torch

from intents.deep import DeepPart
from training.build import one_thread
from training.config import read_intent_config
from training.datasets import LabelledText, data_fingerprint
from training.deep_base import open_deep_base
from training.deep_folder import DeepFolder, DeepNotes, UnfinishedFolder, remove_deep_folder
from training.deep_held_out import lessons_of, try_out
from training.deep_result import DeepOutcome, Pupil
from training.deep_runs import DeepTrainer, Pace, schedule_for
from training.deep_trial import Blend, HeldOutTrial, numbers_of
from training.deep_tuning import DeepRecipe, TunedIntents
from training.deep_verdict import Verdict, judge
from training.models import ModelPlan
from training.progress import Timed, say
from training.splits import cap_per_intent

_TESTED_SHARE: Final = 0.8


@dataclass(frozen=True, slots=True)
class DeepTuning:
    """Deep tuning with a trainer; keeps the protocol ``training.deep_result.Deepen``."""

    trainer: DeepTrainer

    @classmethod
    def open(cls, plan: ModelPlan, folder: Path, *, seed: int) -> "DeepTuning":
        """Load what is tuned.

        Args:
            plan: Which encoder.
            folder: For checkpoints; removed when all is done.
            seed: Of everything that is drawn at random.

        Raises:
            TrainingError: The encoder is not there, or no BERT.
        """
        recipe = DeepRecipe(seed=seed)
        return cls(DeepTrainer(open_deep_base(plan, recipe.max_length), recipe, folder))

    @property
    def seed(self) -> int:
        """Return the seed of everything that is drawn at random."""
        return self.trainer.recipe.seed

    def __call__(
        self, pupil: Pupil, rows: Sequence[LabelledText], place: Path, shown: Timed
    ) -> DeepOutcome:
        """Try deep tuning on held-out parts; where it is better, tune on all examples and write a folder.

        Args:
            pupil: The instant head, fitted on all rows.
            rows: Normalised; those of ``out_of_scope`` are not tuned on.
            place: Of the folder; an older one there is replaced, or removed where deep is not better.
            shown: Told how far it is.

        Raises:
            DatasetError: Fewer than two intents have two examples.
            TrainingError: The export failed.
        """
        rows = _capped(rows, self.seed)
        inside = len(lessons_of(rows).texts)
        schedule = schedule_for(inside, self.trainer.recipe.epochs)
        trainer = self.trainer.with_epochs(schedule.epochs)
        passes = inside * schedule.epochs
        pace = Pace(passes * (1 + _TESTED_SHARE * schedule.folds))
        report = shown.begin("trying deep tuning on examples held out")
        trial = try_out(trainer, pupil.cached, rows, schedule.folds, (pace, report))
        with one_thread():
            verdict, said = judge(trial, schedule.folds, seed=self.seed), trial.deep()
        say(verdict.sentence())
        taken = None
        if verdict.is_better:
            report = shown.begin("tuning on all examples")
            model = trainer.tune(lessons_of(rows), "all", pace.reporting(passes, report))
            shown.begin("exporting the tuned encoder")
            taken = _write(trainer, pupil, rows, (model, trial, verdict), place)
        else:
            remove_deep_folder(place)
        trainer.clean_up()
        return DeepOutcome(verdict, said, taken)


def _capped(rows: Sequence[LabelledText], seed: int) -> tuple[LabelledText, ...]:
    """Draw as many as the instant head takes, evenly over intents."""
    names = sorted({row.intent for row in rows})
    limit = read_intent_config().max_examples
    texts = [row.text for row in rows]
    kept = cap_per_intent(texts, numbers_of(rows, names), limit, seed=seed)
    return tuple(rows[place] for place in kept)


def _write(
    trainer: DeepTrainer,
    pupil: Pupil,
    rows: Sequence[LabelledText],
    found: tuple[TunedIntents, HeldOutTrial, Verdict],
    place: Path,
) -> DeepFolder:
    model, trial, verdict = found
    with one_thread():
        blend = trial.blend()
        thresholds = trial.thresholds(blend, pupil.fitted.thresholds)
    notes = DeepNotes(
        base=pupil.encoder.sha256,
        thresholds=asdict(thresholds),
        verdict=verdict.as_json(),
        data_fingerprint=data_fingerprint([r.text for r in rows], [r.intent for r in rows]),
        seed=trainer.recipe.seed,
    )
    unfinished = UnfinishedFolder(place)
    try:
        with torch.no_grad():
            trainer.base.export(model.encoder, unfinished.path)
        part = _part(trial.names, model, blend)
        return unfinished.write(part, notes, verdict.deep.as_json())
    finally:
        unfinished.discard()


def _part(names: tuple[str, ...], model: TunedIntents, blend: Blend) -> DeepPart:
    weights, bias = model.head_arrays()
    rows, shift = weights.astype(np.float32), bias.astype(np.float32)
    return DeepPart(names, rows, shift, blend.share, blend.link)
