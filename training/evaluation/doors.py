"""``python -m training evaluate …``: chooses what is measured, and hands the scores back for ``--json``."""

import argparse
from collections.abc import Mapping, Sequence
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
from training.evaluation.orders import Order, check
from training.evaluation.public_doors import PublicSets, measure_public
from training.evaluation.release_files import FileScores, measure_files
from training.evaluation.search_doors import PassageFiles, measure_passages
from training.evaluation.sentiment_doors import measure_sentiment_file
from training.models import ModelPlan, plan_for
from training.progress import Timed, stages
from training.regression import rehearsal_loader
from training.showing import show_files

_QUALITY: Final = Path("tests/quality")
_TITLES: Final = {
    "nlu": "Intents",
    "sentiment": "Sentiment",
    "retrieval": "Search",
    "dialogue": "Conversations",
}


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
        given.out,
        workshop.home / "reports",
        given.release,
        given.encoders,
        given.table,
        given.deep,
        given.seed,
    )
    check(order)
    plan = plan_for(workshop.home, workshop.encoder)
    with stages(order.stages) as shown_as:
        if order.is_public:
            return await _public(workshop, plan, order, shown_as)
        if not order.kind:
            return await _own(workshop, plan, order, shown_as)
        measurement = await _measure(workshop, plan, order, shown_as)
    write_measurement(order.report, _TITLES[order.kind], measurement.sections)
    return measurement.scores.as_json()


async def _measure(
    workshop: Workshop, plan: ModelPlan, order: Order, shown_as: Timed
) -> Measurement:
    match order.kind:
        case "nlu" if order.data is not None:
            model = order.model or order.release
            return await measure_file(workshop, order.data, model, shown_as, seed=order.seed)
        case "nlu":
            async with workshop.open_releases() as releases:
                return await measure_catalogue(
                    releases, plan, shown_as, release=order.release, seed=order.seed
                )
        case "sentiment" if order.data is not None:
            model = order.model or order.release
            return await measure_sentiment_file(
                workshop, order.data, model, shown_as, seed=order.seed
            )
        case "retrieval" if order.passages is not None and order.questions is not None:
            files = PassageFiles(order.passages, order.questions, order.model, order.release)
            return await measure_passages(workshop, files, shown_as, seed=order.seed)
        case _:
            return await measure_dialogue(
                workshop, order.data, shown_as, release=order.release, seed=order.seed
            )


async def _public(
    workshop: Workshop, plan: ModelPlan, order: Order, shown_as: Timed
) -> Mapping[str, object]:
    if order.data is None:
        raise DatasetError("name the folder with public sets: --data DIR")
    async with workshop.open_releases() as releases:
        sets = PublicSets(
            order.data, order.kinds, order.encoders, order.table, order.deep, order.seed
        )
        runs = await measure_public(releases, plan, sets, shown_as)
    sections = [run.section for run in runs if run.section is not None]
    write_measurement(order.report, "Public sets", sections)
    return {
        f"{run.set_name}: {run.recipe}": {**run.scores.as_json(), "seeds": len(run.trials)}
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
    number = order.release or None  # of the draft, only the catalogue can be measured
    dialogue = await measure_dialogue(workshop, None, shown_as, release=number, seed=order.seed)
    found: dict[str, object] = {
        "nlu": catalogue.scores.as_json(),
        "dialogue": dialogue.scores.as_json(),
    }
    files = sorted(_QUALITY.glob("*.yml"))
    if files:
        found |= _files_as_json(await _on_files(workshop, files, number))
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
