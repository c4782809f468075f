"""How a text of several sentences feels: an encoder that learned from single ones is asked about each of them too.

Asked about a paragraph as a whole, it takes the mood from a word here or there. Sentences that feel like something
count more than plain ones: a customer who tells three facts and is furious once is furious.
"""

import re
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from intents.text import normalise

_NEUTRAL: Final = 1

_SENTENCE_END: Final = re.compile(r"(?<=[.!?…])\s+|(?<=[.!?…][)\"'”’])\s+|\s*\n+\s*")
_FEWEST_WORDS: Final = 4
_FEWEST_SENTENCES: Final = 3
_MOST_SENTENCES: Final = 16
_PLAIN_WEIGHT: Final = 0.1


def readings_of(text: str) -> tuple[str, ...]:
    """Return what an encoder is asked about to learn how a text feels.

    Args:
        text: As typed.

    Returns:
        Normalised: the text as a whole and, where it has three sentences or more, these as well. Scraps of fewer than
        four words stay with their neighbour; of very long texts, sentences are asked about in 16 groups at most.
    """
    whole = normalise(text) or "."
    sentences = _joined(_SENTENCE_END.split(text.strip()))
    if len(sentences) < _FEWEST_SENTENCES:
        return (whole,)
    size = -(-len(sentences) // _MOST_SENTENCES)
    groups = (sentences[start : start + size] for start in range(0, len(sentences), size))
    return (whole, *(" ".join(group) for group in groups))


def _joined(pieces: Sequence[str]) -> list[str]:
    """Normalise, and put what is too short to feel like anything to what stands beside it."""
    joined: list[str] = []
    is_scrap = False
    for piece in map(normalise, pieces):
        is_short = len(piece.split()) < _FEWEST_WORDS
        if joined and (is_short or is_scrap):
            joined[-1] = f"{joined[-1]} {piece}".strip()
        elif piece:
            joined.append(piece)
        is_scrap = bool(joined) and len(joined[-1].split()) < _FEWEST_WORDS
    return joined


def overall(shares: NDArray[np.float32], sentence_share: float) -> NDArray[np.float32]:
    """Weigh what was said about a text's readings.

    With n sentences the whole counts as one of them, and the rest is the sentences' mean, each weighted by 1.1 minus its
    probability of being neutral.

    Args:
        shares: Probabilities for each text of ``readings_of``, in its order; shape ``(readings, 3)``.
        sentence_share: How much of that the sentences keep: 1 all, 0 leaves the whole alone.

    Returns:
        The text's probabilities, shape ``(3,)``.
    """
    whole: NDArray[np.float32] = shares[0]
    sentences = shares[1:]
    if not len(sentences) or not sentence_share:
        return whole
    mean = np.average(sentences, axis=0, weights=1.0 + _PLAIN_WEIGHT - sentences[:, _NEUTRAL])
    theirs = sentence_share * (1 - 1 / len(sentences))
    weighed: NDArray[np.float32] = ((1 - theirs) * whole + theirs * mean).astype(np.float32)
    return weighed
