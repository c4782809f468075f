"""Making the search encoder, with a tiny random encoder and a tiny invented set."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from transformers import BertModel

from intents.errors import ArtifactError
from tests.training.tiny_bert import write_tiny_bert
from tests.training.tiny_pairs import WORDS, write_feedbackqa
from training.errors import DatasetError, TrainingError
from training.lora import (
    BASE_WEIGHTS_FILE,
    WEIGHTS_FILE,
    add_adapter,
    fingerprint,
    load_base,
    merge_adapter,
)
from training.search import SearchConfig, train
from training.search_data import OWN, SOURCES, read_pair_sets
from training.search_tuning import MixedEncoder
from training.sentiment_adapter import load_adapted
from training.sentiment_encoding import load_tokenizer

_UNSEEN = ("thanks for the tent at school", "price at home", "a boot at work")


def _silent(done: float, what: str) -> None:
    assert 0 <= done <= 1
    assert what


def a_config(folder: Path) -> SearchConfig:
    return SearchConfig(
        base_folder=write_tiny_bert(folder / "base", words=WORDS),
        data_folder=write_feedbackqa(folder / "data"),
        out_folder=folder / "out",
        leave=(OWN,),
        steps=12,
        learning_rate=3e-3,
        frozen_layers=1,
        questions=6,
        rank=16,
        max_length=24,
        precision="fp32",
    )


def _vectors(config: SearchConfig, encoder: BertModel) -> np.ndarray:
    return MixedEncoder(encoder, load_tokenizer(config.base_folder, 24)).encode(_UNSEEN)


def _made(config: SearchConfig) -> np.ndarray:
    return _vectors(config, merge_adapter(config.base_folder, config.out_folder))


def test_adapter_loads_as_a_plain_encoder_whose_upper_half_has_moved(tmp_path: Path) -> None:
    config = a_config(tmp_path)

    folder = train(config, _silent)

    assert folder == config.out_folder
    assert sorted(file.name for file in folder.iterdir()) == [
        "README.md",
        "adapter_config.json",
        "adapter_model.safetensors",
        "config.json",
    ]
    moved = np.abs(_made(config) - _vectors(config, load_base(config.base_folder)))
    assert moved[:, :16].max() > 0.001
    assert moved[:, 16:].max() < 1e-6


def test_same_seed_makes_the_same_weights_and_another_seed_others(tmp_path: Path) -> None:
    config = a_config(tmp_path)
    again = replace(config, out_folder=tmp_path / "again")
    other = replace(config, out_folder=tmp_path / "other", seed=8)

    for one in (config, again, other):
        train(one, _silent)

    first, second, third = map(_made, (config, again, other))
    np.testing.assert_array_equal(first, second)
    assert not np.array_equal(first, third)


def test_a_killed_run_goes_on_and_ends_with_the_same_weights(tmp_path: Path) -> None:
    whole = replace(a_config(tmp_path), steps=30)
    broken = replace(whole, out_folder=tmp_path / "broken")
    told: list[str] = []

    def kill(_done: float, what: str) -> None:
        if what.startswith("step 27"):
            raise KeyboardInterrupt

    train(whole, _silent)
    with pytest.raises(KeyboardInterrupt):
        train(broken, kill)
    train(broken, lambda _done, what: told.append(what))

    assert next(what for what in told if what.startswith("step")).startswith("step 26 of 30")
    np.testing.assert_array_equal(_made(whole), _made(broken))


def test_what_is_made_goes_on_top_of_the_adapter_that_it_began_with(tmp_path: Path) -> None:
    first = a_config(tmp_path)
    start = train(first, _silent)
    config = replace(first, start_folder=start, out_folder=tmp_path / "more", strength=0.5)

    folder = train(config, _silent)

    content = json.loads((folder / "config.json").read_text("utf-8"))
    assert content["start_sha256"] == fingerprint(start / WEIGHTS_FILE)
    started = merge_adapter(config.base_folder, start)
    before = _vectors(config, started)
    after = _vectors(config, add_adapter(started, folder))
    assert np.abs(after - before).max() > 0.001
    with pytest.raises(ArtifactError, match="was made for weights with SHA-256"):
        load_adapted(config.base_folder, folder)  # it did not begin with the packaged one


def test_manifest_names_sets_hashes_odds_and_settings(tmp_path: Path) -> None:
    config = replace(a_config(tmp_path), leave=(OWN, "FeedbackQA CDC"))

    folder = train(config, _silent)

    content = json.loads((folder / "config.json").read_text("utf-8"))
    assert content["searches"] == [
        {
            "name": "FeedbackQA WHO",
            "licence": "Apache 2.0",
            "passages": 18,
            "questions": 54,
            "held_out": 36,
        }
    ]
    assert content["left_out"] == [OWN, "FeedbackQA CDC"]
    assert content["base_sha256"] == fingerprint(config.base_folder / BASE_WEIGHTS_FILE)
    assert "start_sha256" not in content
    assert set(content["odds"]) == {"best", "lead", "share", "bias"}
    assert (content["training"]["seed"], content["training"]["strength"]) == (7, 0.8)
    card = (folder / "README.md").read_text("utf-8")
    assert "| FeedbackQA WHO | Apache 2.0 | 18 | 54 |" in card
    assert str(tmp_path) not in card + json.dumps(content)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda one: replace(one, steps=0), "steps is 0"),
        (lambda one: replace(one, strength=0.0), "strength is 0"),
        (lambda one: replace(one, precision="int8"), "give bf16 or fp32"),
        (lambda one: replace(one, frozen_layers=2), "give 0 to 1"),
        (lambda one: replace(one, leave=("StackFAQ",)), "there is no set 'StackFAQ' to leave out"),
        (lambda one: replace(one, leave=tuple(SOURCES)), "leave fewer sets out"),
    ],
)
def test_settings_out_of_range_are_refused(
    tmp_path: Path, change: Callable[[SearchConfig], SearchConfig], told: str
) -> None:
    config = change(a_config(tmp_path))

    with pytest.raises(TrainingError, match=told):
        train(config, _silent)


def test_own_articles_are_always_there_and_a_fifth_of_their_questions_is_held_out(
    tmp_path: Path,
) -> None:
    (own,) = read_pair_sets(tmp_path)

    assert own.name == OWN
    assert len(own.tuned_on) == pytest.approx(4 * len(own.held_out), abs=4)
    assert not {one.text for one in own.tuned_on} & {one.text for one in own.held_out}
    with pytest.raises(DatasetError, match="put feedbackqa/ there"):
        read_pair_sets(tmp_path, leave=[OWN])
