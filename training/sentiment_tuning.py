"""Tunes an encoder and its head together on labelled utterances; goes on after a kill.

One pass over the data (an epoch) is the unit of work: after each, weights, their running average
and the optimiser's state are written to a checkpoint. Chance is seeded anew at each epoch's start,
so that a run that was killed ends with the same weights as one that was not.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional
from transformers import BertModel

from intents.artifact import SENTIMENTS
from intents.text import normalise
from training.lora import trainable_matrices
from training.progress import Report
from training.sentiment_data import LabelledUtterance

# Undo the spacing of tokenised corpora ("ca n't", "good ,"), as customers type neither.
_TOKENISED = (
    (re.compile(r" (n't|'(?:s|re|ve|ll|d|m))\b"), r"\1"),
    (re.compile(r" ([,.;:!?])"), r"\1"),
)
_LAYER = re.compile(r"layer\.(\d+)\.")
# The base's encodings are about this long before they are normalised: the head learns at that scale.
_SPREAD = 5.0
_TYPED_SHARE = 0.3
_BATCHES_PER_BUCKET = 50


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to tune: everything that changes the resulting weights.

    Attributes:
        learning_rate: Peak for the topmost layer; rises over the first tenth, then falls to 0.
        layer_decay: Each layer below learns at this share of the rate of the one above it.
        head_learning_rate: The peak for the head.
        averaging: Decay of the running average of weights that is kept in the end.
        nudge: Length of the step against the gradient that word embeddings are moved by for
            adversarial training (Miyato et al., 2017); 0 leaves it out and halves the time.
        precision: ``bf16`` or ``fp32`` for the matrix products.
    """

    seed: int
    epochs: int
    batch_size: int
    learning_rate: float
    layer_decay: float
    head_learning_rate: float
    averaging: float
    nudge: float
    precision: str


class SentimentModel(nn.Module):
    """Encoder, mean pooling to unit length, dropout, and a linear head."""

    def __init__(self, encoder: BertModel, dropout: float) -> None:
        super().__init__()
        self.encoder = encoder
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(encoder.config.hidden_size, len(SENTIMENTS))

    def words(self, ids: Tensor) -> Tensor:
        """Look up word embeddings, shape ``(batch, tokens, dim)``."""
        return functional.embedding(ids, self.encoder.embeddings.word_embeddings.weight)

    def forward(self, words: Tensor, mask: Tensor) -> Tensor:
        """Return scores, shape ``(batch, 3)``, of embedded words."""
        states = self.encoder(inputs_embeds=words, attention_mask=mask).last_hidden_state
        vectors = functional.normalize(mean_pool(states.float(), mask), dim=-1)
        scores: Tensor = self.head(self.dropout(_SPREAD * vectors))
        return scores

    def head_arrays(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return weight and bias of the head over unit vectors."""
        weight, bias = self.head.weight.detach(), self.head.bias.detach()
        return (_SPREAD * weight).numpy(), bias.numpy()


def mean_pool(states: Tensor, mask: Tensor) -> Tensor:
    """Average token states over the tokens that are not padding."""
    weights = mask.unsqueeze(-1).to(states.dtype)
    return (states * weights).sum(1) / weights.sum(1)


def load_tokenizer(base_folder: Path, max_length: int) -> Tokenizer:
    """Load the encoder's tokenizer; longer utterances are cut to ``max_length`` tokens."""
    tokenizer = Tokenizer.from_file(str(base_folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(max_length)
    return tokenizer


def encode(model: BertModel, tokenizer: Tokenizer, texts: Sequence[str]) -> NDArray[np.float32]:
    """Encode texts by mean pooling to unit length; shape ``(len(texts), dim)``, order kept."""
    cleaned = [normalise(text) for text in texts]
    tokens = [encoding.ids for encoding in tokenizer.encode_batch(cleaned)]
    order = sorted(range(len(tokens)), key=lambda place: len(tokens[place]))
    vectors = np.zeros((len(tokens), model.config.hidden_size), dtype=np.float32)
    with torch.inference_mode():
        for start in range(0, len(order), 64):
            places = order[start : start + 64]
            ids, mask = pad([tokens[place] for place in places])
            states = model(input_ids=ids, attention_mask=mask).last_hidden_state
            vectors[places] = functional.normalize(mean_pool(states, mask), dim=-1).numpy()
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


def _rated(model: SentimentModel, recipe: Recipe) -> list[dict[str, object]]:
    """Group the weights to train by their peak rate; all others are frozen."""
    model.encoder.requires_grad_(False)  # noqa: FBT003  # torch names it differently in its types
    layers = int(model.encoder.config.num_hidden_layers)
    peaks = [(recipe.head_learning_rate, list(model.head.parameters()))]
    for name, weight in trainable_matrices(model.encoder).items():
        weight.requires_grad = True
        found = _LAYER.search(name)
        below_top = layers - 1 - int(found.group(1)) if found else layers
        peaks.append((recipe.learning_rate * recipe.layer_decay**below_top, [weight]))
    return [{"params": weights, "lr": peak, "peak": peak} for peak, weights in peaks]


class Tuner:
    """Trains the model epoch by epoch."""

    def __init__(
        self,
        model: SentimentModel,
        tokenizer: Tokenizer,
        utterances: Sequence[LabelledUtterance],
        recipe: Recipe,
    ) -> None:
        self.model = model
        self.recipe = recipe
        texts = [normalise(one.text) for one in utterances]
        self._tokens = [one.ids for one in tokenizer.encode_batch(texts)]
        self._typed = [one.ids for one in tokenizer.encode_batch([as_typed(t) for t in texts])]
        self._sentiments = torch.tensor([one.sentiment for one in utterances])
        self._optimizer = torch.optim.AdamW(
            _rated(model, recipe), weight_decay=0.01, betas=(0.9, 0.98)
        )
        self._weights = [one for group in self._optimizer.param_groups for one in group["params"]]
        self._averages = [weight.detach().clone() for weight in self._weights]
        self._steps_per_epoch = math.ceil(len(self._tokens) / recipe.batch_size)

    def run(self, checkpoint: Path, progress: Report) -> None:
        """Train all epochs that the checkpoint lacks; the model ends with averaged weights."""
        for epoch in range(self._resume(checkpoint), self.recipe.epochs):
            loss = self._epoch(epoch, progress)
            self._save(checkpoint, epoch + 1)
            progress((epoch + 1) / self.recipe.epochs, f"epoch {epoch + 1}: loss {loss:.3f}")
        with torch.no_grad():
            for weight, average in zip(self._weights, self._averages, strict=True):
                weight.copy_(average)

    def _epoch(self, epoch: int, progress: Report) -> float:
        torch.manual_seed(self.recipe.seed * 1000 + epoch)
        self.model.train()
        losses: list[float] = []
        for number, batch in enumerate(self._batches()):
            step = epoch * self._steps_per_epoch + number
            self._set_rates(step)
            losses.append(self._step(batch))
            self._update_averages(step)
            if number % 10 == 0:
                done = step / (self._steps_per_epoch * self.recipe.epochs)
                progress(done, f"epoch {epoch + 1} of {self.recipe.epochs}")
        return sum(losses) / len(losses)

    def _batches(self) -> list[list[int]]:
        """Shuffle, but keep utterances of like length together: less padding to compute."""
        size = self.recipe.batch_size
        order = torch.randperm(len(self._tokens)).tolist()
        batches: list[list[int]] = []
        for start in range(0, len(order), size * _BATCHES_PER_BUCKET):
            bucket = order[start : start + size * _BATCHES_PER_BUCKET]
            bucket.sort(key=lambda place: len(self._tokens[place]))
            batches.extend(bucket[at : at + size] for at in range(0, len(bucket), size))
        return [batches[place] for place in torch.randperm(len(batches)).tolist()]

    def _step(self, batch: list[int]) -> float:
        typed = torch.rand(len(batch)) < _TYPED_SHARE
        tokens = [
            (self._typed if is_typed else self._tokens)[place]
            for place, is_typed in zip(batch, typed.tolist(), strict=True)
        ]
        ids, mask = pad(tokens)
        sentiments = self._sentiments[batch]
        words = self.model.words(ids)
        words.retain_grad()
        loss = self._learn(words, mask, sentiments)
        if self.recipe.nudge and words.grad is not None:
            length = words.grad.norm(dim=(1, 2), keepdim=True) + 1e-12
            push = self.recipe.nudge * words.grad / length
            self._learn(self.model.words(ids) + push, mask, sentiments)
        nn.utils.clip_grad_norm_(self._weights, 1.0)
        self._optimizer.step()
        self._optimizer.zero_grad(set_to_none=True)
        return loss

    def _learn(self, words: Tensor, mask: Tensor, sentiments: Tensor) -> float:
        """Add the gradients of one batch to those that are there; return its loss."""
        with torch.autocast("cpu", torch.bfloat16, enabled=self.recipe.precision == "bf16"):
            scores = self.model(words, mask)
        loss = functional.cross_entropy(scores.float(), sentiments)
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        return float(loss.item())

    def _set_rates(self, step: int) -> None:
        total = self._steps_per_epoch * self.recipe.epochs
        share = min(1.0, (step + 1) / (0.1 * total), (total - step) / (0.9 * total))
        for group in self._optimizer.param_groups:
            group["lr"] = group["peak"] * share

    @torch.no_grad()
    def _update_averages(self, step: int) -> None:
        # A young average forgets its random start quickly.
        decay = min(self.recipe.averaging, (1 + step) / (10 + step))
        for weight, average in zip(self._weights, self._averages, strict=True):
            average.lerp_(weight, 1 - decay)

    def _save(self, checkpoint: Path, epochs_done: int) -> None:
        state = {
            "recipe": repr(self.recipe),
            "utterances": len(self._tokens),
            "epochs_done": epochs_done,
            "weights": [weight.detach() for weight in self._weights],
            "averages": self._averages,
            "optimizer": self._optimizer.state_dict(),
        }
        fresh = checkpoint.with_suffix(".part")
        torch.save(state, fresh)
        fresh.replace(checkpoint)  # a kill while writing leaves the older one whole

    def _resume(self, checkpoint: Path) -> int:
        """Take up a checkpoint of the same recipe and data; else begin at epoch 0."""
        if not checkpoint.is_file():
            return 0
        state = torch.load(checkpoint, weights_only=True)
        if (state["recipe"], state["utterances"]) != (repr(self.recipe), len(self._tokens)):
            return 0
        with torch.no_grad():
            for weight, saved in zip(self._weights, state["weights"], strict=True):
                weight.copy_(saved)
        self._averages = state["averages"]
        self._optimizer.load_state_dict(state["optimizer"])
        return int(state["epochs_done"])
