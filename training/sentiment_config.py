"""What teaching the mood is told: data, places and the recipe."""

from dataclasses import dataclass, replace
from pathlib import Path

from training.pooled import EARLY_SHARE
from training.sentiment_data import OWN_FOLDER


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
        runs: How many times it is tuned, with a seed of its own each; the mean of their weights is kept. Runs differ by a
            point on SST-2, and their mean is better than most of them.
        own_share: With somebody's own sentences, how many of ours are shown for each of theirs: what they call neutral or
            negative may be something else than what we do, but what was learnt before should not be forgotten.
        own_repeats: How often an epoch shows each of our own sentences; they are few.
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
    runs: int = 2
    epochs: int = 4
    batch_size: int = 32
    learning_rate: float = 2.5e-4
    layer_decay: float = 0.85
    head_learning_rate: float = 1e-3
    own_share: float = 0.25
    own_repeats: int = 1
    rank: int = 96
    word_rank: int = 32
    dropout: float = 0.1
    averaging: float = 0.99
    fidelity: float = 3.0
    max_length: int = 128
    precision: str = "bf16"
    early_share: float = EARLY_SHARE
    serves_int8: bool = True

    def gone_on_with(self, data_file: Path, start_folder: Path) -> "SentimentConfig":
        """Return the recipe for somebody's own sentences, going on from an adapter that knows the mood: one run."""
        return replace(self, data_file=data_file, start_folder=start_folder, runs=1)
