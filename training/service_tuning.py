"""Tunes an encoder so that intents it has never seen need only a handful of examples; goes on after a kill.

Each step is a small task of its own: some intents of one set, half of them near neighbours, with a few utterances
each. Three losses are added. Every utterance shall be nearest to its intent's *proxy*, a vector that is learnt beside
the encoder (Movshovitz-Attias et al., 2017); it shall be nearest to the mean of the other utterances of its intent, its
*prototype* (Snell et al., 2017); and cosines between utterances shall stay near to what they were.

Chance is seeded anew at each step and a checkpoint is written every hundred, so that a run that was killed ends with
the same weights as one that was not.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional
from transformers import BertModel

from training.lora import upper_matrices
from training.progress import Report
from training.sentiment_encoding import meaning, pad
from training.service_data import TaughtSet
from training.service_episodes import Course, Episode, as_hasty
from training.tuning import read_checkpoint, set_rates, write_checkpoint

_CHECKPOINT_EVERY: Final = 100
_WARM_UP: Final = 0.08
_PROXY_LEARNING_RATE: Final = 2e-3
_LABEL_SMOOTHING: Final = 0.05
_FIDELITY_SCALE: Final = 10.0


@dataclass(frozen=True, slots=True)
class ServiceRecipe:
    """How to tune: everything that changes the resulting weights.

    Attributes:
        learning_rate: Peak; rises over the first 8 %, then falls to 0.
        frozen_layers: So many of the lowest layers stay as they are, and the embeddings below them.
        intents: In a step; fewer where a set has fewer, with more utterances of each.
        utterances: Of each intent in a step.
        scale: Cosines are multiplied by it before they become probabilities.
        fidelity: Weight of the loss that keeps cosines where they were.
        typo_share: Of the utterances in a step, how many are mistyped.
        precision: ``bf16`` or ``fp32`` for the matrix products.
    """

    seed: int
    steps: int
    learning_rate: float
    frozen_layers: int
    intents: int
    utterances: int
    scale: float
    fidelity: float
    typo_share: float
    precision: str


def proxy_loss(vectors: Tensor, proxies: Tensor, wanted: Tensor, scale: float) -> Tensor:
    """Punish utterances that are not nearest to the proxy of their intent among all of the set."""
    cosines = vectors @ functional.normalize(proxies, dim=-1).T
    return functional.cross_entropy(scale * cosines, wanted, label_smoothing=_LABEL_SMOOTHING)


def prototype_loss(vectors: Tensor, groups: Tensor, scale: float) -> Tensor:
    """Punish utterances that are not nearest to the mean of the *others* of their group.

    Args:
        vectors: Unit vectors, shape ``(batch, dim)``.
        groups: Of each its group, from 0 without gaps.
        scale: See ``ServiceRecipe``.
    """
    is_own = functional.one_hot(groups).to(vectors.dtype)
    sums = is_own.T @ vectors
    cosines = vectors @ functional.normalize(sums, dim=-1).T
    without_it = functional.normalize(sums[groups] - vectors, dim=-1)
    to_own = (vectors * without_it).sum(dim=1, keepdim=True)
    cosines = torch.where(is_own.bool(), to_own, cosines)
    return functional.cross_entropy(scale * cosines, groups, label_smoothing=_LABEL_SMOOTHING)


class ServiceTuner:
    """Trains an encoder step by step."""

    def __init__(
        self,
        encoder: BertModel,
        tokenizer: Tokenizer,
        sets: Sequence[TaughtSet],
        recipe: ServiceRecipe,
        origin: str,
    ) -> None:
        """Make ready; the encoder says now where its vectors are before it is tuned.

        Args:
            encoder: Its matrices are tuned in place.
            tokenizer: Cuts long texts.
            sets: To learn from.
            recipe: How.
            origin: Says which weights and data these are; a checkpoint of others is not gone on from.
        """
        self.encoder, self._tokenizer, self._recipe = encoder, tokenizer, recipe
        self._key = f"{recipe!r} {origin}"
        encoder.train(mode=False)
        self._course = Course(sets, encoder, tokenizer)
        starts = [torch.from_numpy(lesson.start) for lesson in self._course.lessons]
        self._proxies = [nn.Parameter(start.clone()) for start in starts]
        self._weights = upper_matrices(encoder, recipe.frozen_layers)
        groups = [(self._weights, recipe.learning_rate, 0.01)]
        groups.append((self._proxies, _PROXY_LEARNING_RATE, 0.0))
        self._optimizer = torch.optim.AdamW(
            [
                {"params": one, "lr": lr, "peak": lr, "weight_decay": decay}
                for one, lr, decay in groups
            ],
            betas=(0.9, 0.98),
            fused=True,
        )

    def run(self, checkpoint: Path, progress: Report) -> tuple[float, ...]:
        """Take all steps that the checkpoint lacks; returns the mean loss of each hundred steps."""
        losses = self._resume(checkpoint)
        steps = self._recipe.steps
        self.encoder.train()
        for step in range(len(losses), steps):
            losses.append(self._step(step))
            if (step + 1) % _CHECKPOINT_EVERY == 0:
                self._save(checkpoint, losses)
            if (step + 1) % 10 == 0 or step + 1 == steps:
                progress((step + 1) / steps, f"step {step + 1} of {steps}: loss {losses[-1]:.3f}")
        self.encoder.train(mode=False)
        hundreds = range(0, steps, _CHECKPOINT_EVERY)
        return tuple(float(np.mean(losses[one : one + _CHECKPOINT_EVERY])) for one in hundreds)

    def _step(self, step: int) -> float:
        chance = np.random.default_rng([self._recipe.seed, step])
        torch.manual_seed(int(chance.integers(2**31)))
        set_rates(self._optimizer, step, self._recipe.steps, _WARM_UP)
        episode = self._course.draw(self._recipe.intents, self._recipe.utterances, chance)
        loss = self._loss(episode, chance)
        self._optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self._weights, 1.0)
        self._optimizer.step()
        return float(loss.item())

    def _loss(self, episode: Episode, chance: np.random.Generator) -> Tensor:
        recipe = self._recipe
        texts = [self._course.texts[place] for place in episode.places]
        vectors = self._encode([as_hasty(text, recipe.typo_share, chance) for text in texts])
        before = self._course.vectors[list(episode.places)]
        proxies = self._proxies[episode.number]
        moved = (vectors @ vectors.T - before @ before.T).square().mean()
        return (
            proxy_loss(vectors, proxies, torch.tensor(episode.intents), recipe.scale)
            + prototype_loss(vectors, torch.tensor(episode.groups), recipe.scale)
            + recipe.fidelity * _FIDELITY_SCALE * moved
        )

    def _encode(self, texts: list[str]) -> Tensor:
        ids, mask = pad([one.ids for one in self._tokenizer.encode_batch(texts)])
        with torch.autocast("cpu", torch.bfloat16, enabled=self._recipe.precision == "bf16"):
            states = self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state
        return meaning(states.float(), mask)

    def _save(self, checkpoint: Path, losses: list[float]) -> None:
        write_checkpoint(checkpoint, self._key, self._learnt, self._optimizer, {"losses": losses})

    def _resume(self, checkpoint: Path) -> list[float]:
        """Take up a checkpoint of the same recipe, weights and data; else begin at step 0."""
        state = read_checkpoint(checkpoint, self._key, self._learnt, self._optimizer)
        return [] if state is None else list(state["losses"])

    @property
    def _learnt(self) -> list[nn.Parameter]:
        return [*self._weights, *self._proxies]
