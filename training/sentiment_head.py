"""Fits the head that ships: on moods as they are served, int8 rounding included, and calibrated on held-out ones.

The head that the encoder was tuned with saw float32 moods. It competes with heads that are fitted again on moods as
they are served, kept small by regularisation: the one that is least surprised by held-out sentences is taken.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from tokenizers import Tokenizer
from transformers import BertModel

from bot.encoder import OnnxEncoder
from intents.calibration import fit_temperature
from intents.text import normalise
from training.export import export_encoder
from training.pooled import ExportSettings
from training.sentiment_adapter import SentimentHead
from training.sentiment_data import LabelledUtterance
from training.sentiment_encoding import encode_moods

Moods = Callable[[Sequence[str]], NDArray[np.float32]]
"""Texts to moods, shape ``(len(texts), dim)``."""

# Inverses of the regularisation: the moods of what was tuned on are too easy to tell apart.
_STRENGTHS = (0.0003, 0.001, 0.003, 0.01)


@dataclass(frozen=True, slots=True)
class TunedEncoder:
    """An encoder with the adapter merged, and its tokenizer."""

    model: BertModel
    tokenizer: Tokenizer
    max_length: int

    def moods(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Encode moods in float32."""
        return encode_moods(self.model, self.tokenizer, texts)

    @contextmanager
    def served(self) -> Iterator[Moods]:
        """Export as for serving, into a folder that is gone afterwards; lends what encodes moods with it."""
        with TemporaryDirectory() as folder:
            settings = ExportSettings("service", max_length=self.max_length, has_mood=True)
            export_encoder(self.model, self.tokenizer, Path(folder), settings)
            encoder = OnnxEncoder(Path(folder))
            yield lambda texts: encoder.encode_all([normalise(text) for text in texts]).moods


def fit_head(
    moods: Moods,
    examples: Sequence[LabelledUtterance],
    held_out: Sequence[LabelledUtterance],
    tuned: SentimentHead,
) -> SentimentHead:
    """Fit a head on examples, and its temperature on utterances that it has not seen.

    Args:
        moods: As they will be when it is served.
        examples: Of all three sentiments.
        held_out: Decide between heads. May be empty; then the one that was tuned stays as it is.
        tuned: With the encoder.
    """
    if not held_out:
        return tuned
    seen, unseen = (moods([one.text for one in part]) for part in (examples, held_out))
    sentiments = [one.sentiment for one in examples]
    wanted = np.array([one.sentiment for one in held_out], dtype=np.int64)
    heads = [tuned, *(_fitted(seen, sentiments, strength) for strength in _STRENGTHS)]
    calibrated = [
        replace(head, temperature=fit_temperature(head.scores(unseen), wanted)) for head in heads
    ]
    return min(calibrated, key=lambda head: _surprise(head, unseen, wanted))


def _fitted(
    moods: NDArray[np.float32], sentiments: Sequence[int], strength: float
) -> SentimentHead:
    model = LogisticRegression(C=strength, max_iter=2000).fit(moods, sentiments)
    return SentimentHead(
        model.coef_.astype(np.float32), model.intercept_.astype(np.float32), temperature=1.0
    )


def _surprise(
    head: SentimentHead, moods: NDArray[np.float32], sentiments: NDArray[np.int64]
) -> float:
    """Return the mean negative log probability of what is right."""
    right = head.probabilities(moods)[np.arange(len(moods)), sentiments]
    return float(-np.log(np.maximum(right, np.finfo(np.float32).tiny)).mean())
