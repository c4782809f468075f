"""An adapter folder: what is refused, what comes out alike, and what ships."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from intents.errors import ArtifactError
from tests.training.test_sentiment import a_config, silent
from tests.training.tiny_bert import write_tiny_bert
from training.sentiment import train
from training.sentiment_adapter import load_sentiment_encoder
from training.sentiment_encoding import encode, load_tokenizer

MAX_FOLDER_BYTES = 11_000_000


SHIPPED = Path(__file__).parents[2] / "intents" / "adapters" / "service"


def test_adapter_for_another_base_is_refused(tmp_path: Path) -> None:
    config = a_config(tmp_path)
    folder = train(config, silent).folder
    other_base = write_tiny_bert(tmp_path / "other-base", seed=5)

    with pytest.raises(ArtifactError, match="was made for weights with SHA-256"):
        load_sentiment_encoder(other_base, folder)


@pytest.mark.parametrize("name", ["config.json", "head.safetensors", "adapter_model.safetensors"])
def test_corrupt_adapter_folder_is_refused(tmp_path: Path, name: str) -> None:
    config = a_config(tmp_path)
    folder = train(config, silent).folder
    (folder / name).write_bytes(b"not what it should be")

    with pytest.raises(ArtifactError):
        load_sentiment_encoder(config.base_folder, folder)


def test_missing_base_is_refused(tmp_path: Path) -> None:
    config = replace(a_config(tmp_path), base_folder=tmp_path / "nowhere")

    with pytest.raises(ArtifactError, match="nowhere"):
        train(config, silent)


def test_utterances_are_encoded_alike_alone_and_in_a_batch(tmp_path: Path) -> None:
    config = a_config(tmp_path)
    folder = train(config, silent).folder
    encoder, _ = load_sentiment_encoder(config.base_folder, folder)
    tokenizer = load_tokenizer(config.base_folder, config.max_length)

    together = encode(encoder, tokenizer, ["awful", "where is the lovely tent i order"])

    np.testing.assert_allclose(together[:1], encode(encoder, tokenizer, ["awful"]), atol=1e-6)


def test_shipped_adapter_is_small_and_complete() -> None:
    files = {file.name: file.stat().st_size for file in SHIPPED.iterdir()}

    assert {"README.md", "config.json", "head.safetensors", "adapter_config.json"} < set(files)
    assert sum(files.values()) <= MAX_FOLDER_BYTES
