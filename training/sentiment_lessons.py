"""What the mood is taught from: utterances with a label, and texts whose meaning is to stay as it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import torch
from tokenizers import Tokenizer
from torch import Tensor
from transformers import BertModel

from intents.text import normalise
from training.datasets import data_fingerprint
from training.sentiment_data import LabelledUtterance
from training.sentiment_encoding import as_typed, encode
from training.tuning import batches_alike

_BATCHES_PER_BUCKET: Final = 50


@dataclass(frozen=True, slots=True)
class Texts:
    """Texts to be learnt from.

    Attributes:
        tokens: One list of ids for each text.
        vectors: Where the encoder had them before, shape ``(texts, dim)``.
    """

    tokens: list[list[int]]
    vectors: Tensor

    @classmethod
    def of(cls, encoder: BertModel, tokenizer: Tokenizer, texts: Sequence[str]) -> "Texts":
        """Tokenise texts, and encode them as the encoder does before it learns."""
        tokens = [one.ids for one in tokenizer.encode_batch(list(texts))]
        vectors = torch.from_numpy(encode(encoder, tokenizer, texts))
        return cls(tokens, vectors)

    def batches(self, size: int) -> list[list[int]]:
        """Draw batches of places."""
        return batches_alike([len(one) for one in self.tokens], size, _BATCHES_PER_BUCKET)


@dataclass(frozen=True, slots=True)
class Kept:
    """What must stay as it is.

    Attributes:
        encoder: Says where vectors should be; in evaluation mode.
        anchors: Texts whose vectors are kept beside those of labelled utterances.
    """

    encoder: BertModel
    anchors: Sequence[str]


@dataclass(frozen=True, slots=True)
class Lessons:
    """What a model is taught.

    Attributes:
        plain: The labelled utterances.
        typed: The same, as people type them.
        anchors: Any other texts.
        sentiments: One per utterance.
        fingerprint: Of all of it.
    """

    plain: Texts
    typed: Texts
    anchors: Texts
    sentiments: Tensor
    fingerprint: str

    @classmethod
    def of(
        cls, utterances: Sequence[LabelledUtterance], kept: Kept, tokenizer: Tokenizer
    ) -> "Lessons":
        """Encode everything as the encoder has it before."""
        texts = [normalise(one.text) for one in utterances]
        anchors = [normalise(text) for text in kept.anchors]
        labels = [str(one.sentiment) for one in utterances] + ["anchor" for _ in anchors]
        return cls(
            Texts.of(kept.encoder, tokenizer, texts),
            Texts.of(kept.encoder, tokenizer, [as_typed(text) for text in texts]),
            Texts.of(kept.encoder, tokenizer, anchors),
            torch.tensor([one.sentiment for one in utterances]),
            data_fingerprint([*texts, *anchors], labels),
        )
