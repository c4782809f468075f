"""Makes the search encoder: the one that ships, tuned on questions with the passages that answer them.

The matrices of the upper layers are tuned, a share of what changed is kept (full strength forgets what other
collections need), and that is factorised into an adapter *on top of* the service adapter. Questions that were held out
then calibrate the probability that the first passage answers. What is written is a folder that ships: adapter,
``config.json`` (sets, counts, hashes, odds, every setting) and a model card.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import torch
from transformers import BertModel

from training.datasets import data_fingerprint
from training.errors import TrainingError
from training.evaluation.passage_odds import Odds, fit_odds
from training.evaluation.passage_search import tuned_search
from training.evaluation.passages import PassageSet
from training.lora import (
    BASE_WEIGHTS_FILE,
    WEIGHTS_FILE,
    Ranks,
    add_adapter,
    factorise,
    fingerprint,
    load_base,
    trainable_matrices,
    write_adapter,
)
from training.pooled import EARLY_SHARE, early_layer_of
from training.progress import Report
from training.report import ModelCard, Table, package_versions
from training.search_data import PairSet, read_pair_sets
from training.search_lessons import SearchCourse
from training.search_tuning import MixedEncoder, SearchRecipe, SearchTuner
from training.sentiment_adapter import write_manifest
from training.sentiment_encoding import load_tokenizer

CARD_FILE: Final = "README.md"
_CHECKPOINT: Final = "checkpoint.pt"
_PRECISIONS: Final = ("bf16", "fp32")
_TUNED: Final = 0.8


@dataclass(frozen=True, slots=True)
class SearchConfig:
    """What to learn from, where to write, and the recipe.

    Attributes:
        base_folder: The base encoder: `config.json`, `model.safetensors`, `tokenizer.json`.
        data_folder: Holds a folder for each public set; those that are not there are left out.
        out_folder: The adapter is written here; holds a checkpoint until training is done.
        start_folder: Adapter to go on from; None for the base as it is.
        leave: Names of sets to leave out; see ``training.search_data.SOURCES``.
        strength: Share of the change that is kept, above 0, at most 1.
        rank: Rank of the adapter's matrices for linear layers.
        max_length: Longer texts are cut to this many tokens.

    The others are those of ``SearchRecipe``.
    """

    base_folder: Path
    data_folder: Path
    out_folder: Path
    start_folder: Path | None = None
    leave: tuple[str, ...] = ()
    seed: int = 7
    steps: int = 150
    learning_rate: float = 5e-5
    frozen_layers: int = 3
    questions: int = 16
    scale: float = 25.0
    strength: float = 0.8
    rank: int = 32
    max_length: int = 128
    precision: str = "bf16"

    def recipe(self) -> SearchRecipe:
        """Take out what the tuner needs."""
        return SearchRecipe(
            seed=self.seed,
            steps=self.steps,
            learning_rate=self.learning_rate,
            frozen_layers=self.frozen_layers,
            questions=self.questions,
            scale=self.scale,
            precision=self.precision,
        )


def train(config: SearchConfig, progress: Report) -> Path:
    """Tune, shrink, factorise, calibrate and write the adapter; goes on where a killed run stopped.

    Args:
        config: Two runs with equal values on one machine write equal weights.
        progress: Called with the share done, in [0, 1], and a word about what is being done.

    Returns:
        The folder with the adapter, the same as ``config.out_folder``.

    Raises:
        DatasetError: A set cannot be used, or none is there.
        TrainingError: A setting is out of range.
        ArtifactError: The base encoder or the adapter to go on from is missing.
    """
    before, tuned = _load(config), _load(config)
    _check(config, before.config.num_hidden_layers)
    sets = read_pair_sets(config.data_folder, leave=config.leave)
    config.out_folder.mkdir(parents=True, exist_ok=True)
    checkpoint = config.out_folder / _CHECKPOINT
    progress(0.0, "looking for passages that nearly answer")
    tokenizer = load_tokenizer(config.base_folder, config.max_length)
    course = SearchCourse.of(sets, tuned, tokenizer)
    tuner = SearchTuner(tuned, tokenizer, course, config.recipe(), _origin(config, sets))
    losses = tuner.run(checkpoint, lambda done, what: progress(_TUNED * done, what))
    _shrink(tuned, before, config.strength)
    write_adapter(factorise(before, tuned, Ranks(config.rank, words=1)), config.out_folder)
    progress(_TUNED, "calibrating on questions held out")
    odds = calibrate(config, sets)
    write_manifest(_manifest(config, sets, odds), config.out_folder)
    card = _card(config, sets, losses).markdown()
    (config.out_folder / CARD_FILE).write_text(card, encoding="utf-8")
    checkpoint.unlink(missing_ok=True)
    progress(1.0, "done")
    return config.out_folder


def calibrate(config: SearchConfig, sets: Sequence[PairSet]) -> Odds:
    """Fit the odds of the adapter that was written, on the questions that were held out."""
    served = add_adapter(_load(config), config.out_folder)
    tokenizer = load_tokenizer(config.base_folder, config.max_length)
    search = tuned_search(MixedEncoder(served, tokenizer), None)
    return fit_odds(search, [PassageSet(one.passages, one.held_out) for one in sets])


def _load(config: SearchConfig) -> BertModel:
    base = load_base(config.base_folder)
    return base if config.start_folder is None else add_adapter(base, config.start_folder)


def _check(config: SearchConfig, layers: int) -> None:
    for name in ("steps", "questions", "rank"):
        if getattr(config, name) < 1:
            raise TrainingError(f"{name} is {getattr(config, name)}; give 1 or more")
    if not 0 < config.strength <= 1:
        raise TrainingError(f"strength is {config.strength}; give more than 0 and at most 1")
    if config.precision not in _PRECISIONS:
        known = " or ".join(_PRECISIONS)
        raise TrainingError(f"precision {config.precision!r} is not known; give {known}")
    if not 0 <= config.frozen_layers < layers:
        raise TrainingError(
            f"frozen_layers is {config.frozen_layers}, but the encoder in {config.base_folder} has {layers} layers; "
            f"give 0 to {layers - 1}, so that something is left to tune"
        )


def _origin(config: SearchConfig, sets: Sequence[PairSet]) -> str:
    """Name the weights, the data and how they are taken in."""
    rows = [
        (f"{asked.text}\t{sorted(asked.relevant)}", one.name)
        for one in sets
        for asked in one.tuned_on
    ]
    rows += [(passage.text, one.name) for one in sets for passage in one.passages]
    data = data_fingerprint([text for text, _ in rows], [name for _, name in rows])
    return f"{_weights_of(config)} {data} {config.max_length}"


def _weights_of(config: SearchConfig) -> dict[str, str]:
    """Return the hashes by which an adapter says what it changes."""
    found = {"base_sha256": fingerprint(config.base_folder / BASE_WEIGHTS_FILE)}
    if config.start_folder is not None:
        found["start_sha256"] = fingerprint(config.start_folder / WEIGHTS_FILE)
    return found


def _shrink(tuned: BertModel, before: BertModel, strength: float) -> None:
    """Keep only a share of what changed in the matrices."""
    started = trainable_matrices(before)
    with torch.no_grad():
        for name, weight in trainable_matrices(tuned).items():
            weight.copy_(torch.lerp(started[name], weight, strength))


def _manifest(config: SearchConfig, sets: Sequence[PairSet], odds: Odds) -> dict[str, object]:
    settings = {
        name: value
        for name, value in asdict(config).items()
        if isinstance(value, int | float | str)
    }
    return {
        "pooling": "mean",
        "normalise": True,
        "early_layer": early_layer_of(config.base_folder),
        "early_share": EARLY_SHARE,
        "max_length": config.max_length,
        **_weights_of(config),
        "searches": [
            {
                "name": one.name,
                "licence": one.licence,
                "passages": len(one.passages),
                "questions": len(one.tuned_on),
                "held_out": len(one.held_out),
            }
            for one in sets
        ],
        "left_out": list(config.leave),
        "odds": odds.as_json(),
        "training": settings,
        "versions": package_versions("torch", "transformers", "peft", "tokenizers", "numpy"),
    }


def _card(config: SearchConfig, sets: Sequence[PairSet], losses: Sequence[float]) -> ModelCard:
    rows = tuple(
        (one.name, one.licence, f"{len(one.passages):,}", f"{len(one.tuned_on):,}") for one in sets
    )
    return ModelCard(
        title="Search encoder",
        summary=_SUMMARY.format(
            steps=config.steps,
            strength=config.strength,
            rank=config.rank,
            absent=", ".join((*config.leave, "StackFAQ")),
        ),
        numbers={"loss, first steps": losses[0], "loss, last steps": losses[-1]},
        tables=(Table("Training sets", ("set", "licence", "passages", "questions"), rows),),
        limits=_LIMITS,
        versions=package_versions("torch", "transformers", "peft"),
    )


_SUMMARY: Final = """A LoRA adapter (rank {rank}) on top of the service adapter on
[all-MiniLM-L6-v2](https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2): a question lies nearer to the passage
that answers it. Licence: Apache-2.0, as the base.

`training.sentiment_adapter.load_adapted(base, folder)` adds both adapters into the base's weights; average the token
states without padding and scale to length 1. `config.json` holds the hashes of base and service adapter, the sets, the
odds that make a probability of a search's scores, and every setting.

Made in {steps} steps on the questions of the sets below; each step tells the passages that answer from those that
nearly do. {strength} of the change was kept. No question and no passage of a public set is in this folder. Not used:
{absent}, and the published test parts."""

_LIMITS: Final = (
    "English only.",
    "For search only: intents and mood are read from the service encoder's states, not from these.",
    "CDC and WHO are both about Covid-19, and asked by the same people: one is no stranger to who saw the other.",
    "Measured on a set in the table, it is no stranger there: measure with one that left the set out.",
)
