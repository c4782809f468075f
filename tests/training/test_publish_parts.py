"""Exports, encodings, locks and stages: what publishing is made of."""

import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from training.encodings import CachedEncoder
from training.errors import AlreadyRunningError, TrainingError
from training.exports import ExportSource, ensure_exports
from training.lock import only_one
from training.progress import PlainStages


class CountingEncoder:
    """Encodes a text as the counts of its letters, and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    @property
    def dim(self) -> int:
        return 26

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.asked.extend(texts)
        rows = [[float(text.count(chr(97 + letter))) for letter in range(26)] for text in texts]
        return np.array(rows, dtype=np.float32)


def silent(_share: float, _word: str) -> None:
    """Take no notice."""


def writing(group: str, fingerprint: str, content: str) -> ExportSource:
    program = (
        "import sys, pathlib; f = pathlib.Path(sys.argv[2]);"
        "(f / 'model.onnx').write_text(sys.argv[1]); (f / 'sub').mkdir();"
        "(f / 'sub' / 'tokenizer.json').write_text('t')"
    )
    return ExportSource((group,), fingerprint, (sys.executable, "-c", program, content))


async def test_exports_become_artifacts_named_by_group_and_file(tmp_path: Path) -> None:
    sources = [writing("base", "f1", "one"), writing("sentiment", "f2", "two")]

    files = await ensure_exports(tmp_path, sources, silent)

    assert sorted(files) == [
        "base/model.onnx",
        "base/sub/tokenizer.json",
        "sentiment/model.onnx",
        "sentiment/sub/tokenizer.json",
    ]
    assert files["sentiment/model.onnx"].read_text() == "two"


async def test_what_was_exported_is_not_exported_again(tmp_path: Path) -> None:
    await ensure_exports(tmp_path, [writing("base", "f1", "one")], silent)

    same = await ensure_exports(tmp_path, [writing("base", "f1", "never written")], silent)
    other = await ensure_exports(tmp_path, [writing("base", "f2", "two")], silent)

    assert same["base/model.onnx"].read_text() == "one"
    assert other["base/model.onnx"].read_text() == "two"


async def test_an_export_that_was_spoilt_is_made_again(tmp_path: Path) -> None:
    files = await ensure_exports(tmp_path, [writing("base", "f1", "one")], silent)
    files["base/model.onnx"].write_text("spoilt")

    again = await ensure_exports(tmp_path, [writing("base", "f1", "one")], silent)

    assert again["base/model.onnx"].read_text() == "one"


async def test_a_failed_export_says_what_it_said_and_leaves_nothing(tmp_path: Path) -> None:
    source = ExportSource(("base",), "f1", (sys.executable, "-c", "raise SystemExit('no weights')"))

    with pytest.raises(TrainingError, match=r"base encoder failed(?s:.*)no weights"):
        await ensure_exports(tmp_path, [source], silent)

    assert os.listdir(tmp_path) == []  # noqa: PTH208 - pathlib is refused in async functions


def test_only_new_texts_are_encoded(tmp_path: Path) -> None:
    inner = CountingEncoder()
    encoder = CachedEncoder(inner, tmp_path / "e.npz")
    first = encoder.encode(["abc", "b"])

    again = encoder.encode(["b", "new", "abc"])

    assert inner.asked.count("abc") == 1
    assert sorted(inner.asked) == ["abc", "b", "new"]
    np.testing.assert_array_equal(again[[2, 0]], first)


def test_encodings_outlive_the_process(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "e.npz"
    before = CachedEncoder(CountingEncoder(), file)
    vectors = before.encode(["one", "two"])
    before.save()
    inner = CountingEncoder()

    after = CachedEncoder(inner, file).encode(["one", "two"])

    assert inner.asked == []
    np.testing.assert_array_equal(after, vectors)


@pytest.mark.parametrize("content", [b"", b"spoilt", b"PK\x03\x04 half a zip"])
def test_a_spoilt_cache_of_encodings_is_made_again(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "e.npz"
    file.write_bytes(content)
    encoder = CachedEncoder(CountingEncoder(), file)

    assert encoder.encode(["abc"]).shape == (1, 26)
    encoder.save()
    assert CachedEncoder(CountingEncoder(), file).encode(["abc"])[0, 0] == 1.0


def test_no_text_is_no_vector(tmp_path: Path) -> None:
    assert CachedEncoder(CountingEncoder(), tmp_path / "e.npz").encode([]).shape == (0, 26)


def test_only_one_at_a_time(tmp_path: Path) -> None:
    lock = tmp_path / "publish.lock"

    with (
        only_one(lock, "publishing"),
        pytest.raises(AlreadyRunningError, match="publishing is already running"),
        only_one(lock, "publishing"),
    ):
        pass
    with only_one(lock, "publishing"):
        assert lock.exists()


def test_stages_are_plain_lines_where_no_terminal_is() -> None:
    out = io.StringIO()
    shown = PlainStages(out=out)

    shown.begin("checking")(0.5, "half")
    shown.begin("fitting")
    shown.end()

    assert out.getvalue().splitlines() == ["kefu: checking …", "kefu: fitting …"]
    assert list(shown.took_s) == ["checking", "fitting"]
