"""``evaluate sentiment``: an adapter folder or the live release on a file of sentences."""

from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bot.bootstrap import Workshop
from intents.artifact import SENTIMENTS
from intents.errors import ArtifactError
from intents.text import normalise
from training.build import one_thread
from training.evaluation import shown
from training.evaluation.charts import reliability_chart
from training.evaluation.curves import reliability
from training.evaluation.intent_doors import Measurement
from training.evaluation.page import Figure, Provenance, Section
from training.evaluation.scores import score_sentiments
from training.evaluation.sections import tiles_of
from training.evaluation.subjects import (
    SentimentModel,
    exported_sentiment,
    manifest_of,
    released_sentiment,
)
from training.models import ModelPlan
from training.progress import Timed, say
from training.report import Table
from training.sentiment_data import NEUTRAL, LabelledUtterance, read_sentiments

_SHOWN: Final = 60
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
    texts = [normalise(row.text) or "." for row in rows]
    model.encoder.encode_reporting(texts, shown_as.begin("encoding"))
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
    kinds = [0, 1, 2] if any(row.sentiment == NEUTRAL for row in rows) else [0, 2]
    shares = probabilities[:, kinds]
    shares = shares / np.maximum(shares.sum(axis=1, keepdims=True), 1e-12)
    said = np.array(kinds)[shares.argmax(axis=1)]
    right = np.array([row.sentiment for row in rows]) == said
    figure = Figure(
        "Reliability",
        "On the dashed line, a sentiment with 80 % confidence is right 80 times in 100. Wide bars hold many.",
        reliability_chart(reliability(shares.max(axis=1), right)),
        source.caption,
    )
    compared = "three sentiments" if len(kinds) == len(SENTIMENTS) else "negative and positive only"
    section = Section(
        f"Sentiment on {data}",
        f"{name}, asked {len(rows):,} sentences; {compared}.",
        tiles_of(scores),
        (figure,),
        (_table(rows, said), _surest_mistakes(rows, said, shares.max(axis=1))),
    )
    return Measurement(scores, (section,))


def predict(model: SentimentModel, rows: tuple[LabelledUtterance, ...]) -> NDArray[np.float32]:
    """Return probabilities, shape ``(len(rows), 3)``."""
    with one_thread():
        vectors = model.encoder.encode([normalise(row.text) or "." for row in rows])
        found = model.head.predict(vectors)
    return np.array([[one.negative, one.neutral, one.positive] for one in found], np.float32)


def _table(rows: tuple[LabelledUtterance, ...], said: NDArray[np.int64]) -> Table:
    right = np.array([row.sentiment for row in rows])
    return Table(
        "What was said",
        ("right", *(f"said {name}" for name in SENTIMENTS)),
        tuple(
            (name, *(str(int(((right == n) & (said == m)).sum())) for m in range(len(SENTIMENTS))))
            for n, name in enumerate(SENTIMENTS)
            if (right == n).any()
        ),
    )


def _surest_mistakes(
    rows: tuple[LabelledUtterance, ...], said: NDArray[np.int64], sureness: NDArray[np.float32]
) -> Table:
    right = np.array([row.sentiment for row in rows])
    wrong = np.flatnonzero(right != said)
    order = wrong[np.argsort(-sureness[wrong], kind="stable")][:_SHOWN]
    return Table(
        "Surest mistakes",
        ("sentence", "labelled", "said", "confidence"),
        tuple(
            (
                rows[n].text,
                SENTIMENTS[rows[n].sentiment],
                SENTIMENTS[said[n]],
                f"{sureness[n]:.2f}",
            )
            for n in order.tolist()
        ),
    )
