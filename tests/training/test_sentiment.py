"""Tuning, writing and loading a sentiment adapter, with a tiny random encoder."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from transformers import BertModel

from tests.training.tiny_bert import write_tiny_bert
from training.lora import load_base, merge_adapter
from training.sentiment import train
from training.sentiment_adapter import load_sentiment_encoder
from training.sentiment_config import SentimentConfig
from training.sentiment_encoding import encode, encode_moods, load_tokenizer
from training.sentiment_stages import mean_of
from training.sentiment_tuning import SentimentModel


def silent(done: float, what: str) -> None:
    assert 0 <= done <= 1
    assert what


def a_config(folder: Path) -> SentimentConfig:
    own = folder / "own"
    own.mkdir()
    lines = [
        f"{words} {number} {more}"
        for number in range(20)
        for words, more in (("awful", "parcel,negative"), ("where is", "my tent,neutral"))
    ]
    lines += [f"great {number} thanks,positive" for number in range(20)]
    (own / "sentences.csv").write_text("text,sentiment\n" + "\n".join(lines) + "\n", "utf-8")
    return SentimentConfig(
        base_folder=write_tiny_bert(folder / "base"),
        out_folder=folder / "out",
        sst2_folder=folder / "no-sst2",
        airline_folder=folder / "no-tweets",
        anchors=("where is my parcel", "is my tent good", "thanks", "my parcel"),
        own_folder=own,
        runs=2,
        epochs=3,
        rank=8,
        word_rank=4,
        max_length=16,
        precision="fp32",
        serves_int8=False,
    )


def _vectors(config: SentimentConfig) -> np.ndarray:
    encoder, _ = load_sentiment_encoder(config.base_folder, config.out_folder)
    tokenizer = load_tokenizer(config.base_folder, config.max_length)
    return encode_moods(encoder, tokenizer, ["awful parcel", "great thanks", "where is my tent"])


def test_trained_adapter_loads_as_a_plain_encoder_and_a_head(tmp_path: Path) -> None:
    config = a_config(tmp_path)

    folder = train(config, silent).folder

    encoder, head = load_sentiment_encoder(config.base_folder, folder)
    assert not [name for name, _ in encoder.named_parameters() if "lora" in name]
    assert head.weight.shape == (3, 16)
    assert head.bias.shape == (3,)
    assert head.temperature > 0
    sums = head.probabilities(_vectors(config)).sum(axis=1)
    np.testing.assert_allclose(sums, 1, rtol=1e-5)


def test_adapter_folder_says_how_to_pool_and_in_which_order_the_labels_stand(
    tmp_path: Path,
) -> None:
    config = a_config(tmp_path)

    folder = train(config, silent).folder

    content = json.loads((folder / "config.json").read_text("utf-8"))
    assert content["labels"] == ["negative", "neutral", "positive"]
    assert content["pooling"] == "mean"
    assert content["normalise"] is True
    assert content["max_length"] == 16
    assert sorted(file.name for file in folder.iterdir()) == [
        "README.md",
        "adapter_config.json",
        "adapter_model.safetensors",
        "config.json",
        "head.safetensors",
    ]


def test_nothing_written_names_a_folder_of_this_machine(tmp_path: Path) -> None:
    folder = train(a_config(tmp_path), silent).folder

    texts = [file.read_bytes() for file in folder.iterdir()]

    assert not [text for text in texts if str(tmp_path).encode() in text]


def test_same_seed_makes_the_same_weights_and_another_seed_others(tmp_path: Path) -> None:
    config = a_config(tmp_path)
    again = replace(config, out_folder=tmp_path / "again")
    other = replace(config, out_folder=tmp_path / "other", seed=8)

    for one in (config, again, other):
        train(one, silent)

    np.testing.assert_array_equal(_vectors(config), _vectors(again))
    assert not np.array_equal(_vectors(config), _vectors(other))


class _KilledError(Exception):
    """Stands for a kill in the middle of an epoch."""


@pytest.mark.parametrize(
    ("killed_in", "begun"),
    [
        ("run 1, epoch 3", {"run 1, epoch 3", "run 2, epoch 1"}),
        ("run 2, epoch 2", {"run 2, epoch 2"}),
    ],
)
def test_killed_run_goes_on_after_the_last_epoch_and_ends_the_same(
    tmp_path: Path, killed_in: str, begun: set[str]
) -> None:
    config = a_config(tmp_path)
    killed = replace(config, out_folder=tmp_path / "killed")
    whats: list[str] = []

    def kill(done: float, what: str) -> None:
        if what.startswith(killed_in):
            raise _KilledError

    train(config, silent)
    with pytest.raises(_KilledError):
        train(killed, kill)

    train(killed, lambda _, what: whats.append(what))

    seen = {stage: next(w for w in whats if w.startswith(stage)) for stage in _stages(whats)}
    assert {what.partition(" of ")[0] for what in seen.values()} == begun
    np.testing.assert_array_equal(_vectors(config), _vectors(killed))


def _stages(whats: list[str]) -> set[str]:
    return {what.partition(", ")[0] for what in whats if ", " in what}


def test_checkpoint_of_another_recipe_is_not_taken_up(tmp_path: Path) -> None:
    config = a_config(tmp_path)
    whats: list[str] = []

    def kill_in_second_epoch(done: float, what: str) -> None:
        if what.startswith("run 1, epoch 2"):
            raise _KilledError

    with pytest.raises(_KilledError):
        train(config, kill_in_second_epoch)

    train(replace(config, learning_rate=1e-4), lambda _, what: whats.append(what))

    assert whats[0].startswith("run 1, epoch 1")


def test_what_is_kept_is_the_mean_of_the_runs(tmp_path: Path) -> None:
    base = write_tiny_bert(tmp_path)
    models = []
    for seed in (1, 2):
        torch.manual_seed(seed)
        models.append(SentimentModel(load_base(base), 0.0))
        with torch.no_grad():
            for weight in models[-1].parameters():
                weight.add_(torch.randn(weight.shape))
    before = [[weight.detach().clone() for weight in model.parameters()] for model in models]

    mean = mean_of(models)

    for kept, *of_runs in zip(mean.parameters(), *before, strict=True):
        assert torch.allclose(kept, (of_runs[0] + of_runs[1]) / 2)


def test_meanings_stay_nearer_where_that_counts(tmp_path: Path) -> None:
    faithful = replace(a_config(tmp_path), learning_rate=3e-3, fidelity=50.0)
    free = replace(faithful, out_folder=tmp_path / "free", fidelity=0.0)
    texts = ["where is my parcel", "is my tent good", "awful thanks"]
    tokenizer = load_tokenizer(faithful.base_folder, faithful.max_length)
    before = encode(load_base(faithful.base_folder), tokenizer, texts)

    moved = []
    for config in (faithful, free):
        encoder, _ = load_sentiment_encoder(config.base_folder, train(config, silent).folder)
        moved.append(1 - (encode(encoder, tokenizer, texts) * before).sum(axis=1).mean())

    assert moved[0] < moved[1] / 2


def test_the_mood_is_taught_to_an_encoder_that_was_tuned_before(tmp_path: Path) -> None:
    config = a_config(tmp_path)
    first = train(replace(config, out_folder=tmp_path / "first"), silent).folder
    (first / "head.safetensors").unlink()  # a service encoder has none
    content = json.loads((first / "config.json").read_text("utf-8"))
    content["sets"] = [{"name": "CLINC150", "licence": "CC BY 3.0"}]
    (first / "config.json").write_text(json.dumps(content), encoding="utf-8")

    folder = train(replace(config, start_folder=first), silent).folder

    began = vectors_with(merge_adapter(config.base_folder, first), config)
    ended = vectors_with(load_sentiment_encoder(config.base_folder, folder)[0], config)
    from_base = vectors_with(load_base(config.base_folder), config)
    assert (began * ended).sum(axis=1).mean() > (from_base * ended).sum(axis=1).mean()
    assert json.loads((folder / "config.json").read_text("utf-8"))["sets"] == content["sets"]
    assert "CLINC150 (CC BY 3.0)" in (folder / "README.md").read_text("utf-8")


def vectors_with(encoder: BertModel, config: SentimentConfig) -> NDArray[np.float32]:
    encoder.train(mode=False)
    tokenizer = load_tokenizer(config.base_folder, config.max_length)
    return encode(encoder, tokenizer, ["awful", "where is my tent", "lovely thanks"])


def test_card_warns_when_sst2_was_not_there(tmp_path: Path) -> None:
    folder = train(a_config(tmp_path), silent).folder

    card = (folder / "README.md").read_text("utf-8")

    assert "Warning" in card
    assert "SST-2 was not there" in card


def test_sst2_is_trained_on_and_measured_where_it_is_there(tmp_path: Path) -> None:
    sst2 = tmp_path / "sst2"
    sst2.mkdir()
    for part in ("train", "dev", "test"):
        lines = [f"good {part} {n}\t1\nbad {part} {n}\t0" for n in range(8)]
        (sst2 / f"{part}.tsv").write_text("\n".join(lines) + "\n", "utf-8")
    config = replace(a_config(tmp_path), sst2_folder=sst2)

    folder = train(config, silent).folder

    card = (folder / "README.md").read_text("utf-8")
    assert "| SST-2, test | 16 |" in card
    assert "Warning" not in card


def test_card_says_what_the_served_encoder_reaches(tmp_path: Path) -> None:
    config = replace(a_config(tmp_path), serves_int8=True)

    folder = train(config, silent).folder

    card = (folder / "README.md").read_text("utf-8")
    assert "| own sentences, test |" in card
    assert "not measured" not in card
