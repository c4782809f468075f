"""The exported encoder, on a tiny BERT that is exported once."""

import hashlib
import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import onnx
import pytest

from bot.encoder import OnnxEncoder
from bot.errors import ConfigurationError
from tests.training.tiny_bert import write_tiny_bert
from training.export import export_base

TEXTS = ("where is my parcel", "thanks", "my tent is awful bad bad parcel", "great")


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("encoder")
    export_base(folder / "out", setting=str(write_tiny_bert(folder / "base")))
    return folder / "out"


def a_copy(exported: Path, folder: Path) -> Path:
    return Path(shutil.copytree(exported, folder / "copy"))


def test_a_model_that_wants_other_inputs_is_named_with_a_remedy(
    exported: Path, tmp_path: Path
) -> None:
    folder = a_copy(exported, tmp_path)
    model = onnx.load(folder / "model.onnx")
    model.graph.input.append(
        onnx.helper.make_tensor_value_info("mask", onnx.TensorProto.INT64, [1])
    )
    onnx.save(model, folder / "model.onnx")
    settings = json.loads((folder / "encoder.json").read_text(encoding="utf-8"))
    settings["sha256"] = hashlib.sha256((folder / "model.onnx").read_bytes()).hexdigest()
    (folder / "encoder.json").write_text(json.dumps(settings), encoding="utf-8")

    with pytest.raises(ConfigurationError, match="kefu publish"):
        OnnxEncoder(folder)


def test_vectors_have_length_one(exported: Path) -> None:
    vectors = OnnxEncoder(exported).encode(TEXTS)

    assert vectors.shape == (4, 16)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-6)


def test_a_text_has_the_same_vector_whatever_stands_beside_it(exported: Path) -> None:
    encoder = OnnxEncoder(exported)

    together = encoder.encode(TEXTS)

    alone = np.concatenate([encoder.encode([text]) for text in TEXTS])
    assert np.array_equal(together, alone)


def test_several_workers_keep_the_order(exported: Path) -> None:
    texts = [f"{text} {number}" for number in range(20) for text in TEXTS]

    shared = OnnxEncoder(exported, workers=3).encode(texts)

    assert np.array_equal(shared, OnnxEncoder(exported).encode(texts))


def test_threads_may_share_an_encoder(exported: Path) -> None:
    encoder = OnnxEncoder(exported)
    wanted = encoder.encode(TEXTS)

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: encoder.encode(TEXTS), range(20)))

    assert all(np.array_equal(vectors, wanted) for vectors in found)


def test_no_texts_give_no_vectors(exported: Path) -> None:
    assert OnnxEncoder(exported).encode([]).shape == (0, 16)


def test_long_texts_are_cut(exported: Path) -> None:
    encoder = OnnxEncoder(exported)

    vectors = encoder.encode(["parcel " * 30, "parcel " * 500])

    assert np.array_equal(vectors[0], vectors[1])


def test_a_prefix_is_put_before_every_text(exported: Path, tmp_path: Path) -> None:
    folder = a_copy(exported, tmp_path)
    encoder = OnnxEncoder(folder)
    settings = replace(encoder.settings, prefix="lovely ")
    (folder / "encoder.json").write_text(json.dumps(asdict(settings)), encoding="utf-8")

    prefixed = OnnxEncoder(folder).encode(["parcel"])

    assert np.array_equal(prefixed, encoder.encode(["lovely parcel"]))


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json", "encoder.json"])
def test_a_missing_file_is_refused_with_a_remedy(exported: Path, tmp_path: Path, name: str) -> None:
    folder = a_copy(exported, tmp_path)
    (folder / name).unlink()

    with pytest.raises(ConfigurationError, match=rf"{name} cannot be read .*kefu publish"):
        OnnxEncoder(folder)


@pytest.mark.parametrize("name", ["tokenizer.json", "encoder.json"])
def test_a_corrupt_file_is_refused(exported: Path, tmp_path: Path, name: str) -> None:
    folder = a_copy(exported, tmp_path)
    (folder / name).write_text('{"name":', encoding="utf-8")

    with pytest.raises(ConfigurationError, match=name):
        OnnxEncoder(folder)


def test_a_changed_model_is_refused(exported: Path, tmp_path: Path) -> None:
    folder = a_copy(exported, tmp_path)
    content = bytearray((folder / "model.onnx").read_bytes())
    content[len(content) // 2] ^= 1
    (folder / "model.onnx").write_bytes(content)

    with pytest.raises(ConfigurationError, match=r"model\.onnx has SHA-256 .*kefu publish"):
        OnnxEncoder(folder)


def test_a_model_of_another_dimension_is_refused(exported: Path, tmp_path: Path) -> None:
    folder = a_copy(exported, tmp_path)
    settings = replace(OnnxEncoder(folder).settings, dim=384)
    (folder / "encoder.json").write_text(json.dumps(asdict(settings)), encoding="utf-8")

    with pytest.raises(ConfigurationError, match="384"):
        OnnxEncoder(folder)
