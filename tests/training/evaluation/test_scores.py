"""Every score, worked out by hand on a few rows."""

import numpy as np
import pytest

from bot.domain.understanding import OUT_OF_SCOPE
from intents.prediction import IntentPrediction
from training.evaluation.curves import out_of_scope_roc, reliability, risk_coverage
from training.evaluation.predictions import Predictions, as_columns, joined
from training.evaluation.scores import (
    Scores,
    mean_of,
    recall_when_kept,
    score_intents,
    score_rankings,
    score_sentiments,
    spread_of,
)


def some(*, truths: tuple[str, ...], strangeness: tuple[float, ...]) -> Predictions:
    """Return predictions that are sure of "a", "b", "a", "b" in turn, at 0.9."""
    shares = [[0.9, 0.1] if n % 2 == 0 else [0.1, 0.9] for n in range(len(truths))]
    return Predictions(
        ("a", "b"),
        tuple(f"text {n}" for n in range(len(truths))),
        truths,
        np.array(shares, dtype=np.float32),
        np.array(strangeness, dtype=np.float32),
        0.5,
    )


def test_out_of_scope_counts_as_an_intent_where_the_set_has_it() -> None:
    predictions = some(
        truths=("a", "b", "b", OUT_OF_SCOPE, OUT_OF_SCOPE), strangeness=(0.1, 0.6, 0.2, 0.9, 0.3)
    )

    found = score_intents(predictions).as_json()

    assert predictions.said == ("a", OUT_OF_SCOPE, "a", OUT_OF_SCOPE, "a")
    assert found["accuracy"] == pytest.approx(2 / 5)
    assert found["in_scope_accuracy"] == pytest.approx(2 / 3)
    assert found["oos_auroc"] == pytest.approx(5 / 6)
    assert found["oos_recall_at_95"] == pytest.approx(1 / 2)
    assert found["ece"] == pytest.approx(0.9 - 2 / 3, abs=1e-6)
    assert found["macro_f1"] == pytest.approx((2 / 4 + 0 + 2 / 4) / 3)
    assert list(found)[-1] == "n"
    assert found["n"] == 5


def test_nothing_is_refused_in_a_set_without_strangers_and_their_scores_are_left_out() -> None:
    found = score_intents(some(truths=("a", "b", "b"), strangeness=(0.9, 0.9, 0.9))).as_json()

    assert sorted(found) == ["accuracy", "ece", "in_scope_accuracy", "macro_f1", "n"]
    assert found["accuracy"] == found["in_scope_accuracy"] == pytest.approx(2 / 3)


def test_an_intent_that_the_model_does_not_know_is_wrong_and_told() -> None:
    predictions = some(truths=("a", "never heard"), strangeness=(0.0, 0.0))

    assert predictions.unknown == ("never heard",)
    assert score_intents(predictions).accuracy == pytest.approx(0.5)


def test_the_threshold_keeps_at_least_95_of_100_in_scope() -> None:
    strangeness = np.append(np.arange(100), [94.0, 94.5, 98.0, 200.0]).astype(np.float32)
    is_in_scope = np.arange(104) < 100

    assert recall_when_kept(strangeness, is_in_scope) == pytest.approx(3 / 4)


def test_a_set_without_neutral_compares_the_two_others() -> None:
    shares = np.array([[0.2, 0.7, 0.1], [0.1, 0.6, 0.3], [0.3, 0.5, 0.2]], dtype=np.float32)

    two = score_sentiments(["negative", "positive", "positive"], shares)
    three = score_sentiments(["negative", "positive", "neutral"], shares)

    assert two.accuracy == pytest.approx(2 / 3)
    assert three.accuracy == pytest.approx(1 / 3)
    assert sorted(two.as_json()) == ["accuracy", "ece", "macro_f1", "n"]


def test_rankings_are_scored() -> None:
    rankings = np.array([[0, 1, 2, 3], [3, 2, 1, 0], [1, 2, 3, 0]])

    found = score_rankings(rankings, [frozenset({0}), frozenset({2, 1}), frozenset({9})]).as_json()

    assert found["recall@1"] == pytest.approx(1 / 3)
    assert found["recall@5"] == pytest.approx(2 / 3)
    assert found["mrr@10"] == pytest.approx((1 + 1 / 2 + 0) / 3)
    gain = (1 / np.log2(3) + 1 / np.log2(4)) / (1 + 1 / np.log2(3))
    assert found["ndcg@10"] == pytest.approx((1 + gain + 0) / 3)


def test_runs_are_averaged() -> None:
    runs = [Scores(10, accuracy=0.5, ece=None), Scores(10, accuracy=0.7, ece=None)]

    assert mean_of(runs).as_json() == {"accuracy": pytest.approx(0.6), "n": 10}
    assert spread_of(runs) == {"accuracy": pytest.approx(0.1 * 2**0.5)}
    assert spread_of(runs[:1]) == {}


def test_rankings_of_a_head_become_columns() -> None:
    found = [
        IntentPrediction((("b", 0.75), ("a", 0.25)), 0.5),
        IntentPrediction((("a", 1.0), ("b", 0.0)), 0.0),
    ]

    probabilities, strangeness = as_columns(found, ("a", "b"))

    assert probabilities.tolist() == [[0.25, 0.75], [1.0, 0.0]]
    assert strangeness.tolist() == [0.5, 0.0]


def test_predictions_over_other_intents_are_not_joined() -> None:
    one = some(truths=("a",), strangeness=(0.0,))
    other = Predictions(("c",), ("x",), ("c",), one.probabilities[:, :1], one.strangeness, 0.5)

    assert len(joined([one, one])) == 2
    with pytest.raises(ValueError, match="different intents"):
        joined([one, other])


def test_curves_go_from_end_to_end() -> None:
    predictions = some(
        truths=("a", "b", "b", OUT_OF_SCOPE, OUT_OF_SCOPE), strangeness=(0.1, 0.1, 0.2, 0.9, 0.1)
    )

    roc, risk = out_of_scope_roc(predictions), risk_coverage(predictions)
    bins = reliability(predictions.confidences, predictions.is_right)

    assert roc[0] == (0.0, 0.0)
    assert (0.0, 0.5) in roc
    assert roc[-1] == (1.0, 1.0)
    assert risk[-1] == pytest.approx((1.0, 3 / 5))
    assert [one.count for one in bins] == [5]
    assert bins[0].accuracy == pytest.approx(2 / 5)
