"""A sentiment adapter on disk: LoRA weights, the head over the encodings, and how to use both."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file
from transformers import BertModel

from intents.artifact import SENTIMENTS
from intents.calibration import softmax
from intents.errors import ArtifactError
from training.lora import (
    BASE_WEIGHTS_FILE,
    WEIGHTS_FILE,
    add_adapter,
    fingerprint,
    merge_adapter,
)
from training.models import packaged_adapter

HEAD_FILE = "head.safetensors"
CONFIG_FILE = "config.json"


@dataclass(frozen=True, slots=True)
class SentimentHead:
    """Weights over the first token's state.

    Attributes:
        weight: Shape ``(3, dim)``, rows in the order of ``SENTIMENTS``.
        bias: Shape ``(3,)``.
        temperature: Scores are divided by it, so that probabilities are neither bold nor shy.
        sentence_share: How much the single sentences of a longer text say; see ``intents.feeling``.
    """

    weight: NDArray[np.float32]
    bias: NDArray[np.float32]
    temperature: float
    sentence_share: float = 1.0

    def scores(self, moods: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return scores before the temperature, shape ``(len(moods), 3)``."""
        scores: NDArray[np.float32] = moods @ self.weight.T + self.bias
        return scores

    def probabilities(self, moods: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return calibrated probabilities, shape ``(len(moods), 3)``; every row sums to 1."""
        return softmax(self.scores(moods) / np.float32(self.temperature))


def write_head(head: SentimentHead, folder: Path) -> None:
    """Write the head into an adapter folder."""
    tensors = {
        "weight": np.ascontiguousarray(head.weight, dtype=np.float32),
        "bias": np.ascontiguousarray(head.bias, dtype=np.float32),
        "numbers": np.array([head.temperature, head.sentence_share], dtype=np.float32),
    }
    save_file(tensors, folder / HEAD_FILE)
    (folder / HEAD_FILE).chmod(0o644)  # safetensors makes it readable for its owner only


def write_manifest(manifest: Mapping[str, object], folder: Path) -> None:
    """Write `config.json`: pooling, order of classes, the base's hash, settings of the training."""
    text = json.dumps(manifest, indent=2) + "\n"
    (folder / CONFIG_FILE).write_text(text, encoding="utf-8")


def read_head(folder: Path) -> SentimentHead:
    """Read the head of an adapter folder.

    Raises:
        ArtifactError: The file is missing, corrupt, or not a head of three sentiments.
    """
    file = folder / HEAD_FILE
    try:
        tensors = load_file(file)
        head = SentimentHead(
            tensors["weight"], tensors["bias"], *map(float, tensors["numbers"].tolist())
        )
    except (OSError, KeyError, TypeError, ValueError, SafetensorError) as error:
        raise ArtifactError(
            f"{file} cannot be read ({error}); run 'kefu train sentiment' or reinstall"
        ) from error
    if head.weight.shape[:1] != (len(SENTIMENTS),) or head.bias.shape != (len(SENTIMENTS),):
        raise ArtifactError(f"{file} is not a head over {', '.join(SENTIMENTS)}; train it again")
    return head


def sets_taught(folder: Path | None) -> list[Mapping[str, object]]:
    """Return the intent sets that an adapter was tuned on, as its ``config.json`` names them."""
    file = None if folder is None else folder / CONFIG_FILE
    if file is None or not file.is_file():
        return []
    found: list[Mapping[str, object]] = json.loads(file.read_text(encoding="utf-8")).get("sets", [])
    return found


def load_sentiment_encoder(
    base_folder: Path, adapter_folder: Path
) -> tuple[BertModel, SentimentHead]:
    """Load the base with the adapter merged into its weights, and the head.

    The head wants the first token's state.

    Raises:
        ArtifactError: A file is missing or corrupt, or the adapter was made for another base.
    """
    return load_adapted(base_folder, adapter_folder), read_head(adapter_folder)


def load_adapted(base_folder: Path, adapter_folder: Path) -> BertModel:
    """Load the base with an adapter merged into its weights, one that knows the mood or not.

    An adapter that says so in its ``config.json`` (``start_sha256``) comes on top of the packaged one.

    Raises:
        ArtifactError: A file is missing or corrupt, or the adapter was made for another base.
    """
    file = adapter_folder / CONFIG_FILE
    try:
        config: dict[str, object] = json.loads(file.read_text(encoding="utf-8"))
        wanted = config["base_sha256"]
    except (OSError, ValueError, KeyError) as error:
        raise ArtifactError(
            f"{file} cannot be read ({error}); make it again or reinstall"
        ) from error
    _check_made_for(adapter_folder, wanted, base_folder / BASE_WEIGHTS_FILE)
    if "start_sha256" not in config:
        return merge_adapter(base_folder, adapter_folder)
    started = packaged_adapter()
    _check_made_for(adapter_folder, config["start_sha256"], started / WEIGHTS_FILE)
    return add_adapter(merge_adapter(base_folder, started), adapter_folder)


def _check_made_for(adapter_folder: Path, wanted: object, weights: Path) -> None:
    found = fingerprint(weights)
    if found != wanted:
        raise ArtifactError(
            f"the adapter in {adapter_folder} was made for weights with SHA-256 {wanted}, but {weights} has {found}; "
            "make it again ('kefu train encoder', 'kefu train sentiment', 'kefu train retrieval')"
        )
