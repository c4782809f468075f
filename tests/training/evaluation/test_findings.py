"""Cross-validation, and what it makes a person look at."""

import numpy as np
import pytest

from bot.domain.understanding import OUT_OF_SCOPE
from tests.training.evaluation.tiny_models import WordEncoder, examples
from training.datasets import LabelledText
from training.errors import DatasetError
from training.evaluation.baselines import LogisticRecipe
from training.evaluation.cross_validation import CrossValidation, cross_validate
from training.evaluation.findings import doubled, mislabelled, most_confused, per_intent, thin
from training.evaluation.predictions import Predictions
from training.evaluation.recipes import EncoderRecipe, ServiceRecipe
from training.evaluation.scores import score_intents

ENCODER = WordEncoder()
RECIPE = EncoderRecipe("tiny", ENCODER)


def _quiet(share: float, word: str) -> None:
    assert 0 <= share <= 1
    assert word


def validated(rows: list[LabelledText]) -> CrossValidation:
    return cross_validate(RECIPE, rows, seed=7, report=_quiet)


def test_every_example_is_held_out_once_and_mostly_understood() -> None:
    rows = examples()

    found = validated(rows)

    assert sorted(found.rows, key=lambda row: row.line) == rows
    assert found.predictions.truths == tuple(row.intent for row in found.rows)
    assert (score_intents(found.predictions).accuracy or 0) > 0.9
    assert found.learning[-1].examples > found.learning[0].examples
    assert found.learning[-1].accuracy >= found.learning[0].accuracy


def test_the_same_words_are_never_on_both_sides() -> None:
    rows = [*examples(), LabelledText("Purple zebra!", "track", 90)]
    rows.append(LabelledText("purple zebra", "track", 91))

    found = validated(rows)

    places = [n for n, row in enumerate(found.rows) if row.line >= 90]
    assert found.predictions.confidences[places].max() < 0.9


def test_an_intent_with_one_example_is_learnt_but_not_measured() -> None:
    found = validated([*examples(), LabelledText("hello there", "greet", 99)])

    assert found.left_out == ("greet",)
    assert "greet" in found.predictions.names
    assert "greet" not in found.predictions.truths


def test_too_little_to_hold_out_is_refused() -> None:
    rows = [LabelledText("a b", "x", 1), LabelledText("c d", "y", 2), LabelledText("e", "y", 3)]

    with pytest.raises(DatasetError, match="fewer than two intents have two examples"):
        validated(rows)


def test_an_example_under_the_wrong_intent_is_found_first() -> None:
    rows = [*examples(), LabelledText("where parcel late box", "refund", 99)]

    found = validated(rows)
    suspects = mislabelled(found.rows, found.predictions)

    assert (suspects[0].row.line, suspects[0].likely) == (99, "track")
    assert suspects[0].likely_probability > suspects[0].probability


def test_confident_learning_goes_by_each_intents_own_threshold() -> None:
    # a: mean self-confidence 0.6; b: 0.7. The third is below its own and at b's, the fourth below b's.
    shares = [[0.9, 0.1], [0.65, 0.35], [0.25, 0.75], [0.4, 0.6], [0.2, 0.8]]
    rows = [LabelledText(str(n), "aaabb"[n], n) for n in range(5)]
    predictions = Predictions(
        ("a", "b"),
        tuple("01234"),
        tuple("aaabb"),
        np.array(shares, dtype=np.float32),
        np.zeros(5, dtype=np.float32),
        0.5,
    )

    suspects = mislabelled(rows, predictions)

    assert [(one.row.line, one.likely) for one in suspects] == [(2, "b")]


def test_doubles_across_intents_come_first() -> None:
    texts = ["where is it", "Where is it?", "cancel now", "now cancel"]
    rows = [LabelledText(text, "aabc"[n], n) for n, text in enumerate(texts)]

    pairs = doubled(rows, ENCODER.encode(texts))

    assert [(pair.first.line, pair.second.line, pair.is_across) for pair in pairs] == [
        (2, 3, True),
        (0, 1, False),
    ]


def test_thin_and_weak_intents_are_listed() -> None:
    rows = [LabelledText(f"{name}{n}", name, n) for name in "ab" for n in range(3)]
    predictions = Predictions(
        ("a", "b"),
        ("1", "2", "3", "4"),
        ("a", "b", "b", OUT_OF_SCOPE),
        np.array([[1, 0], [1, 0], [0, 1], [0, 1]], dtype=np.float32),
        np.array([0, 0, 0, 1], dtype=np.float32),
        0.5,
    )

    assert thin(rows) == (("a", 3), ("b", 3))
    assert thin(rows, fewest=3) == ()
    assert [line.name for line in per_intent(predictions)] == ["a", "b", OUT_OF_SCOPE]
    assert [(c.intent, c.mistaken_for, c.count, c.texts) for c in most_confused(predictions)] == [
        ("b", "a", 1, ("2",))
    ]


def test_a_model_without_strangers_to_learn_from_still_tells_them() -> None:
    strangers = [LabelledText(f"purple zebra{n} dances", OUT_OF_SCOPE, n) for n in range(20)]
    rows = examples()

    for recipe in (RECIPE, LogisticRecipe("plain", ENCODER)):
        scores = score_intents(recipe.fit(rows, seed=7).predict([*rows, *strangers]))

        assert (scores.oos_auroc or 0) > 0.9


def test_another_encoder_is_plugged_in() -> None:
    asked: list[str] = []
    rows = examples()

    def without(family: str) -> tuple[WordEncoder, ...]:
        asked.append(family)
        return (ENCODER, ENCODER) if family == "banking77" else ()

    service = ServiceRecipe("service", ENCODER, without)
    twice = service.trials("banking77")
    for trial in (*twice, *EncoderRecipe("plain", ENCODER).trials("banking77")):
        model = trial.recipe.fit(rows, seed=trial.seed)

        assert model.predict(rows).names == ("cancel", "refund", "track")

    assert len(twice) == 2
    assert service.trials("clinc150") == ()
    assert asked == ["banking77", "clinc150"]
