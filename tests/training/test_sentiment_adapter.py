"""The linear head: probabilities, temperature, files, and what a card measures."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from intents.errors import ArtifactError
from training.sentiment_adapter import SentimentHead, read_head, write_head
from training.sentiment_card import TestSet, measure
from training.sentiment_data import NEGATIVE, NEUTRAL, POSITIVE, LabelledUtterance


def a_head(temperature: float = 1.0) -> SentimentHead:
    weight = np.eye(3, 4, dtype=np.float32)
    return SentimentHead(weight, np.zeros(3, dtype=np.float32), temperature)


def test_a_higher_temperature_makes_it_less_sure_but_changes_no_decision() -> None:
    vectors = np.array([[2, 0, 1, 9]], dtype=np.float32)

    bold = a_head(temperature=1.0).probabilities(vectors)
    shy = a_head(temperature=4.0).probabilities(vectors)

    assert bold.argmax() == shy.argmax() == NEGATIVE
    assert shy.max() < bold.max()


def test_head_comes_back_from_its_file(tmp_path: Path) -> None:
    head = replace(a_head(temperature=1.5), sentence_share=0.5)

    write_head(head, tmp_path)

    found = read_head(tmp_path)
    np.testing.assert_array_equal(found.weight, head.weight)
    assert (found.temperature, found.sentence_share) == (1.5, 0.5)


def test_head_of_two_classes_is_refused(tmp_path: Path) -> None:
    two = np.ones((2, 4), dtype=np.float32)
    write_head(SentimentHead(two, np.zeros(2, dtype=np.float32), 1.0), tmp_path)

    with pytest.raises(ArtifactError, match="not a head over negative"):
        read_head(tmp_path)


def test_binary_set_ignores_the_neutral_share() -> None:
    test_set = TestSet("films", (LabelledUtterance("fine", POSITIVE),), is_binary=True)

    score = measure(np.array([[0.1, 0.6, 0.3]], dtype=np.float32), test_set)

    assert score.accuracy == 1.0
    assert score.calibration_error == pytest.approx(0.25)


def test_measure_counts_all_three_sentiments() -> None:
    utterances = tuple(LabelledUtterance("x", one) for one in (NEGATIVE, NEUTRAL, POSITIVE))
    probabilities = np.array([[0.8, 0.1, 0.1], [0.8, 0.1, 0.1], [0.1, 0.1, 0.8]], dtype=np.float32)

    score = measure(probabilities, TestSet("ours", utterances, is_binary=False))

    assert score.accuracy == pytest.approx(2 / 3)
    assert score.macro_f1 == pytest.approx((2 / 3 + 0 + 1) / 3)
