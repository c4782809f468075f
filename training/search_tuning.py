"""Tunes an encoder so that questions lie near to the passages that answer them; goes on after a kill.

Each step takes questions of one set, for each a passage that answers it and one that nearly does, and asks for the
right ones among all of these: softmax over the mean of the cosines with head and nearest piece, as the search itself
compares (multiple negatives, Henderson et al., 2017). The lower half of the encoder stays as it is, and with it what
it says about words.

Chance is seeded anew at each step and a checkpoint is written every 25, so that a run that was killed ends with the
same weights as one that was not.
"""

import math
from collections.abc import Sequence
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

from intents.text import normalise
from training.lora import upper_matrices
from training.pooled import EARLY_SHARE
from training.progress import Report
from training.search_lessons import SearchCourse, SearchEpisode
from training.sentiment_encoding import meaning, pad
from training.tuning import read_checkpoint, set_rates, write_checkpoint

_CHECKPOINT_EVERY: Final = 25
_WARM_UP: Final = 0.1
_BETAS: Final = (0.9, 0.98)
_DECAY: Final = 0.01
_BATCH: Final = 64


@dataclass(frozen=True, slots=True)
class SearchRecipe:
    """How to tune: everything that changes the resulting weights.

    Attributes:
        learning_rate: Peak; rises over the first tenth, then falls to 0.
        frozen_layers: So many of the lowest layers stay as they are, and the embeddings below them.
        questions: In a step.
        scale: Cosines are multiplied by it before they become probabilities.
        precision: ``bf16`` or ``fp32`` for the matrix products.
    """

    seed: int
    steps: int
    learning_rate: float
    frozen_layers: int
    questions: int
    scale: float
    precision: str


def pair_loss(scores: Tensor, is_right: Tensor) -> Tensor:
    """Punish questions whose right passages together have little of the softmax over all passages.

    Args:
        scores: Shape ``(questions, passages)``.
        is_right: Of the same shape, at least one True in each row.
    """
    shares = functional.log_softmax(scores, dim=1).masked_fill(~is_right, -torch.inf)
    return -shares.logsumexp(dim=1).mean()


class MixedEncoder:
    """Encodes with torch as the exported encoder will: states of the last layer beside those halfway up."""

    def __init__(self, model: BertModel, tokenizer: Tokenizer, *, in_bf16: bool = False) -> None:
        """Take the weights, which may change while this is used, and what cuts long texts."""
        self.model, self._tokenizer, self._in_bf16 = model, tokenizer, in_bf16
        self._early_layer = model.config.num_hidden_layers // 2

    @property
    def dim(self) -> int:
        """Return the length of a vector."""
        return 2 * int(self.model.config.hidden_size)

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Encode texts as unit vectors, shape ``(len(texts), dim)``, order kept."""
        vectors = np.zeros((len(texts), self.dim), dtype=np.float32)
        order = sorted(range(len(texts)), key=lambda place: len(texts[place]))
        with torch.inference_mode():
            for start in range(0, len(order), _BATCH):
                places = order[start : start + _BATCH]
                vectors[places] = self.vectors([texts[place] for place in places]).numpy()
        return vectors

    def vectors(self, texts: Sequence[str]) -> Tensor:
        """Encode one batch, with gradients where these are wanted."""
        tokens = self._tokenizer.encode_batch([normalise(text) for text in texts])
        ids, mask = pad([one.ids for one in tokens])
        with torch.autocast("cpu", torch.bfloat16, enabled=self._in_bf16):
            found = self.model(input_ids=ids, attention_mask=mask, output_hidden_states=True)
        last = meaning(found.last_hidden_state.float(), mask)
        early = meaning(found.hidden_states[self._early_layer].float(), mask)
        parts = (math.sqrt(1 - EARLY_SHARE) * last, math.sqrt(EARLY_SHARE) * early)
        return torch.cat(parts, dim=-1)


class SearchTuner:
    """Trains an encoder step by step."""

    def __init__(
        self,
        encoder: BertModel,
        tokenizer: Tokenizer,
        course: SearchCourse,
        recipe: SearchRecipe,
        origin: str,
    ) -> None:
        """Make ready.

        Args:
            encoder: Its matrices are tuned in place.
            tokenizer: Cuts long texts.
            course: What to learn from.
            recipe: How.
            origin: Says which weights and data these are; a checkpoint of others is not gone on from.
        """
        self.encoder, self._course = encoder, course
        self._mixed = MixedEncoder(encoder, tokenizer, in_bf16=recipe.precision == "bf16")
        self._recipe, self._key = recipe, f"{recipe!r} {origin}"
        self._weights = upper_matrices(encoder, recipe.frozen_layers)
        rate = recipe.learning_rate
        group = {"params": self._weights, "lr": rate, "peak": rate, "weight_decay": _DECAY}
        self._optimizer = torch.optim.AdamW([group], betas=_BETAS, fused=True)

    def run(self, checkpoint: Path, progress: Report) -> tuple[float, ...]:
        """Take all steps that the checkpoint lacks; returns the mean loss of each 25 steps."""
        losses = self._resume(checkpoint)
        steps = self._recipe.steps
        self.encoder.train()
        for step in range(len(losses), steps):
            losses.append(self._step(step))
            if (step + 1) % _CHECKPOINT_EVERY == 0:
                kept = {"losses": losses}
                write_checkpoint(checkpoint, self._key, self._weights, self._optimizer, kept)
            progress((step + 1) / steps, f"step {step + 1} of {steps}: loss {losses[-1]:.3f}")
        self.encoder.train(mode=False)
        begins = range(0, steps, _CHECKPOINT_EVERY)
        return tuple(float(np.mean(losses[one : one + _CHECKPOINT_EVERY])) for one in begins)

    def _step(self, step: int) -> float:
        chance = np.random.default_rng([self._recipe.seed, step])
        torch.manual_seed(int(chance.integers(2**31)))
        set_rates(self._optimizer, step, self._recipe.steps, _WARM_UP)
        loss = self._loss(self._course.draw(self._recipe.questions, chance))
        self._optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self._weights, 1.0)
        self._optimizer.step()
        return float(loss.item())

    def _loss(self, episode: SearchEpisode) -> Tensor:
        asked, heads, pieces = (
            self._mixed.vectors(texts)
            for texts in (episode.questions, episode.heads, episode.pieces)
        )
        cosines = asked @ (heads + pieces).T / 2.0
        return pair_loss(self._recipe.scale * cosines, torch.from_numpy(episode.is_right))

    def _resume(self, checkpoint: Path) -> list[float]:
        """Take up a checkpoint of the same recipe, weights and data; else begin at step 0."""
        state = read_checkpoint(checkpoint, self._key, self._weights, self._optimizer)
        return [] if state is None else list(state["losses"])
