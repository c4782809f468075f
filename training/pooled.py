"""What an exported encoder computes beside token states: one vector per text, and its mood."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import torch
from torch import Tensor, nn
from transformers import BertConfig

EARLY_SHARE: Final = 0.3
"""How much the states halfway up count in the vectors of our own encoders; chosen on validation parts."""


@dataclass(frozen=True, slots=True)
class ExportSettings:
    """How an encoder is to be used once exported.

    Attributes:
        name: Where its weights come from.
        pooling: ``mean`` or ``cls``.
        normalise: Scale vectors to length 1.
        prefix: Put before every text.
        max_length: Longer texts are cut to this many tokens.
        quantise: int8; else float32, four times the size and a third of the speed.
        has_mood: The first token's state carries the mood, and is a second output.
        early_layer: Block whose pooled states are put beside those of the last one; 0 for none. Words stand out more
            there, which tells close intents apart.
        early_share: How much these count in an inner product, from 0 to 1.
    """

    name: str
    pooling: str = "mean"
    normalise: bool = True
    prefix: str = ""
    max_length: int = 256
    quantise: bool = True
    has_mood: bool = False
    early_layer: int = 0
    early_share: float = 0.0


def early_layer_of(base_folder: Path) -> int:
    """Return the block halfway up an encoder."""
    layers: int = BertConfig.from_pretrained(base_folder).num_hidden_layers
    return layers // 2


class PooledEncoder(nn.Module):
    """An encoder that returns one vector per text, and its mood where it knows moods."""

    def __init__(self, states: nn.Module, settings: ExportSettings) -> None:
        super().__init__()
        self.states = states
        self.settings = settings

    def forward(self, input_ids: Tensor) -> tuple[Tensor, ...]:
        """Encode token ids of shape ``(batch, length)``, all of one length: nothing is padded."""
        last, *early = self.states(input_ids)
        vectors = self._pool(last)
        if early:
            share = self.settings.early_share
            parts = (
                math.sqrt(1 - share) * nn.functional.normalize(vectors, dim=-1),
                math.sqrt(share) * nn.functional.normalize(self._pool(early[0]), dim=-1),
            )
            vectors = torch.cat(parts, dim=-1)
        elif self.settings.normalise:
            vectors = nn.functional.normalize(vectors, dim=-1)
        return (vectors, last[:, 0]) if self.settings.has_mood else (vectors,)

    def _pool(self, states: Tensor) -> Tensor:
        return states[:, 0] if self.settings.pooling == "cls" else states.mean(dim=1)
