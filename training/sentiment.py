"""Fine-tunes the sentiment encoder: a LoRA adapter and a three-class head on the base encoder.

The matrices of the whole encoder are tuned (with few sentences that was better than tuning a
low-rank adapter from the start), then what changed is factorised into an adapter that is small.
Trained on our own customer-service sentences and, where it is there, on SST-2. What is written is a
folder that ships: adapter, head, `config.json` (how to pool, the base's hash, every setting) and a
model card with all measurements. Airline tweets are measured on, never trained or tuned on.
"""

from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from transformers import BertModel

from intents.artifact import SENTIMENTS
from intents.calibration import fit_temperature
from training.lora import (
    BASE_WEIGHTS_FILE,
    Ranks,
    factorise,
    fingerprint,
    load_base,
    merge_adapter,
    write_adapter,
)
from training.progress import Report
from training.report import package_versions
from training.sentiment_adapter import SentimentHead, write_head, write_manifest
from training.sentiment_card import CardSubject, TestSet, write_card
from training.sentiment_data import (
    OWN_FOLDER,
    LabelledUtterance,
    Parts,
    check_no_leak,
    read_airline_tweets,
    read_own,
    read_sst2,
    split_own,
    without,
)
from training.sentiment_tuning import Recipe, SentimentModel, Tuner, encode, load_tokenizer

_CHECKPOINT = "checkpoint.pt"


@dataclass(frozen=True, slots=True)
class SentimentConfig:
    """What to train on, where to write, and the recipe.

    Attributes:
        base_folder: The base encoder: `config.json`, `model.safetensors`, `tokenizer.json`.
        out_folder: The adapter is written here; holds a checkpoint until training is done.
        sst2_folder: SST-2's three .tsv files; may not exist, then it is left out.
        airline_folder: Airline tweets to test on; may not exist.
        own_repeats: How often an epoch shows each of our own sentences; they are few.
        rank: Rank of the adapter's matrices for linear layers.
        word_rank: Rank of those for the table of word embeddings.
        max_length: Longer utterances are cut to this many tokens.
        nudge: Strength of adversarial training; see ``Recipe``.
        precision: ``bf16`` or ``fp32``.
        measures_int8: Export as for serving, and put what that costs into the card.
    """

    base_folder: Path
    out_folder: Path
    sst2_folder: Path
    airline_folder: Path
    own_folder: Path = OWN_FOLDER
    seed: int = 7
    epochs: int = 4
    batch_size: int = 32
    learning_rate: float = 1.5e-4
    layer_decay: float = 0.85
    head_learning_rate: float = 1e-3
    own_repeats: int = 2
    rank: int = 48
    word_rank: int = 16
    dropout: float = 0.1
    averaging: float = 0.99
    nudge: float = 0.0
    max_length: int = 128
    precision: str = "bf16"
    measures_int8: bool = True


def train(config: SentimentConfig, progress: Report) -> Path:
    """Tune, calibrate, measure and write the adapter; goes on where a killed run stopped.

    Args:
        config: Two runs with equal values on one machine write equal weights.
        progress: Called with the share done, in [0, 1], and a word about what is being done.

    Returns:
        The folder with the adapter, the same as ``config.out_folder``.

    Raises:
        DatasetError: A data file cannot be used.
        SplitLeakError: A sentence to train on is held out as well.
        ArtifactError: The base encoder is missing.
    """
    own = split_own(read_own(config.own_folder))
    sst2 = read_sst2(config.sst2_folder)
    train_part = _training_part(own, sst2, config.own_repeats)
    config.out_folder.mkdir(parents=True, exist_ok=True)
    checkpoint = config.out_folder / _CHECKPOINT
    head = _tune(config, train_part, checkpoint, lambda done, what: progress(0.9 * done, what))
    progress(0.9, "calibrating and measuring")
    encoder = merge_adapter(config.base_folder, config.out_folder)
    head = _calibrate(config, encoder, head, own, sst2)
    write_head(head, config.out_folder)
    write_manifest(_manifest(config, len(train_part), has_sst2=sst2 is not None), config.out_folder)
    tests = _test_sets(own, sst2, read_airline_tweets(config.airline_folder))
    subject = CardSubject(config.base_folder, config.out_folder, head, config.max_length)
    write_card(subject, train_part, tests, measures_int8=config.measures_int8)
    checkpoint.unlink(missing_ok=True)
    progress(1.0, "done")
    return config.out_folder


def _training_part(own: Parts, sst2: Parts | None, own_repeats: int) -> list[LabelledUtterance]:
    held_out = [*own.dev, *own.test]
    public: tuple[LabelledUtterance, ...] = ()
    if sst2 is not None:
        held_out += [*sst2.dev, *sst2.test]
        public = sst2.train
    # A short sentence ("amazing") can stand in both sets; the held-out side keeps it.
    ours, public = without(own.train, held_out), without(public, held_out)
    check_no_leak((*ours, *public), held_out)
    return [*public, *(one for one in ours for _ in range(own_repeats))]


def _tune(
    config: SentimentConfig,
    utterances: list[LabelledUtterance],
    checkpoint: Path,
    progress: Report,
) -> SentimentHead:
    torch.manual_seed(config.seed)
    model = SentimentModel(load_base(config.base_folder, dropout=config.dropout), config.dropout)
    tokenizer = load_tokenizer(config.base_folder, config.max_length)
    recipe = Recipe(
        seed=config.seed,
        epochs=config.epochs,
        batch_size=config.batch_size,
        learning_rate=config.learning_rate,
        layer_decay=config.layer_decay,
        head_learning_rate=config.head_learning_rate,
        averaging=config.averaging,
        nudge=config.nudge,
        precision=config.precision,
    )
    Tuner(model, tokenizer, utterances, recipe).run(checkpoint, progress)
    ranks = Ranks(layers=config.rank, words=config.word_rank)
    adapter = factorise(load_base(config.base_folder), model.encoder, ranks)
    write_adapter(adapter, config.out_folder)
    weight, bias = model.head_arrays()
    return SentimentHead(weight, bias, temperature=1.0)


def _calibrate(
    config: SentimentConfig,
    encoder: BertModel,
    head: SentimentHead,
    own: Parts,
    sst2: Parts | None,
) -> SentimentHead:
    """Fit the temperature on dev sentences, as many of ours as of SST-2."""
    dev = list(own.dev)
    if sst2 is not None:
        dev += sst2.dev[:: max(1, len(sst2.dev) // max(1, len(own.dev)))]
    if not dev:
        return head
    tokenizer = load_tokenizer(config.base_folder, config.max_length)
    scores = head.scores(encode(encoder, tokenizer, [one.text for one in dev]))
    sentiments = np.array([one.sentiment for one in dev], dtype=np.int64)
    return SentimentHead(head.weight, head.bias, fit_temperature(scores, sentiments))


def _manifest(config: SentimentConfig, examples: int, *, has_sst2: bool) -> dict[str, object]:
    settings = {
        name: value for name, value in asdict(config).items() if not isinstance(value, Path)
    }
    return {
        "labels": list(SENTIMENTS),
        "pooling": "mean",
        "normalise": True,
        "max_length": config.max_length,
        "base_sha256": fingerprint(config.base_folder / BASE_WEIGHTS_FILE),
        "training": settings,
        "training_examples": examples,
        "trained_on_sst2": has_sst2,
        "versions": package_versions("torch", "transformers", "peft"),
    }


def _test_sets(
    own: Parts, sst2: Parts | None, airline: tuple[LabelledUtterance, ...] | None
) -> list[TestSet]:
    sets = [TestSet("own sentences, test", own.test, is_binary=False)]
    if sst2 is not None:
        sets.append(TestSet("SST-2, dev", sst2.dev, is_binary=True))
        sets.append(TestSet("SST-2, test", sst2.test, is_binary=True))
    if airline is not None:
        sets.append(TestSet("airline tweets (never trained on)", airline, is_binary=False))
    return sets
