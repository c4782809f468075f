"""``train intents --deep``: tries deep tuning on the draft's catalogue; ``kefu publish`` takes what was better."""

from pathlib import Path
from typing import Final

from bot.seed import ensure_seed
from bot.stores.manifest import DRAFT
from bot.stores.releases import SqlReleases
from training.deep_result import Deepen, DeepOutcome, Pupil
from training.evaluation.deep_section import deep_section
from training.evaluation.intent_doors import WORST, read_examples, write_measurement
from training.evaluation.page import Provenance
from training.evaluation.recipes import fit_head
from training.evaluation.sections import intent_section
from training.evaluation.shown import show_intents
from training.evaluation.subjects import exported_base, remembering
from training.models import ModelPlan
from training.progress import Timed

STAGES: Final = 3


async def deepen_draft(
    releases: SqlReleases, plan: ModelPlan, places: tuple[Path, Path], deepen: Deepen, shown: Timed
) -> DeepOutcome:
    """Try deep tuning on the draft's examples, and write a report.

    Args:
        releases: Where the draft lies.
        plan: Which encoder.
        places: Folder for the result, and file for the report.
        deepen: Does it; its seed deals the folds of the instant head, too.
        shown: Told how far it is.

    Raises:
        ReleaseInvalidError: The draft cannot be read.
        DatasetError: There are too few examples.
    """
    place, report = places
    shown.begin("reading the catalogue")
    await ensure_seed(releases)
    rows = await read_examples(releases, DRAFT)
    encoder = (await exported_base(releases.cache, plan)).encoder
    cached = remembering(encoder, releases.cache)
    cached.encode_reporting([row.text for row in rows], shown.begin("encoding the examples"))
    cached.save()
    shown.begin("fitting the intents")
    fitted = fit_head(cached, rows, seed=deepen.seed)
    outcome = deepen(Pupil(encoder, cached, fitted), rows, place, shown)
    show_intents(outcome.said, worst=WORST)
    source = Provenance.now(
        data="the draft's catalogue",
        split="parts held out in turn",
        model=f"{encoder.settings.name}, with the deep part",
        seed=deepen.seed,
    )
    lead = f"{len(rows):,} examples of {len(outcome.said.names)} intents, with the deep part."
    section = intent_section("Your catalogue", lead, outcome.said, source)
    write_measurement(report, "Deep tuning", (deep_section(outcome.verdict, source), section))
    return outcome
