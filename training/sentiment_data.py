"""Sentences with a sentiment: our own, SST-2 and (for testing only) airline tweets.

Our own sentences come with the package; the public sets are read from a folder beside the project
where it exists and are never copied. Own sentences are split by a hash of their text, so that a
sentence keeps its part when others are added, and two spellings of it are never on both sides.
"""

import csv
import gzip
import hashlib
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from intents.artifact import SENTIMENTS
from intents.text import comparable
from training.errors import DatasetError, SplitLeakError
from training.tables import Column, Row, read_rows, text_of, without_blank

NEGATIVE, NEUTRAL, POSITIVE = range(3)
OWN_FOLDER = Path(__file__).parent / "data" / "sentiment"

# Shares of our own sentences, by hash: tested once, used for the temperature, trained on.
TEST_PERCENT = 15
DEV_PERCENT = 10

_COLUMNS = (Column("text", ("sentence",)), Column("sentiment", ("label",)))
_SST2_LABELS = {"0": NEGATIVE, "1": POSITIVE}
_SST2_PARTS = ("train", "dev", "test")


@dataclass(frozen=True, slots=True)
class LabelledUtterance:
    """An utterance and the index of its sentiment in ``SENTIMENTS`` of ``intents.artifact``."""

    text: str
    sentiment: int


@dataclass(frozen=True, slots=True)
class Parts:
    """One data set in three parts that share no text."""

    train: tuple[LabelledUtterance, ...]
    dev: tuple[LabelledUtterance, ...]
    test: tuple[LabelledUtterance, ...]


def read_own(folder: Path = OWN_FOLDER) -> tuple[LabelledUtterance, ...]:
    """Read and check our own customer-service sentences.

    Args:
        folder: Holds ``*.csv`` files with the columns ``text`` and ``sentiment``.

    Raises:
        DatasetError: No file, a wrong header, an empty text, an unknown sentiment, or one text
            with two sentiments.
    """
    files = sorted(folder.glob("*.csv"))
    if not files:
        raise DatasetError(f"{folder} holds no .csv file; reinstall the package or name a folder")
    found: dict[str, LabelledUtterance] = {}
    for file in files:
        for line, utterance in _rows(file):
            earlier = found.setdefault(utterance.text, utterance)
            if earlier.sentiment != utterance.sentiment:
                raise DatasetError(
                    f"{file}:{line}: {utterance.text!r} is {SENTIMENTS[earlier.sentiment]} "
                    f"elsewhere and {SENTIMENTS[utterance.sentiment]} here; keep one of them"
                )
    return tuple(found.values())


def read_sentiments(file: Path) -> tuple[tuple[LabelledUtterance, ...], tuple[str, ...]]:
    """Read somebody's sentences, as they stand; rows without a text are left out.

    Args:
        file: CSV, TSV or JSON lines with ``text`` and ``sentiment``.

    Returns:
        The sentences, repeated ones too, and what to tell about the file.

    Raises:
        DatasetError: It cannot be read, or a sentiment is unknown; names file, line and remedy.
    """
    rows, notes = without_blank(file, read_rows(file, _COLUMNS, "sentences"))
    if not rows:
        raise DatasetError(f"{file} holds no sentences; add some, or name another file")
    return tuple(_labelled(file, row) for row in rows), notes


def each_once(utterances: Iterable[LabelledUtterance]) -> tuple[LabelledUtterance, ...]:
    """Return each text once, whatever its letter case and punctuation; the first sentiment counts."""
    found: dict[str, LabelledUtterance] = {}
    for one in utterances:
        found.setdefault(comparable(one.text), one)
    return tuple(found.values())


def drawn(
    utterances: Sequence[LabelledUtterance], count: int, *, seed: int
) -> tuple[LabelledUtterance, ...]:
    """Draw at most so many at random, in the order they stand."""
    if len(utterances) <= count:
        return tuple(utterances)
    places = np.random.default_rng(seed).choice(len(utterances), count, replace=False)
    return tuple(utterances[place] for place in np.sort(places))


def _rows(file: Path) -> Iterable[tuple[int, LabelledUtterance]]:
    for row in read_rows(file, _COLUMNS, "sentences"):
        yield row.line, _labelled(file, row)


def _labelled(file: Path, row: Row) -> LabelledUtterance:
    text = text_of(file, row, 0, "text")
    name = text_of(file, row, 1, "sentiment").lower()
    if name not in SENTIMENTS:
        raise DatasetError(
            f"{file}:{row.line}: unknown sentiment {name!r}; use one of {', '.join(SENTIMENTS)}"
        )
    return LabelledUtterance(text, SENTIMENTS.index(name))


def split_own(utterances: Iterable[LabelledUtterance]) -> Parts:
    """Split by a hash of the words alone: letter case and punctuation do not move a sentence."""
    train: list[LabelledUtterance] = []
    dev: list[LabelledUtterance] = []
    test: list[LabelledUtterance] = []
    for utterance in utterances:
        place = int(hashlib.sha256(comparable(utterance.text).encode()).hexdigest()[:8], 16) % 100
        if place < TEST_PERCENT:
            test.append(utterance)
        elif place < TEST_PERCENT + DEV_PERCENT:
            dev.append(utterance)
        else:
            train.append(utterance)
    return Parts(tuple(train), tuple(dev), tuple(test))


def read_sst2(folder: Path) -> Parts | None:
    """Read SST-2 at sentence level; ``None`` where the folder does not exist.

    Sentences of dev and test that also stand in train are taken out of train.

    Raises:
        DatasetError: A part is missing or a line is not ``sentence<TAB>0|1``.
    """
    if not folder.is_dir():
        return None
    train, dev, test = (_read_sst2_part(folder / f"{part}.tsv") for part in _SST2_PARTS)
    return Parts(without(train, (*dev, *test)), dev, test)


def _read_sst2_part(file: Path) -> tuple[LabelledUtterance, ...]:
    if not file.is_file():
        raise DatasetError(f"{file} is missing; SST-2 needs train.tsv, dev.tsv and test.tsv")
    utterances: list[LabelledUtterance] = []
    for number, line in enumerate(file.read_text(encoding="utf-8").split("\n"), start=1):
        if not line.strip():
            continue
        text, _, label = line.rpartition("\t")
        if not text.strip() or label.strip() not in _SST2_LABELS:
            raise DatasetError(f"{file}, line {number}: expected a sentence, a tab and 0 or 1")
        utterances.append(LabelledUtterance(text.strip(), _SST2_LABELS[label.strip()]))
    return tuple(utterances)


def read_airline_tweets(folder: Path) -> tuple[LabelledUtterance, ...] | None:
    """Read the airline tweets, each text once; ``None`` where the folder does not exist.

    They are licensed for non-commercial use: they are only ever tested on. A text that stands
    there with two sentiments counts with its first.
    """
    file = folder / "Tweets.csv.gz"
    if not file.is_file():
        return None
    rows = csv.DictReader(io.StringIO(gzip.decompress(file.read_bytes()).decode("utf-8")))
    return each_once(
        LabelledUtterance(row["text"], SENTIMENTS.index(row["airline_sentiment"])) for row in rows
    )


def check_no_leak(
    train: Iterable[LabelledUtterance], held_out: Iterable[LabelledUtterance]
) -> None:
    """Refuse a training part that shares a text with a held-out part.

    Raises:
        SplitLeakError: A text stands in both, whatever its letter case and punctuation.
    """
    both = {comparable(one.text) for one in train} & {comparable(one.text) for one in held_out}
    if both:
        raise SplitLeakError(
            f"{len(both)} texts stand in training and test, for example {min(both)!r}; "
            "take them out of the training data"
        )


def without(
    utterances: Iterable[LabelledUtterance], held_out: Iterable[LabelledUtterance]
) -> tuple[LabelledUtterance, ...]:
    """Leave out utterances whose words also stand in a held-out part."""
    keys = {comparable(one.text) for one in held_out}
    return tuple(one for one in utterances if comparable(one.text) not in keys)
