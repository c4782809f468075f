"""Teaches the service encoder the mood: a LoRA adapter and a three-class head on the base encoder.

The matrices of the whole encoder are tuned (with few sentences that was better than tuning a
low-rank adapter from the start), then what changed is factorised into an adapter that is small.
What the encoder says is meant stays where it was, so that intents and search use the same pass.
Trained on our own customer-service sentences and, where it is there, on SST-2. What is written is a
folder that ships: adapter, head, `config.json` (how to pool, the base's hash, every setting) and a
model card with all measurements. Airline tweets are measured on, never trained or tuned on.
"""

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import torch
from transformers import BertModel

from intents.artifact import SENTIMENTS
from training.lora import (
    BASE_WEIGHTS_FILE,
    Ranks,
    factorise,
    fingerprint,
    load_base,
    merge_adapter,
    write_adapter,
)
from training.pooled import EARLY_SHARE, early_layer_of
from training.progress import Report, say
from training.report import package_versions
from training.sentiment_adapter import (
    HEAD_FILE,
    read_head,
    sets_taught,
    write_head,
    write_manifest,
)
from training.sentiment_card import CardSubject, TestSet, write_card
from training.sentiment_data import (
    NEUTRAL,
    OWN_FOLDER,
    LabelledUtterance,
    Parts,
    check_no_leak,
    each_once,
    read_airline_tweets,
    read_own,
    read_sentiments,
    read_sst2,
    split_own,
    without,
)
from training.sentiment_encoding import load_tokenizer
from training.sentiment_head import TunedEncoder, fit_head
from training.sentiment_tuning import Kept, Recipe, SentimentModel, Tuner

_CHECKPOINT = "checkpoint.pt"


@dataclass(frozen=True, slots=True)
class SentimentConfig:
    """What to train on, where to write, and the recipe.

    Attributes:
        base_folder: The base encoder: `config.json`, `model.safetensors`, `tokenizer.json`.
        out_folder: The adapter is written here; holds a checkpoint until training is done.
        sst2_folder: SST-2's three .tsv files; may not exist, then it is left out.
        data_file: Somebody's own sentences instead of SST-2; split by a hash as ours are.
        start_folder: An adapter to go on from, with its head where it has one; None begins with the base encoder.
        airline_folder: Airline tweets to test on; may not exist.
        anchors: Texts whose meaning is kept; see ``training.anchors``.
        own_repeats: How often an epoch shows each of our own sentences; they are few.
        mending_epochs: How long the adapter is tuned on after the cut to its rank.
        mending_rate: Peak learning rate then; factors take a higher one than matrices.
        rank: Rank of the adapter's matrices for linear layers.
        word_rank: Rank of those for the table of word embeddings.
        max_length: Longer utterances are cut to this many tokens.
        fidelity: How much it counts that meanings stay where they were; see ``Recipe``.
        precision: ``bf16`` or ``fp32``.
        early_share: How much the states halfway up count in a vector; see ``training.pooled``.
        serves_int8: Fit the head on the encoder as it is exported for serving, and measure that too.
    """

    base_folder: Path
    out_folder: Path
    sst2_folder: Path
    airline_folder: Path
    anchors: tuple[str, ...]
    own_folder: Path = OWN_FOLDER
    data_file: Path | None = None
    start_folder: Path | None = None
    seed: int = 7
    epochs: int = 3
    mending_epochs: int = 2
    mending_rate: float = 5e-4
    batch_size: int = 32
    learning_rate: float = 1.5e-4
    layer_decay: float = 0.85
    head_learning_rate: float = 1e-3
    own_repeats: int = 1
    rank: int = 64
    word_rank: int = 24
    dropout: float = 0.1
    averaging: float = 0.99
    fidelity: float = 3.0
    max_length: int = 128
    precision: str = "bf16"
    early_share: float = EARLY_SHARE
    serves_int8: bool = True


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
    public = _public(config)
    train_part = _training_part(own, public, config.own_repeats)
    config.out_folder.mkdir(parents=True, exist_ok=True)
    checkpoint = config.out_folder / _CHECKPOINT
    _tune(config, train_part, checkpoint, lambda done, what: progress(0.9 * done, what))
    progress(0.9, "fitting the head and measuring")
    finish(config, own, public, train_part)
    for file in (checkpoint, checkpoint.with_suffix(".mending")):
        file.unlink(missing_ok=True)
    progress(1.0, "done")
    return config.out_folder


def finish(
    config: SentimentConfig,
    own: Parts,
    public: Parts | None,
    train_part: Sequence[LabelledUtterance],
) -> None:
    """Fit the head on the adapter that was written, and write it with manifest and model card."""
    encoder = TunedEncoder(
        merge_adapter(config.base_folder, config.out_folder),
        load_tokenizer(config.base_folder, config.max_length),
        config.max_length,
    )
    has_sst2 = public is not None and config.data_file is None
    name = config.data_file.name if config.data_file else "SST-2"
    tests = _test_sets(own, name, public, read_airline_tweets(config.airline_folder))
    with encoder.served() if config.serves_int8 else nullcontext() as served:
        head = fit_head(served or encoder.moods, train_part, _held_out(own, public))
        write_head(head, config.out_folder)
        write_manifest(_manifest(config, len(train_part), has_sst2=has_sst2), config.out_folder)
        subject = CardSubject(
            config.base_folder,
            config.out_folder,
            encoder,
            head,
            data_name=name,
            sets=sets_taught(config.start_folder),
        )
        write_card(subject, train_part, tests, served)


def _public(config: SentimentConfig) -> Parts | None:
    """Read what is trained on beside our own sentences."""
    if config.data_file is None:
        return read_sst2(config.sst2_folder)
    given, notes = read_sentiments(config.data_file)
    for note in notes:
        say(note)
    return split_own(each_once(given))


def _training_part(own: Parts, given: Parts | None, own_repeats: int) -> list[LabelledUtterance]:
    held_out = [*own.dev, *own.test]
    public: tuple[LabelledUtterance, ...] = ()
    if given is not None:
        held_out += [*given.dev, *given.test]
        public = given.train
    # A short sentence ("amazing") can stand in both sets; the held-out side keeps it.
    ours, public = without(own.train, held_out), without(public, held_out)
    check_no_leak((*ours, *public), held_out)
    return [*public, *(one for one in ours for _ in range(own_repeats))]


def _tune(
    config: SentimentConfig,
    utterances: list[LabelledUtterance],
    checkpoint: Path,
    progress: Report,
) -> None:
    """Tune all matrices, cut what changed to an adapter, and let that make good what the cut cost."""
    torch.manual_seed(config.seed)
    tuned, before = _start_encoder(config), _start_encoder(config)
    model, tokenizer = _start(config, tuned), load_tokenizer(config.base_folder, config.max_length)
    before.train(mode=False)
    kept = Kept(before, config.anchors)
    recipe = Recipe(
        seed=config.seed,
        epochs=config.epochs,
        batch_size=config.batch_size,
        learning_rate=config.learning_rate,
        layer_decay=config.layer_decay,
        head_learning_rate=config.head_learning_rate,
        averaging=config.averaging,
        fidelity=config.fidelity,
        precision=config.precision,
    )
    share = config.epochs / (config.epochs + config.mending_epochs)
    tuner = Tuner(model, tokenizer, utterances, kept, recipe)
    tuner.run(checkpoint, lambda done, what: progress(share * done, what))
    ranks = Ranks(layers=config.rank, words=config.word_rank)
    base = load_base(config.base_folder, dropout=config.dropout)
    model.encoder = adapter = factorise(base, tuned, ranks)
    mending = replace(
        recipe,
        seed=config.seed + 1,
        epochs=config.mending_epochs,
        learning_rate=config.mending_rate,
    )
    tuner = Tuner(model, tokenizer, utterances, kept, mending)
    tuner.run(
        checkpoint.with_suffix(".mending"),
        lambda done, what: progress(share + (1 - share) * done, f"mending, {what}"),
    )
    write_adapter(adapter, config.out_folder)


def _start_encoder(config: SentimentConfig) -> BertModel:
    """Begin with the base encoder, or go on from an adapter."""
    if config.start_folder is None:
        return load_base(config.base_folder, dropout=config.dropout)
    return merge_adapter(config.base_folder, config.start_folder, dropout=config.dropout)


def _start(config: SentimentConfig, encoder: BertModel) -> SentimentModel:
    """Begin with a head drawn at random, or go on from an adapter's."""
    model = SentimentModel(encoder, config.dropout)
    if config.start_folder is not None and (config.start_folder / HEAD_FILE).is_file():
        head = read_head(config.start_folder)
        model.take_head(head.weight / head.temperature, head.bias / head.temperature)
    return model


def _held_out(own: Parts, public: Parts | None) -> list[LabelledUtterance]:
    """Return dev sentences for the temperature, as many of the others as of ours."""
    dev = list(own.dev)
    if public is not None:
        dev += public.dev[:: max(1, len(public.dev) // max(1, len(own.dev)))]
    return dev


def _manifest(config: SentimentConfig, examples: int, *, has_sst2: bool) -> dict[str, object]:
    settings = {
        name: value
        for name, value in asdict(config).items()
        if value is not None and not isinstance(value, Path | tuple)
    }
    return {
        "labels": list(SENTIMENTS),
        "pooling": "mean",
        "normalise": True,
        "mood": "state of the first token",
        "early_layer": early_layer_of(config.base_folder),
        "early_share": config.early_share,
        "max_length": config.max_length,
        "base_sha256": fingerprint(config.base_folder / BASE_WEIGHTS_FILE),
        "training": settings,
        "sets": sets_taught(config.start_folder),
        "training_examples": examples,
        "anchors": len(config.anchors),
        "trained_on_sst2": has_sst2,
        "versions": package_versions("torch", "transformers", "peft"),
    }


def _test_sets(
    own: Parts, name: str, public: Parts | None, airline: tuple[LabelledUtterance, ...] | None
) -> list[TestSet]:
    sets = [TestSet("own sentences, test", own.test, is_binary=False)]
    for part, utterances in (("dev", public.dev), ("test", public.test)) if public else ():
        is_binary = all(one.sentiment != NEUTRAL for one in utterances)
        if utterances:
            sets.append(TestSet(f"{name}, {part}", utterances, is_binary=is_binary))
    if airline is not None:
        sets.append(TestSet("airline tweets (never trained on)", airline, is_binary=False))
    return sets
