"""A folder of adapters made like those that ship: with other seeds, or without a public set."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from training.errors import DatasetError
from training.sentiment_adapter import CONFIG_FILE, HEAD_FILE


@dataclass(frozen=True, slots=True)
class AdapterFolder:
    """What is in it, each in the order of its name.

    Attributes:
        intents: Encoders tuned on intent sets, as ``kefu train encoder`` makes them.
        moods: The same taught the mood, as ``kefu train sentiment`` makes them.
        searches: Encoders tuned for search, as ``kefu train retrieval`` makes them.
    """

    intents: tuple[Path, ...] = ()
    moods: tuple[Path, ...] = ()
    searches: tuple[Path, ...] = ()

    @classmethod
    def read(cls, folder: Path) -> "AdapterFolder":
        """Sort the adapters right below a folder.

        Raises:
            DatasetError: A ``config.json`` cannot be read.
        """
        found = sorted(file.parent for file in folder.glob(f"*/{CONFIG_FILE}"))
        searches = tuple(one for one in found if "searches" in _config(one))
        moods = tuple(one for one in found if (one / HEAD_FILE).is_file())
        others = tuple(one for one in found if one not in searches and one not in moods)
        return cls(others, moods, searches)


def one_of_each_seed(adapters: Iterable[Path]) -> tuple[Path, ...]:
    """Return the first adapter of every seed: what ships is not counted twice where it was made again."""
    found: dict[int, Path] = {}
    for one in adapters:
        found.setdefault(seed_of(one), one)
    return tuple(found.values())


def seed_of(adapter: Path) -> int:
    """Return the seed that an adapter was made with.

    Raises:
        DatasetError: Its ``config.json`` does not say so.
    """
    training = _config(adapter).get("training")
    seed = training.get("seed") if isinstance(training, dict) else None
    if not isinstance(seed, int):
        raise DatasetError(f"{adapter / CONFIG_FILE} names no seed; make the adapter again")
    return seed


def _config(adapter: Path) -> dict[str, object]:
    file = adapter / CONFIG_FILE
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DatasetError(
            f"{file} cannot be read ({error}); make the adapter again, or take its folder away"
        ) from error
    if not isinstance(content, dict):
        raise DatasetError(f"{file} is not that of an adapter; take its folder away")
    return content
