"""How likely an article answers a question: the evidence for it, and two small linear models over the evidence.

Training fits the models and serving applies them; both take the evidence from here, so that it cannot differ.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Numbers = NDArray[np.int64]

INTENT_SHARE: Final = 0.8
_MIN_PROBABILITY: Final = 1e-4


class Evidence(IntEnum):
    """Columns of the evidence for an article; the ranking is a weighted sum of them."""

    QUESTION = 0  # cosine of the nearest of its questions, its title among them
    PASSAGE = 1  # cosine of its nearest passage
    WORDS_QUESTION = 2  # best BM25 of its questions
    WORDS_PASSAGE = 3  # best BM25 of its passages
    WORDS_ARTICLE = 4  # BM25 of the whole article, its questions among it
    COVERAGE = 5  # share of the question's rare words that the article holds
    INTENT = 6  # how well the question's intents agree with those of the article's questions
    ARTICLE = 7  # what the linear model over articles makes of the encoding
    TOPIC = 8  # 1 where the article has the hinted topic


class Sign(IntEnum):
    """Columns of what the probability is made of: it looks at the ranking as a whole."""

    SCORE = 0  # the article's ranking score
    LEAD = 1  # the same less the best score of another article
    SHARE = 2  # its softmax share among all candidates
    QUESTION = 3
    PASSAGE = 4
    COVERAGE = 5
    WORDS = 6  # BM25 of the whole article
    STRANGE = 7  # the linear model of questions that nothing answers
    LENGTH = 8  # logarithm of the number of telling words
    ARTICLE = 9
    AGREEMENT = 10  # 1 where vectors and words have the same favourite, and it is this article


@dataclass(frozen=True, slots=True)
class IntentMap:
    """Linear model from an encoding to shares of intents, as a second look at a question.

    Attributes:
        weight: Shape ``(dim, intents)``; no intents is possible.
        bias: Shape ``(intents,)``.
    """

    weight: Floats
    bias: Floats

    def roots(self, vectors: Floats) -> Floats:
        """Return square roots of the shares, shape ``(n, intents)``: their inner product compares shares."""
        scores = vectors @ self.weight + self.bias
        if not scores.shape[1]:
            return scores
        powers = np.exp(scores - scores.max(axis=1, keepdims=True))
        roots: Floats = np.sqrt(powers / powers.sum(axis=1, keepdims=True))
        return roots

    def widen(self, vectors: Floats) -> Floats:
        """Return encodings with the roots beside them, shape ``(n, dim + intents)``."""
        return np.hstack([vectors, INTENT_SHARE * self.roots(vectors)]).astype(np.float32)


@dataclass(frozen=True, slots=True)
class Weights:
    """All that training learns; every array is float32.

    Attributes:
        intents: Encoding to intents.
        habits: Mean intent roots of each article's questions, shape ``(articles, intents)``.
        articles: Linear model over articles, shape ``(articles, dim + intents)``; ``articles_bias`` its bias.
        strange: Linear model of questions that nothing answers, shape ``(dim + intents,)``; then its bias.
        rank: Weight of each ``Evidence``.
        judge: Weight of each ``Sign``, then the bias.
    """

    intents: IntentMap
    habits: Floats
    articles: Floats
    articles_bias: Floats
    strange: Floats
    rank: Floats
    judge: Floats


def rank_scores(weights: Weights, evidence: Floats) -> Floats:
    """Return the ranking score of each candidate, shape ``(candidates,)``."""
    scores: Floats = evidence @ weights.rank
    return scores


def signs_of(
    weights: Weights, evidence: Floats, *, strangeness: float, telling_words: int
) -> Floats:
    """Return the signs of each candidate, shape ``(candidates, len(Sign))``.

    Args:
        weights: Of the release.
        evidence: Shape ``(candidates, len(Evidence))``.
        strangeness: What ``strangeness_of`` makes of the question.
        telling_words: How many words of the question are not dull.
    """
    scores = rank_scores(weights, evidence)
    words = evidence[:, Evidence.WORDS_ARTICLE]
    dense = np.maximum(evidence[:, Evidence.QUESTION], evidence[:, Evidence.PASSAGE])
    favourites = (np.arange(len(scores)) == dense.argmax()) & (words == words.max()) & (words > 0)
    powers = np.exp(scores - scores.max())
    signs = np.zeros((len(scores), len(Sign)), dtype=np.float32)
    signs[:, Sign.SCORE] = scores
    signs[:, Sign.LEAD] = _leads(scores)
    signs[:, Sign.SHARE] = powers / powers.sum()
    signs[:, Sign.QUESTION] = evidence[:, Evidence.QUESTION]
    signs[:, Sign.PASSAGE] = evidence[:, Evidence.PASSAGE]
    signs[:, Sign.COVERAGE] = evidence[:, Evidence.COVERAGE]
    signs[:, Sign.WORDS] = words
    signs[:, Sign.STRANGE] = strangeness
    signs[:, Sign.LENGTH] = np.log1p(telling_words)
    signs[:, Sign.ARTICLE] = evidence[:, Evidence.ARTICLE]
    signs[:, Sign.AGREEMENT] = favourites
    return signs


def strangeness_of(weights: Weights, wide: Floats) -> float:
    """Return how much a question looks like those that nothing answers; ``wide`` is its widened encoding."""
    return float(wide @ weights.strange[:-1] + weights.strange[-1])


def judge_scores(weights: Weights, signs: Floats) -> Floats:
    """Return the log-odds that each candidate answers the question."""
    odds: Floats = signs @ weights.judge[:-1] + weights.judge[-1]
    return odds


def probability_of(odds: Floats) -> Floats:
    """Turn log-odds into probabilities; never quite 0 or 1."""
    probabilities: Floats = np.clip(1 / (1 + np.exp(-odds)), _MIN_PROBABILITY, 1 - _MIN_PROBABILITY)
    return probabilities


def _leads(scores: Floats) -> Floats:
    """Return how far each score is above the best of the others; 0 for a single one."""
    if len(scores) == 1:
        return np.zeros(1, dtype=np.float32)
    second, best = np.partition(scores, -2)[-2:]
    leads: Floats = scores - best
    leads[scores.argmax()] = best - second
    return leads
