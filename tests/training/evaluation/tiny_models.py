"""An encoder that knows words but no order, and examples that it can tell apart."""

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from intents.text import comparable
from training.datasets import LabelledText

DIM = 48
WORDS = {
    "track": "where parcel box arrive late",
    "cancel": "cancel stop order undo withdraw",
    "refund": "money back refund pay return",
}


class WordEncoder:
    """The mean of its words' vectors, each drawn by the word's hash, at length 1."""

    dim = DIM

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        if not texts:
            return np.zeros((0, DIM), dtype=np.float32)
        return np.stack([self._encode(text) for text in texts])

    def _encode(self, text: str) -> NDArray[np.float32]:
        vectors = [_vector(word) for word in comparable(text).split()]
        mean = np.mean(vectors, axis=0)
        vector: NDArray[np.float32] = (mean / np.linalg.norm(mean)).astype(np.float32)
        return vector


def _vector(word: str) -> NDArray[np.float64]:
    seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:4], "big")
    return np.random.default_rng(seed).normal(size=DIM)


def examples(per_intent: int = 12) -> list[LabelledText]:
    """Return sentences of three words of their intent and one of their own."""
    chance = np.random.default_rng(3)
    rows: list[LabelledText] = []
    for intent, words in WORDS.items():
        for number in range(per_intent):
            chosen = chance.choice(words.split(), size=3, replace=False)
            rows.append(LabelledText(f"{' '.join(chosen)} {intent}{number}", intent, len(rows) + 1))
    return rows
