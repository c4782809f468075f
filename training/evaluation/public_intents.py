"""Public sets of intents, as their publishers split them; a set that is not there is left out."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from bot.domain.understanding import OUT_OF_SCOPE
from intents.text import normalise
from training.datasets import LabelledText
from training.errors import DatasetError
from training.tables import Column, read_rows, read_text, text_of, without_blank

_COLUMNS: Final = (
    Column("text", ("sentence", "utterance")),
    Column("intent", ("label", "category")),
)
_STRANGE: Final = frozenset({"oos", "NO_NODES_DETECTED", OUT_OF_SCOPE})
Rows = tuple[LabelledText, ...]


@dataclass(frozen=True, slots=True)
class IntentParts:
    """What a set is trained and tested on."""

    train: Rows
    test: Rows


@dataclass(frozen=True, slots=True)
class IntentSet:
    """A public set with its split.

    Attributes:
        name: In tables.
        family: Sets that share utterances; an encoder tuned on one has seen the others. See ``IntentRecipe.trials``.
        needs: Folder or file below the data folder without which it is left out.
        split: What is trained on and what is tested on, in words.
        has_curve: Small enough to learn from more and more of it.
    """

    name: str
    family: str
    needs: str
    split: str
    read: Callable[[Path], IntentParts]
    has_curve: bool = False

    def find(self, data: Path) -> IntentParts | None:
        """Read it; None where it is not there.

        Raises:
            DatasetError: It is there, but not as published.
        """
        return self.read(data / self.needs) if (data / self.needs).exists() else None


def _plain(folder: Path, *, train: str, test: str, strange: str = "") -> IntentParts:
    tested = _rows(folder / test)
    if strange:
        tested += tuple(_as_strange(_rows(folder / strange)))
    return IntentParts(_rows(folder / train), tested)


def _clinc(folder: Path) -> IntentParts:
    content = json.loads(read_text(folder / "data_full.json"))
    try:
        train, test, strange = (
            tuple(_labelled(content[part])) for part in ("train", "test", "oos_test")
        )
    except (KeyError, TypeError, ValueError) as error:
        raise DatasetError(
            f"{folder / 'data_full.json'} is not as published ({error}); copy it again"
        ) from error
    return IntentParts(train, (*test, *strange))


def _labelled(items: Iterable[tuple[str, str]]) -> Iterator[LabelledText]:
    for number, (text, intent) in enumerate(items, start=1):
        yield LabelledText(normalise(text), _intent(intent), number)


def _rows(file: Path) -> Rows:
    found = []
    rows, _ = without_blank(file, read_rows(file, _COLUMNS, "labelled utterances"))
    for row in rows:
        text = normalise(text_of(file, row, 0, "text"))
        if text:
            found.append(LabelledText(text, _intent(text_of(file, row, 1, "intent")), row.line))
    return tuple(found)


def _as_strange(rows: Rows) -> Iterator[LabelledText]:
    for row in rows:
        yield LabelledText(row.text, OUT_OF_SCOPE, row.line)


def _intent(name: str) -> str:
    return OUT_OF_SCOPE if name in _STRANGE else name


def _few(of: str, family: str, shots: int) -> IntentSet:
    return IntentSet(
        f"{of} {shots}-shot",
        family,
        f"intents-fewshot/{family}",
        f"published {shots}-shot sample; published test part",
        partial(_plain, train=f"train_{shots}.csv", test="test.csv"),
    )


def _beside(kind: str, file: str) -> IntentSet:
    return IntentSet(
        f"BANKING77-OOS {kind}",
        "banking77",
        "banking77-oos",
        f"published train part (50 intents, nothing out of scope); test part with the {kind} strangers",
        partial(_plain, train="train.csv", test="test.csv", strange=file),
    )


def _hint3(of: str) -> IntentSet:
    folder = of.lower()
    return IntentSet(
        f"HINT3 {of}",
        f"hint3-{folder}",
        "hint3",
        "edition 1, full train part without out of scope; published test part",
        partial(_plain, train=f"v1_{folder}_train.csv", test=f"v1_{folder}_test.csv"),
    )


PUBLIC_INTENTS: Final = (
    _few("BANKING77", "banking77", 5),
    _few("BANKING77", "banking77", 10),
    _few("CLINC150", "clinc150", 5),
    _few("CLINC150", "clinc150", 10),
    _hint3("Curekart"),
    _hint3("Powerplay11"),
    _beside("near", "id_oos_test.csv"),
    _beside("far", "ood_oos_test.csv"),
    IntentSet(
        "BANKING77",
        "banking77",
        "banking77",
        "published train and test part",
        partial(_plain, train="train.csv", test="test.csv"),
        has_curve=True,
    ),
    IntentSet(
        "CLINC150",
        "clinc150",
        "clinc150",
        "data_full: train part without out of scope; test part with its 1,000 strangers",
        _clinc,
    ),
)
