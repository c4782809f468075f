"""Says how well a recipe does on examples by leaving a part of them out in turn."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from bot.domain.understanding import OUT_OF_SCOPE
from intents.text import comparable
from training.datasets import LabelledText
from training.errors import DatasetError
from training.evaluation.predictions import Predictions, joined
from training.evaluation.recipes import IntentRecipe
from training.evaluation.scores import score_intents
from training.progress import Report
from training.splits import Places, stratified_folds

FOLDS: Final = 5
_FEWEST: Final = 2
_SHARES: Final = (0.1, 0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True, slots=True)
class Learned:
    """Accuracy after a number of examples; ``examples`` is their mean number per intent."""

    examples: float
    accuracy: float


@dataclass(frozen=True, slots=True)
class CrossValidation:
    """Held-out predictions.

    Attributes:
        rows: The examples that were held out, in the order of ``predictions``.
        left_out: Intents with a single example; it is trained on, never held out.
        learning: How accuracy grows with examples, measured on one fold.
    """

    rows: tuple[LabelledText, ...]
    predictions: Predictions
    left_out: tuple[str, ...]
    learning: tuple[Learned, ...]


def cross_validate(
    recipe: IntentRecipe, rows: Sequence[LabelledText], *, seed: int, report: Report
) -> CrossValidation:
    """Hold every example out once; texts alike in words are held out together.

    Raises:
        DatasetError: Fewer than two intents have two examples.
    """
    alone, kept = apart(rows)
    folds = deal(kept, seed=seed)
    parts: list[Predictions] = []
    order: list[LabelledText] = []
    learning: tuple[Learned, ...] = ()
    for number, places in enumerate(folds):
        report(number / len(folds), f"part {number + 1} of {len(folds)}")
        held_out = set(places.tolist())
        training = [*alone, *(row for n, row in enumerate(kept) if n not in held_out)]
        test = [kept[n] for n in places]
        parts.append(recipe.fit(training, seed=seed).predict(test))
        order += test
        if not number:
            known = score_intents(parts[0]).in_scope_accuracy
            learning = learning_curve(recipe, training, test, seed=seed, known=known)
    return CrossValidation(
        tuple(order), joined(parts), tuple(sorted({row.intent for row in alone})), learning
    )


def learning_curve(
    recipe: IntentRecipe,
    train: Sequence[LabelledText],
    test: Sequence[LabelledText],
    *,
    seed: int,
    known: float | None = None,
) -> tuple[Learned, ...]:
    """Measure in-scope accuracy on a test part after a tenth, a quarter, half … of the examples.

    Args:
        recipe: Makes the models.
        train: Drawn from, the same share of every intent.
        test: What is out of scope in it is left out.
        seed: Of the drawing.
        known: Accuracy after all of them, where that was measured already.
    """
    intents = {row.intent for row in train} - {OUT_OF_SCOPE}
    inside = [row for row in test if row.intent != OUT_OF_SCOPE]
    if not inside:
        return ()
    found = []
    for part in _SHARES:
        chosen = _draw(train, part, seed)
        if part == 1.0 and known is not None:
            accuracy = known
        else:
            scores = score_intents(recipe.fit(chosen, seed=seed).predict(inside))
            accuracy = scores.in_scope_accuracy or 0.0
        count = sum(row.intent != OUT_OF_SCOPE for row in chosen)
        found.append(Learned(count / len(intents), accuracy))
    return tuple(found)


def apart(rows: Sequence[LabelledText]) -> tuple[list[LabelledText], list[LabelledText]]:
    """Tell examples that are their intent's only one from those that can be held out."""
    counts: dict[str, set[str]] = {}
    for row in rows:
        counts.setdefault(row.intent, set()).add(comparable(row.text))
    is_alone = {name for name, texts in counts.items() if len(texts) < _FEWEST}
    alone = [row for row in rows if row.intent in is_alone]
    return alone, [row for row in rows if row.intent not in is_alone]


def deal(rows: Sequence[LabelledText], *, seed: int) -> list[Places]:
    """Deal groups of texts that are alike in words to five folds, by the intent of the first of each.

    Raises:
        DatasetError: These are fewer than two intents.
    """
    if len({row.intent for row in rows} - {OUT_OF_SCOPE}) < _FEWEST:
        raise DatasetError(
            "fewer than two intents have two examples, so nothing can be held out; write more"
        )
    groups: dict[str, list[int]] = {}
    for place, row in enumerate(rows):
        groups.setdefault(comparable(row.text), []).append(place)
    members = list(groups.values())
    numbers = {name: number for number, name in enumerate(sorted({row.intent for row in rows}))}
    classes = np.array([numbers[rows[group[0]].intent] for group in members], dtype=np.int64)
    folds = stratified_folds(classes, FOLDS, seed=seed)
    return [np.array([n for group in fold for n in members[group]]) for fold in folds]


def _draw(rows: Sequence[LabelledText], part: float, seed: int) -> list[LabelledText]:
    """Draw a share of every intent's examples, at least one."""
    chance = np.random.default_rng(seed)
    by_intent: dict[str, list[LabelledText]] = {}
    for row in rows:
        by_intent.setdefault(row.intent, []).append(row)
    chosen: list[LabelledText] = []
    for examples in by_intent.values():
        count = max(1, round(part * len(examples)))
        chosen += [examples[n] for n in np.sort(chance.permutation(len(examples))[:count])]
    return chosen
