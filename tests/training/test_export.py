"""Exports keep what the model does, and refuse what they should."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from bot.encoder import OnnxEncoder
from intents.artifact import read_sentiment_head
from tests.training.tiny_bert import write_tiny_bert
from training.encoders import find_base, load_model, load_tokenizer
from training.errors import TrainingError
from training.export import (
    ExportSettings,
    PooledEncoder,
    export_base,
    export_encoder,
    export_sentiment,
)
from training.lora import (
    Ranks,
    factorise,
    fingerprint,
    load_base,
    trainable_matrices,
    write_adapter,
)
from training.sentiment_adapter import SentimentHead, load_sentiment_encoder, write_head

TEXTS = ("where is my parcel", "my tent is lovely", "thanks")


def a_base(folder: Path, *, pooling: str = "mean") -> Path:
    write_tiny_bert(folder)
    (folder / "1_Pooling").mkdir()
    modes = {f"pooling_mode_{kind}": True for kind in ["cls_token"] if pooling == "cls"}
    (folder / "1_Pooling" / "config.json").write_text(json.dumps(modes), encoding="utf-8")
    (folder / "sentence_bert_config.json").write_text('{"max_seq_length": 24}', encoding="utf-8")
    return folder


def vectors_of(folder: Path, pooling: str) -> NDArray[np.float32]:
    base = find_base(str(folder))
    pooled = PooledEncoder(load_model(base), pooling=pooling, normalise=True)
    tokenizer = load_tokenizer(base)
    with torch.no_grad():
        rows = [torch.tensor([tokenizer.encode(text).ids]) for text in TEXTS]
        return np.concatenate([pooled(ids, torch.ones_like(ids)).numpy() for ids in rows])


@pytest.mark.parametrize("pooling", ["mean", "cls"])
def test_a_float_export_gives_the_same_vectors(tmp_path: Path, pooling: str) -> None:
    folder = a_base(tmp_path / "base", pooling=pooling)

    settings = export_base(tmp_path / "out", setting=str(folder), quantise=False)

    assert (settings.pooling, settings.max_length, settings.dim) == (pooling, 24, 16)
    found = OnnxEncoder(tmp_path / "out").encode(TEXTS)
    assert np.allclose(found, vectors_of(folder, pooling), atol=1e-5)


def test_an_int8_export_is_nearly_the_same(tmp_path: Path) -> None:
    folder = a_base(tmp_path / "base")

    export_base(tmp_path / "out", setting=str(folder))

    wanted = vectors_of(folder, "mean")
    found = OnnxEncoder(tmp_path / "out").encode(TEXTS)
    assert ((found * wanted).sum(axis=1) > 0.95).all()
    assert not np.allclose(found, wanted, atol=1e-6)


def test_padding_does_not_change_a_vector(tmp_path: Path) -> None:
    pooled = PooledEncoder(
        load_model(find_base(str(a_base(tmp_path)))), pooling="mean", normalise=True
    )
    ids = torch.tensor([[2, 5, 6, 3]])
    padded = torch.tensor([[2, 5, 6, 3, 0, 0]])

    with torch.no_grad():
        plain = pooled(ids, torch.ones_like(ids))
        masked = pooled(padded, torch.tensor([[1, 1, 1, 1, 0, 0]]))

    assert torch.allclose(plain, masked, atol=1e-6)


def test_an_unknown_pooling_is_refused(tmp_path: Path) -> None:
    base = find_base(str(a_base(tmp_path)))
    settings = ExportSettings("tiny", pooling="max")

    with pytest.raises(ValueError, match="max"):
        export_encoder(load_model(base), load_tokenizer(base), tmp_path, settings)


def test_a_folder_without_weights_is_refused(tmp_path: Path) -> None:
    folder = a_base(tmp_path)
    (folder / "model.safetensors").unlink()

    with pytest.raises(TrainingError, match=r"has no model\.safetensors"):
        find_base(str(folder))


def test_the_packaged_encoder_is_the_known_one() -> None:
    base = find_base()

    assert base.sha256.startswith("53aa51172d142c89")
    assert (base.pooling, base.max_length, base.normalise) == ("mean", 256, True)


def an_adapter(folder: Path, base_folder: Path) -> Path:
    """An adapter that changes every matrix a little, with a head."""
    base, tuned = load_base(base_folder), load_base(base_folder)
    generator = torch.Generator().manual_seed(4)
    with torch.no_grad():
        for weight in trainable_matrices(tuned).values():
            weight.add_(torch.randn(weight.shape, generator=generator) * 0.05)
    write_adapter(factorise(base, tuned, Ranks(layers=8, words=8)), folder)
    weights = np.random.default_rng(0).normal(size=(3, 16)).astype(np.float32)
    write_head(SentimentHead(weights, np.zeros(3, dtype=np.float32), 1.5), folder)
    settings = {
        "labels": ["negative", "neutral", "positive"],
        "pooling": "mean",
        "normalise": True,
        "max_length": 20,
        "base_sha256": fingerprint(base_folder / "model.safetensors"),
    }
    (folder / "config.json").write_text(json.dumps(settings), encoding="utf-8")
    return folder


def test_the_sentiment_encoder_is_exported_with_its_adapter_and_head(tmp_path: Path) -> None:
    base = a_base(tmp_path / "base")
    adapter = an_adapter(tmp_path / "adapter", base)

    settings = export_sentiment(tmp_path / "out", adapter, setting=str(base), quantise=False)

    model, wanted = load_sentiment_encoder(base, adapter)
    tokenizer = load_tokenizer(find_base(str(base)))
    pooled = PooledEncoder(model, pooling="mean", normalise=True)
    ids = torch.tensor([tokenizer.encode(TEXTS[1]).ids])
    with torch.no_grad():
        vector = pooled(ids, torch.ones_like(ids)).numpy()
    found = OnnxEncoder(tmp_path / "out").encode(TEXTS[1:2])
    assert np.allclose(found, vector, atol=1e-5)
    assert not np.allclose(found, vectors_of(base, "mean")[1], atol=1e-2)
    blob = (tmp_path / "out" / "head.safetensors").read_bytes()
    head, manifest = read_sentiment_head(blob, "head", encoder=settings.sha256)
    said = head.predict(found)[0]
    assert np.allclose(
        [said.negative, said.neutral, said.positive], wanted.probabilities(vector)[0], atol=1e-5
    )
    assert (settings.max_length, manifest.encoder) == (20, settings.sha256)
