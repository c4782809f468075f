"""``train intents --data FILE``: an intent model from a file of labelled utterances, in a folder of its own."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import numpy as np

from bot.encoder import OnnxEncoder
from bot.loading import DEEP
from training.datasets import (
    Cleaned,
    LabelledText,
    clean_for_training,
    data_fingerprint,
    read_leniently,
)
from training.deep_folder import remove_deep_folder
from training.deep_result import Deepen, DeepOutcome, Pupil
from training.errors import DatasetError
from training.evaluation import shown
from training.evaluation.cross_validation import Learned, learning_curve
from training.evaluation.deep_section import deep_section
from training.evaluation.intent_doors import WORST, Measurement, write_measurement
from training.evaluation.page import Provenance
from training.evaluation.predictions import Predictions
from training.evaluation.recipes import EncoderRecipe, fit_head
from training.evaluation.scores import score_intents
from training.evaluation.sections import intent_section, tiles_of
from training.evaluation.subjects import exported_base, remembering
from training.intent import FittedIntents
from training.model_folder import FolderManifest, write_model_folder
from training.models import ModelPlan
from training.progress import Timed, say
from training.report import package_versions, write_report
from training.splits import stratified_folds

_FLATTERED: Final = (
    "The probabilities were calibrated on the held-out examples that the reliability diagram shows, which flatters it a "
    "little: a calibration error is measured on another file, with 'kefu evaluate nlu'."
)
REPORT_FILE: Final = "report.html"
_CURVE_UP_TO: Final = 4_000
_CURVE_FOLDS: Final = 5


async def train_on_file(  # noqa: PLR0913 - from where, where to, and how
    cache: Path,
    plan: ModelPlan,
    file: Path,
    out: Path,
    shown_as: Timed,
    *,
    seed: int,
    deepen: Deepen | None = None,
) -> Measurement:
    """Fit encoder and head on a file, and write a model folder with its report.

    Args:
        cache: Keeps exported encoders and encodings.
        plan: Which encoder.
        file: Labelled utterances; those of ``out_of_scope`` train the detector.
        out: Made where missing.
        shown_as: Told how far it is.
        seed: Of everything that is drawn at random.
        deepen: Tries deep tuning, where it is wanted.

    Raises:
        DatasetError: The file cannot be used, or the folder cannot be written.
    """
    given = read_leniently(file)
    cleaned = clean_for_training(file, given.rows)
    cleaned = Cleaned(cleaned.rows, (*given.notes, *cleaned.notes))
    for note in cleaned.notes:
        say(note)
    rows = cleaned.rows
    _prepare(out)
    shown_as.begin("loading the encoder")
    exported = await exported_base(cache, plan)
    encoder = exported.encoder
    cached = remembering(encoder, cache)
    cached.encode_reporting([row.text for row in rows], shown_as.begin("encoding the examples"))
    cached.save()
    shown_as.begin("fitting the intents")
    fitted = fit_head(cached, rows, seed=seed)
    shown_as.begin("measuring how more examples help")
    learning = _learning(EncoderRecipe(encoder.settings.name, cached), rows, seed)
    outcome = None
    if deepen is None:
        remove_deep_folder(out / DEEP)
    else:
        outcome = deepen(Pupil(encoder, cached, fitted), rows, out / DEEP, shown_as)
    source = Provenance.now(
        data=str(file), split="parts held out in turn", model=encoder.settings.name, seed=seed
    )
    is_deep = outcome is not None and outcome.taken is not None
    measurement = _measured(
        _said(file, fitted, outcome), source, cleaned, learning, is_calibrated_apart=is_deep
    )
    if outcome is not None:
        sections = (*measurement.sections, deep_section(outcome.verdict, source))
        measurement = replace(measurement, sections=sections, deep=outcome.verdict)
    manifest = _manifest(fitted, rows, encoder, (measurement, outcome), seed)
    write_model_folder(out, fitted, manifest, exported.files)
    if fitted.report is not None:
        write_report(out, fitted.report.card())
    write_measurement(out / REPORT_FILE, f"Intents learnt from {file.name}", measurement.sections)
    say(f"the model is in {out}; measure it with 'kefu evaluate nlu --model {out} --data FILE'")
    return measurement


def _prepare(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DatasetError(
            f"{out} cannot be made ({error.strerror}); name another folder"
        ) from error


def _learning(
    recipe: EncoderRecipe, rows: Sequence[LabelledText], seed: int
) -> tuple[Learned, ...]:
    """Hold a fifth out and learn from more and more of the rest; left out of large files, where it would take long."""
    if len(rows) > _CURVE_UP_TO:
        return ()
    numbers = {name: n for n, name in enumerate(sorted({row.intent for row in rows}))}
    classes = np.array([numbers[row.intent] for row in rows], dtype=np.int64)
    held_out = set(stratified_folds(classes, _CURVE_FOLDS, seed=seed)[0].tolist())
    train = [row for n, row in enumerate(rows) if n not in held_out]
    test = [row for n, row in enumerate(rows) if n in held_out]
    return learning_curve(recipe, train, test, seed=seed)


def _said(file: Path, fitted: FittedIntents, outcome: DeepOutcome | None) -> Predictions:
    """Return what was said about held-out examples by what is written."""
    if outcome is not None and outcome.taken is not None:
        return outcome.said
    held_out = fitted.held_out
    if held_out is None:
        raise DatasetError(f"{file} holds nothing to measure; add examples")
    return Predictions(
        fitted.head.names,
        held_out.texts,
        held_out.names,
        held_out.probabilities,
        held_out.strangeness,
        fitted.thresholds.out_of_scope,
    )


def _measured(
    predictions: Predictions,
    source: Provenance,
    cleaned: Cleaned,
    learning: tuple[Learned, ...],
    *,
    is_calibrated_apart: bool,
) -> Measurement:
    """Score and describe what was held out; a calibration error only where others served to calibrate."""
    name = Path(source.data).name
    scores, notes = score_intents(predictions), cleaned.notes
    if not is_calibrated_apart:
        scores, notes = replace(scores, ece=None), (*notes, _FLATTERED)
    shown.show_scores(f"{name}, held out", scores)
    shown.show_intents(predictions, worst=WORST)
    lead = (
        f"{len(cleaned.rows):,} examples of {len(predictions.names)} intents. Every number is from examples that the "
        "head had not seen; the shipped head has learnt from all of them."
    )
    section = intent_section(
        f"Intents of {name}", lead, predictions, source, learning=learning, notes=notes
    )
    section = replace(section, tiles=tiles_of(scores))
    return Measurement(scores, (section,))


def _manifest(
    fitted: FittedIntents,
    rows: Sequence[LabelledText],
    encoder: OnnxEncoder,
    found: tuple[Measurement, DeepOutcome | None],
    seed: int,
) -> FolderManifest:
    measurement, outcome = found
    taken = None if outcome is None else outcome.taken
    return FolderManifest(
        intents=fitted.head.names,
        thresholds=asdict(fitted.thresholds if taken is None else taken.thresholds),
        encoder={"name": encoder.settings.name, "sha256": encoder.sha256},
        data_fingerprint=data_fingerprint([r.text for r in rows], [r.intent for r in rows]),
        examples=len(rows),
        seed=seed,
        metrics=measurement.scores.as_json(),
        made_at=datetime.now(UTC).isoformat(timespec="seconds"),
        versions=package_versions("numpy", "scipy", "onnxruntime", "tokenizers"),
        deep={} if outcome is None else outcome.verdict.as_json(),
    )
