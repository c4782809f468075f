"""What a release consists of, by content hash, and what was measured when it was built."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Final

from bot.errors import ReleaseError

DRAFT: Final = 0
_FORMAT: Final = 1
_EMPTY: Final[Mapping[str, str]] = MappingProxyType({})
_NO_NUMBERS: Final[Mapping[str, float]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class EncoderInfo:
    """How the base encoder turns texts into vectors; vectors of another encoder do not fit."""

    name: str
    dim: int
    pooling: str
    normalise: bool
    prefix: str
    max_length: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """The contents of a release.

    Attributes:
        number: Counts from 1; 0 is the draft.
        documents: Path, such as ``articles/orders/cancel-order.md``, to SHA-256.
        artifacts: Name, such as ``intent/head.safetensors``, to SHA-256; empty in a draft nobody has trained.
        exports: Group of artifacts (``base``, ``sentiment``) to the fingerprint of what it was exported from.
        trained_on: Fingerprint of the documents that the artifacts were made from.
        refused: Fingerprint of documents that could not be trained on; ``message`` says why. Only in a draft.
        thresholds: The fields of ``playbook.Thresholds``.
        encoder: None in a draft nobody has trained.
        metrics: Measured at build, such as ``intent_accuracy``.
        versions: Library to version.
        based_on: The release that was live when this one was built; 0 for none.
        message: What its author says about it.
    """

    number: int
    created_at: datetime
    documents: Mapping[str, str]
    artifacts: Mapping[str, str] = field(default_factory=lambda: _EMPTY)
    exports: Mapping[str, str] = field(default_factory=lambda: _EMPTY)
    trained_on: str = ""
    refused: str = ""
    thresholds: Mapping[str, float] = field(default_factory=lambda: _NO_NUMBERS)
    encoder: EncoderInfo | None = None
    metrics: Mapping[str, float] = field(default_factory=lambda: _NO_NUMBERS)
    versions: Mapping[str, str] = field(default_factory=lambda: _EMPTY)
    seed: int = 0
    based_on: int = 0
    message: str = ""

    @property
    def fingerprint(self) -> str:
        """Return what changes whenever a document does."""
        return fingerprint_of(self.documents)

    @property
    def is_trained(self) -> bool:
        """Tell whether the artifacts were made from these very documents."""
        return bool(self.artifacts) and self.trained_on == self.fingerprint

    @property
    def hashes(self) -> frozenset[str]:
        """Return the hashes of all blobs it needs."""
        return frozenset([*self.documents.values(), *self.artifacts.values()])


def sha256_of(content: bytes) -> str:
    """Return the name a blob is kept under."""
    return hashlib.sha256(content).hexdigest()


def fingerprint_of(documents: Mapping[str, str], *, under: Iterable[str] = ("",)) -> str:
    """Return a fingerprint of documents.

    Args:
        documents: Path to SHA-256.
        under: Only paths that begin with one of these count.
    """
    prefixes = tuple(under)
    lines = [f"{p} {sha}" for p, sha in sorted(documents.items()) if p.startswith(prefixes)]
    return sha256_of("\n".join(lines).encode())


def manifest_to_json(manifest: Manifest) -> str:
    """Write a manifest."""
    values: dict[str, Any] = {  # JSON values are of many kinds
        name: dict(value) if isinstance(value, Mapping) else value
        for name, value in ((name, getattr(manifest, name)) for name in Manifest.__slots__)
    }
    values["created_at"] = manifest.created_at.timestamp()
    values["encoder"] = None if manifest.encoder is None else asdict(manifest.encoder)
    return json.dumps({"format": _FORMAT, **values}, ensure_ascii=False, sort_keys=True)


def manifest_from_json(text: str) -> Manifest:
    """Read a manifest.

    Raises:
        ReleaseError: It was written by a newer Kefu, or is not a manifest.
    """
    try:
        values = json.loads(text)
        written_as = values.pop("format")
        if written_as > _FORMAT:
            raise ReleaseError(
                f"a release was built by a newer Kefu (manifest format {written_as}, this one reads {_FORMAT}); "
                "update Kefu, or roll back with 'kefu rollback'"
            )
        created_at = datetime.fromtimestamp(values.pop("created_at"), UTC)
        encoder = values.pop("encoder")
        return Manifest(
            created_at=created_at,
            encoder=None if encoder is None else EncoderInfo(**encoder),
            **{name: _frozen(value) for name, value in values.items()},
        )
    except (ValueError, TypeError, KeyError, AttributeError) as problem:
        raise ReleaseError(
            f"the manifest of a release cannot be read ({problem}); "
            "roll back with 'kefu rollback' or build one with 'kefu publish'"
        ) from problem


def _frozen(value: Any) -> Any:  # noqa: ANN401 - JSON values are of many kinds
    return MappingProxyType(value) if isinstance(value, dict) else value
