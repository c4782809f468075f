"""Encodes texts with an exported BERT: tokenizers and onnxruntime, nothing else. The only home of onnxruntime."""

import hashlib
import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray
from tokenizers import Tokenizer

from bot.domain.ports import Encodings
from bot.errors import ConfigurationError

MODEL_FILE: Final = "model.onnx"
TOKENIZER_FILE: Final = "tokenizer.json"
SETTINGS_FILE: Final = "encoder.json"
_REMEDY: Final = "make it again with 'kefu publish'"
_BULK: Final = 32
_SHOW_ERRORS_ONLY: Final = 3
# On a CPU, adding and then normalising takes half the time of the operation that does both (onnxruntime 1.32).
_SLOWER: Final = ["SkipLayerNormFusion"]


@dataclass(frozen=True, slots=True)
class EncoderSettings:
    """What an exported encoder says about itself in ``encoder.json``.

    Attributes:
        name: Where its weights come from.
        dim: Length of a vector.
        pooling: ``mean`` or ``cls``; done inside the graph.
        normalise: Vectors have L2 norm 1; done inside the graph.
        prefix: Put before every text, as some encoders want it.
        max_length: Longer texts are cut to this many tokens.
        sha256: Of ``model.onnx``.
        mood_dim: Length of what it says about the mood; 0 where it knows no moods.
    """

    name: str
    dim: int
    pooling: str
    normalise: bool
    prefix: str
    max_length: int
    sha256: str
    mood_dim: int = 0


class OnnxEncoder:
    """A BERT on onnxruntime, one thread per text; may be called from several threads at once.

    Every text is encoded on its own: int8 activations are scaled over the whole input, so in a batch a text's vector
    would depend on its neighbours. On one core a batch of short texts would save little.
    """

    def __init__(self, folder: Path, *, workers: int = 1) -> None:
        """Load what ``training.export`` wrote.

        Args:
            folder: Holds ``model.onnx``, ``tokenizer.json`` and ``encoder.json``.
            workers: Threads that share the work when many texts come at once.

        Raises:
            ConfigurationError: A file is missing or corrupt, or the model is not the one that was exported.
        """
        self._workers = workers
        self.settings: Final = _read_settings(folder / SETTINGS_FILE)
        self._tokenizer: Final = _read_tokenizer(folder / TOKENIZER_FILE, self.settings.max_length)
        self._session: Final = _open_session(folder / MODEL_FILE, self.settings.sha256)
        found = self._shapes_of(folder)
        wanted = tuple((dim,) for dim in (self.settings.dim, self.settings.mood_dim) if dim)
        if found != wanted:
            raise ConfigurationError(
                f"{folder / MODEL_FILE} makes outputs of shape {found}, but {SETTINGS_FILE} says {wanted}; {_REMEDY}"
            )

    @property
    def dim(self) -> int:
        """Return the length of a vector."""
        return self.settings.dim

    @property
    def sha256(self) -> str:
        """Return the model's hash; heads and indexes are bound to it."""
        return self.settings.sha256

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Encode texts as unit vectors.

        Args:
            texts: Normalised; longer ones than ``max_length`` tokens are cut.

        Returns:
            Array of shape ``(len(texts), dim)``, in the order of the texts.
        """
        return self.encode_all(texts).vectors

    def encode_all(self, texts: Sequence[str]) -> Encodings:
        """Encode texts as unit vectors and moods, in one pass."""
        if self._workers == 1 or len(texts) < _BULK:
            rows = [self._encode_one(text) for text in texts]
        else:
            with ThreadPoolExecutor(self._workers) as pool:  # onnxruntime works outside the GIL
                rows = list(pool.map(self._encode_one, texts))
        dims = (self.settings.dim, self.settings.mood_dim)
        columns = [list(column) for column in zip(*rows, strict=True)]
        vectors, moods = (
            np.stack(columns[place])
            if place < len(columns)
            else np.zeros((len(texts), dim), np.float32)
            for place, dim in enumerate(dims)
        )
        return Encodings(vectors, moods)

    def _shapes_of(self, folder: Path) -> tuple[tuple[int, ...], ...]:
        """Try the model out: an older one may want other inputs."""
        try:
            return tuple(output.shape for output in self._encode_one("a"))
        except Exception as error:  # onnxruntime's errors share no public root
            raise ConfigurationError(
                f"{folder / MODEL_FILE} cannot be run ({error}); {_REMEDY}"
            ) from error

    def _encode_one(self, text: str) -> list[NDArray[np.float32]]:
        tokens = self._tokenizer.encode(self.settings.prefix + text).ids
        outputs = self._session.run(None, {"input_ids": np.array([tokens], dtype=np.int64)})
        vector, *others = (np.asarray(output, dtype=np.float32)[0] for output in outputs)
        if self.settings.normalise:  # once more, against int8's rounding
            vector = vector / max(float(np.linalg.norm(vector)), 1e-12)
        return [vector.astype(np.float32, copy=False), *others]


def _read_settings(file: Path) -> EncoderSettings:
    try:
        return EncoderSettings(**json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise ConfigurationError(f"{file} cannot be read ({error}); {_REMEDY}") from error


def _read_tokenizer(file: Path, max_length: int) -> Tokenizer:
    # tokenizers raises bare Exception for whatever is wrong with a file, so it is read here first
    try:
        tokenizer = Tokenizer.from_str(file.read_text(encoding="utf-8"))
    except Exception as error:
        raise ConfigurationError(f"{file} cannot be read ({error}); {_REMEDY}") from error
    tokenizer.no_padding()
    tokenizer.enable_truncation(max_length)
    return tokenizer


def _open_session(file: Path, sha256: str) -> ort.InferenceSession:
    try:
        content = file.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"{file} cannot be read ({error}); {_REMEDY}") from error
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise ConfigurationError(
            f"{file} has SHA-256 {found}, but {SETTINGS_FILE} says {sha256}; {_REMEDY}"
        )
    options = ort.SessionOptions()
    options.intra_op_num_threads = (
        1  # a short message gains nothing from more, and turns run side by side
    )
    options.inter_op_num_threads = 1
    options.execution_mode = ort.ExecutionMode.ORT_SEQUENTIAL
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
    options.log_severity_level = _SHOW_ERRORS_ONLY
    try:
        return ort.InferenceSession(
            content, options, providers=["CPUExecutionProvider"], disabled_optimizers=_SLOWER
        )
    except Exception as error:  # onnxruntime's errors share no public root
        raise ConfigurationError(f"{file} is no usable ONNX model ({error}); {_REMEDY}") from error
