"""Encoders that were tuned for search, and for a public set one that never saw it."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from training.encodings import CachedEncoder
from training.errors import DatasetError
from training.evaluation.passage_odds import Odds
from training.evaluation.passage_search import HybridSearch, VectorSearch, tuned_search
from training.evaluation.subjects import exported_with, remembering
from training.sentiment_adapter import CONFIG_FILE

_ALL: Final = "hybrid"
_VECTORS: Final = "tuned encodings"


@dataclass(frozen=True, slots=True)
class Searcher:
    """An encoder tuned for search.

    Attributes:
        encoder: Remembers what it has encoded; to be saved.
        sets: Names of the sets that it was tuned or calibrated on.
        questions: How many it was tuned on.
        odds: What makes a probability of its search's scores.
        seed: What it was made with.
    """

    encoder: CachedEncoder
    sets: frozenset[str]
    questions: int
    odds: Odds
    seed: int


@dataclass(frozen=True, slots=True)
class TaughtSearch:
    """A search over an encoder that ships, and over others like it on sets that it has seen.

    Attributes:
        searchers: The one that ships first.
        build: Makes the search over one of them.
    """

    name: str
    searchers: tuple[Searcher, ...]
    build: Callable[[Searcher], VectorSearch | HybridSearch]

    def trials(self, public: str) -> tuple[VectorSearch | HybridSearch, ...]:
        """Return the searches over those that never saw the set: those that learned most, one of each seed."""
        fitting = [one for one in self.searchers if public not in one.sets]
        most = max((one.questions for one in fitting), default=0)
        chosen: dict[int, Searcher] = {}
        for one in fitting:
            if one.questions == most:
                chosen.setdefault(one.seed, one)
        return tuple(self.build(one) for one in chosen.values())


def taught_searches(searchers: Sequence[Searcher]) -> tuple[TaughtSearch, ...]:
    """Return the searches over tuned encoders: encodings alone, and all together."""
    found = tuple(searchers)
    if not found:
        return ()
    return (
        TaughtSearch(_VECTORS, found, lambda one: VectorSearch(one.encoder, _VECTORS)),
        TaughtSearch(_ALL, found, lambda one: tuned_search(one.encoder, one.odds, _ALL)),
    )


async def read_searchers(cache: Path, folders: Sequence[Path]) -> tuple[Searcher, ...]:
    """Export and load search adapters.

    Raises:
        DatasetError: A folder's ``config.json`` is not that of a search adapter.
        TrainingError: An export failed.
    """
    for folder in folders:
        _read_notes(folder)  # an export takes long, and says nothing about what is wrong
    loaded = await exported_with(cache, folders)
    return tuple(
        read_searcher(folder, remembering(encoder, cache))
        for folder, encoder in zip(folders, loaded, strict=True)
    )


def read_searcher(folder: Path, encoder: CachedEncoder) -> Searcher:
    """Read what a search adapter's ``config.json`` says about it.

    Raises:
        DatasetError: It is not that of a search adapter.
    """
    return Searcher(encoder, *_read_notes(folder))


def _read_notes(folder: Path) -> tuple[frozenset[str], int, Odds, int]:
    """Return the sets that a search adapter has seen, on how many questions it was tuned, its odds and its seed."""
    file = folder / CONFIG_FILE
    try:
        config = json.loads(file.read_text(encoding="utf-8"))
        sets = config["searches"]
        names = frozenset(str(one["name"]) for one in sets)
        questions = sum(int(one["questions"]) for one in sets)
        return names, questions, Odds(**config["odds"]), int(config["training"]["seed"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DatasetError(
            f"{file} is not that of a search adapter ({error!r}); make one with 'kefu train retrieval'"
        ) from error
