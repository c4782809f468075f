"""Heads rank intents and sentiments, and come back from bytes as they were."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from intents.artifact import (
    INTENT_KIND,
    SENTIMENT_KIND,
    SENTIMENTS,
    read_intent_head,
    read_sentiment_head,
    write_intent_head,
    write_sentiment_head,
)
from intents.calibration import ScoreLink
from intents.classifier import FEATURES, Detector, KernelIntentHead, LinearSentimentHead
from intents.container import HeadManifest
from intents.errors import ArtifactError

NAMES = ("cancel_order", "greet", "order_status")
ENCODER = "a" * 64


def units(vectors: NDArray[np.float64]) -> NDArray[np.float32]:
    scaled: NDArray[np.float64] = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return scaled.astype(np.float32)


def an_intent_head() -> KernelIntentHead:
    examples = units(np.random.default_rng(0).normal(size=(10, 6)))
    classes = np.array([0, 0, 0, 1, 1, 1, 2, 2, 3, 3])
    slopes = np.zeros(len(FEATURES), dtype=np.float32)
    slopes[0] = 6.0
    return KernelIntentHead(
        NAMES,
        examples,
        np.eye(4, dtype=np.float32)[classes],
        8,
        4.0,
        ScoreLink(),
        Detector(slopes, -3.0),
        np.zeros((0, 3), dtype=np.float32),
    )


def a_manifest(head: KernelIntentHead) -> HeadManifest:
    return HeadManifest(
        INTENT_KIND, head.names, ENCODER, head.dim, "f" * 64, metrics={"accuracy": 0.9}
    )


def test_an_example_is_ranked_under_its_own_intent() -> None:
    head = an_intent_head()

    predictions = head.predict(head.examples[[0, 4, 7]])

    assert [one.ranking[0][0] for one in predictions] == list(NAMES)


def test_a_ranking_holds_every_intent_once_and_adds_up_to_one() -> None:
    head = an_intent_head()

    for prediction in head.predict(units(np.random.default_rng(1).normal(size=(20, 6)))):
        probabilities = [probability for _, probability in prediction.ranking]
        assert sorted(name for name, _ in prediction.ranking) == sorted(NAMES)
        assert probabilities == sorted(probabilities, reverse=True)
        assert sum(probabilities) == pytest.approx(1.0, abs=1e-5)
        assert 0.0 <= prediction.out_of_scope_probability <= 1.0


def test_what_is_like_an_out_of_scope_example_is_out_of_scope() -> None:
    head = an_intent_head()

    stranger, customer = head.predict(head.examples[[9, 0]])

    assert stranger.out_of_scope_probability > 0.8
    assert customer.out_of_scope_probability < stranger.out_of_scope_probability


def a_guarded_head() -> KernelIntentHead:
    """The head, with a backdrop of two rows behind its examples and a detector that asks the guard alone."""
    head = an_intent_head()
    slopes = np.zeros(len(FEATURES), dtype=np.float32)
    slopes[FEATURES.index("guarded")] = -8.0
    backdrop = units(np.random.default_rng(5).normal(size=(2, 6)))
    guard = np.vstack([np.eye(4, dtype=np.float32)[[0, 0, 0, 1, 1, 1, 2, 2, 3, 3]][:, :3]] * 2)[:12]
    guard[8:] = -0.5
    return replace(
        head,
        examples=np.vstack([head.examples, backdrop]),
        detector=Detector(slopes, 4.0),
        guard=guard,
    )


def test_a_guard_says_what_is_strange_and_changes_no_ranking() -> None:
    head, plain = a_guarded_head(), an_intent_head()

    stranger, customer = head.predict(head.examples[[11, 1]])

    assert stranger.out_of_scope_probability > customer.out_of_scope_probability + 0.2
    wanted = [one.ranking for one in plain.predict(head.examples)]
    assert [one.ranking for one in head.predict(head.examples)] == wanted


def test_a_guarded_head_comes_back_from_bytes() -> None:
    head = a_guarded_head()

    again, _ = read_intent_head(write_intent_head(head, a_manifest(head)), "x", encoder=ENCODER)

    assert again.predict(head.examples) == head.predict(head.examples)


def test_a_guard_that_does_not_fit_the_examples_is_refused() -> None:
    head = replace(a_guarded_head(), guard=np.zeros((5, 3), dtype=np.float32))

    with pytest.raises(ArtifactError, match="kefu publish"):
        read_intent_head(write_intent_head(head, a_manifest(head)), "x", encoder=ENCODER)


def test_no_vectors_give_no_predictions() -> None:
    assert an_intent_head().predict(np.zeros((0, 6), dtype=np.float32)) == ()


def test_a_head_without_out_of_scope_examples_still_predicts() -> None:
    head = an_intent_head()
    bare = replace(head, examples=head.examples[:8], weights=head.weights[:8])

    assert bare.predict(head.examples[:1])[0].ranking[0][0] == NAMES[0]


def test_an_intent_head_comes_back_from_bytes() -> None:
    head = an_intent_head()
    blob = write_intent_head(head, a_manifest(head))

    again, manifest = read_intent_head(blob, "intents.safetensors", encoder=ENCODER)

    assert manifest == a_manifest(head)
    assert again.predict(head.examples) == head.predict(head.examples)
    assert write_intent_head(again, manifest) == blob


def test_a_sentiment_head_comes_back_from_bytes() -> None:
    weights = np.random.default_rng(0).normal(size=(3, 6)).astype(np.float32)
    head = LinearSentimentHead(weights, np.zeros(3, dtype=np.float32), 1.7, 0.5)
    manifest = HeadManifest(SENTIMENT_KIND, SENTIMENTS, ENCODER, 6, "f" * 64)

    again, _ = read_sentiment_head(write_sentiment_head(head, manifest), "x", encoder=ENCODER)

    vectors = units(np.random.default_rng(2).normal(size=(5, 6)))
    assert again.predict(vectors) == head.predict(vectors)
    assert (again.temperature, again.sentence_share) == (1.7, 0.5)


def test_sentiments_add_up_to_one_in_the_order_of_the_rows() -> None:
    head = LinearSentimentHead(np.eye(3, dtype=np.float32), np.zeros(3, dtype=np.float32), 0.1)

    moods = np.array([[1, 0, 0], [0, 0, 1]], dtype=np.float32)
    bad, good = (head.predict(one[None]) for one in moods)

    assert bad.negative > 0.9
    assert good.positive > 0.9
    assert bad.negative + bad.neutral + bad.positive == pytest.approx(1.0)


def test_sentences_have_their_say_as_far_as_the_head_was_told() -> None:
    eye, moods = np.eye(3, dtype=np.float32), np.eye(3, dtype=np.float32)[[2, 0, 0, 0]]
    heads = [
        LinearSentimentHead(eye, np.zeros(3, dtype=np.float32), 0.1, share) for share in (1, 0.5, 0)
    ]

    all_of_it, half, none = (head.predict(moods) for head in heads)

    assert all_of_it.negative == pytest.approx(2 / 3, abs=0.01)
    assert half.negative == pytest.approx(1 / 3, abs=0.01)
    assert none == heads[0].predict(moods[:1])


@pytest.mark.parametrize(
    "spoil",
    [
        lambda blob: blob[:100],
        lambda blob: b"",
        lambda blob: b"\xff" * 200,
        lambda blob: blob.replace(b'\\"format\\": 2', b'\\"format\\": 9'),
        lambda blob: blob.replace(b'"weights"', b'"wrights"'),
    ],
)
def test_corrupt_bytes_are_refused(spoil: Callable[[bytes], bytes]) -> None:
    head = an_intent_head()
    blob = spoil(write_intent_head(head, a_manifest(head)))

    with pytest.raises(ArtifactError, match=r"release/intents .*kefu publish"):
        read_intent_head(blob, "release/intents", encoder=ENCODER)


def test_another_encoder_is_refused() -> None:
    head = an_intent_head()
    blob = write_intent_head(head, a_manifest(head))

    with pytest.raises(ArtifactError, match="encoder bbbbbbbbbbbb is in use"):
        read_intent_head(blob, "intents", encoder="b" * 64)


def test_another_kind_is_refused() -> None:
    head = an_intent_head()
    blob = write_intent_head(head, a_manifest(head))

    with pytest.raises(ArtifactError, match="'intent-head', not 'sentiment-head'"):
        read_sentiment_head(blob, "intents", encoder=ENCODER)


def test_numbers_that_are_not_finite_are_refused() -> None:
    head = an_intent_head()
    weights = head.weights.copy()
    weights[3, 1] = np.nan
    blob = write_intent_head(replace(head, weights=weights), a_manifest(head))

    with pytest.raises(ArtifactError, match="not finite"):
        read_intent_head(blob, "intents", encoder=ENCODER)


def test_a_manifest_of_another_head_is_not_written() -> None:
    head = an_intent_head()

    with pytest.raises(ValueError, match="2 labels"):
        write_intent_head(head, replace(a_manifest(head), labels=NAMES[:2]))
