"""The part of a report about sentiment: scores, pictures, and what was taken for what."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from intents.artifact import SENTIMENTS
from training.evaluation.charts import confusion_chart, reliability_chart
from training.evaluation.curves import reliability
from training.evaluation.page import Figure, Provenance, Section
from training.evaluation.predictions import Predictions
from training.evaluation.scores import Scores
from training.evaluation.sections import risk_figure, tiles_of
from training.intent_report import Confusion
from training.report import Table
from training.sentiment_data import NEUTRAL, LabelledUtterance

_SHOWN: Final = 60
_SURELY_IN_SCOPE: Final = 1.0


def sentiment_section(
    rows: Sequence[LabelledUtterance],
    probabilities: NDArray[np.float32],
    scores: Scores,
    source: Provenance,
) -> Section:
    """Return a section about sentences.

    Args:
        rows: What was asked; where none is neutral, the two others are compared.
        probabilities: Shape ``(len(rows), 3)``, in the order of ``SENTIMENTS``.
        scores: Of these.
        source: Where they come from.
    """
    said = predictions_of(rows, probabilities)
    compared = (
        "three sentiments"
        if len(said.names) == len(SENTIMENTS)
        else " and ".join(said.names) + " only"
    )
    return Section(
        f"Sentiment on {source.data}",
        f"{source.model}, asked {len(rows):,} sentences; {compared}.",
        tiles_of(scores),
        _figures(said, source.caption),
        (_table(said), _surest_mistakes(said)),
        (source.caption,),
    )


def predictions_of(
    rows: Sequence[LabelledUtterance], probabilities: NDArray[np.float32]
) -> Predictions:
    """Return what was said as predictions of two or three kinds, all of them in scope."""
    kinds = [0, 1, 2] if any(row.sentiment == NEUTRAL for row in rows) else [0, 2]
    shares = probabilities[:, kinds]
    return Predictions(
        tuple(SENTIMENTS[kind] for kind in kinds),
        tuple(row.text for row in rows),
        tuple(SENTIMENTS[row.sentiment] for row in rows),
        shares / np.maximum(shares.sum(axis=1, keepdims=True), 1e-12),
        np.zeros(len(rows), dtype=np.float32),
        _SURELY_IN_SCOPE,
    )


def _figures(said: Predictions, caption: str) -> tuple[Figure, ...]:
    counts = Counter(zip(said.truths, said.said, strict=True))
    names = said.names
    pairs = [Confusion(a, b, counts[a, b], ()) for a in names for b in names if a != b]
    return (
        Figure(
            "Reliability",
            "On the dashed line, a sentiment with 80 % confidence is right 80 times in 100. Wide bars hold many.",
            reliability_chart(reliability(said.confidences, said.is_right), of="sentences"),
            caption,
        ),
        risk_figure(said, caption, of="sentences"),
        Figure(
            "Confusion matrix",
            "Right sentiments down, what was said across; green counts what was right.",
            confusion_chart(pairs, {name: counts[name, name] for name in names}),
            caption,
        ),
    )


def _table(said: Predictions) -> Table:
    counts = Counter(zip(said.truths, said.said, strict=True))
    return Table(
        "What was said",
        ("right", *(f"said {name}" for name in SENTIMENTS)),
        tuple(
            (name, *(str(counts[name, other]) for other in SENTIMENTS))
            for name in SENTIMENTS
            if name in said.truths
        ),
    )


def _surest_mistakes(said: Predictions) -> Table:
    wrong, sureness = np.flatnonzero(~said.is_right), said.confidences
    order = wrong[np.argsort(-sureness[wrong], kind="stable")][:_SHOWN]
    answers = said.said
    return Table(
        "Surest mistakes",
        ("sentence", "labelled", "said", "confidence"),
        tuple(
            (said.texts[n], said.truths[n], answers[n], f"{sureness[n]:.2f}")
            for n in order.tolist()
        ),
    )
