"""Exports encoders from torch to int8 ONNX, pooling and normalisation inside the graph.

Matrix products are quantised dynamically (int8 weights per channel, one scale for the activations). In a BERT what they
are given is evened out first (``training.smoothing``). In any other encoder the last product of every block, which is
given a few huge values, gets 8-bit weights and activations in blocks of 128, which takes longer. Weights keep to seven
bits, because processors without VNNI would overflow on eight. onnxruntime.quantization is at home here.
"""

import hashlib
import json
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.quantization.matmul_nbits_quantizer import MatMulNBitsQuantizer
from tokenizers import Tokenizer
from torch import nn
from transformers import BertModel, PreTrainedModel

from bot.encoder import (
    MODEL_FILE,
    SETTINGS_FILE,
    TOKENIZER_FILE,
    EncoderSettings,
    OnnxEncoder,
)
from intents.artifact import SENTIMENT_KIND, SENTIMENTS, write_sentiment_head
from intents.classifier import LinearSentimentHead
from intents.container import HeadManifest
from training.encoders import BaseEncoder, find_base
from training.errors import TrainingError
from training.fused import FusedBert, PlainStates
from training.pooled import ExportSettings, PooledEncoder
from training.report import package_versions
from training.sentiment_adapter import load_adapted, load_sentiment_encoder
from training.sentiment_data import read_own
from training.smoothing import smoothing_factors

HEAD_FILE: Final = "head.safetensors"
_BLOCK: Final = 128
_EVERY: Final = 5  # of our own sentences some hundred are enough to see which channels stand out
_LOWEST_COSINE: Final = 0.9
_PROBES: Final = (
    "where is my parcel",
    "thanks, that is all",
    "I would like to send two jackets back.",
)


def export_encoder(
    model: PreTrainedModel, tokenizer: Tokenizer, out_folder: Path, settings: ExportSettings
) -> EncoderSettings:
    """Write ``model.onnx``, ``tokenizer.json`` and ``encoder.json``, and try them out.

    Raises:
        TrainingError: What was exported does not do what the model does.
        ValueError: The pooling is unknown.
    """
    if settings.pooling not in ("mean", "cls"):
        raise ValueError(f"pooling {settings.pooling!r} is neither 'mean' nor 'cls'")
    out_folder.mkdir(parents=True, exist_ok=True)
    pooled = PooledEncoder(_states_of(model, tokenizer, settings), settings)
    pooled.train(mode=False)
    file = out_folder / MODEL_FILE
    with _quietly():
        _trace(pooled, file)
        if settings.quantise:
            _quantise(file, narrowing_in_blocks=not isinstance(pooled.states, FusedBert))
    tokenizer.save(str(out_folder / TOKENIZER_FILE))
    written = EncoderSettings(
        name=settings.name,
        dim=int(model.config.hidden_size) * (2 if settings.early_layer else 1),
        pooling=settings.pooling,
        normalise=settings.normalise,
        prefix=settings.prefix,
        max_length=settings.max_length,
        sha256=hashlib.sha256(file.read_bytes()).hexdigest(),
        mood_dim=int(model.config.hidden_size) if settings.has_mood else 0,
    )
    text = json.dumps(asdict(written), indent=2) + "\n"
    (out_folder / SETTINGS_FILE).write_text(text, encoding="utf-8")
    plain = PlainStates(model, _layers_wanted(model, settings))
    _try_out(PooledEncoder(plain, settings), tokenizer, out_folder)
    return written


def export_base(
    out_folder: Path,
    adapter_folder: Path | None = None,
    *,
    setting: str = "",
    quantise: bool = True,
) -> EncoderSettings:
    """Export the base encoder.

    Args:
        out_folder: Three files are written into it.
        adapter_folder: Made by ``kefu train encoder``; merged into the base.
        setting: A folder or hub id; "" for the encoder that comes with Kefu.
        quantise: int8.

    Raises:
        ArtifactError: The adapter is missing, corrupt, or made for another base.
        TrainingError: The weights are missing or not the right ones.
    """
    base = find_base(setting)
    if adapter_folder is None:
        settings = replace(_settings_of(base), quantise=quantise)
        return export_encoder(base.model, base.tokenizer, out_folder, settings)
    model = load_adapted(base.folder, adapter_folder)
    settings = replace(_settings_with(base, adapter_folder), quantise=quantise)
    return export_encoder(model, base.tokenizer, out_folder, settings)


def export_sentiment(
    out_folder: Path, adapter_folder: Path, *, setting: str = "", quantise: bool = True
) -> EncoderSettings:
    """Export the base with the sentiment adapter merged into it, and the head as ``head.safetensors``.

    Raises:
        ArtifactError: The adapter is missing, corrupt, or made for another base.
        TrainingError: The base's weights are missing or not the right ones.
    """
    base = find_base(setting)
    model, head = load_sentiment_encoder(base.folder, adapter_folder)
    settings = replace(_settings_with(base, adapter_folder), quantise=quantise, has_mood=True)
    written = export_encoder(model, base.tokenizer, out_folder, settings)
    manifest = HeadManifest(
        kind=SENTIMENT_KIND,
        labels=SENTIMENTS,
        encoder=written.sha256,
        dim=head.weight.shape[1],
        data_fingerprint=hashlib.sha256((adapter_folder / HEAD_FILE).read_bytes()).hexdigest(),
        versions=package_versions("torch", "transformers", "peft"),
    )
    linear = LinearSentimentHead(head.weight, head.bias, head.temperature, head.sentence_share)
    (out_folder / HEAD_FILE).write_bytes(write_sentiment_head(linear, manifest))
    return written


def _settings_of(base: BaseEncoder) -> ExportSettings:
    return ExportSettings(
        base.name, base.pooling, base.normalise, prefix=base.prefix, max_length=base.max_length
    )


def _settings_with(base: BaseEncoder, adapter_folder: Path) -> ExportSettings:
    """Read how an adapter's encoder is to be used."""
    tuned = json.loads((adapter_folder / "config.json").read_text(encoding="utf-8"))
    return ExportSettings(
        name=f"{base.name} + {adapter_folder.name}",
        pooling=tuned["pooling"],
        normalise=tuned["normalise"],
        max_length=tuned.get("max_length", base.max_length),
        early_layer=tuned.get("early_layer", 0),
        early_share=tuned.get("early_share", 0.0),
    )


def _states_of(model: PreTrainedModel, tokenizer: Tokenizer, settings: ExportSettings) -> nn.Module:
    """Return what computes token states, fused and evened out where it is a BERT."""
    model.train(mode=False)
    layers = _layers_wanted(model, settings)
    if not isinstance(model, BertModel) or model.config.is_decoder:
        return PlainStates(model, layers)
    if not settings.quantise:
        return FusedBert(model, layers)
    texts = [settings.prefix + one.text for one in read_own()[::_EVERY]]
    factors = smoothing_factors(model, tokenizer, texts, max_length=settings.max_length)
    return FusedBert(model, layers, factors)


def _layers_wanted(model: PreTrainedModel, settings: ExportSettings) -> tuple[int, ...]:
    last = int(model.config.num_hidden_layers)
    return (last, settings.early_layer) if settings.early_layer else (last,)


def _trace(pooled: PooledEncoder, file: Path) -> None:
    ids = torch.ones((2, 7), dtype=torch.long)
    axes = {0: torch.export.Dim("batch"), 1: torch.export.Dim("length")}
    program = torch.onnx.export(
        pooled,
        kwargs={"input_ids": ids},
        dynamic_shapes={"input_ids": axes},
        output_names=["vectors", "moods"] if pooled.settings.has_mood else ["vectors"],
        dynamo=True,
        verbose=False,
    )
    if program is None:
        raise TrainingError("torch exported nothing")
    program.save(str(file), external_data=False)


def _quantise(file: Path, *, narrowing_in_blocks: bool) -> None:
    left_out = _narrowing_products(onnx.load(file)) if narrowing_in_blocks else []
    with TemporaryDirectory(dir=file.parent) as folder:
        halfway = Path(folder) / MODEL_FILE
        quantize_dynamic(
            file,
            halfway,
            weight_type=QuantType.QInt8,
            per_channel=True,
            reduce_range=True,
            nodes_to_exclude=left_out,
        )
        if not left_out:
            halfway.replace(file)
            return
        in_blocks = MatMulNBitsQuantizer(
            onnx.load(halfway), bits=8, block_size=_BLOCK, is_symmetric=True, accuracy_level=4
        )
        in_blocks.process()
        in_blocks.model.save_model_to_file(str(file), use_external_data_format=False)


def _narrowing_products(model: onnx.ModelProto) -> list[str]:
    """Name the products with a weight of more rows than columns: the last one of every BERT block."""
    narrowing = {
        weight.name
        for weight in model.graph.initializer
        if len(weight.dims) == 2 and weight.dims[0] > weight.dims[1]  # noqa: PLR2004 - a matrix
    }
    return [
        node.name
        for node in model.graph.node
        if node.op_type == "MatMul" and node.input[1] in narrowing
    ]


def _try_out(pooled: PooledEncoder, tokenizer: Tokenizer, folder: Path) -> None:
    settings, exported = pooled.settings, OnnxEncoder(folder).encode_all(_PROBES)
    wanted = [_run(pooled, tokenizer, settings.prefix + text) for text in _PROBES]
    found = [exported.vectors, exported.moods] if settings.has_mood else [exported.vectors]
    for place, name in enumerate(("vectors", "moods")[: len(found)]):
        cosine = _lowest_cosine(found[place], np.concatenate([one[place] for one in wanted]))
        if not cosine >= _LOWEST_COSINE:
            raise TrainingError(
                f"the {name} of the exported encoder {settings.name} are not those of the original: cosine {cosine:.3f} "
                f"instead of {_LOWEST_COSINE} or more; export it with quantise=False, and report it"
            )


def _lowest_cosine(some: NDArray[np.float32], others: NDArray[np.float32]) -> float:
    lengths = np.linalg.norm(some, axis=1) * np.linalg.norm(others, axis=1)
    return float(((some * others).sum(axis=1) / np.maximum(lengths, 1e-12)).min())


def _run(pooled: PooledEncoder, tokenizer: Tokenizer, text: str) -> list[NDArray[np.float32]]:
    with torch.no_grad():
        return [one.numpy() for one in pooled(torch.tensor([tokenizer.encode(text).ids]))]


@contextmanager
def _quietly() -> Iterator[None]:
    """Keep what torch and onnxruntime say about their own insides from the person who publishes."""
    noisy = (
        logging.getLogger(),
        logging.getLogger("torch.onnx._internal.exporter._registration"),
    )
    levels = [logger.level for logger in noisy]
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "`isinstance\\(treespec, LeafSpec\\)`", FutureWarning)
        warnings.filterwarnings("ignore", "# The axis name", UserWarning)
        for logger in noisy:
            logger.setLevel(logging.ERROR)
        try:
            yield
        finally:
            for logger, level in zip(noisy, levels, strict=True):
                logger.setLevel(level)
