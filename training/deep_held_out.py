"""Tries deep tuning on the user's own examples: is it better than the instant head on what neither has seen?

Examples are dealt to five folds, texts alike in words together; as many folds as time allows are held out in turn. On
each, both heads learn from the rest and are asked about it.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from bot.domain.ports import Encoder
from bot.domain.understanding import OUT_OF_SCOPE
from intents.calibration import softmax
from training.datasets import LabelledText
from training.deep_runs import DeepTrainer, Pace
from training.deep_trial import HeldOutTrial, numbers_of
from training.deep_tuning import Lessons
from training.evaluation.cross_validation import apart, deal
from training.evaluation.recipes import fit_head
from training.progress import Report

Floats = NDArray[np.float32]


def try_out(
    trainer: DeepTrainer,
    encoder: Encoder,
    rows: Sequence[LabelledText],
    folds: int,
    report: tuple[Pace, Report],
) -> HeldOutTrial:
    """Let both heads learn from most of the examples and ask them about the rest.

    Args:
        trainer: Tunes; its seed deals the folds, too.
        encoder: The release's, which the instant head rests on.
        rows: Normalised.
        folds: How many of the five parts are held out.
        report: The pace of all runs, and what to tell.

    Raises:
        DatasetError: Fewer than two intents have two examples.
    """
    seed = trainer.recipe.seed
    alone, kept = apart(rows)
    names = tuple(sorted({row.intent for row in rows} - {OUT_OF_SCOPE}))
    parts = []
    for number, places in enumerate(deal(kept, seed=seed)[:folds]):
        learnt, asked = _divided(alone, kept, set(places.tolist()))
        part = _instantly(encoder, learnt, asked, seed)
        parts.append(replace(part, shares=_deeply(trainer, learnt, asked, number, report)))
    return HeldOutTrial(
        names,
        tuple(row for part in parts for row in part.rows),
        np.concatenate([part.scores for part in parts]),
        np.concatenate([part.probabilities for part in parts]),
        np.concatenate([part.strangeness for part in parts]),
        float(np.mean([part.threshold for part in parts])),
        np.concatenate([part.shares for part in parts]),
    )


def lessons_of(rows: Sequence[LabelledText]) -> Lessons:
    """Return what is tuned on: everything in scope."""
    inside = [row for row in rows if row.intent != OUT_OF_SCOPE]
    names = tuple(sorted({row.intent for row in inside}))
    return Lessons(tuple(row.text for row in inside), numbers_of(inside, names), len(names))


def _divided(
    alone: Sequence[LabelledText], kept: Sequence[LabelledText], held_out: set[int]
) -> tuple[list[LabelledText], tuple[LabelledText, ...]]:
    """Return what is learnt from and what is asked; an intent of which nothing else is left is not held out.

    That happens where its texts stand under another intent as well, and went to a part with those.
    """
    learnt = [*alone, *(row for n, row in enumerate(kept) if n not in held_out)]
    asked = [row for n, row in enumerate(kept) if n in held_out]
    known = {row.intent for row in learnt}
    learnt += [row for row in asked if row.intent not in known]
    return learnt, tuple(row for row in asked if row.intent in known)


def _instantly(
    encoder: Encoder, learnt: Sequence[LabelledText], asked: tuple[LabelledText, ...], seed: int
) -> HeldOutTrial:
    fitted = fit_head(encoder, learnt, seed=seed)
    head = fitted.head
    scores, strangeness = head.weigh(encoder.encode([row.text for row in asked]))
    return HeldOutTrial(
        head.names,
        asked,
        scores,
        softmax(head.link.logits(scores)),
        strangeness,
        fitted.thresholds.out_of_scope,
        np.zeros_like(scores),
    )


def _deeply(
    trainer: DeepTrainer,
    learnt: Sequence[LabelledText],
    asked: Sequence[LabelledText],
    number: int,
    report: tuple[Pace, Report],
) -> Floats:
    pace, told = report
    lessons = lessons_of(learnt)
    size = len(lessons.texts) * trainer.recipe.epochs
    texts = [row.text for row in asked]
    name = f"part-{number + 1}"
    found = trainer.shares(lessons, texts, name, pace.reporting(size, told))
    pace.end(size)
    return found
