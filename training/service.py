"""Makes the service encoder: the base, tuned on our own intent sets and public ones, so that new intents need few examples.

The matrices of the upper layers are tuned on all sets at once, eight tenths of what changed are kept (full strength
harms intents far from those sets), and that is factorised into an adapter. What is written is a folder that ships:
adapter, ``config.json`` (sets, counts, the base's hash, every setting) and a model card.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import torch
from transformers import BertModel

from training.datasets import data_fingerprint
from training.errors import TrainingError
from training.lora import (
    BASE_WEIGHTS_FILE,
    Ranks,
    factorise,
    fingerprint,
    load_base,
    trainable_matrices,
    write_adapter,
)
from training.pooled import EARLY_SHARE, early_layer_of
from training.progress import Report
from training.report import ModelCard, Table, package_versions
from training.sentiment_adapter import write_manifest
from training.sentiment_encoding import load_tokenizer
from training.service_data import SOURCES, TaughtSet, read_sets
from training.service_tuning import ServiceRecipe, ServiceTuner

CARD_FILE: Final = "README.md"
_CHECKPOINT: Final = "checkpoint.pt"
_PRECISIONS: Final = ("bf16", "fp32")


@dataclass(frozen=True, slots=True)
class ServiceConfig:
    """What to learn from, where to write, and the recipe.

    Attributes:
        base_folder: The base encoder: `config.json`, `model.safetensors`, `tokenizer.json`.
        data_folder: Holds a folder for each public set; those that are not there are left out.
        out_folder: The adapter is written here; holds a checkpoint until training is done.
        leave: Names of sets to leave out; see ``training.service_data.SOURCES``.
        strength: Share of the change that is kept, above 0, at most 1.
        rank: Rank of the adapter's matrices for linear layers.
        word_rank: Rank for the table of word embeddings; it does not change, so the smallest loses nothing.
        max_length: Longer utterances are cut to this many tokens while tuning.

    The others are those of ``ServiceRecipe``.
    """

    base_folder: Path
    data_folder: Path
    out_folder: Path
    leave: tuple[str, ...] = ()
    seed: int = 7
    steps: int = 700
    learning_rate: float = 6e-5
    frozen_layers: int = 2
    intents: int = 16
    utterances: int = 4
    scale: float = 20.0
    fidelity: float = 1.0
    typo_share: float = 0.12
    dropout: float = 0.1
    strength: float = 0.8
    rank: int = 64
    word_rank: int = 1
    max_length: int = 20
    precision: str = "bf16"

    def recipe(self) -> ServiceRecipe:
        """Take out what the tuner needs."""
        return ServiceRecipe(
            seed=self.seed,
            steps=self.steps,
            learning_rate=self.learning_rate,
            frozen_layers=self.frozen_layers,
            intents=self.intents,
            utterances=self.utterances,
            scale=self.scale,
            fidelity=self.fidelity,
            typo_share=self.typo_share,
            precision=self.precision,
        )


def train(config: ServiceConfig, progress: Report) -> Path:
    """Tune, shrink, factorise and write the adapter; goes on where a killed run stopped.

    Args:
        config: Two runs with equal values on one machine write equal weights.
        progress: Called with the share done, in [0, 1], and a word about what is being done.

    Returns:
        The folder with the adapter, the same as ``config.out_folder``.

    Raises:
        DatasetError: A set cannot be used, or none is there.
        TrainingError: A setting is out of range.
        ArtifactError: The base encoder is missing.
    """
    _check(config)
    sets = read_sets(config.data_folder, seed=config.seed, leave=config.leave)
    base = load_base(config.base_folder)
    tuned = load_base(config.base_folder, dropout=config.dropout)
    _check_layers(config, base.config.num_hidden_layers)
    config.out_folder.mkdir(parents=True, exist_ok=True)
    checkpoint = config.out_folder / _CHECKPOINT
    progress(0.0, "encoding the sets")
    tokenizer = load_tokenizer(config.base_folder, config.max_length)
    tuner = ServiceTuner(tuned, tokenizer, sets, config.recipe(), _origin(config, sets))
    losses = tuner.run(checkpoint, lambda done, what: progress(0.98 * done, what))
    progress(0.98, "writing the adapter")
    _shrink(tuned, base, config.strength)
    ranks = Ranks(layers=config.rank, words=config.word_rank)
    write_adapter(factorise(base, tuned, ranks), config.out_folder)
    write_manifest(_manifest(config, sets), config.out_folder)
    card = _card(config, sets, losses).markdown()
    (config.out_folder / CARD_FILE).write_text(card, encoding="utf-8")
    checkpoint.unlink(missing_ok=True)
    progress(1.0, "done")
    return config.out_folder


def _check(config: ServiceConfig) -> None:
    for name in ("steps", "intents", "utterances", "rank", "word_rank"):
        if getattr(config, name) < 1:
            raise TrainingError(f"{name} is {getattr(config, name)}; give 1 or more")
    if not 0 < config.strength <= 1:
        raise TrainingError(f"strength is {config.strength}; give more than 0 and at most 1")
    if config.precision not in _PRECISIONS:
        known = " or ".join(_PRECISIONS)
        raise TrainingError(f"precision {config.precision!r} is not known; give {known}")


def _check_layers(config: ServiceConfig, layers: int) -> None:
    if not 0 <= config.frozen_layers < layers:
        raise TrainingError(
            f"frozen_layers is {config.frozen_layers}, but the encoder in {config.base_folder} has {layers} layers; "
            f"give 0 to {layers - 1}, so that something is left to tune"
        )


def _origin(config: ServiceConfig, sets: Sequence[TaughtSet]) -> str:
    """Name the base, the data and how they are taken in."""
    pairs = [
        (text, f"{one.name}/{intent.name}")
        for one in sets
        for intent in one.intents
        for text in intent.utterances
    ]
    data = data_fingerprint([text for text, _ in pairs], [name for _, name in pairs])
    weights = fingerprint(config.base_folder / BASE_WEIGHTS_FILE)
    return f"{weights} {data} {config.dropout} {config.max_length}"


def _shrink(tuned: BertModel, base: BertModel, strength: float) -> None:
    """Keep only a share of what changed in the matrices."""
    before = trainable_matrices(base)
    with torch.no_grad():
        for name, weight in trainable_matrices(tuned).items():
            weight.copy_(torch.lerp(before[name], weight, strength))


def _manifest(config: ServiceConfig, sets: Sequence[TaughtSet]) -> dict[str, object]:
    settings = {
        name: value for name, value in asdict(config).items() if not isinstance(value, Path | tuple)
    }
    return {
        "pooling": "mean",
        "normalise": True,
        "early_layer": early_layer_of(config.base_folder),
        "early_share": EARLY_SHARE,
        "base_sha256": fingerprint(config.base_folder / BASE_WEIGHTS_FILE),
        "sets": [
            {
                "name": one.name,
                "licence": one.licence,
                "intents": len(one.intents),
                "utterances": one.size(),
            }
            for one in sets
        ],
        "left_out": list(config.leave),
        "training": settings,
        "training_examples": sum(one.size() for one in sets),
        "versions": package_versions("torch", "transformers", "peft", "tokenizers", "numpy"),
    }


def _card(config: ServiceConfig, sets: Sequence[TaughtSet], losses: Sequence[float]) -> ModelCard:
    rows = tuple(
        (one.name, one.licence, f"{len(one.intents):,}", f"{one.size():,}") for one in sets
    )
    return ModelCard(
        title="Service encoder for few examples",
        summary=_SUMMARY.format(
            steps=config.steps,
            strength=config.strength,
            rank=config.rank,
            absent=_absent(sets),
        ),
        numbers={"loss, first steps": losses[0], "loss, last steps": losses[-1]},
        tables=(Table("Training sets", ("set", "licence", "intents", "utterances"), rows),),
        limits=_LIMITS,
        versions=package_versions("torch", "transformers", "peft"),
    )


def _absent(sets: Sequence[TaughtSet]) -> str:
    names = [
        one.name for one in SOURCES if not any(made.name.startswith(one.name) for made in sets)
    ]
    return ", ".join((*names, "HINT3"))


_SUMMARY: Final = """A LoRA adapter (rank {rank}) on
[all-MiniLM-L6-v2](https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2): utterances that mean the same lie
nearer to each other, so that intents which it has never seen need fewer examples. Licence: Apache-2.0, as the base.

`training.lora.merge_adapter(base, folder)` adds it into the base's weights; average the token states without padding and
scale to length 1. `config.json` holds the base's SHA-256, the sets and every setting.

Made in {steps} steps on the training parts of the sets below; each step tells some intents of one set apart, by
proxies and by prototypes, with typos now and then. {strength} of the change was kept. No utterance of any set is in
this folder. Not used: {absent}, and the published test parts (NLU++ has none: of it all
folds were used)."""

_LIMITS: Final = (
    "English only.",
    "Measured on a test part of a set in the table, it is no stranger there: measure on a set that was left out.",
    "Heads and thresholds that were fitted on the base's encodings must be fitted again.",
    "Token states of the lowest layers are those of the base; pooled vectors of the last one are not.",
)
