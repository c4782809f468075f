"""Heads as bytes, in their container; read back only if all of it fits together."""

from dataclasses import replace
from typing import Final

import numpy as np

from intents.calibration import ScoreLink
from intents.change import Correction, HeadChange, WeightChange
from intents.classifier import FEATURES, Detector, KernelIntentHead, LinearSentimentHead
from intents.container import REMEDY, HeadManifest, Mixed, check_own, read_blob, write_blob
from intents.deep import DeepPart
from intents.errors import ArtifactError

INTENT_KIND: Final = "intent-head"
CHANGE_KIND: Final = "intent-head-change"
DEEP_KIND: Final = "deep-intent-part"
SENTIMENT_KIND: Final = "sentiment-head"
SENTIMENTS: Final = ("negative", "neutral", "positive")
_BASE: Final = "base"


def write_intent_head(head: KernelIntentHead, manifest: HeadManifest) -> bytes:
    """Turn a head and its manifest into bytes; equal heads give equal bytes.

    Raises:
        ValueError: The manifest describes another head.
    """
    check_own(manifest, INTENT_KIND, head.names, head.dim)
    link, detector = head.link, head.detector
    numbers = (head.in_scope, head.sharpness, link.slope, link.power, link.floor, detector.bias)
    tensors: Mixed = {
        "examples": head.examples,
        "weights": head.weights,
        "guard": head.guard,
        "numbers": np.array(numbers, dtype=np.float64),
        "detector": detector.weights,
    }
    return write_blob(tensors, manifest)


def read_intent_head(
    blob: bytes, source: str, *, encoder: str
) -> tuple[KernelIntentHead, HeadManifest]:
    """Read a head back.

    Args:
        blob: As written.
        source: The file's name, for messages.
        encoder: SHA-256 of the encoder in use; "" takes any.

    Raises:
        ArtifactError: The bytes are corrupt, of another kind, or made for another encoder.
    """
    tensors, manifest = read_blob(blob, source, INTENT_KIND, encoder)
    try:
        examples, weights, detector = tensors["examples"], tensors["weights"], tensors["detector"]
        guard = tensors["guard"]
        in_scope, sharpness, slope, power, floor, bias = map(float, tensors["numbers"])
    except (KeyError, ValueError) as error:
        raise ArtifactError(
            f"{source} lacks a part of an intent head ({error}); {REMEDY}"
        ) from error
    intents = len(manifest.labels)
    if (
        weights.shape[1:] != (intents + 1,)
        or guard.shape not in ((0, intents), (len(examples), intents))
        or not (len(weights) <= len(examples) if len(guard) else len(weights) == len(examples))
        or examples.shape[1:] != (manifest.dim,)
        or detector.shape != (len(FEATURES),)
        or not 0 < in_scope <= len(weights)
    ):
        raise ArtifactError(
            f"{source} holds weights of shape {weights.shape} for examples of shape {examples.shape}, but its manifest "
            f"says {len(manifest.labels)} intents and {manifest.dim} dimensions; {REMEDY}"
        )
    head = KernelIntentHead(
        manifest.labels,
        examples,
        weights,
        int(in_scope),
        sharpness,
        ScoreLink(slope, power, floor),
        Detector(detector, bias),
        guard,
    )
    return head, manifest


def write_head_change(change: HeadChange, manifest: HeadManifest, *, base: str) -> bytes:
    """Turn a change of a head into bytes; equal changes give equal bytes.

    Args:
        change: Of the head ``base``.
        manifest: Of the changed head, of kind ``CHANGE_KIND``.
        base: SHA-256 of the artifact that is changed.

    Raises:
        ValueError: The manifest describes another head.
    """
    weights = change.weights
    check_own(manifest, CHANGE_KIND, change.names, weights.vectors.shape[1])
    link, detector = change.link, change.detector
    numbers = (change.in_scope, link.slope, link.power, link.floor, detector.bias)
    tensors: Mixed = {
        "vectors": weights.vectors,
        "rows": weights.rows,
        "columns": weights.columns,
        "head_moved": weights.head.moved,
        "head_added": weights.head.added,
        "guard_moved": weights.guard.moved,
        "guard_added": weights.guard.added,
        "numbers": np.array(numbers, dtype=np.float64),
        "detector": detector.weights,
    }
    return write_blob(tensors, replace(manifest, config={**manifest.config, _BASE: base}))


def read_head_change(blob: bytes, source: str, *, encoder: str, base: str) -> HeadChange:
    """Read a change back; ``HeadChange.apply`` says whether it fits the head in size.

    Args:
        blob: As written.
        source: The file's name, for messages.
        encoder: SHA-256 of the encoder in use.
        base: SHA-256 of the head's artifact.

    Raises:
        ArtifactError: The bytes are corrupt, of another kind, or made for another encoder or head.
    """
    tensors, manifest = read_blob(blob, source, CHANGE_KIND, encoder)
    if manifest.config.get(_BASE) != base:
        raise ArtifactError(f"{source} was made for another head than {base[:12]}; {REMEDY}")
    try:
        in_scope, slope, power, floor, bias = map(float, tensors["numbers"])
        weights = WeightChange(
            tensors["vectors"],
            tensors["rows"].astype(np.int32, casting="safe"),
            tensors["columns"].astype(np.int32, casting="safe"),
            Correction(tensors["head_moved"], tensors["head_added"]),
            Correction(tensors["guard_moved"], tensors["guard_added"]),
        )
        detector = Detector(tensors["detector"], bias)
    except (KeyError, TypeError, ValueError) as error:
        raise ArtifactError(
            f"{source} lacks a part of a head's change ({error}); {REMEDY}"
        ) from error
    link = ScoreLink(slope, power, floor)
    return HeadChange(manifest.labels, int(in_scope), link, detector, weights)


def write_deep_part(part: DeepPart, manifest: HeadManifest) -> bytes:
    """Turn a deep part and its manifest into bytes; equal parts give equal bytes.

    Raises:
        ValueError: The manifest describes another part.
    """
    check_own(manifest, DEEP_KIND, part.names, part.dim)
    numbers = (part.share, part.link.slope, part.link.power, part.link.floor)
    tensors: Mixed = {
        "weights": part.weights,
        "bias": part.bias,
        "numbers": np.array(numbers, dtype=np.float64),
    }
    return write_blob(tensors, manifest)


def read_deep_part(blob: bytes, source: str, *, encoder: str) -> tuple[DeepPart, HeadManifest]:
    """Read a deep part back; arguments and errors as for ``read_intent_head``, the encoder being the tuned one."""
    tensors, manifest = read_blob(blob, source, DEEP_KIND, encoder)
    try:
        weights, bias = tensors["weights"], tensors["bias"]
        share, slope, power, floor = map(float, tensors["numbers"])
    except (KeyError, ValueError) as error:
        raise ArtifactError(
            f"{source} lacks a part of a deep result ({error}); {REMEDY}"
        ) from error
    intents = len(manifest.labels)
    if (
        weights.shape != (intents, manifest.dim)
        or bias.shape != (intents,)
        or not 0.0 <= share <= 1.0
    ):
        raise ArtifactError(
            f"{source} holds weights of shape {weights.shape} that count {share}, but its manifest says {intents} "
            f"intents and {manifest.dim} dimensions; {REMEDY}"
        )
    return DeepPart(manifest.labels, weights, bias, share, ScoreLink(slope, power, floor)), manifest


def write_sentiment_head(head: LinearSentimentHead, manifest: HeadManifest) -> bytes:
    """Turn a head and its manifest into bytes; equal heads give equal bytes.

    Raises:
        ValueError: The manifest describes another head.
    """
    check_own(manifest, SENTIMENT_KIND, SENTIMENTS, head.dim)
    numbers = np.array([head.temperature, head.sentence_share], dtype=np.float64)
    return write_blob({"weights": head.weights, "bias": head.bias, "numbers": numbers}, manifest)


def read_sentiment_head(
    blob: bytes, source: str, *, encoder: str
) -> tuple[LinearSentimentHead, HeadManifest]:
    """Read a head back; arguments and errors as for ``read_intent_head``."""
    tensors, manifest = read_blob(blob, source, SENTIMENT_KIND, encoder)
    try:
        weights, bias = tensors["weights"], tensors["bias"]
        temperature, sentence_share = map(float, tensors["numbers"])
    except (KeyError, ValueError) as error:
        raise ArtifactError(
            f"{source} lacks a part of a sentiment head ({error}); {REMEDY}"
        ) from error
    fits = weights.shape == (len(SENTIMENTS), manifest.dim) and bias.shape == (len(SENTIMENTS),)
    if manifest.labels != SENTIMENTS or not fits:
        raise ArtifactError(
            f"{source} holds weights of shape {weights.shape} for {', '.join(manifest.labels)}, not for "
            f"{', '.join(SENTIMENTS)} over {manifest.dim} dimensions; {REMEDY}"
        )
    return LinearSentimentHead(weights, bias, temperature, sentence_share), manifest
