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
from intents.feeling import overall, readings_of
from intents.text import normalise
from training.export import export_encoder
from training.pooled import ExportSettings
from training.readings import Readings
from training.sentiment_adapter import SentimentHead
from training.sentiment_data import LabelledUtterance
from training.sentiment_encoding import encode_moods

Moods = Callable[[Sequence[str]], NDArray[np.float32]]
"""Texts to moods, shape ``(len(texts), dim)``."""

# Inverses of the regularisation: the moods of what was tuned on are too easy to tell apart.
_STRENGTHS = (0.0003, 0.001, 0.003, 0.01)
_SENTENCE_SHARES = (1.0, 0.5, 0.0)  # the first wins where all are as good
_FEWEST_LONG = 30


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
    """Fit a head on examples; its temperature, and how much sentences count, on utterances that it has not seen.

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
    best = min(calibrated, key=lambda head: _surprise(head.probabilities(unseen), wanted))
    return replace(best, sentence_share=_sentence_share(best, moods, held_out))


def judge(head: SentimentHead, moods: Moods, texts: Sequence[str]) -> NDArray[np.float32]:
    """Return the probabilities of texts as they are served, shape ``(len(texts), 3)``.

    Args:
        head: Its word on sentences of longer texts counts as much as it says.
        moods: Asked about every reading of the texts; see ``intents.feeling``.
        texts: As typed.
    """
    readings = Readings.of(texts)
    shares = readings.by_text(head.probabilities(moods(readings.texts)))
    return np.stack([overall(one, head.sentence_share) for one in shares])


def _sentence_share(
    head: SentimentHead, moods: Moods, held_out: Sequence[LabelledUtterance]
) -> float:
    """Choose how much single sentences count: an encoder that has learned from paragraphs may not need them."""
    long = [one for one in held_out if len(readings_of(one.text)) > 1]
    if len(long) < _FEWEST_LONG:
        return head.sentence_share
    texts = [one.text for one in long]
    wanted = np.array([one.sentiment for one in long], dtype=np.int64)
    heads = [replace(head, sentence_share=share) for share in _SENTENCE_SHARES]
    return min(heads, key=lambda one: _surprise(judge(one, moods, texts), wanted)).sentence_share


def _fitted(
    moods: NDArray[np.float32], sentiments: Sequence[int], strength: float
) -> SentimentHead:
    model = LogisticRegression(C=strength, max_iter=2000).fit(moods, sentiments)
    return SentimentHead(
        model.coef_.astype(np.float32), model.intercept_.astype(np.float32), temperature=1.0
    )


def _surprise(probabilities: NDArray[np.float32], sentiments: NDArray[np.int64]) -> float:
    """Return the mean negative log probability of what is right."""
    right = probabilities[np.arange(len(probabilities)), sentiments]
    return float(-np.log(np.maximum(right, np.finfo(np.float32).tiny)).mean())
