"""A base of a few articles, and an encoder that only knows words."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from knowledge_base.article import read_articles
from knowledge_base.retriever import HybridRetriever, load_retriever
from knowledge_base.words import words_of
from training.retriever import FittedRetriever, fit_retriever

_ARTICLES = {
    "refund": (
        "returns",
        "How long does a refund take?",
        [
            "when do I get my money back",
            "refund not arrived",
            "money back after return",
            "waiting for refund",
        ],
        "A refund takes 5 working days.\n\n## To which card\n\nThe refund goes to the card you paid with.",
    ),
    "gift-card": (
        "gift-cards",
        "How do I use a gift card?",
        ["redeem gift card", "gift card number", "where to enter gift card code", "gift card PIN"],
        "Enter the gift card number at the checkout.\n\n## Balance\n\nThe balance is in your account.",
    ),
    "wash-jacket": (
        "care",
        "How do I wash a jacket?",
        [
            "jacket care",
            "clean my waterproof jacket",
            "wash waterproof jacket",
            "reproof jacket washing",
        ],
        "Wash the jacket at 30 degrees.\n\n## Reproofing\n\nSpray it while wet.",
    ),
    "stores": (
        "stores",
        "When are stores open?",
        [
            "opening hours store",
            "store open sunday",
            "is the store open today",
            "store closing hours",
        ],
        "Stores open at nine.\n\n## Keswick\n\nThe Keswick store is open daily.",
    ),
}
STRANGE = (
    "who won the football match",
    "sing a song",
    "weather tomorrow",
    "book a hotel",
    "fix my bicycle gears",
)
INTENTS = {
    "refund_time": ["where is my refund", "money back please"],
    "care": ["wash a jacket", "clean waterproof"],
}


@dataclass(frozen=True, slots=True)
class WordEncoder:
    """Encodes a text as the unit sum of fixed random vectors of its words."""

    dim: int = 48

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.stack([self._encode(text) for text in texts])

    def _encode(self, text: str) -> NDArray[np.float32]:
        total = np.full(self.dim, 0.01)
        for word in words_of(text):
            seed = zlib.crc32(word.encode())
            total += np.random.default_rng(seed).normal(size=self.dim)
        unit: NDArray[np.float32] = (total / np.linalg.norm(total)).astype(np.float32)
        return unit


def documents() -> dict[str, str]:
    """Return the articles as files."""
    return {
        f"{slug}.md": "\n".join(
            ["---", f"title: {title}", f"topic: {topic}", "questions:"]
            + [f"  - {question}" for question in questions]
            + ["updated: 2026-10-05", "---", body]
        )
        for slug, (topic, title, questions, body) in _ARTICLES.items()
    }


@cache
def fitted() -> FittedRetriever:
    """Return the search fitted on these articles."""
    articles = read_articles(documents())
    return fit_retriever(articles, WordEncoder(), STRANGE, seed=3, utterances=INTENTS)


def retriever() -> HybridRetriever:
    """Return the search, loaded from its parts."""
    return load_retriever(fitted().parts)
