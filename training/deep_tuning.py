"""Tunes an encoder for the intents of one catalogue, with a linear head beside it; goes on after a kill.

Two losses are added on each utterance's pooled and scaled vector: the head's cross entropy with smoothed labels, and a
fifth of the cross entropy of its cosines with the head's rows, which draws an intent's utterances together. Lower
layers learn more slowly than upper ones, embeddings stay, and what is kept is a running average of all weights.

One pass over the examples (an epoch) is the unit of work: after each, everything is written to a checkpoint. Chance is
seeded anew at each epoch's start, so that a run that was killed ends with the same weights as one that was not.
"""

import hashlib
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional
from transformers import BertModel

from training.lora import trainable_matrices
from training.progress import Report
from training.sentiment_encoding import meaning, pad
from training.tuning import (
    batches_alike,
    put,
    read_checkpoint,
    set_rates,
    update_averages,
    write_checkpoint,
)

Floats = NDArray[np.float32]
Places = NDArray[np.int64]

_LAYER: Final = re.compile(r"layer\.(\d+)\.")
# Unit vectors are stretched, so that scores can be far apart without huge weights.
_STRETCH: Final = 5.0
_COSINE_SCALE: Final = 15.0
_START_SPREAD: Final = 0.05
_WARM_UP: Final = 0.1
_BATCHES_PER_BUCKET: Final = 40
_AT_ONCE: Final = 64


@dataclass(frozen=True, slots=True)
class DeepRecipe:
    """How to tune: everything that changes the resulting weights.

    Attributes:
        learning_rate: Peak for the topmost layer; rises over the first tenth, then falls to 0.
        layer_decay: Each layer below learns at this share of the rate of the one above it.
        head_learning_rate: The peak for the head.
        cosine_share: Weight of the cosines' cross entropy.
        averaging: Decay of the running average of weights that is kept in the end.
        max_length: Longer texts are cut to this many tokens, also in use.
        precision: ``bf16`` or ``fp32`` for the matrix products.
    """

    seed: int = 7
    epochs: int = 3
    batch_size: int = 32
    learning_rate: float = 3e-4
    layer_decay: float = 0.85
    head_learning_rate: float = 2e-3
    label_smoothing: float = 0.1
    cosine_share: float = 0.2
    averaging: float = 0.99
    dropout: float = 0.1
    max_length: int = 64
    precision: str = "bf16"


@dataclass(frozen=True, slots=True)
class Lessons:
    """What to learn from: texts (normalised, with the encoder's prefix), and the number of each one's intent."""

    texts: tuple[str, ...]
    classes: Places
    intents: int

    @property
    def fingerprint(self) -> str:
        """Return what changes whenever anything here does, the order included."""
        lines = (f"{number}\t{text}" for number, text in zip(self.classes, self.texts, strict=True))
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()


class TunedIntents(nn.Module):
    """An encoder with a linear head over its vectors."""

    def __init__(self, encoder: BertModel, intents: int, *, pooling: str, dropout: float) -> None:
        """Put a head on an encoder.

        Args:
            encoder: Tuned in place.
            intents: How many there are.
            pooling: ``mean`` or ``cls``.
            dropout: In the encoder and before the head; used only in training mode.
        """
        super().__init__()
        self.encoder = encoder
        for module in encoder.modules():
            if isinstance(module, nn.Dropout):
                module.p = dropout
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(encoder.config.hidden_size, intents)
        self._pool: Callable[[Tensor, Tensor], Tensor] = _first if pooling == "cls" else meaning

    def begin(self, generator: torch.Generator) -> None:
        """Give the head its first weights."""
        nn.init.normal_(self.head.weight, std=_START_SPREAD, generator=generator)
        nn.init.zeros_(self.head.bias)

    def vectors(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Return unit vectors, shape ``(batch, dim)``."""
        states = self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state
        return self._pool(states.float(), mask)

    def scores(self, vectors: Tensor) -> Tensor:
        """Return the head's scores before the softmax."""
        scores: Tensor = self.head(self.dropout(_STRETCH * vectors))
        return scores

    def head_arrays(self) -> tuple[Floats, Floats]:
        """Return weights, shape ``(intents, dim)``, and bias of the head over unit vectors."""
        weights = _STRETCH * self.head.weight.detach()
        return weights.numpy().copy(), self.head.bias.detach().numpy().copy()


def shares_of(model: TunedIntents, tokenizer: Tokenizer, texts: Sequence[str]) -> Floats:
    """Return each intent's probability by encoder and head, shape ``(len(texts), intents)``, order kept."""
    tokens = [one.ids for one in tokenizer.encode_batch(list(texts))]
    order = sorted(range(len(tokens)), key=lambda place: len(tokens[place]))
    found = np.zeros((len(tokens), model.head.out_features), dtype=np.float32)
    model.train(mode=False)
    with torch.inference_mode():
        for start in range(0, len(order), _AT_ONCE):
            places = order[start : start + _AT_ONCE]
            scores = model.scores(model.vectors(*pad([tokens[place] for place in places])))
            found[places] = scores.softmax(dim=1).numpy()
    return found


class DeepTuner:
    """Tunes encoder and head epoch by epoch."""

    def __init__(
        self,
        model: TunedIntents,
        tokenizer: Tokenizer,
        lessons: Lessons,
        recipe: DeepRecipe,
        origin: str,
    ) -> None:
        """Make ready.

        Args:
            model: Tuned in place.
            tokenizer: Without padding; cuts long texts.
            lessons: What to learn from.
            recipe: How.
            origin: Says which weights these are; a checkpoint of others is not gone on from.
        """
        self.model = model
        self._recipe = recipe
        self._tokens = [one.ids for one in tokenizer.encode_batch(list(lessons.texts))]
        self._classes = torch.from_numpy(lessons.classes)
        self._key = f"{recipe!r} {lessons.fingerprint} {origin}"
        model.begin(torch.Generator().manual_seed(recipe.seed))
        self._optimizer = torch.optim.AdamW(
            _rated(model, recipe), weight_decay=0.01, betas=(0.9, 0.98), fused=True
        )
        self._weights = [one for group in self._optimizer.param_groups for one in group["params"]]
        self._averages = [weight.detach().clone() for weight in self._weights]
        self._steps_per_epoch = math.ceil(len(self._tokens) / recipe.batch_size)

    @property
    def steps(self) -> int:
        """Return how many steps all epochs take."""
        return self._steps_per_epoch * self._recipe.epochs

    def run(self, checkpoint: Path, progress: Report) -> None:
        """Train all epochs that the checkpoint lacks; the model ends with averaged weights, in evaluation mode."""
        for epoch in range(self._resume(checkpoint), self._recipe.epochs):
            self._epoch(epoch, progress)
            self._save(checkpoint, epoch + 1)
        put(self._averages, self._weights)
        self.model.train(mode=False)
        progress(1.0, "tuned")

    def _epoch(self, epoch: int, progress: Report) -> None:
        torch.manual_seed(self._recipe.seed * 1000 + epoch)
        self.model.train()
        batches = batches_alike(
            [len(one) for one in self._tokens], self._recipe.batch_size, _BATCHES_PER_BUCKET
        )
        for number, batch in enumerate(batches):
            step = epoch * self._steps_per_epoch + number
            progress(step / self.steps, f"epoch {epoch + 1} of {self._recipe.epochs}")
            set_rates(self._optimizer, step, self.steps, _WARM_UP)
            self._step(batch)
            update_averages(self._averages, self._weights, step, self._recipe.averaging)

    def _step(self, batch: Sequence[int]) -> None:
        recipe = self._recipe
        wanted = self._classes[list(batch)]
        ids, mask = pad([self._tokens[place] for place in batch])
        with torch.autocast("cpu", torch.bfloat16, enabled=recipe.precision == "bf16"):
            vectors = self.model.vectors(ids, mask)
        rows = functional.normalize(self.model.head.weight, dim=-1)
        loss = functional.cross_entropy(
            self.model.scores(vectors), wanted, label_smoothing=recipe.label_smoothing
        ) + recipe.cosine_share * functional.cross_entropy(_COSINE_SCALE * vectors @ rows.T, wanted)
        self._optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self._weights, 1.0)
        self._optimizer.step()

    def _save(self, checkpoint: Path, epochs_done: int) -> None:
        more = {"epochs_done": epochs_done, "averages": self._averages}
        write_checkpoint(checkpoint, self._key, self._weights, self._optimizer, more)

    def _resume(self, checkpoint: Path) -> int:
        """Take up a checkpoint of the same recipe, weights and lessons; else begin at epoch 0."""
        state = read_checkpoint(checkpoint, self._key, self._weights, self._optimizer)
        if state is None:
            return 0
        self._averages = state["averages"]
        return int(state["epochs_done"])


def _rated(model: TunedIntents, recipe: DeepRecipe) -> list[dict[str, object]]:
    """Group the weights to tune by their peak rate; embeddings, biases and norms are frozen."""
    model.encoder.requires_grad_(False)  # noqa: FBT003  # torch names it differently in its types
    layers = int(model.encoder.config.num_hidden_layers)
    peaks = [(recipe.head_learning_rate, list(model.head.parameters()))]
    for name, weight in trainable_matrices(model.encoder).items():
        found = _LAYER.search(name)
        if found:
            weight.requires_grad = True
            below_top = layers - 1 - int(found.group(1))
            peaks.append((recipe.learning_rate * recipe.layer_decay**below_top, [weight]))
    return [{"params": weights, "lr": peak, "peak": peak} for peak, weights in peaks]


def _first(states: Tensor, _mask: Tensor) -> Tensor:
    return functional.normalize(states[:, 0], dim=-1)
