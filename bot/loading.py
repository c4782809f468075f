"""Puts a release together from its documents and artifacts; what did not change since the last one is shared."""

import asyncio
import json
import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Final
from uuid import uuid4
from weakref import WeakValueDictionary
from zoneinfo import ZoneInfo

from bot.dialogue.playbook import FlowRoute, Playbook, SearchRoute, Thresholds
from bot.dialogue.reading import ROUTES_FILE, WORDING_FILE, read_playbook
from bot.dialogue.reading_flows import FLOWS_FILE
from bot.domain.ports import Clock
from bot.encoder import MODEL_FILE, SETTINGS_FILE, TOKENIZER_FILE, OnnxEncoder
from bot.errors import BotError, ReleaseError
from bot.extraction.extractor import Extractor
from bot.extraction.lookups import CatalogueEntities
from bot.extraction.products import ProductName
from bot.intent_heads import INTENT_CHANGE, INTENT_HEAD, LoadedHead
from bot.nlu import Nlu, NluModels, WishRules
from bot.releases import Release
from bot.stores.manifest import Manifest, sha256_of
from bot.stores.releases import Documents, SqlReleases
from intents.artifact import read_deep_part, read_sentiment_head
from intents.classifier import KernelIntentHead
from intents.deep import DeepIntentHead
from intents.errors import IntentError
from intents.prediction import IntentClassifier
from knowledge_base.errors import KnowledgeBaseError
from knowledge_base.parts import PARTS
from knowledge_base.retriever import HybridRetriever, load_retriever

BASE: Final = "base"
SENTIMENT: Final = "sentiment"
DEEP: Final = "deep"
DEEP_PART: Final = f"{DEEP}/head.safetensors"
ENTITIES: Final = "intent/entities.json"
SENTIMENT_HEAD: Final = f"{SENTIMENT}/head.safetensors"
SEARCH_PARTS: Final[Mapping[str, str]] = {part: f"search/{part}" for part in PARTS}
ENCODER_FILES: Final = (MODEL_FILE, TOKENIZER_FILE, SETTINGS_FILE)
_NEEDED: Final = (
    *(f"{group}/{file}" for group in (BASE, SENTIMENT) for file in ENCODER_FILES),
    INTENT_HEAD,
    ENTITIES,
    SENTIMENT_HEAD,
    *SEARCH_PARTS.values(),
)
_DEEP: Final = (*(f"{DEEP}/{file}" for file in ENCODER_FILES), DEEP_PART)


Artifacts = Mapping[str, bytes | Path]
"""By name, as bytes or as files."""


class ReleaseLoader:
    """Loads releases; those that share an encoder share it in memory too."""

    def __init__(
        self,
        releases: SqlReleases,
        products: Sequence[ProductName],
        clock: Clock,
        time_zone: ZoneInfo,
    ) -> None:
        """Prepare to load.

        Args:
            releases: Where releases lie.
            products: The shop's range, to find in what customers write.
            clock: Says what "yesterday" is.
            time_zone: The shop's.
        """
        self._releases = releases
        self._products = tuple(products)
        self._clock = clock
        self._time_zone = time_zone
        self._encoders: WeakValueDictionary[str, OnnxEncoder] = WeakValueDictionary()
        self._search: tuple[tuple[str, ...], HybridRetriever] | None = None
        self._playbook: tuple[Documents, Playbook] | None = None
        self._extractor: tuple[bytes, Extractor] | None = None
        self._head: LoadedHead | None = None
        # More threads than cores would only make turns wait for each other.
        self._threads = ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="understand")

    async def load(self, manifest: Manifest) -> Release:
        """Load a release from the database, and from the cache of files beside it.

        Raises:
            ReleaseError: A part is missing or corrupt; names it, and a remedy.
        """
        needed = [*_NEEDED, *(_DEEP if DEEP_PART in manifest.artifacts else ())]
        needed += [INTENT_CHANGE] if INTENT_CHANGE in manifest.artifacts else []
        missing = [name for name in needed if name not in manifest.artifacts]
        if missing:
            raise ReleaseError(
                f"release {manifest.number} lacks {', '.join(missing)}; build one again with 'kefu publish'"
            )
        wanted = playbook_documents(manifest.documents)
        documents = await self._releases.documents_of(replace(manifest, documents=wanted))
        big = [name for name in needed if name.endswith(f"/{MODEL_FILE}")]
        head = self._head if self._head and self._head.is_in(manifest.artifacts) else None
        small = [name for name in needed if name not in big and not (head and name == INTENT_HEAD)]
        artifacts: dict[str, bytes | Path] = dict(
            await self._releases.artifacts_of(manifest, small)
        )
        for name in big:
            artifacts[name] = await self._releases.blobs.path(name, manifest.artifacts[name])
        return await asyncio.to_thread(self.assemble, manifest, documents, artifacts, head)

    def assemble(
        self,
        manifest: Manifest,
        documents: Documents,
        artifacts: Artifacts,
        head: LoadedHead | None = None,
    ) -> Release:
        """Put a release together.

        Args:
            manifest: Its number and thresholds count.
            documents: At least routes, flows and wording.
            artifacts: All of them; those of a deep part, or a change of the head, only where there is one.
            head: Where it is loaded already, it need not be among the artifacts.

        Raises:
            ReleaseError: A part is corrupt or does not fit the others; names it, and a remedy.
        """
        try:
            playbook = self._read_playbook(manifest, documents)
            nlu = self._make_nlu(playbook, artifacts, head)
            search = self._read_search(artifacts)
        except ReleaseError:
            raise
        except (BotError, IntentError, KnowledgeBaseError, TypeError, ValueError) as problem:
            told = str(problem)
            remedy = "" if "'kefu publish'" in told else "; build it again with 'kefu publish'"
            raise ReleaseError(
                f"release {manifest.number} cannot be loaded: {told.rstrip('.')}{remedy}"
            ) from problem
        return Release(manifest.number, playbook, search, nlu, manifest, self._threads)

    def _read_playbook(self, manifest: Manifest, documents: Documents) -> Playbook:
        thresholds, texts = Thresholds(**manifest.thresholds), playbook_documents(documents)
        if self._playbook is None or self._playbook[0] != texts:
            self._playbook = (texts, read_playbook(texts, thresholds, manifest.number))
        return replace(self._playbook[1], thresholds=thresholds, release=manifest.number)

    def _make_nlu(self, playbook: Playbook, artifacts: Artifacts, head: LoadedHead | None) -> Nlu:
        tasks = (
            name
            for name, route in playbook.routes.items()
            if isinstance(route, FlowRoute | SearchRoute)
        )
        return Nlu(
            self._read_models(artifacts, head),
            self._read_extractor(_content(artifacts[ENTITIES])),
            WishRules(frozenset(tasks), playbook.thresholds.accept),
            self._clock,
            self._time_zone,
        )

    def _read_extractor(self, entities: bytes) -> Extractor:
        if self._extractor is None or self._extractor[0] != entities:
            read = Extractor(self._products, CatalogueEntities(**json.loads(entities)))
            self._extractor = (entities, read)
        return self._extractor[1]

    def _read_models(self, artifacts: Artifacts, head: LoadedHead | None) -> NluModels:
        encoder = self._open(BASE, artifacts)
        sentiment_encoder = self._open(SENTIMENT, artifacts)  # the same one, if the files are
        sentiment, _ = read_sentiment_head(
            _content(artifacts[SENTIMENT_HEAD]), SENTIMENT_HEAD, encoder=sentiment_encoder.sha256
        )
        if head is None:
            head = LoadedHead.read(_content(artifacts[INTENT_HEAD]), INTENT_HEAD, encoder.sha256)
            self._head = head
        quicker = head.changed(_content(artifacts.get(INTENT_CHANGE, b"")), encoder.sha256)
        if DEEP_PART not in artifacts:
            return NluModels(encoder, quicker, sentiment_encoder, sentiment)
        tuned = self._open(DEEP, artifacts)
        both = _with_deep_part(quicker, _content(artifacts[DEEP_PART]), tuned)
        return NluModels(encoder, both, sentiment_encoder, sentiment, tuned)

    def _read_search(self, artifacts: Artifacts) -> HybridRetriever:
        parts = {part: _content(artifacts[name]) for part, name in SEARCH_PARTS.items()}
        key = tuple(sha256_of(content) for content in parts.values())
        if self._search is None or self._search[0] != key:
            self._search = (key, load_retriever(parts))
        return self._search[1]

    def _open(self, group: str, artifacts: Artifacts) -> OnnxEncoder:
        files = {file: artifacts[f"{group}/{file}"] for file in ENCODER_FILES}
        key = _key_of(files)
        found = self._encoders.get(key)
        if found is None:
            found = open_encoder(self._releases.cache, files)
            self._encoders[key] = found
        return found


def _with_deep_part(instant: KernelIntentHead, blob: bytes, tuned: OnnxEncoder) -> IntentClassifier:
    part, _ = read_deep_part(blob, DEEP_PART, encoder=tuned.sha256)
    return DeepIntentHead(instant, part)


def playbook_documents(documents: Documents) -> Documents:
    """Return the documents that say how a release talks: routes, flows and wording."""
    files = (ROUTES_FILE, FLOWS_FILE, WORDING_FILE)
    return {path: documents[path] for path in files if path in documents}


def open_encoder(cache: Path, files: Artifacts) -> OnnxEncoder:
    """Load an encoder.

    Args:
        cache: Its files are laid out in a folder below.
        files: Name of each of ``ENCODER_FILES`` to its content.

    Raises:
        ConfigurationError: A file is corrupt.
    """
    folder = cache / "encoders" / sha256_of(_key_of(files).encode())[:32]
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        _lay(content, folder / name)
    return OnnxEncoder(folder, workers=os.cpu_count() or 1)


def _key_of(files: Artifacts) -> str:
    """Name an encoder by its two small files; one of them holds the hash of the model."""
    return sha256_of(_content(files[SETTINGS_FILE]) + _content(files[TOKENIZER_FILE]))


def _lay(content: bytes | Path, target: Path) -> None:
    """Put a file in place, by a link where the disk can; whoever reads it meanwhile sees the old one or the new."""
    unfinished = target.with_name(f".{target.name}.{uuid4().hex}")
    try:
        if isinstance(content, bytes):
            unfinished.write_bytes(content)
        else:
            _link(content, unfinished)
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)


def _link(source: Path, target: Path) -> None:
    try:
        target.hardlink_to(source)
    except OSError:  # another disk, or one that knows no links
        target.write_bytes(source.read_bytes())


def _content(given: bytes | Path) -> bytes:
    return given if isinstance(given, bytes) else given.read_bytes()
