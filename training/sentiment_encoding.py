"""Texts to what a tuned encoder says about them: vectors of what is meant, moods of how it is said."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional
from transformers import BertModel

from intents.text import normalise

# Undo the spacing of tokenised corpora ("ca n't", "good ,"), as customers type neither.
_TOKENISED = (
    (re.compile(r" (n't|'(?:s|re|ve|ll|d|m))\b"), r"\1"),
    (re.compile(r" ([,.;:!?])"), r"\1"),
)
_BATCH = 64


def load_tokenizer(base_folder: Path, max_length: int) -> Tokenizer:
    """Load the encoder's tokenizer; longer utterances are cut to ``max_length`` tokens."""
    tokenizer = Tokenizer.from_file(str(base_folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(max_length)
    return tokenizer


def encode(model: BertModel, tokenizer: Tokenizer, texts: Sequence[str]) -> NDArray[np.float32]:
    """Encode what is meant, by mean pooling to unit length; shape ``(len(texts), dim)``, order kept."""
    return _pooled(model, _tokens(tokenizer, texts), meaning)


def encode_moods(
    model: BertModel, tokenizer: Tokenizer, texts: Sequence[str]
) -> NDArray[np.float32]:
    """Encode the mood, the first token's state; shape ``(len(texts), dim)``, order kept."""
    return _pooled(model, _tokens(tokenizer, texts), lambda states, _mask: states[:, 0])


def meaning(states: Tensor, mask: Tensor) -> Tensor:
    """Average token states over the tokens that are not padding, and scale to length 1."""
    weights = mask.unsqueeze(-1).to(states.dtype)
    return functional.normalize((states * weights).sum(1) / weights.sum(1), dim=-1)


def _tokens(tokenizer: Tokenizer, texts: Sequence[str]) -> list[list[int]]:
    return [one.ids for one in tokenizer.encode_batch([normalise(text) for text in texts])]


def _pooled(
    model: BertModel,
    tokens: Sequence[Sequence[int]],
    pool: Callable[[Tensor, Tensor], Tensor],
) -> NDArray[np.float32]:
    order = sorted(range(len(tokens)), key=lambda place: len(tokens[place]))
    vectors = np.zeros((len(tokens), model.config.hidden_size), dtype=np.float32)
    with torch.inference_mode():
        for start in range(0, len(order), _BATCH):
            places = order[start : start + _BATCH]
            ids, mask = pad([tokens[place] for place in places])
            states = model(input_ids=ids, attention_mask=mask).last_hidden_state
            vectors[places] = pool(states, mask).numpy()
    return vectors


def pad(tokens: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
    """Make ids and mask, shape ``(batch, longest)``."""
    ids = torch.zeros(len(tokens), max(map(len, tokens)), dtype=torch.long)
    mask = torch.zeros_like(ids)
    for row, one in enumerate(tokens):
        ids[row, : len(one)] = torch.tensor(one)
        mask[row, : len(one)] = 1
    return ids, mask


def as_typed(text: str) -> str:
    """Write a tokenised sentence as people type it; other text stays as it is."""
    for pattern, replacement in _TOKENISED:
        text = pattern.sub(replacement, text)
    return text
