"""Encodings kept by text: whoever trains twice encodes only what is new."""

import hashlib
import io
import logging
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final
from uuid import uuid4

import numpy as np
from numpy.typing import NDArray

from bot.domain.ports import Encoder
from training.progress import Report

_LOGGER: Final = logging.getLogger(__name__)
_BATCH: Final = 64


class CachedEncoder:
    """An encoder that remembers what it has encoded, also on disk.

    Args:
        encoder: The real one.
        file: Where encodings are kept; named after the encoder's hash, since others' vectors do not fit.
    """

    def __init__(self, encoder: Encoder, file: Path) -> None:
        self._encoder = encoder
        self._file = file
        self._known = _read(file, encoder.dim)
        self._saved = len(self._known)

    @property
    def dim(self) -> int:
        """Return the length of a vector."""
        return self._encoder.dim

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Encode texts as unit vectors, shape ``(len(texts), dim)``."""
        return self.encode_reporting(texts, lambda _share, _word: None)

    def encode_reporting(self, texts: Sequence[str], report: Report) -> NDArray[np.float32]:
        """Encode texts as unit vectors and say how far it is."""
        keys = [hashlib.sha256(text.encode()).digest() for text in texts]
        new = {k: t for k, t in zip(keys, texts, strict=True) if k not in self._known}
        # Texts of like length together: a batch is padded to its longest.
        pending = sorted(new.items(), key=lambda item: len(item[1]))
        for start in range(0, len(pending), _BATCH):
            batch = pending[start : start + _BATCH]
            vectors = self._encoder.encode([text for _, text in batch])
            self._known.update({k: v for (k, _), v in zip(batch, vectors, strict=True)})
            report((start + len(batch)) / len(pending), f"{start + len(batch)} of {len(pending)}")
        if not keys:
            return np.zeros((0, self.dim), dtype=np.float32)
        return np.stack([self._known[key] for key in keys])

    def save(self) -> None:
        """Write what is new to disk, whole or not at all."""
        if len(self._known) == self._saved:
            return
        self._file.parent.mkdir(parents=True, exist_ok=True)
        unfinished = self._file.with_name(f".{self._file.stem}.{uuid4().hex}.npz")
        keys = np.frombuffer(b"".join(self._known), dtype=np.uint8).reshape(-1, 32)
        try:
            np.savez(unfinished, keys=keys, vectors=np.stack(list(self._known.values())))
            unfinished.replace(self._file)
        finally:
            unfinished.unlink(missing_ok=True)
        self._saved = len(self._known)


def _read(file: Path, dim: int) -> dict[bytes, NDArray[np.float32]]:
    try:
        with np.load(io.BytesIO(file.read_bytes()), allow_pickle=False) as arrays:
            keys, vectors = arrays["keys"], arrays["vectors"]
        rows = vectors.astype(np.float32, copy=False).reshape(len(keys), dim)
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        _LOGGER.warning("the cache of encodings in %s cannot be read and is made again", file)
        return {}
    return {key.tobytes(): row for key, row in zip(keys, rows, strict=True)}
