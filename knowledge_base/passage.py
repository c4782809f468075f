"""A cut of an article, one found by a search, and the protocol of searching."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Passage:
    """A cut of an article that can stand alone.

    Attributes:
        passage_id: ``<slug>#<n>``, n counted from 0 within the article.
        slug: The article's slug; its page is ``/help/<slug>``.
        title: The article's title.
        heading: The heading above the passage; "" for the opening one.
        topic: The article's topic.
        text: Markdown as written, word for word.
    """

    passage_id: str
    slug: str
    title: str
    heading: str
    topic: str
    text: str


@dataclass(frozen=True, slots=True)
class Match:
    """A passage found.

    Attributes:
        passage: The passage.
        score: Fused score; higher is better; comparable within one search only.
        probability: Calibrated probability that the passage answers the question.
        dense_score: Cosine similarity, in [-1, 1].
        word_score: BM25 score, 0 or more.
    """

    passage: Passage
    score: float
    probability: float
    dense_score: float = 0.0
    word_score: float = 0.0


class Retriever(Protocol):
    """Finds passages for a question."""

    def search(
        self, question: str, vector: NDArray[np.float32], *, top_k: int, topic: str = ""
    ) -> tuple[Match, ...]:
        """Find passages.

        Args:
            question: As typed.
            vector: Its encoding, shape ``(dim,)``, L2 norm 1.
            top_k: How many at most; fewer where the base holds fewer.
            topic: A hint that lifts passages of this topic a little; "" for none.

        Returns:
            Matches, best first.

        Raises:
            EmptyTextError: The question is blank.
        """
        ...
