"""What ``python -m training …`` runs: opens the database, calls a part, shows its report."""

import argparse
import hashlib
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Final

from bot.bootstrap import find_workshop
from bot.seed import ensure_seed
from bot.stores.manifest import DRAFT
from training import publish, showing, worker
from training.deep_result import DEEP_STAGES, Deepen
from training.draft import DraftTrainer
from training.errors import DatasetError
from training.lock import only_one
from training.models import ModelPlan, own_adapter, own_deep, packaged_adapter, plan_for
from training.progress import say, stages
from training.regression import rehearsal_loader
from training.report import write_report

SEED: Final = 7


async def publish_draft(given: argparse.Namespace) -> Mapping[str, object]:
    """Make the draft the next release."""
    workshop = find_workshop()
    async with workshop.open_releases() as releases:
        order = publish.PublishOrder(
            plan_for(workshop.home, workshop.encoder), given.message, given.force, SEED
        )
        with stages(publish.STAGES) as shown:
            report = await publish.publish(releases, rehearsal_loader(releases), order, shown)
    showing.show_published(report)
    return publish.as_json(report)


async def train_drafts(given: argparse.Namespace) -> None:
    """Train the draft whenever it changes."""
    workshop = find_workshop()
    async with workshop.open_releases() as releases:
        await worker.work(
            releases, plan_for(workshop.home, workshop.encoder), seed=SEED, once=given.once
        )


async def fit_intents(given: argparse.Namespace) -> Mapping[str, object]:
    """Fit the intents of a file into a folder, or the draft's to show how well that goes."""
    if (given.data is None) != (given.out is None):
        raise DatasetError("--data and --out belong together; name the file and a folder")
    if given.deep:
        file = find_workshop().home / "cache" / "deep.lock"
        with only_one(file, "deep tuning"):
            return await (_deepen_draft(given.seed) if given.data is None else _fit_file(given))
    return await (_fit_draft(given) if given.data is None else _fit_file(given))


async def _fit_file(given: argparse.Namespace) -> Mapping[str, object]:
    """Fit encoder and head on a file, into a folder that needs nothing else."""
    # templates and charts: nothing that the other commands should wait for
    from training.intent_file import train_on_file  # noqa: PLC0415

    workshop = find_workshop()
    plan = plan_for(workshop.home, workshop.encoder)
    with stages(4 + DEEP_STAGES * given.deep) as shown:
        measurement = await train_on_file(
            workshop.home / "cache",
            plan,
            given.data,
            given.out,
            shown,
            seed=given.seed,
            deepen=_deepen(plan, workshop.home, given.seed) if given.deep else None,
        )
    found = measurement.scores.as_json()
    return found if measurement.deep is None else {**found, "deep": measurement.deep.as_json()}


async def _deepen_draft(seed: int) -> Mapping[str, object]:
    """Try deep tuning on the draft's examples; publishing takes it where it is better."""
    # templates and charts, as above
    from training.intent_catalogue import STAGES, deepen_draft  # noqa: PLC0415

    workshop = find_workshop()
    plan = plan_for(workshop.home, workshop.encoder)
    report = workshop.home / "reports" / "intents" / "deep.html"
    async with workshop.open_releases() as releases:
        with stages(STAGES + DEEP_STAGES) as shown:
            outcome = await deepen_draft(
                releases,
                plan,
                (own_deep(workshop.home), report),
                _deepen(plan, workshop.home, seed),
                shown,
            )
    if outcome.taken is not None:
        say(f"the result is in {outcome.taken.folder}; 'kefu publish' takes it")
    return outcome.verdict.as_json()


def _deepen(plan: ModelPlan, home: Path, seed: int) -> Deepen:
    # torch and transformers: seconds that no other command should wait for
    from training.deep import DeepTuning  # noqa: PLC0415

    return DeepTuning.open(plan, home / "cache" / "deep", seed=seed)


async def _fit_draft(given: argparse.Namespace) -> Mapping[str, object]:
    """Fit the intent head on the draft's examples, show how well it does and write it down."""
    workshop = find_workshop()
    async with workshop.open_releases() as releases:
        await ensure_seed(releases)
        with stages(3) as shown:
            shown.begin("loading the encoder")
            trainer = await DraftTrainer.open(
                releases, plan_for(workshop.home, workshop.encoder), seed=given.seed
            )
            documents = await releases.documents(DRAFT)
            trainer.builder.check(documents)
            trainer.builder.encode(documents, shown.begin("encoding examples and articles"))
            shown.begin("fitting intents")
            report = trainer.builder.measure_intents(documents)
    showing.show_intents(report, worst=given.worst)
    folder = workshop.home / "reports" / "intents"
    write_report(folder, report.card())
    say(f"every intent and confusion stands in {folder / 'README.md'}")
    return showing.intents_as_json(report)


async def evaluate(given: argparse.Namespace) -> Mapping[str, object]:
    """Measure what was asked for, and write a report."""
    # tables, templates and baselines: nothing that the other commands should wait for
    from training.evaluation.doors import evaluate as measure  # noqa: PLC0415

    return await measure(given)


def tune_encoder(given: argparse.Namespace) -> Mapping[str, object]:
    """Tune the base encoder on intent sets, our own and public ones; the mood is taught to what comes out."""
    # torch and transformers: seconds that no other command should wait for
    from training.encoders import packaged_base  # noqa: PLC0415
    from training.service import ServiceConfig, train  # noqa: PLC0415

    config = ServiceConfig(
        packaged_base(), given.data, given.out, leave=tuple(given.leave), seed=given.seed
    )
    with _alone(find_workshop().home, given.out), stages(1) as shown:
        folder = train(config, shown.begin("tuning the encoder"))
    say(f"the adapter is in {folder}; 'kefu train sentiment --from {folder}' teaches it the mood")
    return {"folder": str(folder)}


def tune_search(given: argparse.Namespace) -> Mapping[str, object]:
    """Tune the encoder that ships on questions with the passages that answer them."""
    # torch and transformers: seconds that no other command should wait for
    from training.encoders import packaged_base  # noqa: PLC0415
    from training.search import SearchConfig, train  # noqa: PLC0415

    config = SearchConfig(
        packaged_base(),
        given.data,
        given.out,
        packaged_adapter(),
        leave=tuple(given.leave),
        seed=given.seed,
    )
    with _alone(find_workshop().home, given.out), stages(1) as shown:
        folder = train(config, shown.begin("tuning the search encoder"))
    say(f"the adapter is in {folder}; 'kefu evaluate retrieval --model {folder}' measures it")
    return {"folder": str(folder)}


def tune_sentiment(given: argparse.Namespace) -> Mapping[str, object]:
    """Tune the sentiment adapter on SST-2 (where given) and our own sentences, or go on from ours on a file."""
    # torch and transformers: seconds that no other command should wait for
    from training.anchors import anchors  # noqa: PLC0415
    from training.encoders import packaged_base  # noqa: PLC0415
    from training.sentiment import train  # noqa: PLC0415
    from training.sentiment_config import SentimentConfig  # noqa: PLC0415

    workshop = find_workshop()
    out: Path = given.out or own_adapter(workshop.home)
    data: Path = given.data or Path("data")
    if given.data is not None and not data.exists():
        raise DatasetError(f"{data} is not there; name a file with text,sentiment, or a folder")
    config = SentimentConfig(
        packaged_base(),
        out,
        sst2_folder=data / "sst2",
        airline_folder=data / "airline-tweets",
        anchors=anchors(data / "multidogo", seed=given.seed),
        seed=given.seed,
    )
    if data.is_file():
        config = config.gone_on_with(data, given.start or packaged_adapter())
    elif given.start is not None:
        config = replace(config, start_folder=given.start)
    with _alone(workshop.home, out), stages(1) as shown:
        taught = train(config, shown.begin("tuning the sentiment adapter"))
    # tables, as above
    from training.evaluation.shown import show_scores  # noqa: PLC0415

    folder = taught.folder
    show_scores(taught.measured_on, taught.scores)
    takes = "'kefu publish' takes it" if given.out is None else f"measure it with --model {folder}"
    say(f"the adapter is in {folder}; its README.md says how good it is; {takes}")
    return {**taught.scores.as_json(), "folder": str(folder)}


def _alone(home: Path, out: Path) -> AbstractContextManager[None]:
    """Let nobody else tune into a folder meanwhile: two would write one checkpoint."""
    name = hashlib.sha256(str(out.resolve()).encode()).hexdigest()[:16]
    return only_one(home / "cache" / f"tuning-{name}.lock", f"tuning into {out}")
