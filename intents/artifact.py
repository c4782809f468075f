"""Heads as bytes: a safetensors blob that carries its own manifest; read back only if all of it fits together."""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save

from intents.calibration import ScoreLink
from intents.classifier import FEATURES, Detector, KernelIntentHead, LinearSentimentHead
from intents.deep import DeepPart
from intents.errors import ArtifactError

Tensors = Mapping[str, NDArray[np.float32]]
Mixed = Mapping[str, NDArray[np.float32] | NDArray[np.float64]]

INTENT_KIND: Final = "intent-head"
DEEP_KIND: Final = "deep-intent-part"
SENTIMENT_KIND: Final = "sentiment-head"
SENTIMENTS: Final = ("negative", "neutral", "positive")
_FORMAT: Final = 2
_MANIFEST_KEY: Final = "manifest"
_REMEDY: Final = "build the release again with 'kefu publish'"
_LENGTH_BYTES: Final = 8


@dataclass(frozen=True, slots=True)
class HeadManifest:
    """What stands beside a head's numbers.

    Attributes:
        kind: ``intent-head``, ``deep-intent-part`` or ``sentiment-head``.
        labels: In the order of the head's columns or rows.
        encoder: SHA-256 of the encoder whose encodings the head was fitted on.
        dim: Length of those encodings.
        data_fingerprint: Of the examples it was fitted on.
        config: How it was fitted.
        metrics: How good it was on what it was not fitted on.
        versions: Of the packages that fitted it.
    """

    kind: str
    labels: tuple[str, ...]
    encoder: str
    dim: int
    data_fingerprint: str
    config: Mapping[str, float | str] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)


def write_intent_head(head: KernelIntentHead, manifest: HeadManifest) -> bytes:
    """Turn a head and its manifest into bytes; equal heads give equal bytes.

    Raises:
        ValueError: The manifest describes another head.
    """
    _check_own(manifest, INTENT_KIND, head.names, head.dim)
    link, detector = head.link, head.detector
    numbers = (head.in_scope, head.sharpness, link.slope, link.power, link.floor, detector.bias)
    tensors: Mixed = {
        "examples": head.examples,
        "weights": head.weights,
        "guard": head.guard,
        "numbers": np.array(numbers, dtype=np.float64),
        "detector": detector.weights,
    }
    return _write(tensors, manifest)


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
    tensors, manifest = _read(blob, source, INTENT_KIND, encoder)
    try:
        examples, weights, detector = tensors["examples"], tensors["weights"], tensors["detector"]
        guard = tensors["guard"]
        in_scope, sharpness, slope, power, floor, bias = map(float, tensors["numbers"])
    except (KeyError, ValueError) as error:
        raise ArtifactError(
            f"{source} lacks a part of an intent head ({error}); {_REMEDY}"
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
            f"says {len(manifest.labels)} intents and {manifest.dim} dimensions; {_REMEDY}"
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


def write_deep_part(part: DeepPart, manifest: HeadManifest) -> bytes:
    """Turn a deep part and its manifest into bytes; equal parts give equal bytes.

    Raises:
        ValueError: The manifest describes another part.
    """
    _check_own(manifest, DEEP_KIND, part.names, part.dim)
    numbers = (part.share, part.link.slope, part.link.power, part.link.floor)
    tensors: Mixed = {
        "weights": part.weights,
        "bias": part.bias,
        "numbers": np.array(numbers, dtype=np.float64),
    }
    return _write(tensors, manifest)


def read_deep_part(blob: bytes, source: str, *, encoder: str) -> tuple[DeepPart, HeadManifest]:
    """Read a deep part back; arguments and errors as for ``read_intent_head``, the encoder being the tuned one."""
    tensors, manifest = _read(blob, source, DEEP_KIND, encoder)
    try:
        weights, bias = tensors["weights"], tensors["bias"]
        share, slope, power, floor = map(float, tensors["numbers"])
    except (KeyError, ValueError) as error:
        raise ArtifactError(
            f"{source} lacks a part of a deep result ({error}); {_REMEDY}"
        ) from error
    intents = len(manifest.labels)
    if (
        weights.shape != (intents, manifest.dim)
        or bias.shape != (intents,)
        or not 0.0 <= share <= 1.0
    ):
        raise ArtifactError(
            f"{source} holds weights of shape {weights.shape} that count {share}, but its manifest says {intents} "
            f"intents and {manifest.dim} dimensions; {_REMEDY}"
        )
    return DeepPart(manifest.labels, weights, bias, share, ScoreLink(slope, power, floor)), manifest


def write_sentiment_head(head: LinearSentimentHead, manifest: HeadManifest) -> bytes:
    """Turn a head and its manifest into bytes; equal heads give equal bytes.

    Raises:
        ValueError: The manifest describes another head.
    """
    _check_own(manifest, SENTIMENT_KIND, SENTIMENTS, head.dim)
    temperature = np.array([head.temperature], dtype=np.float64)
    return _write(
        {"weights": head.weights, "bias": head.bias, "temperature": temperature}, manifest
    )


def read_sentiment_head(
    blob: bytes, source: str, *, encoder: str
) -> tuple[LinearSentimentHead, HeadManifest]:
    """Read a head back; arguments and errors as for ``read_intent_head``."""
    tensors, manifest = _read(blob, source, SENTIMENT_KIND, encoder)
    try:
        weights, bias, temperature = tensors["weights"], tensors["bias"], tensors["temperature"]
    except KeyError as error:
        raise ArtifactError(
            f"{source} lacks a part of a sentiment head ({error}); {_REMEDY}"
        ) from error
    fits = weights.shape == (len(SENTIMENTS), manifest.dim) and bias.shape == (len(SENTIMENTS),)
    if manifest.labels != SENTIMENTS or not fits or temperature.shape != (1,):
        raise ArtifactError(
            f"{source} holds weights of shape {weights.shape} for {', '.join(manifest.labels)}, not for "
            f"{', '.join(SENTIMENTS)} over {manifest.dim} dimensions; {_REMEDY}"
        )
    return LinearSentimentHead(weights, bias, float(temperature[0])), manifest


def _check_own(manifest: HeadManifest, kind: str, labels: tuple[str, ...], dim: int) -> None:
    if (manifest.kind, manifest.labels, manifest.dim) != (kind, labels, dim):
        raise ValueError(
            f"the manifest describes a {manifest.kind} with {len(manifest.labels)} labels over {manifest.dim} "
            f"dimensions, but the head is a {kind} with {len(labels)} over {dim}"
        )


def _write(tensors: Mixed, manifest: HeadManifest) -> bytes:
    text = json.dumps({"format": _FORMAT, **asdict(manifest)}, sort_keys=True)
    arrays = {name: np.ascontiguousarray(array) for name, array in tensors.items()}
    return save(arrays, metadata={_MANIFEST_KEY: text})


def _read(blob: bytes, source: str, kind: str, encoder: str) -> tuple[Tensors, HeadManifest]:
    try:
        tensors = load(blob)
        manifest = _manifest(blob)
    except (SafetensorError, ValueError, KeyError, TypeError) as error:
        raise ArtifactError(f"{source} is corrupt or not a head ({error}); {_REMEDY}") from error
    if manifest.kind != kind:
        raise ArtifactError(f"{source} is of kind {manifest.kind!r}, not {kind!r}; {_REMEDY}")
    if encoder and manifest.encoder != encoder:
        raise ArtifactError(
            f"{source} was fitted on the encodings of encoder {manifest.encoder[:12]}, but encoder {encoder[:12]} is in "
            f"use; {_REMEDY}"
        )
    if not all(np.isfinite(array).all() for array in tensors.values()):
        raise ArtifactError(f"{source} holds numbers that are not finite; {_REMEDY}")
    return tensors, manifest


def _manifest(blob: bytes) -> HeadManifest:
    """Parse the manifest out of the header of a safetensors blob (``load`` returns tensors only)."""
    length = int.from_bytes(blob[:_LENGTH_BYTES], "little")
    header = json.loads(blob[_LENGTH_BYTES : _LENGTH_BYTES + length])
    content = json.loads(header["__metadata__"][_MANIFEST_KEY])
    if content.pop("format") != _FORMAT:
        raise ValueError("written by another version of Kefu")
    content["labels"] = tuple(content["labels"])
    manifest = HeadManifest(**content)
    if not all(math.isfinite(number) for number in manifest.metrics.values()):
        raise ValueError("its metrics are not finite")
    return manifest
