"""Making the service encoder, with a tiny random encoder and tiny invented sets."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file
from transformers import BertModel

from tests.training.tiny_bert import write_tiny_bert
from tests.training.tiny_intent_sets import (
    WORDS,
    spoken,
    write_banking,
    write_clinc,
    write_multidogo,
    write_nlu,
)
from training.errors import TrainingError
from training.lora import BASE_WEIGHTS_FILE, fingerprint, load_base, merge_adapter
from training.sentiment_encoding import encode, load_tokenizer
from training.service import ServiceConfig, train
from training.service_own import OWN

_UNSEEN = ("parcel lost my tent", "block a card today", "price of the old tent")


def _silent(done: float, what: str) -> None:
    assert 0 <= done <= 1
    assert what


def a_config(folder: Path) -> ServiceConfig:
    for write in (write_clinc, write_banking, write_nlu, write_multidogo):
        write(folder / "data")
    return ServiceConfig(
        base_folder=write_tiny_bert(folder / "base", words=WORDS),
        data_folder=folder / "data",
        out_folder=folder / "out",
        leave=(OWN,),
        steps=12,
        learning_rate=3e-3,
        frozen_layers=0,
        intents=4,
        rank=16,
        max_length=16,
        precision="fp32",
    )


def _encoder(config: ServiceConfig) -> BertModel:
    return merge_adapter(config.base_folder, config.out_folder)


def _vectors(config: ServiceConfig, encoder: BertModel) -> np.ndarray:
    return encode(encoder, load_tokenizer(config.base_folder, 16), _UNSEEN)


def test_adapter_loads_as_a_plain_encoder_whose_vectors_have_moved(tmp_path: Path) -> None:
    config = a_config(tmp_path)

    folder = train(config, _silent)

    assert folder == config.out_folder
    assert sorted(file.name for file in folder.iterdir()) == [
        "README.md",
        "adapter_config.json",
        "adapter_model.safetensors",
        "config.json",
    ]
    moved = _vectors(config, _encoder(config)) - _vectors(config, load_base(config.base_folder))
    assert np.abs(moved).max() > 0.001


def test_word_table_stays_as_it_is(tmp_path: Path) -> None:
    config = a_config(tmp_path)

    train(config, _silent)

    before, after = (
        one.embeddings.word_embeddings.weight.detach().numpy()
        for one in (load_base(config.base_folder), _encoder(config))
    )
    np.testing.assert_array_equal(before, after)


def test_less_strength_keeps_a_share_of_the_change(tmp_path: Path) -> None:
    full = replace(a_config(tmp_path), strength=1.0)
    half = replace(full, strength=0.5, out_folder=tmp_path / "half")
    name = "encoder.layer.1.output.dense.weight"
    before = load_base(full.base_folder).get_parameter(name).detach().numpy()

    changes = []
    for config in (full, half):
        train(config, _silent)
        changes.append(_encoder(config).get_parameter(name).detach().numpy() - before)

    assert np.abs(changes[0]).max() > 0.005
    np.testing.assert_allclose(changes[1], changes[0] / 2, atol=2e-4)


def test_manifest_names_sets_settings_base_and_versions(tmp_path: Path) -> None:
    config = replace(a_config(tmp_path), leave=(OWN, "MultiDoGO"))

    folder = train(config, _silent)

    content = json.loads((folder / "config.json").read_text("utf-8"))
    assert content["sets"] == [
        {"name": "CLINC150", "licence": "CC BY 3.0", "intents": 4, "utterances": 48},
        {"name": "BANKING77", "licence": "CC BY 4.0", "intents": 3, "utterances": 36},
        {"name": "NLU++ banking", "licence": "CC BY 4.0", "intents": 2, "utterances": 16},
    ]
    assert content["left_out"] == ["Kefu", "MultiDoGO"]
    assert content["training_examples"] == 100
    assert content["base_sha256"] == fingerprint(config.base_folder / BASE_WEIGHTS_FILE)
    assert {"torch", "transformers", "peft"} <= set(content["versions"])
    settings = {**content["training"]}
    assert (settings["seed"], settings["steps"], settings["strength"]) == (7, 12, 0.8)
    assert {"learning_rate", "frozen_layers", "scale", "fidelity", "rank"} <= set(settings)


def test_card_names_the_sets_and_what_was_not_used(tmp_path: Path) -> None:
    folder = train(replace(a_config(tmp_path), leave=(OWN, "BANKING77")), _silent)

    card = (folder / "README.md").read_text("utf-8")

    assert "| CLINC150 | CC BY 3.0 | 4 | 48 |" in card
    assert "Not used: Kefu, BANKING77, HINT3" in card


def test_nothing_written_names_a_folder_of_this_machine(tmp_path: Path) -> None:
    folder = train(a_config(tmp_path), _silent)

    texts = [file.read_bytes() for file in folder.iterdir()]

    assert not [text for text in texts if str(tmp_path).encode() in text]


def test_same_seed_makes_the_same_weights_and_another_seed_others(tmp_path: Path) -> None:
    config = a_config(tmp_path)
    again = replace(config, out_folder=tmp_path / "again")
    other = replace(config, out_folder=tmp_path / "other", seed=8)

    for one in (config, again, other):
        train(one, _silent)

    first, second, third = (_vectors(one, _encoder(one)) for one in (config, again, other))
    np.testing.assert_array_equal(first, second)
    assert not np.array_equal(first, third)


class _KilledError(Exception):
    """Stands for a kill in the middle of a run."""


def _killed_at(step: int) -> Callable[[float, str], None]:
    def report(_done: float, what: str) -> None:
        if what.startswith(f"step {step} "):
            raise _KilledError

    return report


def test_killed_run_goes_on_after_the_last_hundred_and_ends_the_same(tmp_path: Path) -> None:
    config = replace(a_config(tmp_path), steps=120)
    killed = replace(config, out_folder=tmp_path / "killed")
    whats: list[str] = []
    train(config, _silent)
    with pytest.raises(_KilledError):
        train(killed, _killed_at(110))

    train(killed, lambda _, what: whats.append(what))

    assert [what.split(":")[0] for what in whats if what.startswith("step")] == [
        "step 110 of 120",
        "step 120 of 120",
    ]
    whole, resumed = (
        load_file(one.out_folder / "adapter_model.safetensors") for one in (config, killed)
    )
    assert sorted(whole) == sorted(resumed)
    for name, weight in whole.items():
        np.testing.assert_array_equal(weight, resumed[name])


@pytest.mark.parametrize("changed", [{"learning_rate": 1e-4}, {"leave": (OWN, "NLU++")}])
def test_checkpoint_of_another_recipe_or_other_sets_is_not_taken_up(
    tmp_path: Path, changed: dict[str, object]
) -> None:
    config = replace(a_config(tmp_path), steps=120)
    whats: list[str] = []
    with pytest.raises(_KilledError):
        train(config, _killed_at(110))

    other = replace(config, **changed)  # type: ignore[arg-type]  # fields of different types
    train(other, lambda _, what: whats.append(what))

    assert [what for what in whats if what.startswith("step 10 ")]


def test_tuning_lifts_few_shot_accuracy_on_intents_it_never_saw(tmp_path: Path) -> None:
    leave = (OWN, "BANKING77", "NLU++", "MultiDoGO")
    config = replace(a_config(tmp_path), leave=leave, steps=200, strength=1.0)
    # Words of the training set in other company: late and lost, mending and price.
    intents = (
        ("order late", "late order", "still late"),
        ("lost my card", "find card", "find my order"),
        ("fix torn", "mend", "fix my order"),
        ("price of order", "cost of card", "order cost"),
    )
    tokenizer = load_tokenizer(config.base_folder, 16)

    def accuracy(encoder: BertModel) -> float:
        means = np.stack([encode(encoder, tokenizer, one[:1]).mean(axis=0) for one in intents])
        found = [
            (encode(encoder, tokenizer, spoken(one[1:])) @ means.T).argmax(axis=1) == place
            for place, one in enumerate(intents)
        ]
        return float(np.mean(np.concatenate(found)))

    train(config, _silent)

    assert accuracy(_encoder(config)) > accuracy(load_base(config.base_folder)) + 0.1


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"steps": 0}, "steps is 0; give 1 or more"),
        ({"strength": 0.0}, "strength is 0.0; give more than 0"),
        ({"strength": 1.5}, "at most 1"),
        ({"precision": "int8"}, "precision 'int8' is not known; give bf16 or fp32"),
        ({"frozen_layers": 2}, "has 2 layers; give 0 to 1"),
    ],
)
def test_setting_out_of_range_is_refused(
    tmp_path: Path, changed: dict[str, object], told: str
) -> None:
    config = replace(a_config(tmp_path), **changed)  # type: ignore[arg-type]  # fields of different types

    with pytest.raises(TrainingError, match=told):
        train(config, _silent)

    assert not config.out_folder.exists()
