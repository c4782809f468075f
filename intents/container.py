"""The container that heads are kept in: a safetensors blob that carries its own manifest."""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save

from intents.errors import ArtifactError

Tensors = Mapping[str, NDArray[np.float32]]
Mixed = Mapping[str, NDArray[np.float32] | NDArray[np.float64] | NDArray[np.int32]]

REMEDY: Final = "build the release again with 'kefu publish'"
_FORMAT: Final = 2
_MANIFEST_KEY: Final = "manifest"
_LENGTH_BYTES: Final = 8


@dataclass(frozen=True, slots=True)
class HeadManifest:
    """What stands beside a head's numbers.

    Attributes:
        kind: ``intent-head``, ``intent-head-change``, ``deep-intent-part`` or ``sentiment-head``.
        labels: In the order of the head's columns or rows.
        encoder: SHA-256 of the encoder whose encodings the head was fitted on.
        dim: Length of those encodings.
        data_fingerprint: Of the examples it was fitted on.
        config: How it was fitted.
        metrics: How good it was on what it was not fitted on.
        thresholds: Chosen from what this head alone says; a release with a deep part has others.
        versions: Of the packages that fitted it.
    """

    kind: str
    labels: tuple[str, ...]
    encoder: str
    dim: int
    data_fingerprint: str
    config: Mapping[str, float | str] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)
    thresholds: Mapping[str, float] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)


def check_own(manifest: HeadManifest, kind: str, labels: tuple[str, ...], dim: int) -> None:
    """Check that a manifest is that of the head it is written with.

    Raises:
        ValueError: It describes another one.
    """
    if (manifest.kind, manifest.labels, manifest.dim) != (kind, labels, dim):
        raise ValueError(
            f"the manifest describes a {manifest.kind} with {len(manifest.labels)} labels over {manifest.dim} "
            f"dimensions, but the head is a {kind} with {len(labels)} over {dim}"
        )


def write_blob(tensors: Mixed, manifest: HeadManifest) -> bytes:
    """Turn tensors and their manifest into bytes; equal ones give equal bytes."""
    text = json.dumps({"format": _FORMAT, **asdict(manifest)}, sort_keys=True)
    arrays = {name: np.ascontiguousarray(array) for name, array in tensors.items()}
    return save(arrays, metadata={_MANIFEST_KEY: text})


def read_blob(blob: bytes, source: str, kind: str, encoder: str) -> tuple[Tensors, HeadManifest]:
    """Read tensors and manifest back.

    Args:
        blob: As written.
        source: The file's name, for messages.
        kind: What is expected.
        encoder: SHA-256 of the encoder in use; "" takes any.

    Raises:
        ArtifactError: The bytes are corrupt, of another kind, or made for another encoder.
    """
    try:
        tensors = load(blob)
        manifest = _manifest(blob)
    except (SafetensorError, ValueError, KeyError, TypeError) as error:
        raise ArtifactError(f"{source} is corrupt or not a head ({error}); {REMEDY}") from error
    if manifest.kind != kind:
        raise ArtifactError(f"{source} is of kind {manifest.kind!r}, not {kind!r}; {REMEDY}")
    if encoder and manifest.encoder != encoder:
        raise ArtifactError(
            f"{source} was fitted on the encodings of encoder {manifest.encoder[:12]}, but encoder {encoder[:12]} is in "
            f"use; {REMEDY}"
        )
    if not all(np.isfinite(array).all() for array in tensors.values()):
        raise ArtifactError(f"{source} holds numbers that are not finite; {REMEDY}")
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
