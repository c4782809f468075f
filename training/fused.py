"""A BERT written for export: attention as one operation of onnxruntime's, and no mask.

Texts are encoded one at a time, so there is no padding to mask. What torch exports of transformers' own attention is
some twenty small operations a block, which onnxruntime does not put together again; the fused one is a quarter faster.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from transformers import BertModel, PreTrainedModel

from training.smoothing import layers_of

_ATTENTION = "com.microsoft::Attention"


class FusedBert(nn.Module):
    """A BERT's token states, for whole texts of one length; to be exported only: torch itself cannot run it."""

    def __init__(
        self, bert: BertModel, layers: Sequence[int], factors: Sequence[Tensor] = ()
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
        self.shares = nn.ParameterList(_frozen(1 / factor) for factor in factors)
        self.narrowing = nn.ParameterList(
            _frozen(layer.output.dense.weight.detach() * factor)
            for layer, factor in zip(layers_of(bert), factors, strict=bool(factors))
        )
        self.heads = int(bert.config.num_attention_heads)
        self.weights = nn.ParameterList()
        self.biases = nn.ParameterList()
        for layer in layers_of(bert):
            parts = [getattr(layer.attention.self, name) for name in ("query", "key", "value")]
            weight = torch.cat([part.weight for part in parts]).T.contiguous()
            bias = torch.cat([part.bias for part in parts])
            self.weights.append(_frozen(weight))
            self.biases.append(_frozen(bias))

    def forward(self, input_ids: Tensor) -> tuple[Tensor, ...]:
        """Compute token states after each wanted block, shape ``(batch, length, dim)``."""
        states: Tensor = self.bert.embeddings(input_ids=input_ids)
        after: list[Tensor] = []
        blocks = zip(layers_of(self.bert), self.weights, self.biases, strict=True)
        for place, (layer, weight, bias) in enumerate(blocks):
            seen = torch.onnx.ops.symbolic(
                _ATTENTION,
                (states, weight, bias),
                attrs={"num_heads": self.heads},
                dtype=states.dtype,
                shape=states.shape,
                version=1,
            )
            # transformers' own, in evaluation mode: dense layer, sum with what came in, LayerNorm
            states = layer.attention.output(seen, states)
            grown = layer.intermediate(states)
            if self.shares:
                last = layer.output.dense
                shrunk = nn.functional.linear(
                    grown * self.shares[place], self.narrowing[place], last.bias
                )
                states = layer.output.LayerNorm(shrunk + states)
            else:
                states = layer.output(grown, states)
            after.append(states)
        return tuple(after[number - 1] for number in self.layers)


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
