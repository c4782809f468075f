"""Draws what one step of tuning the search encoder learns from: questions, what answers them, and what nearly does."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer
from transformers import BertModel

from training.evaluation.passage_search import word_shares
from training.search_data import PairSet
from training.sentiment_encoding import encode

Floats = NDArray[np.float32]
Numbers = NDArray[np.int64]

# Passages that do not answer, yet lie nearest; one of them is drawn for each question.
_HARDEST: Final = 6
_WORDS: Final = 0.1
# A large set comes up as often as one with so many questions.
_LARGEST: Final = 1_000


@dataclass(frozen=True, slots=True)
class SearchEpisode:
    """What one step learns from; passages may answer several of the questions.

    Attributes:
        questions: Texts.
        heads: Of each passage drawn.
        pieces: Of each passage drawn the piece that lies nearest to the question it was drawn for.
        is_right: Whether a passage answers a question, shape ``(questions, passages)``.
    """

    questions: tuple[str, ...]
    heads: tuple[str, ...]
    pieces: tuple[str, ...]
    is_right: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class SearchLesson:
    """A set, made ready to draw from.

    Attributes:
        relevant: Of each question the passages that answer it.
        hardest: Of each question the nearest passages that do not, best first, shape ``(questions, up to 6)``.
        nearest: Of each question and passage its nearest piece, shape ``(questions, passages)``.
        pieces: Of each passage.
    """

    questions: tuple[str, ...]
    heads: tuple[str, ...]
    pieces: tuple[tuple[str, ...], ...]
    relevant: tuple[frozenset[int], ...]
    hardest: Numbers
    nearest: Numbers

    @classmethod
    def of(cls, pairs: PairSet, encoder: BertModel, tokenizer: Tokenizer) -> "SearchLesson":
        """Find out what lies near to each question before the encoder is tuned."""
        texts = [one.text for one in pairs.tuned_on]
        heads = [passage.head for passage in pairs.passages]
        cut = [passage.pieces() for passage in pairs.passages]
        flat = [piece for of_one in cut for piece in of_one]
        asked, of_heads, of_pieces = (
            encode(encoder, tokenizer, one) for one in (texts, heads, flat)
        )
        ends = np.cumsum([len(of_one) for of_one in cut])
        bounds = list(zip([0, *ends[:-1]], ends, strict=True))
        cosines = asked @ of_pieces.T
        nearest = np.stack([cosines[:, low:high].argmax(axis=1) for low, high in bounds], axis=1)
        best = np.stack([cosines[:, low:high].max(axis=1) for low, high in bounds], axis=1)
        words = word_shares([passage.text for passage in pairs.passages], texts)
        scores = (asked @ of_heads.T + best) / 2.0 + _WORDS * words
        relevant = tuple(one.relevant for one in pairs.tuned_on)
        for row, right in zip(scores, relevant, strict=True):
            row[list(right)] = -np.inf
        few = min(_HARDEST, len(heads) - max(map(len, relevant)))
        hardest = np.argsort(-scores, axis=1, kind="stable")[:, :few]
        return cls(tuple(texts), tuple(heads), tuple(cut), relevant, hardest, nearest)

    def draw(self, count: int, chance: np.random.Generator) -> SearchEpisode:
        """Draw questions, for each a passage that answers it and one that nearly does."""
        asked = chance.choice(len(self.questions), min(count, len(self.questions)), replace=False)
        drawn: dict[int, int] = {}
        for question in map(int, asked):
            right = sorted(self.relevant[question])
            drawn.setdefault(right[int(chance.integers(len(right)))], question)
            hard = self.hardest[question]
            if len(hard):
                drawn.setdefault(int(hard[int(chance.integers(len(hard)))]), question)
        is_right = [[passage in self.relevant[int(one)] for passage in drawn] for one in asked]
        return SearchEpisode(
            tuple(self.questions[int(one)] for one in asked),
            tuple(self.heads[passage] for passage in drawn),
            tuple(self.pieces[one][int(self.nearest[asker, one])] for one, asker in drawn.items()),
            np.array(is_right, dtype=bool),
        )


@dataclass(frozen=True, slots=True)
class SearchCourse:
    """All sets; ``shares`` says how often each comes up."""

    lessons: tuple[SearchLesson, ...]
    shares: NDArray[np.float64]

    @classmethod
    def of(
        cls, sets: Sequence[PairSet], encoder: BertModel, tokenizer: Tokenizer
    ) -> "SearchCourse":
        """Make every set ready."""
        lessons = tuple(SearchLesson.of(one, encoder, tokenizer) for one in sets)
        sizes = np.array([min(_LARGEST, len(one.questions)) for one in lessons], dtype=np.float64)
        return cls(lessons, sizes / sizes.sum())

    def draw(self, count: int, chance: np.random.Generator) -> SearchEpisode:
        """Draw the questions of one step, all of one set; what is drawn follows from ``chance`` alone."""
        number = int(chance.choice(len(self.lessons), p=self.shares))
        return self.lessons[number].draw(count, chance)
