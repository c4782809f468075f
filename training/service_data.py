"""Intent sets that the service encoder learns from: our own, and the training parts of public ones with open licences.

A set whose folder is not there is left out; one that is named as left out is never opened. HINT3 is not among them: it
stays for the test, so that something that no encoder of ours has seen can always be asked.
"""

import csv
import gzip
import io
import json
import re
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from intents.text import normalise
from training.errors import DatasetError
from training.evaluation.public_intents import PUBLIC_INTENTS
from training.service_own import OWN, read_own
from training.tables import read_text

_FEWEST: Final = 3
_MOST: Final = 150
_FEWEST_TURNS: Final = 8
_MOST_TURNS: Final = 120
_LONGEST_TURN: Final = 29  # in words; longer ones say several things
_DOMAINS: Final = ("airline", "finance", "media", "software")
# Turns under these say nothing that could be told by its words alone; "intent" is a slip of the set's makers.
_NO_INTENTS: Final = frozenset({"contentonly", "outofdomain", "intent"})
_ONE_INTENT: Final = re.compile("[a-z]+")
_FEWEST_INTENTS: Final = 2

Pairs = Iterable[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class TaughtIntent:
    """An intent with utterances.

    Attributes:
        name: As the set's makers spell it.
        utterances: Normalised, each once.
    """

    name: str
    utterances: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TaughtSet:
    """Intents that are told apart from each other, never from those of another set.

    Attributes:
        name: Of the set, with its domain where it has several.
        has_names: The names of its intents say in words what is meant, so that they serve as examples.
        licence: Under which the set may be used.
    """

    name: str
    intents: tuple[TaughtIntent, ...]
    has_names: bool
    licence: str

    def size(self) -> int:
        """Count the utterances."""
        return sum(len(intent.utterances) for intent in self.intents)


@dataclass(frozen=True, slots=True)
class Source:
    """Where sets come from.

    Attributes:
        name: To leave it out by.
        needs: Folder below the data folder without which it is left out; our own needs none.
        licence: Under which it is published.
        read: Takes the data folder; yields names of sets with pairs of utterance and intent.
        has_names: See ``TaughtSet``.
        fewest: Intents with fewer utterances are left out.
        most: Of larger intents this many utterances are drawn.
    """

    name: str
    needs: str
    licence: str
    read: Callable[[Path], Iterator[tuple[str, Pairs]]]
    has_names: bool = True
    fewest: int = _FEWEST
    most: int = _MOST


def in_words(intent: str) -> str:
    """Write an intent's name as words: ``card_arrival`` and ``cardArrival`` become ``card arrival``."""
    spaced = re.sub(r"([a-z])([A-Z])", r"\1 \2", intent)
    return re.sub(r"[_\W]+", " ", spaced).strip().lower()


def read_sets(data: Path, *, seed: int, leave: Sequence[str] = ()) -> tuple[TaughtSet, ...]:
    """Read every set that is there and is not left out.

    Args:
        data: Holds a folder for each source.
        seed: Which utterances are drawn of intents that have very many.
        leave: Names of sources to leave out.

    Raises:
        DatasetError: A name to leave out is unknown, a set is not as published, or no public one is there.
    """
    known = [source.name for source in SOURCES]
    for name in leave:
        if name not in known:
            raise DatasetError(
                f"there is no set {name!r} to leave out; known are {', '.join(known)}"
            )
    wanted = [one for one in SOURCES if one.name not in leave and (data / one.needs).exists()]
    if all(source.name == OWN for source in wanted):
        public = [one for one in SOURCES if one.name != OWN and one.name not in leave]
        folders = ", ".join(source.needs for source in public)
        remedy = f"put one of these folders there: {folders}" if folders else "leave fewer sets out"
        raise DatasetError(f"{data} holds no set to learn from; {remedy}")
    return tuple(one for source in wanted for one in _sets(source, data, seed))


def _sets(source: Source, data: Path, seed: int) -> Iterator[TaughtSet]:
    for name, pairs in source.read(data):
        # A draw of its own for each set, so that leaving one out changes nothing in the others.
        chance = np.random.default_rng([seed, zlib.crc32(name.encode())])
        grouped: dict[str, list[str]] = defaultdict(list)
        for text, intent in sorted(set(pairs)):
            grouped[intent].append(text)
        intents = tuple(
            TaughtIntent(intent, tuple(map(str, chance.permutation(texts)[: source.most])))
            for intent, texts in sorted(grouped.items())
            if len(texts) >= source.fewest
        )
        if len(intents) < _FEWEST_INTENTS:
            raise DatasetError(
                f"{name} in {data / source.needs} has {len(intents)} intents with {source.fewest} utterances or more; "
                f"two are needed: copy the whole set again, or leave {source.name!r} out"
            )
        yield TaughtSet(name, intents, source.has_names, source.licence)


def _published(name: str) -> Callable[[Path], Iterator[tuple[str, Pairs]]]:
    """Read the training part of a set that is also measured on."""
    (published,) = (one for one in PUBLIC_INTENTS if one.name == name)

    def read(data: Path) -> Iterator[tuple[str, Pairs]]:
        parts = published.find(data)
        yield name, [(row.text, row.intent) for row in parts.train if row.text] if parts else ()

    return read


def _nlu_plus_plus(data: Path) -> Iterator[tuple[str, Pairs]]:
    """Read all folds; several intents at once count as one of their own."""
    folder = data / "nlu-plus-plus-banking"
    files = sorted(folder.glob("fold*.json"))
    if not files:
        raise DatasetError(f"{folder} holds no fold*.json; copy the set again or remove the folder")
    yield "NLU++ banking", [pair for file in files for pair in _fold(file)]


def _fold(file: Path) -> Iterator[tuple[str, str]]:
    try:
        for entry in json.loads(read_text(file)):
            text = normalise(entry["text"])
            if text and entry.get("intents"):
                yield text, "+".join(sorted(entry["intents"]))
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise DatasetError(f"{file} is not as published ({error!r}); copy it again") from error


def _multidogo(data: Path) -> Iterator[tuple[str, Pairs]]:
    for domain in _DOMAINS:
        yield f"MultiDoGO {domain}", list(_turns(data / "multidogo" / f"{domain}_train.tsv.gz"))


def _turns(file: Path) -> Iterator[tuple[str, str]]:
    """Read short turns that mean one thing."""
    try:
        content = gzip.decompress(file.read_bytes()).decode("utf-8")
        for row in csv.DictReader(io.StringIO(content, newline=""), delimiter="\t"):
            intent, text = row["intent"] or "", normalise(row["utterance"] or "")
            is_clear = _ONE_INTENT.fullmatch(intent) and intent not in _NO_INTENTS
            if text and is_clear and len(text.split()) <= _LONGEST_TURN:
                yield text, intent
    except (OSError, EOFError, zlib.error, UnicodeDecodeError, csv.Error, KeyError) as error:
        raise DatasetError(f"{file} is not as published ({error!r}); copy it again") from error


def _own(_data: Path) -> Iterator[tuple[str, Pairs]]:
    for business, pairs in read_own().items():
        yield f"{OWN} {in_words(business)}", pairs


SOURCES: Final = (
    Source(OWN, ".", "Apache-2.0", _own),
    Source("CLINC150", "clinc150", "CC BY 3.0", _published("CLINC150")),
    Source("BANKING77", "banking77", "CC BY 4.0", _published("BANKING77")),
    Source("NLU++", "nlu-plus-plus-banking", "CC BY 4.0", _nlu_plus_plus, has_names=False),
    Source(
        "MultiDoGO",
        "multidogo",
        "CDLA-Permissive 1.0",
        _multidogo,
        fewest=_FEWEST_TURNS,
        most=_MOST_TURNS,
    ),
)
