"""The intent head is fitted, calibrated and measured on what it was not fitted on."""

import numpy as np
import pytest
from numpy.typing import NDArray

from intents.artifact import INTENT_KIND, read_intent_head, write_intent_head
from intents.classifier import likenesses
from intents.container import HeadManifest
from training.besides import Besides
from training.config import IntentConfig
from training.errors import DatasetError
from training.instant import InstantFitter
from training.intent import FittedIntents, fit_instantly, fit_intent_head
from training.kernel import fit_kernel, held_out_scores

DIM = 24
NAMES = ("cancel", "greet", "pay", "return", "track")


def some_examples(
    count: int, *, noise: float = 0.13, seed: int = 0
) -> tuple[list[str], list[str], NDArray[np.float32]]:
    """Examples around one direction per intent, and out-of-scope ones from all over."""
    directions = np.random.default_rng(99).normal(size=(len(NAMES), DIM))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    generator = np.random.default_rng(seed)
    names = [*np.repeat(NAMES, count), *["out_of_scope"] * count]
    near = np.repeat(directions, count, axis=0) + generator.normal(size=(count * 5, DIM)) * noise
    vectors = np.concatenate([near, generator.normal(size=(count, DIM))])
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return [f"{name} {n}" for n, name in enumerate(names)], names, vectors.astype(np.float32)


def a_fit(count: int = 40) -> FittedIntents:
    return fit_intent_head(*some_examples(count), seed=1)


def test_held_out_scores_are_those_of_a_fit_without_the_group() -> None:
    _, names, vectors = some_examples(12)
    targets = np.eye(6, dtype=np.float32)[np.unique(names, return_inverse=True)[1]]
    group = np.array([0, 5, 17, 30, 71])
    rest = np.setdiff1d(np.arange(len(vectors)), group)
    fit = fit_kernel(vectors, targets, sharpness=1.0, ridge=0.1)

    (scores,) = held_out_scores(fit, [group])

    again = fit_kernel(vectors[rest], targets[rest], sharpness=1.0, ridge=0.1)
    wanted = likenesses(vectors[group], vectors[rest], 1.0) @ again.weights
    assert np.allclose(scores, wanted, atol=2e-3)


def test_held_out_scores_may_be_asked_for_twice() -> None:
    _, _, vectors = some_examples(10)
    fit = fit_kernel(vectors, np.eye(len(vectors), dtype=np.float32), sharpness=1.0, ridge=0.1)
    groups = [np.array([3, 4]), np.array([50])]

    first, second = held_out_scores(fit, groups), held_out_scores(fit, groups)

    assert all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))


def test_new_utterances_are_understood() -> None:
    head = a_fit().head
    _, names, vectors = some_examples(30, seed=7)

    predictions = head.predict(vectors)

    right = [one.ranking[0][0] == name for one, name in zip(predictions, names, strict=True)]
    assert np.mean(right[:150]) > 0.9
    strange = np.array([one.out_of_scope_probability for one in predictions])
    assert strange[150:].mean() > 0.6
    assert strange[:150].mean() < 0.2


def test_out_of_scope_is_never_ranked() -> None:
    head = a_fit().head

    assert head.names == NAMES
    assert head.in_scope == 200
    assert head.weights.shape == (240, 6)


def test_thresholds_keep_the_false_accept_rate_among_held_out_examples() -> None:
    fitted = a_fit()

    assert fitted.report is not None
    assert fitted.report.false_accept_rate <= 0.05
    thresholds = fitted.thresholds
    assert 0.0 < thresholds.clarify <= thresholds.accept < 1.0
    assert 0.2 <= thresholds.clarify_ratio <= 0.9


def test_the_report_says_what_holds_for_new_utterances() -> None:
    fitted = fit_intent_head(*some_examples(60, noise=0.3), seed=1)
    _, names, vectors = some_examples(60, noise=0.3, seed=8)

    predictions = fitted.head.predict(vectors[:300])

    right = np.mean([p.ranking[0][0] == name for p, name in zip(predictions, names, strict=False)])
    assert fitted.report is not None
    assert fitted.report.accuracy == pytest.approx(right, abs=0.08)
    assert fitted.report.calibration_error < 0.1
    assert fitted.report.confusions
    assert "| cancel | 60 |" in fitted.report.card().markdown()


def test_equal_data_and_seed_give_equal_bytes() -> None:
    blobs = []
    for _ in range(2):
        head = a_fit(15).head
        manifest = HeadManifest(INTENT_KIND, head.names, "e", head.dim, "d")
        blobs.append(write_intent_head(head, manifest))

    assert blobs[0] == blobs[1]
    assert read_intent_head(blobs[0], "x", encoder="e")[0].names == NAMES


def test_an_instant_fit_takes_over_the_calibration() -> None:
    thorough = a_fit()
    texts, names, vectors = some_examples(40)
    new = -vectors[0]

    instant = fit_instantly(
        [*texts, "rent a tent"],
        [*names, "hire"],
        np.concatenate([vectors, new[None]]),
        thorough.calibration,
        seed=1,
        fitter=InstantFitter(),
    )

    assert instant.calibration == thorough.calibration
    assert instant.head.link == thorough.head.link
    assert instant.head.predict(new[None])[0].ranking[0][0] == "hire"


def test_an_instant_fit_has_the_weights_of_a_thorough_one() -> None:
    texts, names, vectors = some_examples(40)
    fitter, backdrop = InstantFitter(), Besides(backdrop=-vectors[:70])
    like = fit_intent_head(texts, names, vectors, seed=1).calibration
    for kept in (len(texts) - 3, len(texts)):  # the second one follows the first
        columns = (texts[:kept], names[:kept], vectors[:kept])
        instant = fit_instantly(*columns, like, seed=1, fitter=fitter, besides=backdrop).head

    thorough = fit_intent_head(texts, names, vectors, seed=1, besides=backdrop).head

    assert np.array_equal(instant.examples, thorough.examples)
    assert np.allclose(instant.weights, thorough.weights, atol=1e-4)
    assert np.allclose(instant.guard, thorough.guard, atol=1e-4)


def test_a_catalogue_without_out_of_scope_examples_can_be_fitted() -> None:
    texts, names, vectors = some_examples(20)

    fitted = fit_intent_head(texts[:100], names[:100], vectors[:100], seed=1)

    assert fitted.report is not None
    assert fitted.report.out_of_scope_examples == 0
    assert fitted.thresholds.accept < 0.95
    assert fitted.head.predict(vectors[:1])[0].ranking[0][0] == "cancel"


def test_an_intent_with_one_example_can_be_fitted() -> None:
    texts, names, vectors = some_examples(10)

    fitted = fit_intent_head(
        ["x", *texts], ["hire", *names], np.concatenate([-vectors[:1], vectors]), seed=1
    )

    assert "hire" in fitted.head.names


def test_large_catalogues_are_thinned_evenly() -> None:
    fitted = fit_intent_head(*some_examples(40), seed=1, config=IntentConfig(max_examples=60))

    assert len(fitted.head.examples) == 60
    assert fitted.head.in_scope == 50


def test_one_intent_is_too_few() -> None:
    texts, names, vectors = some_examples(10)

    with pytest.raises(DatasetError, match="examples of 1 intents are too few"):
        fit_intent_head(texts[:10], names[:10], vectors[:10], seed=1)


def test_columns_of_different_length_are_refused() -> None:
    texts, names, vectors = some_examples(10)

    with pytest.raises(ValueError, match="59 texts, 60 names and 60 vectors"):
        fit_intent_head(texts[1:], names, vectors, seed=1)


def test_vectors_that_are_not_finite_are_refused() -> None:
    texts, names, vectors = some_examples(10)
    vectors[3] = np.nan

    with pytest.raises(ValueError, match="finite"):
        fit_intent_head(texts, names, vectors, seed=1)
