"""Instant head and deep part together: what both say, and back from bytes."""

from dataclasses import replace

import numpy as np
import pytest

from intents.artifact import (
    DEEP_KIND,
    read_deep_part,
    read_intent_head,
    write_deep_part,
)
from intents.calibration import ScoreLink
from intents.container import HeadManifest
from intents.deep import DeepIntentHead, DeepPart
from intents.errors import ArtifactError
from tests.intents.test_classifier import NAMES, an_intent_head, units

ENCODER = "c" * 64
DIM = 4


def a_part(share: float = 1 / 3) -> DeepPart:
    weights = 5 * np.eye(3, DIM, dtype=np.float32)
    return DeepPart(NAMES, weights, np.zeros(3, dtype=np.float32), share, ScoreLink())


def a_manifest(part: DeepPart) -> HeadManifest:
    return HeadManifest(DEEP_KIND, part.names, ENCODER, part.dim, "f" * 64)


def test_both_are_asked_and_the_share_decides_who_counts_more() -> None:
    instant = an_intent_head()
    own, tuned = instant.examples[[0]], np.eye(1, DIM, 1, dtype=np.float32)  # cancel_order, greet
    vectors = np.concatenate([own, tuned], axis=1)

    best = [
        DeepIntentHead(instant, a_part(share)).predict(vectors)[0].ranking[0][0]
        for share in (0.05, 0.95)
    ]

    assert best == ["cancel_order", "greet"]


def test_what_is_strange_is_left_to_the_instant_head() -> None:
    instant = an_intent_head()
    tuned = units(np.random.default_rng(3).normal(size=(10, DIM)))
    vectors = np.concatenate([instant.examples, tuned], axis=1)

    found = DeepIntentHead(instant, a_part()).predict(vectors)

    alone = instant.predict(instant.examples)
    assert [one.out_of_scope_probability for one in found] == [
        one.out_of_scope_probability for one in alone
    ]
    assert sum(share for _, share in found[0].ranking) == pytest.approx(1.0, abs=1e-5)


def test_parts_for_different_intents_do_not_go_together() -> None:
    part = replace(a_part(), names=("greet", "cancel_order", "order_status"))

    with pytest.raises(ValueError, match="do not know the same ones"):
        DeepIntentHead(an_intent_head(), part)


def test_a_part_comes_back_from_bytes() -> None:
    part = a_part()

    blob = write_deep_part(part, a_manifest(part))
    again, manifest = read_deep_part(blob, "deep", encoder=ENCODER)

    assert np.array_equal(again.weights, part.weights)
    assert (again.names, again.share, again.link) == (part.names, part.share, part.link)
    assert manifest == a_manifest(part)
    assert blob == write_deep_part(part, a_manifest(part))


@pytest.mark.parametrize(
    "part",
    [
        replace(a_part(), bias=np.zeros(2, dtype=np.float32)),
        replace(a_part(), share=1.5),
        replace(a_part(), weights=np.zeros((2, DIM), dtype=np.float32)),
    ],
    ids=["bias", "share", "weights"],
)
def test_a_part_that_does_not_fit_its_manifest_is_refused(part: DeepPart) -> None:
    blob = write_deep_part(part, a_manifest(part))

    with pytest.raises(ArtifactError, match="release/deep holds weights"):
        read_deep_part(blob, "release/deep", encoder=ENCODER)


def test_a_part_of_another_encoder_or_kind_is_refused() -> None:
    blob = write_deep_part(a_part(), a_manifest(a_part()))

    with pytest.raises(ArtifactError, match="was fitted on the encodings of encoder"):
        read_deep_part(blob, "deep", encoder="b" * 64)
    with pytest.raises(ArtifactError, match="of kind 'deep-intent-part'"):
        read_intent_head(blob, "deep", encoder=ENCODER)
