"""A BERT written for export: attention as one operation of onnxruntime's, and no mask.

Texts are encoded one at a time, so there is no padding to mask. What torch exports of transformers' own attention is
some twenty small operations a block, which onnxruntime does not put together again; the fused one is a quarter faster.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from transformers import BertModel, PreTrainedModel
from transformers.models.bert.modeling_bert import BertLayer

from training.smoothing import BlockFactors, attention_weight, layers_of

_ATTENTION = "com.microsoft::Attention"


class FusedBert(nn.Module):
    """A BERT's token states, for whole texts of one length; to be exported only: torch itself cannot run it."""

    def __init__(
        self, bert: BertModel, layers: Sequence[int], factors: Sequence[BlockFactors] = ()
    ) -> None:
        """Lay the weights out.

        Args:
            bert: In evaluation mode; it is not changed.
            layers: After which blocks states are wanted, counted from 1.
            factors: What to divide each block's channels by; see ``training.smoothing``.
        """
        super().__init__()
        self.bert = bert
        self.layers = tuple(layers)
        self.heads = int(bert.config.num_attention_heads)
        blocks = layers_of(bert)
        evened: Sequence[BlockFactors | None] = factors or [None] * len(blocks)
        self.blocks = nn.ModuleList(
            _Block(layer, self.heads, one) for layer, one in zip(blocks, evened, strict=True)
        )

    def forward(self, input_ids: Tensor) -> tuple[Tensor, ...]:
        """Compute token states after each wanted block, shape ``(batch, length, dim)``."""
        states: Tensor = self.bert.embeddings(input_ids=input_ids)
        after: list[Tensor] = []
        for block in self.blocks:
            states = block(states)
            after.append(states)
        return tuple(after[number - 1] for number in self.layers)


class _Block(nn.Module):
    """A block of a BERT."""

    def __init__(self, layer: BertLayer, heads: int, factors: BlockFactors | None) -> None:
        super().__init__()
        self.layer = layer
        self.heads = heads
        own = layer.attention.self
        growing, narrowing = layer.intermediate.dense, layer.output.dense
        biases = torch.cat([own.query.bias, own.key.bias, own.value.bias])
        attention = factors.attention if factors else None
        seen = _Evened(attention_weight(layer), biases, attention)
        # onnxruntime's attention wants its weights the other way round than torch's products.
        seen.weight = _frozen(seen.weight.T.contiguous())
        self.seen = seen
        self.growing = _Evened(growing.weight, growing.bias, factors.growing if factors else None)
        self.narrowing = _Evened(
            narrowing.weight, narrowing.bias, factors.narrowing if factors else None
        )

    def forward(self, states: Tensor) -> Tensor:
        """Compute what transformers' own does in evaluation mode."""
        seen = torch.onnx.ops.symbolic(
            _ATTENTION,
            (self.seen.even(states), self.seen.weight, self.seen.bias),
            attrs={"num_heads": self.heads},
            dtype=states.dtype,
            shape=states.shape,
            version=1,
        )
        states = self.layer.attention.output(seen, states)
        grown = self.layer.intermediate.intermediate_act_fn(self.growing(states))
        evened: Tensor = self.layer.output.LayerNorm(self.narrowing(grown) + states)
        return evened


class _Evened(nn.Module):
    """A product whose channels are divided by factors before, and whose weights are multiplied by them."""

    def __init__(self, weight: Tensor, bias: Tensor, factors: Tensor | None) -> None:
        super().__init__()
        self.share = None if factors is None else _frozen(1 / factors)
        self.weight = _frozen(weight if factors is None else weight.detach() * factors)
        self.bias = _frozen(bias)

    def even(self, given: Tensor) -> Tensor:
        """Divide the channels."""
        return given if self.share is None else given * self.share

    def forward(self, given: Tensor) -> Tensor:
        """Multiply, shape ``(batch, length, out)``."""
        return nn.functional.linear(self.even(given), self.weight, self.bias)


class PlainStates(nn.Module):
    """The token states of any other encoder."""

    def __init__(self, model: PreTrainedModel, layers: Sequence[int]) -> None:
        super().__init__()
        self.model = model
        self.layers = tuple(layers)

    def forward(self, input_ids: Tensor) -> tuple[Tensor, ...]:
        """Compute token states after each wanted block, shape ``(batch, length, dim)``."""
        states = self.model(input_ids=input_ids, output_hidden_states=True).hidden_states
        return tuple(states[number] for number in self.layers)


def _frozen(values: Tensor) -> nn.Parameter:
    return nn.Parameter(values.detach(), requires_grad=False)
