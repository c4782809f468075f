"""An intent's name in words, as one more example: with a handful of examples it says a lot."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bot.domain.ports import Encoder
from bot.domain.understanding import OUT_OF_SCOPE
from intents.text import normalise

Floats = NDArray[np.float32]

_HUMP: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")
_JOINT: Final = re.compile(r"[\W_]+")
_WORD: Final = re.compile(r"[^\W\d_]{3,}")


def words_of_name(name: str) -> str:
    """Return a name in words: ``orderStatus`` and ``order_status`` as "order status"; "" where it holds no word."""
    words = _JOINT.sub(" ", _HUMP.sub(" ", name)).strip().lower()
    return normalise(words) if _WORD.search(words) else ""


def encode_names(encoder: Encoder, names: Iterable[str]) -> Mapping[str, Floats]:
    """Encode the names of intents that hold words; ``out_of_scope`` means nothing."""
    words = {name: words_of_name(name) for name in sorted(set(names)) if name != OUT_OF_SCOPE}
    telling = {name: text for name, text in words.items() if text}
    return dict(zip(telling, encoder.encode(list(telling.values())), strict=True))
