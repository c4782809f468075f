"""A few huge channels no longer drown the others when a BERT is rounded to int8."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import BertModel

from bot.encoder import OnnxEncoder
from tests.training.tiny_bert import write_sentence_encoder
from training import export
from training.encoders import BaseEncoder, find_base
from training.export import export_encoder
from training.fused import FusedBert, PlainStates
from training.pooled import ExportSettings, PooledEncoder
from training.smoothing import BlockFactors, layers_of, smoothing_factors

TEXTS = ("where is my parcel", "my tent is lovely", "thanks", "no, the other jacket")
LOUD = 3
TIMES = 400.0


@pytest.fixture
def base(tmp_path: Path) -> BaseEncoder:
    """An encoder in which one channel of each block's last product is hundreds of times as loud as the others."""
    found = find_base(str(write_sentence_encoder(tmp_path / "base")))
    with torch.no_grad():
        for layer in layers_of(bert_of(found)):
            layer.intermediate.dense.weight[LOUD] *= TIMES
            layer.output.dense.weight[:, LOUD] /= TIMES
    return found


def bert_of(base: BaseEncoder) -> BertModel:
    assert isinstance(base.model, BertModel)
    base.model.train(mode=False)
    return base.model


def exported_cosines(base: BaseEncoder, folder: Path) -> float:
    settings = ExportSettings("loud", max_length=24)
    export_encoder(base.model, base.tokenizer, folder, settings)
    pooled = PooledEncoder(PlainStates(base.model, [2]), settings)
    with torch.no_grad():
        rows = [torch.tensor([base.tokenizer.encode(text).ids]) for text in TEXTS]
        wanted = np.concatenate([pooled(ids)[0].numpy() for ids in rows])
    return float((OnnxEncoder(folder).encode(TEXTS) * wanted).sum(axis=1).mean())


def test_a_loud_channel_gets_the_highest_factor(base: BaseEncoder) -> None:
    factors = smoothing_factors(bert_of(base), base.tokenizer, TEXTS, max_length=24)

    assert len(factors) == len(layers_of(bert_of(base)))
    assert {int(one.narrowing.argmax()) for one in factors} == {LOUD}
    for one in factors:
        assert all(bool((part > 0).all()) for part in (one.attention, one.growing, one.narrowing))


def test_nothing_changes_before_rounding(base: BaseEncoder) -> None:
    bert = bert_of(base)
    evened = FusedBert(bert, [2], smoothing_factors(bert, base.tokenizer, TEXTS, max_length=24))
    plain = FusedBert(bert, [2])

    for one, other, layer in zip(evened.blocks, plain.blocks, layers_of(bert), strict=True):
        given = torch.randn(5, layer.intermediate.dense.in_features)
        for name in ("growing", "seen"):
            even, as_is = (getattr(block, name) for block in (one, other))
            weights = (even.weight, as_is.weight)
            if name == "seen":  # laid out the other way round
                weights = (even.weight.T, as_is.weight.T)
            found, wanted = (
                torch.nn.functional.linear(product.even(given), weight, product.bias)
                for product, weight in zip((even, as_is), weights, strict=True)
            )
            assert torch.allclose(found, wanted, rtol=1e-3, atol=1e-4)
        grown = torch.randn(5, layer.output.dense.in_features)
        narrowed = one.get_submodule("narrowing")(grown)
        assert torch.allclose(narrowed, layer.output.dense(grown), rtol=1e-3, atol=1e-4)


def test_an_encoder_with_loud_channels_is_rounded_better(
    base: BaseEncoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    evened = exported_cosines(base, tmp_path / "evened")

    def no_factors(*_: object, **__: object) -> Sequence[BlockFactors]:
        return ()

    monkeypatch.setattr(export, "smoothing_factors", no_factors)
    plain = exported_cosines(base, tmp_path / "plain")

    assert evened > plain
    assert evened > 0.99
