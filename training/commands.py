"""What ``python -m training …`` runs: reads settings, opens the database, calls a part, shows its report."""

import argparse
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from bot.bootstrap import open_releases
from bot.errors import ReleaseNotFoundError
from bot.seed import ensure_seed
from bot.settings import Settings, read_settings
from bot.stores.manifest import DRAFT
from bot.stores.releases import SqlReleases
from training import evaluation, publish, showing, worker
from training.draft import DraftTrainer
from training.errors import DatasetError
from training.models import ModelPlan, packaged_adapter
from training.progress import say, stages
from training.regression import rehearsal_loader

SEED: Final = 7
_QUALITY: Final = Path("tests/quality")


async def publish_draft(given: argparse.Namespace) -> Mapping[str, object]:
    """Make the draft the next release."""
    async with _workplace() as (settings, releases):
        order = publish.PublishOrder(_models(settings), given.message, given.force, SEED)
        with stages(publish.STAGES) as shown:
            report = await publish.publish(releases, rehearsal_loader(releases), order, shown)
    showing.show_published(report)
    return publish.as_json(report)


async def train_drafts(given: argparse.Namespace) -> None:
    """Train the draft whenever it changes."""
    async with _workplace() as (settings, releases):
        await worker.work(releases, _models(settings), seed=SEED, once=given.once)


async def fit_intents(given: argparse.Namespace) -> Mapping[str, object]:
    """Fit the intent head on the draft's examples and show how well it does."""
    async with _workplace() as (settings, releases):
        await ensure_seed(releases)
        with stages(3) as shown:
            shown.begin("loading the encoder")
            trainer = await DraftTrainer.open(releases, _models(settings), seed=SEED)
            documents = await releases.documents(DRAFT)
            trainer.builder.check(documents)
            trainer.builder.encode(documents, shown.begin("encoding examples and articles"))
            shown.begin("fitting intents")
            report = trainer.builder.measure_intents(documents)
    showing.show_intents(report, worst=given.worst)
    return showing.intents_as_json(report)


async def evaluate(given: argparse.Namespace) -> Mapping[str, object]:
    """Measure a release on files."""
    files = given.data or sorted(_QUALITY.glob("*.yml"))
    if not files:
        raise DatasetError(f"there is no {_QUALITY} here; name files with --data")
    async with _workplace() as (_, releases):
        loader = rehearsal_loader(releases)
        number = await releases.live_number() if given.release is None else given.release
        if number is None:
            raise ReleaseNotFoundError("nothing is published yet; run 'kefu publish'")
        release = await loader.load(await releases.manifest(number))
        scores = evaluation.evaluate(release, files)
    showing.show_scores(number, scores)
    return {score.file: {"items": score.items, **score.numbers} for score in scores}


def tune_sentiment(given: argparse.Namespace) -> Mapping[str, object]:
    """Tune the sentiment adapter on SST-2 (where given) and our own sentences."""
    # torch and transformers: seconds that no other command should wait for
    from training.encoders import find_base  # noqa: PLC0415
    from training.sentiment import SentimentConfig, train  # noqa: PLC0415

    out: Path = given.out or own_adapter(read_settings())
    data: Path = given.data or Path("data")
    config = SentimentConfig(
        find_base().folder, out, sst2_folder=data / "sst2", airline_folder=data / "airline-tweets"
    )
    with stages(1) as shown:
        folder = train(config, shown.begin("tuning the sentiment adapter"))
    say(f"the adapter is in {folder}; its README.md says how good it is; 'kefu publish' takes it")
    return {"folder": str(folder)}


def own_adapter(settings: Settings) -> Path:
    """Return where a sentiment adapter of one's own lies."""
    return settings.home / "adapters" / "sentiment"


def _models(settings: Settings) -> ModelPlan:
    own = own_adapter(settings)
    is_whole = (own / "head.safetensors").exists()
    return ModelPlan(settings.encoder, own if is_whole else packaged_adapter())


@asynccontextmanager
async def _workplace() -> AsyncIterator[tuple[Settings, SqlReleases]]:
    settings = read_settings()
    async with open_releases(settings) as releases:
        yield settings, releases
