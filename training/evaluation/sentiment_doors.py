"""``evaluate sentiment``: an adapter folder or the live release on a file of sentences."""

from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bot.bootstrap import Workshop
from intents.artifact import SENTIMENTS
from intents.errors import ArtifactError
from training.build import one_thread
from training.evaluation import shown
from training.evaluation.intent_doors import Measurement
from training.evaluation.page import Provenance
from training.evaluation.scores import score_sentiments
from training.evaluation.sentiment_section import sentiment_section
from training.evaluation.subjects import (
    SentimentModel,
    exported_sentiment,
    manifest_of,
    released_sentiment,
)
from training.models import ModelPlan
from training.progress import Timed, say
from training.readings import Readings
from training.sentiment_data import LabelledUtterance, read_sentiments

_ADAPTER_FILES: Final = ("config.json", "adapter_model.safetensors", "head.safetensors")


async def measure_sentiment_file(
    workshop: Workshop, file: Path, wanted: Path | int | None, shown_as: Timed, *, seed: int
) -> Measurement:
    """Measure an adapter folder, exported as for serving, a release, or the live one.

    Raises:
        DatasetError: The file cannot be used.
        ReleaseNotFoundError: There is no such release, or none was named and nothing is live.
        ArtifactError: The folder holds no adapter.
        TrainingError: The adapter cannot be exported.
    """
    rows, notes = read_sentiments(file)
    for note in notes:
        say(note)
    shown_as.begin("loading the model")
    if not isinstance(wanted, Path):
        async with workshop.open_releases() as releases:
            manifest = await manifest_of(releases, wanted)
            model, name = (
                await released_sentiment(releases, manifest),
                f"release {manifest.number}",
            )
    else:
        _check_adapter(wanted)
        plan = ModelPlan(workshop.encoder, wanted)
        model, name = await exported_sentiment(workshop.home / "cache", plan), str(wanted)
    readings = Readings.of([row.text for row in rows])
    model.encoder.encode_reporting(readings.texts, shown_as.begin("encoding"))
    model.encoder.save()
    return measured(model, rows, file.name, name, seed)


def _check_adapter(folder: Path) -> None:
    """Refuse a folder without an adapter before anything is exported; torch need not be loaded for it."""
    missing = [name for name in _ADAPTER_FILES if not (folder / name).is_file()]
    if missing:
        raise ArtifactError(
            f"{folder} has no {missing[0]}; make it with 'kefu train sentiment --data FILE --out DIR'"
        )


def measured(
    model: SentimentModel, rows: tuple[LabelledUtterance, ...], data: str, name: str, seed: int
) -> Measurement:
    """Score a model on sentences and describe it."""
    probabilities = predict(model, rows)
    truths = [SENTIMENTS[row.sentiment] for row in rows]
    scores = score_sentiments(truths, probabilities)
    shown.show_scores(f"{name} on {data}", scores)
    source = Provenance.now(
        data=data, split="the whole file, never trained on here", model=name, seed=seed
    )
    section = sentiment_section(rows, probabilities, scores, source)
    return Measurement(scores, (section,))


def predict(model: SentimentModel, rows: tuple[LabelledUtterance, ...]) -> NDArray[np.float32]:
    """Return probabilities, shape ``(len(rows), 3)``."""
    readings = Readings.of([row.text for row in rows])
    with one_thread():
        moods = readings.by_text(model.encoder.encode(readings.texts))
        found = [model.head.predict(one) for one in moods]
    return np.array([[one.negative, one.neutral, one.positive] for one in found], np.float32)
