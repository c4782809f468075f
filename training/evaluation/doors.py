"""``python -m training evaluate …``: chooses what is measured, and hands the scores back for ``--json``."""

import argparse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from bot.bootstrap import Workshop, find_workshop
from bot.errors import ReleaseNotFoundError
from training.errors import DatasetError
from training.evaluation.dialogue_doors import measure_dialogue
from training.evaluation.intent_doors import (
    Measurement,
    measure_catalogue,
    measure_file,
    write_measurement,
)
from training.evaluation.public_doors import PublicSets, measure_public
from training.evaluation.release_files import FileScores, measure_files
from training.evaluation.search_doors import PassageFiles, measure_passages
from training.evaluation.sentiment_doors import measure_sentiment_file
from training.models import ModelPlan, plan_for
from training.progress import Timed, stages
from training.regression import rehearsal_loader
from training.showing import show_files

KINDS: Final = ("nlu", "sentiment", "retrieval", "dialogue")
_STAGES: Final = 6
_QUALITY: Final = Path("tests/quality")
_TITLES: Final = {
    "nlu": "Intents",
    "sentiment": "Sentiment",
    "retrieval": "Search",
    "dialogue": "Conversations",
}


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked for.

    Attributes:
        kind: One of ``KINDS``; "" for all.
        model: A model folder; None for the live release.
        data: A file, or the folder with public sets; None for one's own.
        out: Where the report goes.
        release: Which catalogue; None for the draft.
        encoders: Folder of encoders that left public sets out; None for none.
        table: The quality table to bring up to date; None for none.
        deep: With how many seeds deep tuning is measured too.
    """

    kind: str
    model: Path | None
    data: Path | None
    passages: Path | None
    questions: Path | None
    out: Path
    release: int | None
    encoders: Path | None
    table: Path | None
    deep: int
    seed: int

    @property
    def report(self) -> Path:
        """Return the file of the report; a new one for every run."""
        stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
        return self.out / f"{self.kind or 'all'}-{stamp}.html"


async def evaluate(given: argparse.Namespace) -> Mapping[str, object]:
    """Measure what was asked for; returns what ``--json`` prints.

    Raises:
        DatasetError: A file cannot be used, or the options do not go together.
    """
    workshop = find_workshop()
    order = Order(
        given.kind or "",
        given.model,
        given.data,
        given.passages,
        given.questions,
        given.out or workshop.home / "reports",
        given.release,
        given.encoders,
        given.table,
        given.deep,
        given.seed,
    )
    _check(order)
    plan = plan_for(workshop.home, workshop.encoder)
    with stages(_STAGES) as shown_as:
        if order.data is not None and order.data.is_dir() and order.kind != "dialogue":
            return await _public(workshop, plan, order, shown_as)
        if not order.kind:
            return await _own(workshop, plan, order, shown_as)
        measurement = await _measure(workshop, plan, order, shown_as)
    write_measurement(order.report, _TITLES[order.kind], measurement.sections)
    return measurement.scores.as_json()


def _check(order: Order) -> None:
    """Refuse options that do not go together, before anything is loaded."""
    for is_wrong, remedy in _mistakes(order):
        if is_wrong:
            raise DatasetError(remedy)


def _mistakes(order: Order) -> Iterator[tuple[bool, str]]:
    """Yield what can be wrong, whether it is, and what to do."""
    data, kind, passages = order.data, order.kind, order.passages
    is_there = data is not None and data.exists()
    is_set = data is not None and data.is_dir()
    yield (
        data is not None and not is_there,
        f"{data} is not there; name a file, or the folder with public sets",
    )
    yield (
        (passages is None) != (order.questions is None),
        "--passages and --questions belong together; name both files",
    )
    yield (
        passages is not None and kind != "retrieval",
        "--passages and --questions are for 'evaluate retrieval'",
    )
    yield (
        order.model is not None and kind not in ("nlu", "sentiment", "retrieval"),
        "--model is for 'evaluate nlu', 'sentiment' and 'retrieval'",
    )
    yield (
        order.model is not None and data is None and kind != "retrieval",
        f"name with --data the file to measure {order.model} on",
    )
    yield (
        kind == "sentiment" and data is None,
        "name a file with text,sentiment (or the folder of public sets): --data",
    )
    yield (
        kind == "retrieval" and passages is None and not is_set,
        "name passages and questions with --passages FILE --questions FILE, or the folder of public sets with --data",
    )
    yield (
        kind == "retrieval" and passages is None and order.model is not None,
        f"name with --passages and --questions what to measure {order.model} on; public sets take --encoders instead",
    )
    yield (
        bool(order.deep) and not (is_set and order.encoders and kind in ("", "nlu")),
        "--deep is for public sets of intents; name their folder with --data, and that of 'make encoders' with --encoders",
    )


async def _measure(
    workshop: Workshop, plan: ModelPlan, order: Order, shown_as: Timed
) -> Measurement:
    match order.kind:
        case "nlu" if order.data is not None:
            return await measure_file(workshop, order.data, order.model, shown_as, seed=order.seed)
        case "nlu":
            async with workshop.open_releases() as releases:
                return await measure_catalogue(
                    releases, plan, shown_as, release=order.release, seed=order.seed
                )
        case "sentiment" if order.data is not None:
            return await measure_sentiment_file(
                workshop, order.data, order.model, shown_as, seed=order.seed
            )
        case "retrieval" if order.passages is not None and order.questions is not None:
            files = PassageFiles(order.passages, order.questions, order.model)
            return await measure_passages(workshop, files, shown_as, seed=order.seed)
        case _:
            return await measure_dialogue(workshop, order.data, shown_as, seed=order.seed)


async def _public(
    workshop: Workshop, plan: ModelPlan, order: Order, shown_as: Timed
) -> Mapping[str, object]:
    if order.data is None:
        raise DatasetError("name the folder with public sets: --data DIR")
    kinds = (order.kind,) if order.kind else KINDS
    async with workshop.open_releases() as releases:
        sets = PublicSets(order.data, kinds, order.encoders, order.table, order.deep, order.seed)
        runs = await measure_public(releases, plan, sets, shown_as)
    sections = [run.section for run in runs if run.section is not None]
    write_measurement(order.report, "Public sets", sections)
    return {
        f"{run.set_name}: {run.recipe}": {**run.scores.as_json(), "seeds": run.seeds}
        for run in runs
    }


async def _own(
    workshop: Workshop, plan: ModelPlan, order: Order, shown_as: Timed
) -> Mapping[str, object]:
    """Measure one's own: the catalogue, the live release on files made for it, its conversations."""
    if order.data is not None:
        return _files_as_json(await _on_files(workshop, [order.data], order.release))
    async with workshop.open_releases() as releases:
        catalogue = await measure_catalogue(
            releases, plan, shown_as, release=order.release, seed=order.seed
        )
    dialogue = await measure_dialogue(workshop, None, shown_as, seed=order.seed)
    found: dict[str, object] = {
        "nlu": catalogue.scores.as_json(),
        "dialogue": dialogue.scores.as_json(),
    }
    files = sorted(_QUALITY.glob("*.yml"))
    if files:
        found |= _files_as_json(await _on_files(workshop, files, None))
    sections = (*catalogue.sections, *dialogue.sections)
    write_measurement(order.report, "Your assistant", sections)
    return found


async def _on_files(
    workshop: Workshop, files: Sequence[Path], release: int | None
) -> tuple[FileScores, ...]:
    async with workshop.open_releases() as releases:
        number = await releases.live_number() if release is None else release
        if number is None:
            raise ReleaseNotFoundError("nothing is published yet; run 'kefu publish'")
        loaded = await rehearsal_loader(releases).load(await releases.manifest(number))
        scores = measure_files(loaded, files)
    show_files(number, scores)
    return scores


def _files_as_json(scores: Sequence[FileScores]) -> dict[str, object]:
    return {score.file: {"items": score.items, **score.numbers} for score in scores}
