"""``evaluate nlu``: a model or the live release on a file, or the catalogue with parts of it held out in turn."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.bootstrap import Workshop
from bot.checking import Checker
from bot.errors import ReleaseNotFoundError
from bot.seed import ensure_seed
from bot.stores.manifest import DRAFT
from bot.stores.releases import SqlReleases
from intents.text import normalise
from training.datasets import LabelledText, clean_for_training, contradictions, read_leniently
from training.deep_verdict import Verdict
from training.encodings import CachedEncoder
from training.evaluation import shown
from training.evaluation.cross_validation import FOLDS, cross_validate
from training.evaluation.findings import doubled, mislabelled
from training.evaluation.page import Provenance, Section, write_page
from training.evaluation.recipes import EncoderRecipe, IntentModel
from training.evaluation.scores import Scores, score_intents
from training.evaluation.sections import findings_section, intent_section
from training.evaluation.subjects import (
    exported_base,
    manifest_of,
    released_intents,
    remembering,
)
from training.model_folder import read_model_folder
from training.models import ModelPlan
from training.progress import Timed, say
from training.tables import counted

WORST: Final = 12


@dataclass(frozen=True, slots=True)
class Measurement:
    """What came of a measurement, for the caller to print and to write down.

    Attributes:
        deep: What cross-validation says about deep tuning; None where it was not tried.
    """

    scores: Scores
    sections: tuple[Section, ...]
    deep: Verdict | None = None


async def measure_file(
    workshop: Workshop, file: Path, wanted: Path | int | None, shown_as: Timed, *, seed: int
) -> Measurement:
    """Measure a model folder, a release, or the live one, on a file.

    Raises:
        DatasetError: The file cannot be used.
        ReleaseNotFoundError: There is no such release, or none was named and nothing is live.
        ArtifactError: The folder holds no intent model.
    """
    given = read_leniently(file)
    rows = given.rows
    shown_as.begin("loading the model")
    model, name = await _subject(workshop, wanted)
    notes = [*given.notes, *contradictions(file, rows)]
    encode(model, rows, shown_as)
    shown_as.begin("asking")
    predictions = model.predict(rows)
    if predictions.unknown:
        some = ", ".join(predictions.unknown[:5])
        notes.append(
            f"{counted(len(predictions.unknown), 'intent is', 'intents are')} in {file} and unknown to the model, and count "
            f"as wrong: {some}"
        )
    for note in notes:
        say(note)
    scores = score_intents(predictions)
    shown.show_scores(f"{name} on {file.name}", scores)
    shown.show_intents(predictions, worst=WORST)
    source = Provenance.now(
        data=str(file), split="the whole file, never trained on here", model=name, seed=seed
    )
    lead = f"{name}, asked all {len(rows):,} rows of {file.name}."
    section = intent_section(f"Intents on {file.name}", lead, predictions, source, notes=notes)
    return Measurement(scores, (section,))


async def measure_catalogue(
    releases: SqlReleases,
    plan: ModelPlan,
    shown_as: Timed,
    *,
    release: int | None,
    seed: int,
) -> Measurement:
    """Cross-validate the catalogue of the draft, or of a release, and say what to look at.

    Raises:
        DatasetError: There are too few examples.
        ReleaseInvalidError: The draft cannot be read.
        ReleaseNotFoundError: There is no such release.
    """
    shown_as.begin("reading the catalogue")
    await ensure_seed(releases)
    number = DRAFT if release is None else release
    rows = await read_examples(releases, number)
    base = (await exported_base(releases.cache, plan)).encoder
    encoder = remembering(base, releases.cache)
    encoder.encode_reporting([row.text for row in rows], shown_as.begin("encoding the examples"))
    encoder.save()
    recipe = EncoderRecipe(base.settings.name, encoder)
    found = cross_validate(recipe, rows, seed=seed, report=shown_as.begin("holding parts out"))
    shown_as.begin("looking for doubtful examples")
    suspects = mislabelled(found.rows, found.predictions)
    pairs = doubled(rows, encoder.encode([row.text for row in rows]))
    scores = score_intents(found.predictions)
    what = "the draft's catalogue" if number == DRAFT else f"the catalogue of release {number}"
    shown.show_scores(f"{what}, held out", scores)
    shown.show_intents(found.predictions, worst=WORST)
    shown.show_findings(found, suspects, pairs, worst=WORST)
    source = Provenance.now(
        data=what, split=f"{FOLDS} parts, each held out once", model=recipe.name, seed=seed
    )
    lead = (
        f"{len(rows):,} examples of {len(found.predictions.names)} intents; every number is from examples that the "
        "model had not seen."
    )
    section = intent_section(
        "Your catalogue", lead, found.predictions, source, learning=found.learning
    )
    return Measurement(scores, (section, findings_section(found, suspects, pairs, source)))


def encode(model: IntentModel, rows: Sequence[LabelledText], shown_as: Timed) -> None:
    """Encode the rows with a bar, and keep the encodings for the next time."""
    encoder = model.encoder
    if isinstance(encoder, CachedEncoder):
        encoder.encode_reporting([row.text for row in rows], shown_as.begin("encoding"))
        encoder.save()


def write_measurement(file: Path, title: str, sections: Sequence[Section]) -> None:
    """Write the report and say where it is."""
    write_page(file, title, sections)
    say(f"the report with pictures is {file}")


async def _subject(workshop: Workshop, wanted: Path | int | None) -> tuple[IntentModel, str]:
    if not isinstance(wanted, Path):
        async with workshop.open_releases() as releases:
            manifest = await manifest_of(releases, wanted)
            return await released_intents(releases, manifest), f"release {manifest.number}"
    model = read_model_folder(wanted)
    cached = remembering(model.encoder, workshop.home / "cache")
    threshold = model.thresholds.out_of_scope
    return IntentModel(cached, model.head, model.names, threshold), str(wanted)


async def read_examples(releases: SqlReleases, number: int) -> tuple[LabelledText, ...]:
    """Read the examples of a release's catalogue, each text once per intent.

    Raises:
        ReleaseNotFoundError: There is no such release.
    """
    documents = await releases.documents(number)
    if not documents:
        raise ReleaseNotFoundError(
            f"there is no release {number}; 'kefu rollback --list' names them"
        )
    found = Checker().catalogue(documents).examples()
    rows = [LabelledText(normalise(one.text), one.intent, one.line) for one in found]
    cleaned = clean_for_training(Path("the catalogue"), rows)
    for note in cleaned.notes:
        say(note)
    return cleaned.rows
