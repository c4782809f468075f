"""Exports keep what the model does, and refuse what they should."""

import json
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from numpy.typing import NDArray
from transformers import BertConfig, BertModel, DistilBertConfig, DistilBertModel

from bot.encoder import OnnxEncoder
from intents.artifact import read_sentiment_head
from tests.training.tiny_bert import write_sentence_encoder
from training.encoders import find_base
from training.export import export_base, export_encoder, export_sentiment
from training.fused import PlainStates
from training.lora import (
    Ranks,
    factorise,
    fingerprint,
    load_base,
    trainable_matrices,
    write_adapter,
)
from training.pooled import ExportSettings, PooledEncoder
from training.sentiment_adapter import (
    SentimentHead,
    load_adapted,
    load_sentiment_encoder,
    write_head,
)

TEXTS = ("where is my parcel", "my tent is lovely", "thanks")


def vectors_of(folder: Path, pooling: str) -> NDArray[np.float32]:
    base = find_base(str(folder))
    pooled = PooledEncoder(PlainStates(base.model, [2]), ExportSettings("tiny", pooling=pooling))
    with torch.no_grad():
        rows = [torch.tensor([base.tokenizer.encode(text).ids]) for text in TEXTS]
        return np.concatenate([pooled(ids)[0].numpy() for ids in rows])


@pytest.mark.parametrize("pooling", ["mean", "cls"])
def test_a_float_export_gives_the_same_vectors(tmp_path: Path, pooling: str) -> None:
    folder = write_sentence_encoder(tmp_path / "base", pooling=pooling)

    settings = export_base(tmp_path / "out", setting=str(folder), quantise=False)

    assert (settings.pooling, settings.max_length, settings.dim) == (pooling, 24, 16)
    found = OnnxEncoder(tmp_path / "out").encode(TEXTS)
    assert np.allclose(found, vectors_of(folder, pooling), atol=1e-5)


def test_an_int8_export_is_nearly_the_same(tmp_path: Path) -> None:
    folder = write_sentence_encoder(tmp_path / "base")

    export_base(tmp_path / "out", setting=str(folder))

    wanted = vectors_of(folder, "mean")
    found = OnnxEncoder(tmp_path / "out").encode(TEXTS)
    assert ((found * wanted).sum(axis=1) > 0.95).all()
    assert not np.allclose(found, wanted, atol=1e-6)


def test_a_bert_is_exported_with_its_attention_in_one_piece_and_others_as_they_are(
    tmp_path: Path,
) -> None:
    base = find_base(str(write_sentence_encoder(tmp_path / "base")))
    decoder = BertModel(BertConfig(**{**base.model.config.to_dict(), "is_decoder": True}))
    settings = ExportSettings("tiny", max_length=24, quantise=False)

    operations = {}
    for name, model in (("encoder", base.model), ("decoder", decoder)):
        export_encoder(model, base.tokenizer, tmp_path / name, settings)
        graph = onnx.load(tmp_path / name / "model.onnx").graph
        assert [node.name for node in graph.input] == ["input_ids"]
        operations[name] = [node.op_type for node in graph.node]

    assert operations["encoder"].count("Attention") == base.model.config.num_hidden_layers
    assert "Attention" not in operations["decoder"]


def test_an_encoder_that_is_no_bert_is_nearly_the_same_in_int8(tmp_path: Path) -> None:
    base = find_base(str(write_sentence_encoder(tmp_path / "base")))
    config = DistilBertConfig(
        vocab_size=base.model.config.vocab_size, dim=16, hidden_dim=32, n_heads=2, n_layers=2
    )
    torch.manual_seed(3)
    model = DistilBertModel(config)

    export_encoder(model, base.tokenizer, tmp_path / "out", ExportSettings("tiny"))

    pooled = PooledEncoder(PlainStates(model.train(mode=False), [2]), ExportSettings("tiny"))
    with torch.no_grad():
        rows = [torch.tensor([base.tokenizer.encode(text).ids]) for text in TEXTS]
        wanted = np.concatenate([pooled(ids)[0].numpy() for ids in rows])
    found = OnnxEncoder(tmp_path / "out").encode(TEXTS)
    assert ((found * wanted).sum(axis=1) > 0.95).all()
    graph = onnx.load(tmp_path / "out" / "model.onnx").graph
    assert "MatMulNBits" in [node.op_type for node in graph.node]


def test_an_unknown_pooling_is_refused(tmp_path: Path) -> None:
    base = find_base(str(write_sentence_encoder(tmp_path)))
    settings = ExportSettings("tiny", pooling="max")

    with pytest.raises(ValueError, match="max"):
        export_encoder(base.model, base.tokenizer, tmp_path, settings)


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
    base = write_sentence_encoder(tmp_path / "base")
    adapter = an_adapter(tmp_path / "adapter", base)

    settings = export_sentiment(tmp_path / "out", adapter, setting=str(base), quantise=False)

    model, wanted = load_sentiment_encoder(base, adapter)
    tokenizer = find_base(str(base)).tokenizer
    pooled = PooledEncoder(PlainStates(model, [2]), ExportSettings("tiny", has_mood=True))
    with torch.no_grad():
        vector, mood = pooled(torch.tensor([tokenizer.encode(TEXTS[1]).ids]))
    found = OnnxEncoder(tmp_path / "out").encode_all(TEXTS[1:2])
    assert np.allclose(found.vectors, vector.numpy(), atol=1e-5)
    assert np.allclose(found.moods, mood.numpy(), atol=1e-5)
    assert not np.allclose(found.vectors, vectors_of(base, "mean")[1], atol=1e-2)
    blob = (tmp_path / "out" / "head.safetensors").read_bytes()
    head, manifest = read_sentiment_head(blob, "head", encoder=settings.sha256)
    said = head.predict(found.moods)
    assert np.allclose(
        [said.negative, said.neutral, said.positive],
        wanted.probabilities(mood.numpy())[0],
        atol=1e-5,
    )
    assert (settings.max_length, manifest.encoder) == (20, settings.sha256)


def test_an_adapter_without_a_mood_is_exported_with_the_base(tmp_path: Path) -> None:
    base = write_sentence_encoder(tmp_path / "base")
    adapter = an_adapter(tmp_path / "adapter", base)
    (adapter / "head.safetensors").unlink()
    settings = json.loads((adapter / "config.json").read_text(encoding="utf-8"))
    settings |= {"early_layer": 1, "early_share": 0.3}
    (adapter / "config.json").write_text(json.dumps(settings), encoding="utf-8")

    written = export_base(tmp_path / "out", adapter, setting=str(base), quantise=False)

    mixed = ExportSettings("tiny", early_layer=1, early_share=0.3)
    pooled = PooledEncoder(PlainStates(load_adapted(base, adapter), [2, 1]), mixed)
    tokenizer = find_base(str(base)).tokenizer
    with torch.no_grad():
        (vector,) = pooled(torch.tensor([tokenizer.encode(TEXTS[1]).ids]))
    found = OnnxEncoder(tmp_path / "out").encode_all(TEXTS[1:2])
    assert np.allclose(found.vectors, vector.numpy(), atol=1e-5)
    assert (written.dim, written.mood_dim, written.max_length) == (32, 0, 20)
