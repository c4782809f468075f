"""What a person should look at in their examples: wrong intents, doubles, intents that are confused or thin."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bot.domain.understanding import OUT_OF_SCOPE
from training.datasets import LabelledText
from training.evaluation.predictions import Predictions
from training.intent_report import Confusion, count_confusions
from training.metrics import ClassScore, score_classes

FEW_EXAMPLES: Final = 8
_ALIKE: Final = 0.96
_BLOCK: Final = 512


@dataclass(frozen=True, slots=True)
class Mislabelled:
    """An example that looks like one of another intent.

    Attributes:
        likely: The intent it looks like.
        probability: Of the intent it stands under, when held out; ``likely_probability`` of the other one.
    """

    row: LabelledText
    likely: str
    probability: float
    likely_probability: float


@dataclass(frozen=True, slots=True)
class Doubled:
    """Two examples that say nearly the same; ``likeness`` is the cosine of their encodings."""

    first: LabelledText
    second: LabelledText
    likeness: float

    @property
    def is_across(self) -> bool:
        """Tell whether they stand under two intents, which teaches a contradiction."""
        return self.first.intent != self.second.intent


@dataclass(frozen=True, slots=True)
class IntentLine:
    """One intent among the others."""

    name: str
    score: ClassScore


def per_intent(predictions: Predictions) -> tuple[IntentLine, ...]:
    """Score every intent that stands in the set, ``out_of_scope`` among them; the weakest first."""
    names = [*predictions.names, OUT_OF_SCOPE, *predictions.unknown]
    columns = {name: number for number, name in enumerate(names)}
    right = np.array([columns[name] for name in predictions.truths], dtype=np.int64)
    said = np.array([columns[name] for name in predictions.said], dtype=np.int64)
    lines = [
        IntentLine(name, score)
        for name, score in zip(names, score_classes(right, said, len(names)), strict=True)
        if score.examples
    ]
    return tuple(sorted(lines, key=lambda line: (line.score.f1, line.name)))


def most_confused(predictions: Predictions) -> tuple[Confusion, ...]:
    """Count which intent was taken for which, most frequent first."""
    rows = zip(predictions.truths, predictions.said, predictions.texts, strict=True)
    return count_confusions(rows)


def mislabelled(rows: Sequence[LabelledText], predictions: Predictions) -> tuple[Mislabelled, ...]:
    """Find examples that look as if they stood under the wrong intent, the likeliest first.

    Confident learning (Northcutt, Jiang and Chuang, Confident Learning: Estimating Uncertainty in Dataset Labels, JAIR
    2021, section 3.1): the threshold of an intent is the mean held-out probability that examples standing under it
    have of being it (its self-confidence). An example counts as mislabelled where its own probability lies below its
    intent's threshold while another intent reaches its own; of several, the most probable.

    Args:
        rows: Held out, in the order of ``predictions``.
        predictions: What a model that never saw them says.
    """
    classes, shares = predictions.classes, predictions.probabilities
    known = np.flatnonzero(classes >= 0)
    thresholds = np.ones(len(predictions.names), dtype=np.float32)
    for number in np.unique(classes[known]).tolist():
        thresholds[number] = shares[classes == number, number].mean()
    found = []
    for place in known.tolist():
        own = int(classes[place])
        reaching = np.where(shares[place] >= thresholds, shares[place], 0.0)
        likely = int(reaching.argmax())
        is_doubtful = shares[place, own] < thresholds[own] and reaching[likely] > shares[place, own]
        if is_doubtful and likely != own:
            found.append(
                Mislabelled(
                    rows[place],
                    predictions.names[likely],
                    float(shares[place, own]),
                    float(shares[place, likely]),
                )
            )
    found.sort(key=lambda one: one.probability - one.likely_probability)
    return tuple(found)


def doubled(
    rows: Sequence[LabelledText], vectors: NDArray[np.float32], *, alike: float = _ALIKE
) -> tuple[Doubled, ...]:
    """Find pairs of examples with nearly the same encoding; pairs across intents come first.

    Args:
        rows: Examples.
        vectors: Their encodings, unit vectors.
        alike: From which cosine on two say the same.
    """
    found = []
    for begin in range(0, len(rows), _BLOCK):
        cosines = vectors[begin : begin + _BLOCK] @ vectors.T
        for place, other in np.argwhere(cosines >= alike).tolist():
            first = begin + place
            if first < other:
                likeness = float(cosines[place, other])
                found.append(Doubled(rows[first], rows[other], min(1.0, likeness)))
    found.sort(key=lambda pair: (not pair.is_across, -pair.likeness))
    return tuple(found)


def thin(rows: Sequence[LabelledText], fewest: int = FEW_EXAMPLES) -> tuple[tuple[str, int], ...]:
    """Return intents with fewer examples than they need, the thinnest first."""
    counts = Counter(row.intent for row in rows)
    return tuple(
        sorted(
            ((name, count) for name, count in counts.items() if count < fewest),
            key=lambda one: (one[1], one[0]),
        )
    )
