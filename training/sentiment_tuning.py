"""Teaches an encoder the mood without touching what it says is meant; goes on after a kill.

The mood is read from the first token's state; what is meant stays the mean of all states. Two losses are added: the
mood's cross entropy, and how far each vector moved from where the encoder had it before (one minus the cosine), on
labelled utterances and on *anchors*: any other texts like those that it will be asked about. So one pass serves
intents, search and sentiment.

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
from peft import PeftModel
from torch import Tensor, nn
from torch.nn import functional
from transformers import BertModel

from intents.artifact import SENTIMENTS
from training.lora import adapter_factors, trainable_matrices
from training.progress import Report
from training.sentiment_encoding import meaning, pad
from training.sentiment_lessons import Lessons, Texts
from training.tuning import put, read_checkpoint, set_rates, update_averages, write_checkpoint

_LAYER = re.compile(r"layer\.(\d+)\.")
_TYPED_SHARE = 0.3
_WARM_UP = 0.1


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to tune: everything that changes the resulting weights.

    Attributes:
        learning_rate: Peak for the topmost layer; rises over the first tenth, then falls to 0.
        layer_decay: Each layer below learns at this share of the rate of the one above it.
        head_learning_rate: The peak for the head.
        averaging: Decay of the running average of weights that is kept in the end.
        fidelity: Weight of the loss that keeps vectors where they were; half of it for labelled utterances.
        precision: ``bf16`` or ``fp32`` for the matrix products.
    """

    seed: int
    epochs: int
    batch_size: int
    learning_rate: float
    layer_decay: float
    head_learning_rate: float
    averaging: float
    fidelity: float
    precision: str


class SentimentModel(nn.Module):
    """An encoder, and dropout and a linear head over its first token's state."""

    def __init__(self, encoder: BertModel | PeftModel, dropout: float) -> None:
        super().__init__()
        self.encoder = encoder
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(encoder.config.hidden_size, len(SENTIMENTS))

    def forward(self, ids: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Return scores, shape ``(batch, 3)``, and unit vectors, shape ``(batch, dim)``."""
        states = self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state.float()
        scores: Tensor = self.head(self.dropout(states[:, 0]))
        return scores, meaning(states, mask)

    def take_head(self, weight: NDArray[np.float32], bias: NDArray[np.float32]) -> None:
        """Begin with a head that was trained before."""
        with torch.no_grad():
            self.head.weight.copy_(torch.from_numpy(weight))
            self.head.bias.copy_(torch.from_numpy(bias))

    def head_arrays(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return weight and bias of the head."""
        return self.head.weight.detach().numpy(), self.head.bias.detach().numpy()


def _rated(model: SentimentModel, recipe: Recipe) -> list[dict[str, object]]:
    """Group the weights to train by their peak rate; all others are frozen, the base below an adapter too."""
    model.encoder.requires_grad_(False)  # noqa: FBT003  # torch names it differently in its types
    layers = int(model.encoder.config.num_hidden_layers)
    peaks = [(recipe.head_learning_rate, list(model.head.parameters()))]
    weights = adapter_factors(model.encoder) or trainable_matrices(model.encoder)
    for name, weight in weights.items():
        weight.requires_grad = True
        found = _LAYER.search(name)
        below_top = layers - 1 - int(found.group(1)) if found else layers
        peaks.append((recipe.learning_rate * recipe.layer_decay**below_top, [weight]))
    return [{"params": weights, "lr": peak, "peak": peak} for peak, weights in peaks]


class Tuner:
    """Trains the model epoch by epoch."""

    def __init__(self, model: SentimentModel, lessons: Lessons, recipe: Recipe) -> None:
        self.model = model
        self.recipe = recipe
        self._lessons = lessons
        self._key = f"{recipe!r} {lessons.fingerprint}"
        self._optimizer = torch.optim.AdamW(
            _rated(model, recipe), weight_decay=0.01, betas=(0.9, 0.98)
        )
        self._weights = [one for group in self._optimizer.param_groups for one in group["params"]]
        self._averages = [weight.detach().clone() for weight in self._weights]
        self._steps_per_epoch = math.ceil(len(lessons.sentiments) / recipe.batch_size)
        self._steps = self._steps_per_epoch * recipe.epochs

    def run(self, checkpoint: Path, progress: Report) -> None:
        """Train all epochs that the checkpoint lacks; the model ends with averaged weights."""
        for epoch in range(self._resume(checkpoint), self.recipe.epochs):
            loss = self._epoch(epoch, progress)
            self._save(checkpoint, epoch + 1)
            progress((epoch + 1) / self.recipe.epochs, f"epoch {epoch + 1}: loss {loss:.3f}")
        put(self._averages, self._weights)

    def _epoch(self, epoch: int, progress: Report) -> float:
        torch.manual_seed(self.recipe.seed * 1000 + epoch)
        self.model.train()
        losses: list[float] = []
        size, anchors = self.recipe.batch_size, list[list[int]]()
        for number, batch in enumerate(self._lessons.plain.batches(size)):
            step = epoch * self._steps_per_epoch + number
            set_rates(self._optimizer, step, self._steps, _WARM_UP)
            anchors = anchors or self._lessons.anchors.batches(size)
            losses.append(self._step(batch, anchors.pop() if anchors else []))
            update_averages(self._averages, self._weights, step, self.recipe.averaging)
            if number % 10 == 0:
                progress(step / self._steps, f"epoch {epoch + 1} of {self.recipe.epochs}")
        return sum(losses) / len(losses)

    def _step(self, batch: list[int], anchors: list[int]) -> float:
        """Take one step on utterances and anchors; returns the loss of the mood."""
        typed = (torch.rand(len(batch)) < _TYPED_SHARE).tolist()
        rows = [
            (self._lessons.typed if is_typed else self._lessons.plain, place)
            for is_typed, place in zip(typed, batch, strict=True)
        ]
        scores, moved = self._learn(rows)
        loss = functional.cross_entropy(scores, self._lessons.sentiments[batch])
        (loss + self.recipe.fidelity / 2 * moved).backward()  # type: ignore[no-untyped-call]
        if anchors:
            _, moved = self._learn([(self._lessons.anchors, place) for place in anchors])
            (self.recipe.fidelity * moved).backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self._weights, 1.0)
        self._optimizer.step()
        self._optimizer.zero_grad(set_to_none=True)
        return float(loss.item())

    def _learn(self, rows: Sequence[tuple[Texts, int]]) -> tuple[Tensor, Tensor]:
        """Return scores, and how far vectors are from where they were, on average."""
        ids, mask = pad([texts.tokens[place] for texts, place in rows])
        before = torch.stack([texts.vectors[place] for texts, place in rows])
        with torch.autocast("cpu", torch.bfloat16, enabled=self.recipe.precision == "bf16"):
            scores, vectors = self.model(ids, mask)
        return scores.float(), (1 - (vectors * before).sum(dim=1)).mean()

    def _save(self, checkpoint: Path, epochs_done: int) -> None:
        more = {"epochs_done": epochs_done, "averages": self._averages}
        write_checkpoint(checkpoint, self._key, self._weights, self._optimizer, more)

    def _resume(self, checkpoint: Path) -> int:
        """Take up a checkpoint of the same recipe and data; else begin at epoch 0."""
        state = read_checkpoint(checkpoint, self._key, self._weights, self._optimizer)
        if state is None:
            return 0
        self._averages = state["averages"]
        return int(state["epochs_done"])
