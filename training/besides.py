"""What an intent head learns from besides its examples: the names of the intents, and what people write elsewhere.

With a handful of examples an intent's name in words says a lot. And where hardly any example of ``out_of_scope`` is
given, our own sentences about other things (those that the mood is learnt from) stand for the rest of the world.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bot.domain.ports import Encoder
from bot.domain.understanding import OUT_OF_SCOPE
from intents.text import comparable, normalise
from training.detector import ENOUGH
from training.sentiment_data import read_own

Floats = NDArray[np.float32]

_HUMP: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")
_JOINT: Final = re.compile(r"[\W_]+")
_WORD: Final = re.compile(r"[^\W\d_]{3,}")
_BACKDROP: Final = 1_500


@dataclass(frozen=True, slots=True)
class Besides:
    """Encodings of what a head learns from besides its examples.

    Attributes:
        titles: Of intents' names.
        backdrop: Of what people write elsewhere, shape ``(n, dim)``; no rows for no guard.
    """

    titles: Mapping[str, Floats] = field(default_factory=dict)
    backdrop: Floats = field(default_factory=lambda: np.zeros((0, 0), dtype=np.float32))


def words_of_name(name: str) -> str:
    """Return a name in words: ``orderStatus`` and ``order_status`` as "order status"; "" where it holds no word."""
    words = _JOINT.sub(" ", _HUMP.sub(" ", name)).strip().lower()
    return normalise(words) if _WORD.search(words) else ""


def encode_names(encoder: Encoder, names: Iterable[str]) -> Mapping[str, Floats]:
    """Encode the names of intents that hold words; ``out_of_scope`` means nothing."""
    words = {name: words_of_name(name) for name in sorted(set(names)) if name != OUT_OF_SCOPE}
    telling = {name: text for name, text in words.items() if text}
    return dict(zip(telling, encoder.encode(list(telling.values())), strict=True))


@cache
def backdrop_texts() -> tuple[str, ...]:
    """Return what people write about other things, always the same."""
    own = sorted({normalise(one.text) for one in read_own()})
    drawn = np.random.default_rng(0).permutation(len(own))[:_BACKDROP]
    return tuple(own[place] for place in sorted(drawn))


def encode_besides(encoder: Encoder, texts: Sequence[str], names: Sequence[str]) -> Besides:
    """Encode what a head is to learn from besides these examples."""
    titles = encode_names(encoder, names)
    if sum(name == OUT_OF_SCOPE for name in names) >= ENOUGH:
        return Besides(titles)
    known = {comparable(text) for text in texts}
    backdrop = [text for text in backdrop_texts() if comparable(text) not in known]
    return Besides(titles, encoder.encode(backdrop))
