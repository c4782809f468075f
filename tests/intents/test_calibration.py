"""Probabilities mean what they say, and thresholds keep what they promise."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from intents.calibration import (
    ScoreLink,
    area_under_curve,
    calibration_error,
    choose_clarify_ratio,
    choose_threshold,
    fit_link,
    fit_temperature,
    negative_log_likelihood,
    softmax,
)

RATES = st.floats(0.0, 1.0)
SCORES = st.lists(st.floats(0.0, 1.0, width=32), min_size=1, max_size=60)


def drawn_logits(temperature: float) -> tuple[np.ndarray, np.ndarray]:
    """Logits that are too bold by ``temperature``, with classes drawn from the true probabilities."""
    generator = np.random.default_rng(3)
    logits = generator.normal(size=(4000, 5)).astype(np.float32) * 2
    truth = softmax(logits)
    classes = np.array([generator.choice(5, p=row / row.sum()) for row in truth.astype(np.float64)])
    return (logits * np.float32(temperature)).astype(np.float32), classes


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_the_temperature_that_made_logits_bold_is_found(temperature: float) -> None:
    logits, classes = drawn_logits(temperature)

    assert fit_temperature(logits, classes) == pytest.approx(temperature, rel=0.1)


def test_a_fitted_link_is_better_calibrated_than_any_other_guess() -> None:
    generator = np.random.default_rng(5)
    classes = generator.integers(0, 8, size=900)
    scores = (np.eye(8)[classes] * 0.5 + generator.normal(0.05, 0.15, size=(900, 8))).astype(
        np.float32
    )

    link = fit_link(scores, classes)

    probabilities = softmax(link.logits(scores))
    is_right = probabilities.argmax(axis=1) == classes
    assert calibration_error(probabilities.max(axis=1), is_right) < 0.06
    worse = softmax(ScoreLink(slope=0.0, power=0.5).logits(scores))
    assert negative_log_likelihood(probabilities, classes) < negative_log_likelihood(worse, classes)


@given(st.lists(st.floats(-50, 50, width=32), min_size=2, max_size=9))
def test_softmax_adds_up_to_one_and_keeps_the_order(row: list[float]) -> None:
    logits = np.array([row], dtype=np.float32)

    shares = softmax(logits)

    assert shares.sum() == pytest.approx(1.0, abs=1e-5)
    assert (
        shares[0].argmax() == logits[0].argmax() or shares[0].max() == shares[0][logits[0].argmax()]
    )


@given(SCORES, SCORES, RATES)
def test_a_threshold_lets_no_more_in_than_promised(
    inside: list[float], outside: list[float], rate: float
) -> None:
    scores = np.array([*inside, *outside], dtype=np.float32)
    is_in_scope = np.arange(len(scores)) < len(inside)

    threshold = choose_threshold(scores, is_in_scope, rate)

    accepted = scores[~is_in_scope].astype(np.float64) >= threshold
    assert accepted.mean() <= rate


def test_a_threshold_is_no_higher_than_it_must_be() -> None:
    scores = np.array([0.9, 0.8, 0.3, 0.7, 0.4, 0.2, 0.1], dtype=np.float32)
    is_in_scope = np.array([True, True, True, False, False, False, False])

    assert 0.4 < choose_threshold(scores, is_in_scope, 0.25) < 0.7
    assert choose_threshold(scores, is_in_scope, 1.0) == 0.0
    assert choose_threshold(scores[:3], is_in_scope[:3], 0.05) == 0.0


def test_area_under_curve_counts_pairs_in_order() -> None:
    scores = np.array([0.1, 0.4, 0.4, 0.8], dtype=np.float32)
    is_positive = np.array([False, False, True, True])

    assert area_under_curve(scores, is_positive) == pytest.approx(3.5 / 4)
    assert area_under_curve(scores, np.ones(4, dtype=bool)) == 0.5


def test_calibration_error_is_the_gap_between_said_and_true() -> None:
    confidences = np.full(100, 0.9, dtype=np.float32)

    assert calibration_error(confidences, np.arange(100) < 90) == pytest.approx(0.0, abs=1e-6)
    assert calibration_error(confidences, np.arange(100) < 60) == pytest.approx(0.3, abs=1e-6)
    assert calibration_error(confidences[:0], np.zeros(0, dtype=bool)) == 0.0


def test_intents_are_close_where_the_best_one_is_often_wrong() -> None:
    second = np.linspace(0.0, 0.5, 200).astype(np.float32)
    first = 1.0 - second
    is_right = np.random.default_rng(0).random(200) < np.where(second / first > 0.5, 0.5, 1.0)

    ratio = choose_clarify_ratio(first, second, is_right)

    assert 0.2 < ratio < 0.6
    assert choose_clarify_ratio(first, second, np.ones(200, dtype=bool)) == 0.9
