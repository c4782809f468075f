"""Makes the draft the next release: check, export, encode, fit, rehearse, freeze, switch.

Nothing is live before the last step; a publish that is killed leaves the live release and the draft as they were.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from bot.checking import check_documents
from bot.errors import ReleaseInvalidError
from bot.intent_heads import INTENT_HEAD
from bot.loading import Artifacts, ReleaseLoader
from bot.rehearsal import Stray
from bot.releases import Release
from bot.scripts import read_scripts
from bot.seed import CONVERSATIONS, ensure_seed
from bot.stores.manifest import DRAFT, EncoderInfo, Manifest
from bot.stores.releases import Documents, SqlReleases
from training.build import Built, open_builder
from training.deep_folder import find_deep
from training.errors import RegressionError
from training.exports import ensure_exports
from training.lock import only_one
from training.models import ModelPlan, info_of, versions
from training.progress import Timed
from training.regression import play_regression

STAGES: Final = 6
_SHOWN: Final = 10


@dataclass(frozen=True, slots=True)
class PublishOrder:
    """What to publish, and how.

    Attributes:
        models: Which encoders to export.
        message: What the author says about the release.
        forces: Switch although regression conversations stray.
        seed: Of everything that is drawn at random.
    """

    models: ModelPlan
    message: str = ""
    forces: bool = False
    seed: int = 7


@dataclass(frozen=True, slots=True)
class PublishReport:
    """What came of publishing.

    Attributes:
        took_s: Seconds per stage.
        strays: Regression conversations that went astray; only with ``forces``.
    """

    manifest: Manifest
    took_s: Mapping[str, float]
    scripts: int
    strays: tuple[Stray, ...]


async def publish(
    releases: SqlReleases, loader: ReleaseLoader, order: PublishOrder, shown: Timed
) -> PublishReport:
    """Make the draft the next release, and switch to it.

    Raises:
        ReleaseInvalidError: The draft does not hold; lists every problem with file, line and remedy.
        RegressionError: Regression conversations went astray.
        TrainingError: Another publish is running, or an export failed.
        ArtifactError: The deep result that lies there cannot be read.
    """
    with only_one(releases.cache / "publish.lock", "publishing"):
        return await _publish(releases, loader, order, shown)


async def _publish(
    releases: SqlReleases, loader: ReleaseLoader, order: PublishOrder, shown: Timed
) -> PublishReport:
    shown.begin("checking the draft")
    await ensure_seed(releases)
    documents = await releases.documents(DRAFT)
    problems = check_documents(documents)
    if problems:
        raise ReleaseInvalidError("the draft cannot be published:\n" + "\n".join(problems))
    sources = order.models.sources()
    files = await ensure_exports(releases.cache, sources, shown.begin("exporting the encoders"))
    encoder = order.models.open_base(releases.cache, files)
    builder = open_builder(releases.cache, encoder, seed=order.seed)
    builder.encode(documents, shown.begin("encoding examples and articles"))
    shown.begin("fitting intents and search")
    built = builder.build(documents)
    deep = find_deep(order.models.deep, built.artifacts[INTENT_HEAD], encoder.sha256)
    manifest = _manifest(built, order, info_of(encoder))
    artifacts = _together(files, built.artifacts)
    if deep is not None:
        manifest = deep.added_to(manifest)
        artifacts = {**artifacts, **deep.artifacts}
    candidate = loader.assemble(manifest, documents, artifacts)
    scripts, strays = await _rehearse(candidate, documents, order, shown)
    shown.begin("freezing and switching")
    frozen = await releases.freeze(manifest, documents, artifacts)
    await releases.switch(frozen.number)
    shown.end()
    return PublishReport(frozen, dict(shown.took_s), scripts, strays)


def _together(files: Mapping[str, Path], made: Mapping[str, bytes]) -> Artifacts:
    return {**files, **made}


def _manifest(built: Built, order: PublishOrder, encoder: EncoderInfo) -> Manifest:
    return Manifest(
        number=DRAFT,
        created_at=datetime.now(UTC),
        documents={},
        exports={source.groups[0]: source.fingerprint for source in order.models.sources()},
        thresholds=built.thresholds,
        encoder=encoder,
        metrics=built.metrics,
        versions=versions(),
        seed=order.seed,
        message=order.message,
    )


async def _rehearse(
    candidate: Release, documents: Documents, order: PublishOrder, shown: Timed
) -> tuple[int, tuple[Stray, ...]]:
    scripts = read_scripts(
        {path: text for path, text in documents.items() if path.startswith(f"{CONVERSATIONS}/")}
    )
    shown.begin(f"rehearsing {len(scripts)} conversations")
    strays = await play_regression(candidate, scripts)
    if strays and not order.forces:
        told = "\n".join(str(stray) for stray in strays[:_SHOWN])
        went = len({(stray.place.partition(":")[0], stray.script) for stray in strays})
        raise RegressionError(
            f"{went} of {len(scripts)} regression conversations went astray; mend the draft or the conversations, "
            f"or publish all the same with --force:\n{told}"
        )
    return len(scripts), strays


def as_json(report: PublishReport) -> Mapping[str, object]:
    """Render a report as JSON values."""
    manifest = report.manifest
    return {
        "release": manifest.number,
        "based_on": manifest.based_on,
        "created_at": manifest.created_at.isoformat(),
        "documents": len(manifest.documents),
        "metrics": dict(manifest.metrics),
        "thresholds": dict(manifest.thresholds),
        "took_s": dict(report.took_s),
        "conversations": report.scripts,
        "strays": [str(stray) for stray in report.strays],
    }
