"""Searches over passages that come without training: words alone, encodings alone, and both together."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from bot.domain.ports import Encoder
from intents.text import normalise
from knowledge_base.words import WordIndex
from training.evaluation.passages import Passage, PassageSet
from training.evaluation.scores import Scores, score_rankings

Floats = NDArray[np.float32]

_WORDS_WEIGHT: Final = 0.3
_DEPTH: Final = 10


class SearchRecipe(Protocol):
    """Makes a search over passages and asks it."""

    @property
    def name(self) -> str:
        """Return what it is called in tables."""
        ...

    def for_set(self, name: str) -> "SearchRecipe":
        """Return the recipe as it may be used on a public set: with no part that was trained on it."""
        ...

    def scores(self, passages: Sequence[Passage], questions: Sequence[str]) -> Floats:
        """Return the score of every passage for every question, shape ``(questions, passages)``."""
        ...


@dataclass(frozen=True, slots=True)
class WordSearch:
    """BM25 over head and body."""

    name: str = "BM25 alone"

    def for_set(self, name: str) -> "WordSearch":  # noqa: ARG002 - nothing in it is trained
        """Return itself."""
        return self

    def scores(self, passages: Sequence[Passage], questions: Sequence[str]) -> Floats:
        """Return BM25 scores, 0 or more."""
        words = WordIndex.build([passage.text for passage in passages])
        return np.stack([words.scores(question) for question in questions])


@dataclass(frozen=True, slots=True)
class VectorSearch:
    """Cosines with the head and with the nearest piece of the body, in equal parts."""

    encoder: Encoder
    name: str = "encodings alone"

    def for_set(self, name: str) -> "VectorSearch":  # noqa: ARG002 - it was trained on none of them
        """Return itself."""
        return self

    def scores(self, passages: Sequence[Passage], questions: Sequence[str]) -> Floats:
        """Return mean cosines, in [-1, 1]."""
        asked = self.encoder.encode([normalise(question) for question in questions])
        heads = self.encoder.encode([normalise(passage.head) for passage in passages])
        cut = [passage.pieces() for passage in passages]
        pieces = self.encoder.encode([piece for of_one in cut for piece in of_one])
        starts = np.cumsum([0, *(len(of_one) for of_one in cut)])[:-1]
        nearest = np.maximum.reduceat(asked @ pieces.T, starts, axis=1)
        mean: Floats = ((asked @ heads.T + nearest) / 2.0).astype(np.float32)
        return mean


@dataclass(frozen=True, slots=True)
class HybridSearch:
    """Both together: cosines, lifted by words in proportion to the best BM25 score of the question."""

    encoder: Encoder
    name: str = "hybrid"

    def for_set(self, name: str) -> "HybridSearch":  # noqa: ARG002 - it was trained on none of them
        """Return itself."""
        return self

    def scores(self, passages: Sequence[Passage], questions: Sequence[str]) -> Floats:
        """Return fused scores."""
        words = WordSearch().scores(passages, questions)
        highest = np.maximum(words.max(axis=1, keepdims=True), 1e-9)
        vectors = VectorSearch(self.encoder).scores(passages, questions)
        fused: Floats = (vectors + _WORDS_WEIGHT / 2.0 * words / highest).astype(np.float32)
        return fused


def measure_search(recipe: SearchRecipe, found: PassageSet) -> Scores:
    """Ask every question and score the rankings."""
    scores = recipe.scores(found.passages, [question.text for question in found.questions])
    rankings = np.argsort(-scores, axis=1, kind="stable")[:, :_DEPTH]
    return score_rankings(rankings, [question.relevant for question in found.questions])
