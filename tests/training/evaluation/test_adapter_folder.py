"""A folder of adapters is sorted by what they are for, and no seed is counted twice."""

import json
from pathlib import Path

import pytest

from training.errors import DatasetError
from training.evaluation.adapter_folder import AdapterFolder, one_of_each_seed, seed_of


def an_adapter(folder: Path, *, mood: bool = False, **config: object) -> Path:
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(config))
    if mood:
        (folder / "head.safetensors").write_bytes(b"")
    return folder


def test_adapters_are_sorted_by_what_they_are_for(tmp_path: Path) -> None:
    mood = an_adapter(tmp_path / "b", sets=[], mood=True)
    search = an_adapter(tmp_path / "c", searches=[])
    intents = an_adapter(tmp_path / "d", sets=[]), an_adapter(tmp_path / "e", sets=[])
    (tmp_path / "half made").mkdir()

    assert AdapterFolder.read(tmp_path) == AdapterFolder(intents, (mood,), (search,))
    assert AdapterFolder.read(tmp_path / "absent") == AdapterFolder()


def test_the_first_of_every_seed_counts(tmp_path: Path) -> None:
    shipped, again, other = (
        an_adapter(tmp_path / name, training={"seed": seed})
        for name, seed in (("z", 7), ("a", 7), ("b", 8))
    )

    assert one_of_each_seed((shipped, again, other)) == (shipped, other)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"training": {}}'])
def test_what_says_no_seed_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "config.json").write_text(content)

    with pytest.raises(DatasetError, match=r"make the adapter again|take its folder away"):
        seed_of(tmp_path)


def test_a_config_that_cannot_be_read_is_told_by_name(tmp_path: Path) -> None:
    an_adapter(tmp_path / "broken")
    (tmp_path / "broken/config.json").write_text("{")

    with pytest.raises(DatasetError, match=r"broken/config.json cannot be read"):
        AdapterFolder.read(tmp_path)
