"""A BERT written for export: attention as one operation of onnxruntime's, and no mask.

Texts are encoded one at a time, so there is no padding to mask. What torch exports of transformers' own attention is
some twenty small operations a block, which onnxruntime does not put together again; the fused one is a quarter faster.
"""

import torch
from torch import Tensor, nn
from transformers import BertModel, PreTrainedModel
from transformers.models.bert.modeling_bert import BertLayer

_ATTENTION = "com.microsoft::Attention"


class FusedBert(nn.Module):
    """A BERT's token states, for whole texts of one length; to be exported only: torch itself cannot run it."""

    def __init__(self, bert: BertModel) -> None:
        super().__init__()
        self.bert = bert
        self.heads = int(bert.config.num_attention_heads)
        self.weights = nn.ParameterList()
        self.biases = nn.ParameterList()
        for layer in _layers_of(bert):
            parts = [getattr(layer.attention.self, name) for name in ("query", "key", "value")]
            weight = torch.cat([part.weight for part in parts]).T.contiguous()
            bias = torch.cat([part.bias for part in parts])
            self.weights.append(nn.Parameter(weight, requires_grad=False))
            self.biases.append(nn.Parameter(bias, requires_grad=False))

    def forward(self, input_ids: Tensor) -> Tensor:
        """Compute the last block's token states, shape ``(batch, length, dim)``."""
        states: Tensor = self.bert.embeddings(input_ids=input_ids)
        blocks = zip(_layers_of(self.bert), self.weights, self.biases, strict=True)
        for layer, weight, bias in blocks:
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
            states = layer.output(layer.intermediate(states), states)
        return states


class PlainStates(nn.Module):
    """The token states of any other encoder."""

    def __init__(self, model: PreTrainedModel) -> None:
        super().__init__()
        self.model = model

    def forward(self, input_ids: Tensor) -> Tensor:
        """Compute the last block's token states, shape ``(batch, length, dim)``."""
        states: Tensor = self.model(input_ids=input_ids).last_hidden_state
        return states


def states_of(model: PreTrainedModel) -> nn.Module:
    """Return what computes a model's token states, fused where it is a BERT."""
    if isinstance(model, BertModel) and not model.config.is_decoder:
        return FusedBert(model)
    return PlainStates(model)


def _layers_of(bert: BertModel) -> list[BertLayer]:
    return [layer for layer in bert.encoder.layer if isinstance(layer, BertLayer)]
