"""Evens out what the products of a BERT block are given, so that eight bits are enough for it.

A few channels there have values up to a hundred times those of the others; with one int8 scale for all, the others would
be rounded away. Each channel is divided by a factor and its row of weights multiplied by it, which changes nothing in
float32 (SmoothQuant: Xiao et al., 2023, equation 4). The dividing costs a multiplication for each product, since what
comes in is also added to what comes out. The product behind the attention is given nothing that stands out.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Final

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from transformers import BertModel
from transformers.models.bert.modeling_bert import BertLayer

# How much of the unevenness goes into the weights; of 0.3 to 1.0 these kept the vectors nearest to those of float32.
_ALPHA: Final = 0.7
_ALPHA_NARROWING: Final = 0.8
_SMALLEST: Final = 1e-5


@dataclass(frozen=True, slots=True)
class BlockFactors:
    """What the channels that go into a block's products are divided by, all above 0.

    Attributes:
        attention: For queries, keys and values, shape ``(hidden_size,)``.
        growing: For the first product behind the attention's block, shape ``(hidden_size,)``.
        narrowing: For the last product, shape ``(intermediate_size,)``.
    """

    attention: Tensor
    growing: Tensor
    narrowing: Tensor


def layers_of(bert: BertModel) -> list[BertLayer]:
    """Return an encoder's blocks, from the first."""
    return [layer for layer in bert.encoder.layer if isinstance(layer, BertLayer)]


def smoothing_factors(
    bert: BertModel, tokenizer: Tokenizer, texts: Sequence[str], *, max_length: int
) -> list[BlockFactors]:
    """Choose the factors of each block's channels.

    Args:
        bert: In evaluation mode.
        tokenizer: Its own.
        texts: Some hundred, like those that it will be given.
        max_length: How many tokens of each are looked at.

    Returns:
        One for each block.
    """
    layers = layers_of(bert)
    products = [product for layer in layers for product in _products(layer)]
    with ExitStack() as watching:
        highest = [watching.enter_context(_highest(product)) for product in products]
        with torch.no_grad():
            for text in texts:
                bert(input_ids=torch.tensor([tokenizer.encode(text).ids[:max_length]]))
    found = iter(highest)
    return [_block_factors(layer, [next(found) for _ in range(3)]) for layer in layers]


def attention_weight(layer: BertLayer) -> Tensor:
    """Return the weights of queries, keys and values in one, shape ``(3 * hidden_size, hidden_size)``."""
    parts = [getattr(layer.attention.self, name) for name in ("query", "key", "value")]
    return torch.cat([part.weight.detach() for part in parts])


def _products(layer: BertLayer) -> tuple[nn.Linear, nn.Linear, nn.Linear]:
    """Return what is given the same as the products that are smoothed."""
    return layer.attention.self.query, layer.intermediate.dense, layer.output.dense


@contextmanager
def _highest(product: nn.Linear) -> Iterator[Tensor]:
    """Keep the highest absolute value of every channel that a product is given."""
    highest = torch.zeros(product.in_features)

    def look(_: nn.Module, given: tuple[Tensor, ...]) -> None:
        torch.maximum(highest, given[0].abs().amax(dim=(0, 1)), out=highest)

    handle = product.register_forward_pre_hook(look)
    try:
        yield highest
    finally:
        handle.remove()


def _block_factors(layer: BertLayer, highest: Sequence[Tensor]) -> BlockFactors:
    _, growing, narrowing = _products(layer)
    return BlockFactors(
        _factors(highest[0], attention_weight(layer), _ALPHA),
        _factors(highest[1], growing.weight.detach(), _ALPHA),
        _factors(highest[2], narrowing.weight.detach(), _ALPHA_NARROWING),
    )


def _factors(highest: Tensor, weight: Tensor, alpha: float) -> Tensor:
    given = highest.clamp(min=_SMALLEST) ** alpha
    return given / weight.abs().amax(dim=0).clamp(min=_SMALLEST) ** (1 - alpha)
