"""Encoders are read as sentence-transformers reads them; what cannot be exported is refused in words."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Dense

from bot.encoder import OnnxEncoder
from tests.training.tiny_bert import SPECIAL, WORDS, write_sentence_encoder, write_tiny_bert
from training import encoders
from training.encoders import find_base
from training.errors import TrainingError
from training.export import export_base


@pytest.mark.parametrize("pooling", ["mean", "cls"])
def test_pooling_length_and_prompt_are_those_of_the_folder(tmp_path: Path, pooling: str) -> None:
    folder = write_sentence_encoder(tmp_path / "tiny", pooling=pooling, prompt="where is ")

    base = find_base(str(folder))

    assert (base.name, base.folder) == ("tiny", folder)
    assert (base.pooling, base.max_length, base.prefix) == (pooling, 24, "where is ")


def test_a_plain_folder_is_pooled_by_the_mean(tmp_path: Path) -> None:
    base = find_base(str(write_tiny_bert(tmp_path)))

    assert (base.pooling, base.max_length, base.prefix) == ("mean", 32, "")


def test_the_tokenizer_neither_pads_nor_cuts(tmp_path: Path) -> None:
    base = find_base(str(write_sentence_encoder(tmp_path)))

    assert len(base.tokenizer.encode("where " * 40).ids) == 42
    assert len(base.tokenizer.encode("where").ids) == 3


def test_a_list_of_words_is_tokenizer_enough(tmp_path: Path) -> None:
    folder = write_tiny_bert(tmp_path)
    (folder / "tokenizer.json").unlink()
    (folder / "vocab.txt").write_text("\n".join([*SPECIAL, *WORDS]), encoding="utf-8")

    base = find_base(str(folder))

    assert base.tokenizer.encode("Where is my tent").tokens[1:-1] == ["where", "is", "my", "tent"]


def test_an_export_encodes_as_sentence_transformers_does(tmp_path: Path) -> None:
    folder = write_sentence_encoder(tmp_path / "base", pooling="cls", prompt="my tent is ")
    loaded = SentenceTransformer(str(folder), device="cpu", local_files_only=True)

    export_base(tmp_path / "out", setting=str(folder), quantise=False)

    wanted = torch.tensor(loaded.encode(["where is my parcel"]))
    found = torch.tensor(vectors(tmp_path / "out", "where is my parcel"))
    assert torch.allclose(found, wanted, atol=1e-5)


def vectors(folder: Path, text: str) -> list[list[float]]:
    rows: list[list[float]] = OnnxEncoder(folder).encode([text]).tolist()
    return rows


def without_weights(folder: Path) -> None:
    (folder / "model.safetensors").unlink()


def with_spoilt_weights(folder: Path) -> None:
    (folder / "model.safetensors").write_bytes(b"spoilt")


def with_broken_modules(folder: Path) -> None:
    (folder / "modules.json").write_text("[", encoding="utf-8")


def with_unknown_pooling(folder: Path) -> None:
    (folder / "1_Pooling" / "config.json").write_text(
        '{"embedding_dimension": 16, "pooling_mode": "median"}', encoding="utf-8"
    )


def of_other_shape(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text("utf-8"))
    (folder / "config.json").write_text(json.dumps({**config, "hidden_size": 32}), encoding="utf-8")


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (without_weights, r"has no model\.safetensors"),
        (with_spoilt_weights, "holds no encoder that can be loaded"),
        (with_broken_modules, "holds no encoder that can be loaded"),
        (with_unknown_pooling, "median"),
        (of_other_shape, "holds no encoder that can be loaded"),
    ],
)
def test_a_broken_folder_is_refused(
    tmp_path: Path, spoil: Callable[[Path], None], told: str
) -> None:
    folder = write_sentence_encoder(tmp_path / "tiny")
    spoil(folder)

    with pytest.raises(TrainingError, match=told):
        find_base(str(folder))


def test_what_cannot_be_exported_is_refused(tmp_path: Path) -> None:
    longest = write_sentence_encoder(tmp_path / "max", pooling="max")
    narrowed = write_sentence_encoder(tmp_path / "dense", more=[Dense(16, 8)])

    with pytest.raises(
        TrainingError, match="pools by 'max'; name an encoder that pools by mean or"
    ):
        find_base(str(longest))
    with pytest.raises(TrainingError, match="Transformer, Pooling, Dense, Normalize; name"):
        find_base(str(narrowed))


def test_a_tokenizer_of_another_model_is_refused(tmp_path: Path) -> None:
    folder = write_tiny_bert(tmp_path / "small")
    other = write_tiny_bert(tmp_path / "other", words=[*WORDS, "rope"])
    shutil.copy(other / "tokenizer.json", folder)

    with pytest.raises(TrainingError, match="knows 17 tokens, but the model only 16"):
        find_base(str(folder))


def test_an_encoder_that_is_nowhere_is_refused() -> None:
    with pytest.raises(TrainingError, match="neither a folder here nor to be had"):
        find_base("./no/such/encoder")


def test_the_packaged_encoder_is_the_known_one() -> None:
    base = find_base()

    assert base.folder == encoders.packaged_base()
    assert (base.name, base.pooling, base.max_length) == (encoders.BASE_NAME, "mean", 256)
    assert (base.normalise, base.prefix) == (True, "")
