"""Searches over passages that come without training: words alone, encodings alone, and both together."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from bot.domain.ports import Encoder
from intents.calibration import calibration_error
from intents.text import normalise
from knowledge_base.lens import Lens
from knowledge_base.words import WordIndex
from training.evaluation.passage_odds import Odds
from training.evaluation.passages import Passage, PassageSet
from training.evaluation.scores import Scores, mean_of, score_rankings

Floats = NDArray[np.float32]

_TEXT_WORDS: Final = 0.1
_HEAD_WORDS: Final = 0.05
_DEPTH: Final = 10
_TUNED_LENS: Final = 0.25


class SearchRecipe(Protocol):
    """Makes a search over passages and asks it."""

    @property
    def name(self) -> str:
        """Return what it is called in tables."""
        ...

    @property
    def odds(self) -> Odds | None:
        """Return what makes a probability of its scores; None where it was never calibrated."""
        ...

    def trials(self, public: str) -> "Sequence[SearchRecipe]":
        """Return what may be tried on a public set, with no part that was trained on it; the mean is reported.

        Several where training is random; none where every encoder at hand has seen the set.
        """
        ...

    def scores(self, passages: Sequence[Passage], questions: Sequence[str]) -> Floats:
        """Return the score of every passage for every question, shape ``(questions, passages)``."""
        ...


@dataclass(frozen=True, slots=True)
class WordSearch:
    """BM25 over head and body."""

    name: str = "BM25 alone"
    odds: Odds | None = None

    def trials(self, public: str) -> "tuple[WordSearch]":  # noqa: ARG002 - nothing in it is trained
        """Return itself."""
        return (self,)

    def scores(self, passages: Sequence[Passage], questions: Sequence[str]) -> Floats:
        """Return BM25 scores, 0 or more."""
        words = WordIndex.build([passage.text for passage in passages])
        return np.stack([words.scores(question) for question in questions])


@dataclass(frozen=True, slots=True)
class VectorSearch:
    """Cosines with the head and with the nearest piece of the body, in equal parts."""

    encoder: Encoder
    name: str = "encodings alone"
    odds: Odds | None = None

    def trials(self, public: str) -> "tuple[VectorSearch]":  # noqa: ARG002 - it was trained on none of them
        """Return itself."""
        return (self,)

    def scores(self, passages: Sequence[Passage], questions: Sequence[str]) -> Floats:
        """Return mean cosines, in [-1, 1]."""
        return _Views.of(self.encoder, passages, questions).cosines()


@dataclass(frozen=True, slots=True)
class HybridSearch:
    """Both together: cosines as they are and through the passages' own lens, lifted by words of text and head.

    How the parts are weighed was chosen on FeedbackQA's train questions; no weight is fitted.

    Attributes:
        lens_share: How much the cosines through the lens count, in [0, 1]; an encoder tuned for search needs less of it.
        odds: None where it was never calibrated.
    """

    encoder: Encoder
    name: str = "hybrid"
    lens_share: float = 0.5
    odds: Odds | None = None

    def trials(self, public: str) -> "tuple[HybridSearch]":  # noqa: ARG002 - it was trained on none of them
        """Return itself."""
        return (self,)

    def scores(self, passages: Sequence[Passage], questions: Sequence[str]) -> Floats:
        """Return fused scores."""
        plain = _Views.of(self.encoder, passages, questions)
        texts = word_shares([passage.text for passage in passages], questions)
        heads = word_shares([passage.head for passage in passages], questions)
        share = self.lens_share
        cosines = (1 - share) * plain.cosines() + share * plain.through_lens().cosines()
        fused: Floats = (cosines + _TEXT_WORDS * texts + _HEAD_WORDS * heads).astype(np.float32)
        return fused


def tuned_search(encoder: Encoder, odds: Odds | None, name: str = "hybrid") -> HybridSearch:
    """Return the same over an encoder that ``kefu train retrieval`` made."""
    return HybridSearch(encoder, name, _TUNED_LENS, odds)


@dataclass(frozen=True, slots=True)
class _Views:
    """Vectors of questions, of the passages' heads and of their pieces; ``starts`` is each passage's first piece."""

    questions: Floats
    heads: Floats
    pieces: Floats
    starts: NDArray[np.int64]

    @classmethod
    def of(
        cls, encoder: Encoder, passages: Sequence[Passage], questions: Sequence[str]
    ) -> "_Views":
        """Encode them."""
        cut = [passage.pieces() for passage in passages]
        return cls(
            encoder.encode([normalise(question) for question in questions]),
            encoder.encode([normalise(passage.head) for passage in passages]),
            encoder.encode([piece for of_one in cut for piece in of_one]),
            np.cumsum([0, *(len(of_one) for of_one in cut)])[:-1],
        )

    def through_lens(self) -> "_Views":
        """Return the same as seen through the lens of heads and pieces."""
        lens = Lens.fit(np.vstack([self.heads, self.pieces]))
        return _Views(
            lens.look(self.questions), lens.look(self.heads), lens.look(self.pieces), self.starts
        )

    def cosines(self) -> Floats:
        """Return the mean of the cosines with head and nearest piece, shape ``(questions, passages)``."""
        nearest = np.maximum.reduceat(self.questions @ self.pieces.T, self.starts, axis=1)
        mean: Floats = ((self.questions @ self.heads.T + nearest) / 2.0).astype(np.float32)
        return mean


def word_shares(texts: Sequence[str], questions: Sequence[str]) -> Floats:
    """Return BM25 scores as shares of each question's best, in [0, 1]."""
    index = WordIndex.build(list(texts))
    scores = np.stack([index.scores(question) for question in questions])
    shares: Floats = scores / np.maximum(scores.max(axis=1, keepdims=True), 1e-9)
    return shares


@dataclass(frozen=True, slots=True)
class Searched:
    """What a search reached on a set.

    Attributes:
        trials: The scores of each encoder, where several differ in their seed; all else is of the first.
        recalls: Share of questions with a right passage in first place, among the first two and so on up to ten, or to as
            many as there are.
        is_right: For which questions the first passage is a right one, shape ``(questions,)``.
        sureness: Probability that it is, shape ``(questions,)``; None where the search was never calibrated.
    """

    trials: tuple[Scores, ...]
    recalls: tuple[float, ...]
    is_right: NDArray[np.bool_]
    sureness: Floats | None = None

    @property
    def scores(self) -> Scores:
        """Return the mean over encoders."""
        return mean_of(self.trials)


def measure_search(recipe: SearchRecipe, found: PassageSet) -> Searched:
    """Ask every question and score the rankings."""
    scores = recipe.scores(found.passages, [question.text for question in found.questions])
    rankings = np.argsort(-scores, axis=1, kind="stable")[:, :_DEPTH]
    relevant = [question.relevant for question in found.questions]
    hits = [[int(n) in right for n in row] for row, right in zip(rankings, relevant, strict=True)]
    answered = np.logical_or.accumulate(np.array(hits, dtype=np.bool_), axis=1)
    scored, is_right = score_rankings(rankings, relevant), answered[:, 0]
    recalls = tuple(answered.mean(axis=0).tolist())
    if recipe.odds is None:
        return Searched((scored,), recalls, is_right)
    sure = recipe.odds.probabilities(found.passages, scores)
    scored = replace(scored, ece=calibration_error(sure, is_right))
    return Searched((scored,), recalls, is_right, sure)
