"""Hybrid search: vectors and words find candidates, evidence ranks them, a calibrated probability judges them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from knowledge_base.errors import EmptyTextError, IndexMismatchError
from knowledge_base.faiss_index import FaissIndex
from knowledge_base.index import VectorIndex
from knowledge_base.parts import (
    ARTICLE_WORDS_PART,
    INDEX_PART,
    PASSAGES_PART,
    WEIGHTS_PART,
    WORDS_PART,
    Table,
    part_of,
    read_table,
    read_weights,
    write_table,
    write_weights,
)
from knowledge_base.passage import Match
from knowledge_base.scoring import (
    Evidence,
    Floats,
    Numbers,
    Weights,
    judge_scores,
    probability_of,
    rank_scores,
    signs_of,
    strangeness_of,
)
from knowledge_base.words import WordHit, WordIndex

_NEAREST: Final = 64
_WORDIEST: Final = 24
# Within an article a passage counts by its own cosine, by questions known to lead to it, and by its words.
_LED_TO: Final = 0.5
_WORDS: Final = 0.02
# A passage whose score is this much lower than the best of its article is e times less likely.
_PASSAGE_SCALE: Final = 0.06


@dataclass(frozen=True, slots=True)
class Candidates:
    """Articles that may answer a question, with the evidence for each.

    Attributes:
        articles: Their numbers, shape ``(candidates,)``.
        evidence: Shape ``(candidates, len(Evidence))``.
        strangeness: How much the question looks like those that nothing answers.
        word_scores: BM25 of every entry.
        telling_words: How many words of the question are not dull.
    """

    articles: Numbers
    evidence: Floats
    strangeness: float
    word_scores: Floats
    telling_words: int


class HybridRetriever:
    """Finds passages by vectors, words and what questions they are known to answer."""

    def __init__(
        self,
        index: VectorIndex,
        words: WordIndex,
        article_words: WordIndex,
        table: Table,
        weights: Weights,
    ) -> None:
        """Put the parts together.

        Args:
            index: Vectors of the entries.
            words: Words of the entries.
            article_words: Words of whole articles.
            table: Which entry belongs where.
            weights: What training learnt.

        Raises:
            IndexMismatchError: They were not made together.
        """
        self._index = index
        self._words = words
        self._article_words = article_words
        self._table = table
        self._weights = weights
        self._check()

    def search(
        self, question: str, vector: NDArray[np.float32], *, top_k: int, topic: str = ""
    ) -> tuple[Match, ...]:
        """Find passages, best first."""
        if not question.strip():
            raise EmptyTextError("the question is blank; ask in words")
        found = self.candidates(question, vector, topic=topic)
        weights = self._weights
        scores = rank_scores(weights, found.evidence)
        signs = signs_of(
            weights,
            found.evidence,
            strangeness=found.strangeness,
            telling_words=found.telling_words,
        )
        odds = judge_scores(weights, signs)
        best = np.argsort(-scores, kind="stable")[: max(1, top_k)]
        matches = [
            match
            for n in best
            for match in self._matches(
                int(found.articles[n]), float(scores[n]), float(odds[n]), vector, found.word_scores
            )
        ]
        matches.sort(key=lambda match: -match.score)
        return tuple(matches[:top_k])

    def candidates(
        self, question: str, vector: NDArray[np.float32], *, topic: str = ""
    ) -> Candidates:
        """Find articles that may answer, with the evidence for each; training looks at them too."""
        if vector.shape != (self._index.dim,):
            raise IndexMismatchError(
                f"the index holds {self._index.dim}-dimensional vectors but the question's has shape "
                f"{vector.shape}; build the release again with 'kefu publish'"
            )
        table, weights = self._table, self._weights
        word_scores, hits = self._words.scores(question), self._article_words.hits(question)
        articles = self._nearest_articles(vector, word_scores)
        roots = weights.intents.roots(vector[None])[0]
        wide = weights.intents.widen(vector[None])[0]
        evidence = np.zeros((len(articles), len(Evidence)), dtype=np.float32)
        self._compare(evidence, articles, vector, word_scores)
        evidence[:, Evidence.WORDS_ARTICLE] = self._article_words.scores(question)[articles]
        evidence[:, Evidence.COVERAGE] = self._coverage(hits, articles)
        evidence[:, Evidence.INTENT] = weights.habits[articles] @ roots
        evidence[:, Evidence.ARTICLE] = (
            weights.articles[articles] @ wide + weights.articles_bias[articles]
        )
        if topic:
            evidence[:, Evidence.TOPIC] = [table.topic_of(int(n)) == topic for n in articles]
        return Candidates(
            articles,
            evidence,
            strangeness_of(weights, wide),
            word_scores,
            telling_words=len(hits),
        )

    def slug_of(self, article: int) -> str:
        """Return the slug of an article by its number."""
        return self._table.slugs[article]

    def to_parts(self) -> Mapping[str, bytes]:
        """Return all of it as named bytes."""
        return {
            INDEX_PART: self._index.to_bytes(),
            WORDS_PART: self._words.to_bytes(),
            ARTICLE_WORDS_PART: self._article_words.to_bytes(),
            PASSAGES_PART: write_table(self._table),
            WEIGHTS_PART: write_weights(self._weights),
        }

    def _nearest_articles(self, vector: Floats, word_scores: Floats) -> Numbers:
        nearest, _ = self._index.search(vector, _NEAREST)
        wordiest = np.argpartition(-word_scores, min(_WORDIEST, len(word_scores) - 1))[:_WORDIEST]
        entries = np.concatenate([nearest, wordiest[word_scores[wordiest] > 0]])
        found: Numbers = np.unique(self._table.article_of[entries])
        return found

    def _compare(
        self, evidence: Floats, articles: Numbers, vector: Floats, word_scores: Floats
    ) -> None:
        """Fill in the best vector and word scores over each article's passages and questions."""
        table = self._table
        starts, middles, ends = (
            table.starts[articles],
            table.middles[articles],
            table.starts[articles + 1],
        )
        for low, high, dense, words in (
            (starts, middles, Evidence.PASSAGE, Evidence.WORDS_PASSAGE),
            (middles, ends, Evidence.QUESTION, Evidence.WORDS_QUESTION),
        ):
            entries, firsts = _ranges(low, high)
            cosines = self._index.scores_of(vector, entries)
            evidence[:, dense] = np.maximum.reduceat(cosines, firsts)
            evidence[:, words] = np.maximum.reduceat(word_scores[entries], firsts)

    def _coverage(self, hits: Sequence[WordHit], articles: Numbers) -> Floats:
        held = np.zeros(len(self._table.slugs), dtype=np.float32)
        for hit in hits:
            held[hit.texts] += hit.rarity
        total = sum(hit.rarity for hit in hits)
        shares: Floats = held[articles] / total if total else held[articles]
        return shares

    def _matches(
        self, article: int, score: float, odds: float, vector: Floats, word_scores: Floats
    ) -> list[Match]:
        """Return the article's passages; its best one carries the article's score and probability."""
        table = self._table
        start, middle, end = (
            table.starts[article],
            table.middles[article],
            table.starts[article + 1],
        )
        entries = np.arange(start, end)
        cosines = self._index.scores_of(vector, entries)
        count = middle - start
        led_to = np.zeros(count, dtype=np.float32)
        passages = table.passage_of[middle:end] - table.passage_of[start]
        np.maximum.at(led_to, passages, cosines[count:])
        words = word_scores[start:middle]
        fits = cosines[:count] + _LED_TO * led_to + _WORDS * words
        behind = (fits.max() - fits) / _PASSAGE_SCALE
        probabilities = probability_of(np.float32(odds) - behind)
        return [
            Match(
                table.passages[int(table.passage_of[start]) + n],
                score - float(behind[n]),
                float(probabilities[n]),
                float(cosines[n]),
                float(words[n]),
            )
            for n in range(int(count))
        ]

    def _check(self) -> None:
        table, weights = self._table, self._weights
        counts = {len(self._index), len(self._words), len(table.article_of)}
        slugs = len(table.slugs)
        articles = {slugs, len(self._article_words), len(weights.habits), len(weights.articles)}
        wide = self._index.dim + weights.habits.shape[1]
        dims = {(self._index.dim, wide), (len(weights.intents.weight), weights.articles.shape[1])}
        if len(counts) > 1 or len(articles) > 1 or len(dims) > 1:
            raise IndexMismatchError(
                f"the parts of the search do not belong together (entries {sorted(counts)}, articles "
                f"{sorted(articles)}, dimensions {sorted(dims)}); "
                "build the release again with 'kefu publish'"
            )


def load_retriever(parts: Mapping[str, bytes]) -> HybridRetriever:
    """Load a search from its parts.

    Raises:
        IndexMissingError: A part is missing or cannot be read.
        IndexMismatchError: The parts were not made together.
    """
    index = FaissIndex.from_bytes(part_of(parts, INDEX_PART))
    words = WordIndex.from_bytes(part_of(parts, WORDS_PART))
    article_words = WordIndex.from_bytes(part_of(parts, ARTICLE_WORDS_PART))
    table = read_table(part_of(parts, PASSAGES_PART))
    weights = read_weights(part_of(parts, WEIGHTS_PART))
    return HybridRetriever(index, words, article_words, table, weights)


def _ranges(low: Numbers, high: Numbers) -> tuple[Numbers, Numbers]:
    """Return the numbers of all ranges ``[low, high)`` in one row, and where each range begins in it."""
    lengths = high - low
    firsts = np.concatenate([[0], np.cumsum(lengths)[:-1]]).astype(np.int64)
    entries = np.arange(int(lengths.sum())) - np.repeat(firsts, lengths) + np.repeat(low, lengths)
    return entries, firsts
