"""What is measured: the live release's models, or those in a folder; each an encoder with a head."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bot.encoder import OnnxEncoder
from bot.errors import ReleaseNotFoundError
from bot.intent_heads import INTENT_HEAD
from bot.loading import (
    BASE,
    DEEP,
    DEEP_PART,
    ENCODER_FILES,
    SENTIMENT,
    SENTIMENT_HEAD,
    open_encoder,
)
from bot.stores.manifest import Manifest
from bot.stores.releases import SqlReleases
from intents.artifact import read_deep_part, read_intent_head, read_sentiment_head
from intents.deep import DeepIntentHead
from intents.prediction import SentimentClassifier
from training.deep_folder import EncoderPair
from training.encodings import CachedEncoder
from training.evaluation.recipes import IntentModel
from training.exports import ensure_exports
from training.models import ModelPlan

_NOBODY: Final = "nothing is published yet; run 'kefu publish', or name a model with --model"


@dataclass(frozen=True, slots=True)
class SentimentModel:
    """An encoder with a head."""

    encoder: CachedEncoder
    head: SentimentClassifier


@dataclass(frozen=True, slots=True)
class Moods:
    """What an encoder says about the mood, where vectors are wanted."""

    source: OnnxEncoder

    @property
    def dim(self) -> int:
        """Return the length of a mood."""
        return self.source.settings.mood_dim

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Encode the moods of texts, shape ``(len(texts), dim)``."""
        return self.source.encode_all(texts).moods


@dataclass(frozen=True, slots=True)
class ExportedEncoder:
    """An encoder as a release would have it, and the files that it was loaded from, by name."""

    encoder: OnnxEncoder
    files: Mapping[str, Path]


async def live_manifest(releases: SqlReleases) -> Manifest:
    """Return the live release's manifest.

    Raises:
        ReleaseNotFoundError: Nothing was published yet.
    """
    number = await releases.live_number()
    if number is None:
        raise ReleaseNotFoundError(_NOBODY)
    return await releases.manifest(number)


async def manifest_of(releases: SqlReleases, number: int | None) -> Manifest:
    """Return the manifest of a release; of the live one where none is named.

    Raises:
        ReleaseNotFoundError: There is no such release, or nothing was published yet.
    """
    return await (live_manifest(releases) if number is None else releases.manifest(number))


async def released_encoder(releases: SqlReleases, manifest: Manifest, group: str) -> OnnxEncoder:
    """Load one of a release's encoders.

    Raises:
        ReleaseError: A part is missing or corrupt.
    """
    names = [f"{group}/{file}" for file in ENCODER_FILES]
    blobs = await releases.artifacts_of(manifest, names)
    return open_encoder(releases.cache, {file: blobs[f"{group}/{file}"] for file in ENCODER_FILES})


async def released_intents(releases: SqlReleases, manifest: Manifest) -> IntentModel:
    """Load a release's encoder and intent head, with the deep part where there is one.

    Raises:
        ReleaseError: A part is missing or corrupt.
        ArtifactError: The head does not fit the encoder.
    """
    encoder = await released_encoder(releases, manifest, BASE)
    blobs = await releases.artifacts_of(manifest, [INTENT_HEAD])
    head, _ = read_intent_head(blobs[INTENT_HEAD], INTENT_HEAD, encoder=encoder.sha256)
    threshold = manifest.thresholds["out_of_scope"]
    if DEEP_PART not in manifest.artifacts:
        return IntentModel(remembering(encoder, releases.cache), head, head.names, threshold)
    tuned = await released_encoder(releases, manifest, DEEP)
    deep = await releases.artifacts_of(manifest, [DEEP_PART])
    part, _ = read_deep_part(deep[DEEP_PART], DEEP_PART, encoder=tuned.sha256)
    cached = remembering(EncoderPair(encoder, tuned), releases.cache)
    return IntentModel(cached, DeepIntentHead(head, part), head.names, threshold)


async def released_sentiment(releases: SqlReleases, manifest: Manifest) -> SentimentModel:
    """Load a release's sentiment encoder and head.

    Raises:
        ReleaseError: A part is missing or corrupt.
        ArtifactError: The head does not fit the encoder.
    """
    encoder = await released_encoder(releases, manifest, SENTIMENT)
    blobs = await releases.artifacts_of(manifest, [SENTIMENT_HEAD])
    head, _ = read_sentiment_head(blobs[SENTIMENT_HEAD], SENTIMENT_HEAD, encoder=encoder.sha256)
    return SentimentModel(_remembering_moods(encoder, releases.cache), head)


async def exported_sentiment(cache: Path, plan: ModelPlan) -> SentimentModel:
    """Export an adapter as a release would, and load it.

    Raises:
        TrainingError: The export failed.
    """
    files = await _exported(cache, plan, SENTIMENT)
    encoder = open_encoder(cache, {name: files[f"{SENTIMENT}/{name}"] for name in ENCODER_FILES})
    blob = files[SENTIMENT_HEAD].read_bytes()
    head, _ = read_sentiment_head(blob, SENTIMENT_HEAD, encoder=encoder.sha256)
    return SentimentModel(_remembering_moods(encoder, cache), head)


async def exported_base(cache: Path, plan: ModelPlan) -> ExportedEncoder:
    """Export the base encoder as a release would, and load it.

    Raises:
        TrainingError: The export failed.
    """
    files = await _exported(cache, plan, BASE)
    named = {name: files[f"{BASE}/{name}"] for name in ENCODER_FILES}
    return ExportedEncoder(plan.open_base(cache, files), named)


async def exported_with(cache: Path, adapters: Sequence[Path]) -> tuple[OnnxEncoder, ...]:
    """Export the packaged encoder with each of some adapters merged into it, and load them.

    Raises:
        TrainingError: An export failed.
    """
    found = []
    for adapter in adapters:
        files = await ensure_exports(cache, [ModelPlan.source_with(adapter)], _untold)
        named = {name: files[f"{BASE}/{name}"] for name in ENCODER_FILES}
        found.append(open_encoder(cache, named))
    return tuple(found)


def remembering(encoder: OnnxEncoder | EncoderPair, cache: Path) -> CachedEncoder:
    """Keep an encoder's encodings on disk, apart from those of the draft: a second evaluation is fast."""
    return CachedEncoder(encoder, cache / "encodings" / f"evaluation-{encoder.sha256}.npz")


def _remembering_moods(encoder: OnnxEncoder, cache: Path) -> CachedEncoder:
    return CachedEncoder(Moods(encoder), cache / "encodings" / f"moods-{encoder.sha256}.npz")


async def _exported(cache: Path, plan: ModelPlan, group: str) -> dict[str, Path]:
    sources = [source for source in plan.sources() if group in source.groups]
    return dict(await ensure_exports(cache, sources, _untold))


def _untold(share: float, word: str) -> None:
    """Tell nobody how far an export is."""
