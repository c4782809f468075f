"""Evens out what the last product of a BERT block is given, so that eight bits are enough for it.

A few channels there have values a hundred times those of the others; with one int8 scale for all, the others would be
rounded away. Each channel is divided by a factor and its row of weights multiplied by it, which changes nothing in
float32 (SmoothQuant: Xiao et al., 2023, equation 4).
"""

from collections.abc import Sequence
from typing import Final

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from transformers import BertModel
from transformers.models.bert.modeling_bert import BertLayer

# How much of the unevenness goes into the weights; of 0.5 to 1.0 this kept the vectors nearest to those of float32.
_ALPHA: Final = 0.8
_SMALLEST: Final = 1e-5


def layers_of(bert: BertModel) -> list[BertLayer]:
    """Return an encoder's blocks, from the first."""
    return [layer for layer in bert.encoder.layer if isinstance(layer, BertLayer)]


def smoothing_factors(
    bert: BertModel, tokenizer: Tokenizer, texts: Sequence[str], *, max_length: int
) -> list[Tensor]:
    """Choose the factors of each block's channels.

    Args:
        bert: In evaluation mode.
        tokenizer: Its own.
        texts: Some hundred, like those that it will be given.
        max_length: How many tokens of each are looked at.

    Returns:
        For each block a tensor of shape ``(intermediate_size,)``; above 0.
    """
    layers = layers_of(bert)
    highest = [torch.zeros(layer.output.dense.in_features) for layer in layers]

    def watch(place: int) -> "torch.utils.hooks.RemovableHandle":
        def look(_: nn.Module, given: tuple[Tensor, ...]) -> None:
            highest[place] = torch.maximum(highest[place], given[0].abs().amax(dim=(0, 1)))

        return layers[place].output.dense.register_forward_pre_hook(look)

    watching = [watch(place) for place in range(len(layers))]
    try:
        with torch.no_grad():
            for text in texts:
                bert(input_ids=torch.tensor([tokenizer.encode(text).ids[:max_length]]))
    finally:
        for handle in watching:
            handle.remove()
    return [
        values.clamp(min=_SMALLEST) ** _ALPHA
        / layer.output.dense.weight.detach().abs().amax(dim=0).clamp(min=_SMALLEST) ** (1 - _ALPHA)
        for values, layer in zip(highest, layers, strict=True)
    ]
