"""Trains the draft in place: what was saved a moment ago is answered from within a second."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from bot.encoder import OnnxEncoder
from bot.errors import ReleaseError
from bot.intent_heads import INTENT_HEAD
from bot.loading import SEARCH_PARTS
from bot.stores.manifest import DRAFT, Manifest
from bot.stores.releases import Documents, SqlReleases
from intents.artifact import read_intent_head
from intents.errors import IntentError
from training.build import SEARCH, Built, ReleaseBuilder, Search, articles_of, open_builder
from training.exports import ensure_exports
from training.intent import IntentCalibration
from training.intent_report import IntentThresholds
from training.models import ModelPlan, info_of, versions


@dataclass(slots=True)
class DraftTrainer:
    """Keeps the encoder loaded and everything parsed, so that only what is new costs time.

    Attributes:
        exported: Artifacts that no training changes: the encoders.
        calibration: Of the live release's intent head, or of the first fit where nothing is live; goes with
            ``calibrated_by``, the release's number.
    """

    releases: SqlReleases
    plan: ModelPlan
    encoder: OnnxEncoder
    builder: ReleaseBuilder
    exported: Mapping[str, str]
    calibration: IntentCalibration | None = None
    calibrated_by: int | None = None

    @classmethod
    async def open(cls, releases: SqlReleases, plan: ModelPlan, *, seed: int) -> "DraftTrainer":
        """Load the encoder; exports it where nobody has published yet.

        Raises:
            TrainingError: An export failed.
        """
        files = await ensure_exports(releases.cache, plan.sources(), lambda _share, _word: None)
        exported = {name: await _put(releases, file) for name, file in files.items()}
        encoder = plan.open_base(releases.cache, files)
        builder = open_builder(releases.cache, encoder, seed=seed)
        return cls(releases, plan, encoder, builder, exported)

    async def prepare(self) -> None:
        """Read and fit a draft that is trained already, so that its next change costs only what is new."""
        draft = await self.releases.find_manifest(DRAFT)
        if draft is None or not self._is_trained(draft):
            return
        documents = await self.releases.documents_of(draft)
        await self._calibrate_like_live()
        if self.calibration is not None and not self.builder.checker.check(documents):
            self.builder.build_instantly(documents, self.calibration)

    async def train(self) -> Manifest | None:
        """Train the draft if its documents changed; None when there was nothing to do.

        Documents that do not hold are refused: the draft says so, and answers from what it was trained on before.
        """
        draft = await self.releases.find_manifest(DRAFT)
        if draft is None or draft.fingerprint == draft.refused or self._is_trained(draft):
            return None
        try:
            documents = await self.releases.documents_of(draft)
        except ReleaseError:  # saved again in this very moment
            return None
        problems = self.builder.checker.check(documents)
        if problems:
            await self.releases.refuse_draft(draft.fingerprint, "\n".join(problems))
            return None
        built = await self._build(documents)
        trained = replace(
            draft,
            created_at=datetime.now(UTC),
            artifacts={**self.exported, **await self._base(built)},
            exports={source.groups[0]: source.fingerprint for source in self.plan.sources()},
            thresholds=built.thresholds,
            encoder=info_of(self.encoder),
            metrics=built.metrics,
            versions=versions(),
        )
        is_kept = await self.releases.save_trained_draft(trained, built.artifacts)
        return await self.releases.find_manifest(DRAFT) if is_kept else None

    async def give_up(self) -> None:
        """Let the draft be until somebody changes it."""
        draft = await self.releases.find_manifest(DRAFT)
        if draft is not None:
            why = "training failed; look at what 'python -m training worker --once' says"
            await self.releases.refuse_draft(draft.fingerprint, why)

    def _is_trained(self, draft: Manifest) -> bool:
        """Tell whether the draft needs no training: its documents and its encoders are what they were."""
        return draft.is_trained and self.exported.items() <= draft.artifacts.items()

    async def _base(self, built: Built) -> Mapping[str, str]:
        """See to it that the head below the draft's is stored; it is large, and seldom another one."""
        base = built.base
        if base is None:
            return {}
        if not await self.releases.blobs.has(base.sha256):
            await self.releases.blobs.put(await asyncio.to_thread(base.content))
        return {INTENT_HEAD: base.sha256}

    async def _build(self, documents: Documents) -> Built:
        await self._calibrate_like_live()
        if self.calibration is not None:
            return self.builder.build_instantly(documents, self.calibration)
        built = self.builder.build(documents)
        self.calibration = built.calibration
        return built

    async def _calibrate_like_live(self) -> None:
        """Take over the live release's calibration and search; one's own stay where those do not fit."""
        number = await self.releases.live_number()
        if number is None or number == self.calibrated_by:
            return
        self.calibrated_by = number
        live = await self.releases.manifest(number)
        try:
            blobs = await self.releases.artifacts_of(live, [INTENT_HEAD, *SEARCH_PARTS.values()])
            head, of = read_intent_head(
                blobs[INTENT_HEAD], INTENT_HEAD, encoder=self.encoder.sha256
            )
            # The release's own may be those of the head together with a deep part, which a draft does without.
            thresholds = IntentThresholds(**of.thresholds)
        except (ReleaseError, IntentError, KeyError, TypeError):
            return
        self.calibration = IntentCalibration(head.link, head.detector, thresholds)
        search = Search(
            artifacts={name: blobs[name] for name in SEARCH_PARTS.values()},
            thresholds={name: live.thresholds[name] for name in ("answer", "answer_in_scope")},
            metrics={k: v for k, v in live.metrics.items() if k.startswith(f"{SEARCH}_")},
        )
        articles = replace(live, documents=articles_of(live.documents))
        self.builder.keep_search(await self.releases.documents_of(articles), search)


async def _put(releases: SqlReleases, file: Path) -> str:
    return await releases.blobs.put(file.read_bytes())  # noqa: ASYNC240 - once, at start
