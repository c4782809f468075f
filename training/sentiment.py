"""Teaches the service encoder the mood: a LoRA adapter and a three-class head on the base encoder.

The matrices of the whole encoder are tuned (with few sentences that was better than tuning a
low-rank adapter from the start) in several runs; the mean of what changed is factorised into an
adapter that is small (``training.sentiment_stages``).
What the encoder says is meant stays where it was, so that intents and search use the same pass.
Trained on our own customer-service sentences and, where it is there, on SST-2. What is written is a
folder that ships: adapter, head, `config.json` (how to pool, the base's hash, every setting) and a
model card with all measurements. Airline tweets are measured on, never trained or tuned on.
"""

import math
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path

from intents.artifact import SENTIMENTS
from training.evaluation.scores import Scores, score_sentiments
from training.lora import (
    BASE_WEIGHTS_FILE,
    fingerprint,
    merge_adapter,
)
from training.pooled import early_layer_of
from training.progress import Report, say
from training.report import package_versions
from training.sentiment_adapter import (
    SentimentHead,
    sets_taught,
    write_head,
    write_manifest,
)
from training.sentiment_card import CardSubject, TestSet, write_card
from training.sentiment_config import SentimentConfig
from training.sentiment_data import (
    NEUTRAL,
    LabelledUtterance,
    Parts,
    check_no_leak,
    drawn,
    each_once,
    read_airline_tweets,
    read_own,
    read_sentiments,
    read_sst2,
    split_own,
    without,
)
from training.sentiment_encoding import load_tokenizer
from training.sentiment_head import TunedEncoder, fit_head, judge
from training.sentiment_stages import checkpoints, tune


@dataclass(frozen=True, slots=True)
class Taught:
    """What came of it.

    Attributes:
        folder: Holds the adapter.
        measured_on: Which sentences, that it never saw.
        scores: On these, as it is served.
    """

    folder: Path
    measured_on: str
    scores: Scores


_CHECKPOINT = "checkpoint.pt"
_FEWEST_HELD_OUT = 100
_FEWEST_OURS = 300


def train(config: SentimentConfig, progress: Report) -> Taught:
    """Tune, calibrate, measure and write the adapter; goes on where a killed run stopped.

    Args:
        config: Two runs with equal values on one machine write equal weights.
        progress: Called with the share done, in [0, 1], and a word about what is being done.

    Returns:
        The folder with the adapter, ``config.out_folder``, and what it reaches.

    Raises:
        DatasetError: A data file cannot be used.
        SplitLeakError: A sentence to train on is held out as well.
        ArtifactError: The base encoder is missing.
    """
    own = split_own(read_own(config.own_folder))
    public = _public(config)
    train_part = _training_part(own, public, config)
    config.out_folder.mkdir(parents=True, exist_ok=True)
    checkpoint = config.out_folder / _CHECKPOINT
    head = tune(config, train_part, checkpoint, lambda done, what: progress(0.9 * done, what))
    progress(0.9, "fitting the head and measuring")
    taught = finish(config, own, public, train_part, head)
    for file in checkpoints(config, checkpoint):
        file.unlink(missing_ok=True)
    progress(1.0, "done")
    return taught


def finish(
    config: SentimentConfig,
    own: Parts,
    public: Parts | None,
    train_part: Sequence[LabelledUtterance],
    tuned: SentimentHead,
) -> Taught:
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
        held_out = _held_out(own, public, is_own=config.data_file is not None)
        head = fit_head(served or encoder.moods, train_part, held_out, tuned)
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
        # somebody's own sentences before ours, and what was held out for the test before all
        main = next((one for one in tests if one.name == f"{name}, test"), tests[0])
        found = judge(head, served or encoder.moods, [one.text for one in main.utterances])
        truths = [SENTIMENTS[one.sentiment] for one in main.utterances]
        scores = score_sentiments(truths, found)
    return Taught(config.out_folder, main.name, scores)


def _public(config: SentimentConfig) -> Parts | None:
    """Read what is trained on beside our own sentences."""
    if config.data_file is None:
        return read_sst2(config.sst2_folder)
    given, notes = read_sentiments(config.data_file)
    for note in notes:
        say(note)
    return split_own(each_once(given))


def _training_part(
    own: Parts, given: Parts | None, config: SentimentConfig
) -> list[LabelledUtterance]:
    held_out = [*own.dev, *own.test]
    public: tuple[LabelledUtterance, ...] = ()
    if given is not None:
        held_out += [*given.dev, *given.test]
        public = given.train
    # A short sentence ("amazing") can stand in both sets; the held-out side keeps it.
    ours, public = without(own.train, held_out), without(public, held_out)
    if config.data_file is not None:
        count = max(_FEWEST_OURS, math.ceil(config.own_share * len(public)))
        ours = drawn(ours, count, seed=config.seed)
    check_no_leak((*ours, *public), held_out)
    return [*public, *(one for one in ours for _ in range(config.own_repeats))]


def _held_out(own: Parts, given: Parts | None, *, is_own: bool) -> list[LabelledUtterance]:
    """Return dev sentences for the temperature and the choice of head.

    Args:
        own: Ours.
        given: SST-2, of which as many are taken as of ours; or somebody's own.
        is_own: The latter: what is calibrated are their sentences, and ours only help out where those are few.
    """
    if given is None:
        return list(own.dev)
    if is_own:
        missing = max(0, _FEWEST_HELD_OUT - len(given.dev))
        return [*given.dev, *own.dev[:missing]]
    step = max(1, len(given.dev) // max(1, len(own.dev)))
    return [*own.dev, *given.dev[::step]]


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
