"""Fits the head that ships: on moods as they are served, int8 rounding included, and calibrated on held-out ones.

The head that the encoder was tuned with saw float32 moods of matrices that were not yet factorised; one fitted again,
kept small by regularisation, gave back what both had cost.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
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

# Inverse of the regularisation: the moods of what was tuned on are too easy to tell apart.
_STRENGTH = 0.001


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
    moods: Moods, examples: Sequence[LabelledUtterance], held_out: Sequence[LabelledUtterance]
) -> SentimentHead:
    """Fit a head on examples, and its temperature on utterances that it has not seen.

    Args:
        moods: As they will be when it is served.
        examples: Of all three sentiments.
        held_out: May be empty; then probabilities stay as they are.
    """
    fitted = LogisticRegression(C=_STRENGTH, max_iter=2000)
    fitted.fit(moods([one.text for one in examples]), [one.sentiment for one in examples])
    weight, bias = fitted.coef_.astype(np.float32), fitted.intercept_.astype(np.float32)
    head = SentimentHead(weight, bias, 1.0)
    if not held_out:
        return head
    scores = head.scores(moods([one.text for one in held_out]))
    sentiments = np.array([one.sentiment for one in held_out], dtype=np.int64)
    return SentimentHead(weight, bias, fit_temperature(scores, sentiments))
