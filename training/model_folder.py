"""A folder with an intent model that needs nothing else: encoder, head, manifest, report, and a deep part if there is one."""

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

from bot.encoder import OnnxEncoder
from bot.loading import DEEP
from intents.artifact import INTENT_KIND, read_intent_head, write_intent_head
from intents.container import HeadManifest
from intents.deep import DeepIntentHead
from intents.errors import ArtifactError
from intents.prediction import IntentClassifier
from training.deep_folder import EncoderPair, read_deep_folder
from training.intent import FittedIntents
from training.intent_report import IntentThresholds
from training.report import package_versions

HEAD_FILE: Final = "intents.safetensors"
MANIFEST_FILE: Final = "manifest.json"
ENCODER_FOLDER: Final = "encoder"
_KIND: Final = "kefu-intents"
_FORMAT: Final = 1
_REMEDY: Final = "make it with 'kefu train intents --data FILE --out DIR'"


@dataclass(frozen=True, slots=True)
class FolderManifest:
    """What stands in ``manifest.json``.

    Attributes:
        intents: The head's intents.
        thresholds: Where the policy would draw its lines; ``out_of_scope`` is what evaluation goes by.
        encoder: The encoder's name and hash.
        examples: How many the head was fitted on, repeated ones counted once.
        metrics: From cross-validation.
        deep: What cross-validation said about deep tuning, ``taken`` among it; empty where it was not tried.
        made_at: Aware UTC, ISO 8601.
    """

    intents: tuple[str, ...]
    thresholds: Mapping[str, float]
    encoder: Mapping[str, str]
    data_fingerprint: str
    examples: int
    seed: int
    metrics: Mapping[str, float]
    made_at: str
    versions: Mapping[str, str]
    deep: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FolderModel:
    """A model that was read back.

    Attributes:
        encoder: With a deep part, both encoders.
        names: The head's intents.
    """

    encoder: OnnxEncoder | EncoderPair
    head: IntentClassifier
    names: tuple[str, ...]
    thresholds: IntentThresholds


def write_model_folder(
    folder: Path, fitted: FittedIntents, manifest: FolderManifest, encoder_files: Mapping[str, Path]
) -> None:
    """Write a model folder; files of the same name are replaced.

    Args:
        folder: Made where missing.
        fitted: Head and thresholds.
        manifest: About them.
        encoder_files: Those of the exported encoder, by name; copied.
    """
    (folder / ENCODER_FOLDER).mkdir(parents=True, exist_ok=True)
    for name, file in encoder_files.items():
        shutil.copyfile(file, folder / ENCODER_FOLDER / name)
    head = HeadManifest(
        kind=INTENT_KIND,
        labels=fitted.head.names,
        encoder=manifest.encoder["sha256"],
        dim=fitted.head.dim,
        data_fingerprint=manifest.data_fingerprint,
        config={"seed": manifest.seed},
        metrics=dict(fitted.report.metrics) if fitted.report else {},
        versions=package_versions("numpy", "scipy"),
    )
    (folder / HEAD_FILE).write_bytes(write_intent_head(fitted.head, head))
    content = {"kind": _KIND, "format": _FORMAT, **asdict(manifest)}
    text = json.dumps(content, indent=2, ensure_ascii=False) + "\n"
    (folder / MANIFEST_FILE).write_text(text, encoding="utf-8")


def read_model_folder(folder: Path) -> FolderModel:
    """Read a model folder back.

    Raises:
        ArtifactError: A file is missing, corrupt, or does not fit the others; names it and a remedy.
        ConfigurationError: An encoder is missing or corrupt.
    """
    file = folder / MANIFEST_FILE
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        if (content["kind"], content["format"]) != (_KIND, _FORMAT):
            raise ArtifactError(f"{file} describes no intent model of this version; {_REMEDY}")
        blob = (folder / HEAD_FILE).read_bytes()
        thresholds = IntentThresholds(**content["thresholds"])
        is_deep = bool(content.get("deep", {}).get("taken"))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ArtifactError(
            f"{folder} holds no intent model: {MANIFEST_FILE} or {HEAD_FILE} cannot be read ({error!r}); {_REMEDY}"
        ) from error
    workers = os.cpu_count() or 1
    encoder = OnnxEncoder(folder / ENCODER_FOLDER, workers=workers)
    head, _ = read_intent_head(blob, str(folder / HEAD_FILE), encoder=encoder.sha256)
    if not is_deep:
        return FolderModel(encoder, head, head.names, thresholds)
    deep = read_deep_folder(folder / DEEP)
    misfit = deep.misfit(head.names, encoder.sha256)
    if misfit:
        raise ArtifactError(
            f"{folder / DEEP} does not go with {folder / HEAD_FILE}: {misfit}; {_REMEDY}"
        )
    pair = EncoderPair(encoder, deep.open_encoder(workers=workers))
    return FolderModel(pair, DeepIntentHead(head, deep.part), head.names, thresholds)
