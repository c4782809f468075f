"""The stages of teaching the mood: several runs, the mean of their weights, and the cut to an adapter.

The mean of the weights of runs that began at the same place is better than most of the runs (model soups; Wortsman et
al., 2022).
"""

from collections.abc import Sequence
from pathlib import Path

import torch
from peft import PeftModel
from transformers import BertModel

from training.lora import Ranks, factorise, load_base, merge_adapter, write_adapter
from training.progress import Report
from training.sentiment_adapter import HEAD_FILE, SentimentHead, read_head
from training.sentiment_config import SentimentConfig
from training.sentiment_data import LabelledUtterance
from training.sentiment_encoding import load_tokenizer
from training.sentiment_lessons import Kept, Lessons
from training.sentiment_tuning import Recipe, SentimentModel, Tuner


def tune(
    config: SentimentConfig,
    utterances: Sequence[LabelledUtterance],
    checkpoint: Path,
    progress: Report,
) -> SentimentHead:
    """Run all stages and write the adapter; what was done before a kill is taken from checkpoints.

    Args:
        config: Decides, with the utterances, what comes out.
        utterances: To be trained on.
        checkpoint: Each stage has one beside it, with a suffix of its own; see ``checkpoints``.
        progress: Told how far it is.

    Returns:
        The head that was tuned with it, not calibrated.
    """
    before = _start_encoder(config)
    before.train(mode=False)
    tokenizer = load_tokenizer(config.base_folder, config.max_length)
    lessons = Lessons.of(utterances, Kept(before, config.anchors), tokenizer)
    tuned = []
    for number, file in enumerate(checkpoints(config, checkpoint)):
        told = _part(progress, number / config.runs, 1 / config.runs, f"run {number + 1}")
        tuned.append(_run(config, lessons, config.seed + 10 * number, file, told))
    mean = mean_of(tuned)
    write_adapter(_cut(config, mean), config.out_folder)
    return SentimentHead(*mean.head_arrays(), temperature=1.0)


def checkpoints(config: SentimentConfig, checkpoint: Path) -> tuple[Path, ...]:
    """Return the files that keep what was done, one for every run."""
    return tuple(checkpoint.with_suffix(f".run{number + 1}") for number in range(config.runs))


def _run(
    config: SentimentConfig, lessons: Lessons, seed: int, checkpoint: Path, progress: Report
) -> SentimentModel:
    torch.manual_seed(seed)
    model = _start(config)
    Tuner(model, lessons, _recipe(config, seed)).run(checkpoint, progress)
    return model


def mean_of(models: Sequence[SentimentModel]) -> SentimentModel:
    """Put the mean of all weights into the first model, and return it."""
    first = models[0]
    with torch.no_grad():
        for weights in zip(*(model.parameters() for model in models), strict=True):
            weights[0].copy_(torch.stack(weights).mean(dim=0))
    return first


def _cut(config: SentimentConfig, mean: SentimentModel) -> PeftModel:
    """Factorise what changed in the matrices into an adapter of low rank."""
    if isinstance(mean.encoder, PeftModel):
        raise TypeError("an adapter cannot be cut again; give the model that was tuned whole")
    base = load_base(config.base_folder, dropout=config.dropout)
    return factorise(base, mean.encoder, Ranks(layers=config.rank, words=config.word_rank))


def _part(progress: Report, begin: float, share: float, name: str) -> Report:
    return lambda done, what: progress(begin + share * done, f"{name}, {what}")


def _recipe(config: SentimentConfig, seed: int) -> Recipe:
    return Recipe(
        seed=seed,
        epochs=config.epochs,
        batch_size=config.batch_size,
        learning_rate=config.learning_rate,
        layer_decay=config.layer_decay,
        head_learning_rate=config.head_learning_rate,
        averaging=config.averaging,
        fidelity=config.fidelity,
        precision=config.precision,
    )


def _start_encoder(config: SentimentConfig) -> BertModel:
    """Begin with the base encoder, or go on from an adapter."""
    if config.start_folder is None:
        return load_base(config.base_folder, dropout=config.dropout)
    return merge_adapter(config.base_folder, config.start_folder, dropout=config.dropout)


def _start(config: SentimentConfig) -> SentimentModel:
    """Begin with a head drawn at random, or go on from an adapter's."""
    model = SentimentModel(_start_encoder(config), config.dropout)
    if config.start_folder is not None and (config.start_folder / HEAD_FILE).is_file():
        head = read_head(config.start_folder)
        model.take_head(head.weight / head.temperature, head.bias / head.temperature)
    return model
