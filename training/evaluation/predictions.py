"""What a model said about labelled utterances, as columns; every score and every picture comes from here."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.domain.understanding import OUT_OF_SCOPE
from intents.prediction import IntentPrediction

Floats = NDArray[np.float32]
Places = NDArray[np.int64]
Booleans = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Predictions:
    """What was said about utterances whose intent is known.

    Attributes:
        names: The model's intents, in the order of the columns; without ``out_of_scope``.
        texts: The utterances.
        truths: The right intent of each; may be one that the model does not know.
        probabilities: Shape ``(len(texts), len(names))``; every row sums to 1.
        strangeness: Probability of being out of scope, shape ``(len(texts),)``.
        threshold: From which strangeness on an utterance counts as out of scope.
    """

    names: tuple[str, ...]
    texts: tuple[str, ...]
    truths: tuple[str, ...]
    probabilities: Floats
    strangeness: Floats
    threshold: float

    def __len__(self) -> int:
        """Return how many utterances there are."""
        return len(self.texts)

    @property
    def is_in_scope(self) -> Booleans:
        """Tell which utterances have an intent."""
        return np.array([truth != OUT_OF_SCOPE for truth in self.truths], dtype=np.bool_)

    @property
    def classes(self) -> Places:
        """Return the column of each right intent; -1 for ``out_of_scope`` and for intents that are not known."""
        columns = {name: number for number, name in enumerate(self.names)}
        return np.array([columns.get(truth, -1) for truth in self.truths], dtype=np.int64)

    @property
    def best(self) -> Places:
        """Return the column of each utterance's most probable intent."""
        best: Places = self.probabilities.argmax(axis=1)
        return best

    @property
    def confidences(self) -> Floats:
        """Return the probability of the most probable intent, given that there is one."""
        highest: Floats = self.probabilities.max(axis=1)
        return highest

    @property
    def is_right(self) -> Booleans:
        """Tell where the most probable intent is the right one, whether or not it would be accepted."""
        is_right: Booleans = self.best == self.classes
        return is_right

    @property
    def said(self) -> tuple[str, ...]:
        """Return what is answered: the most probable intent, or ``out_of_scope``.

        In a set without utterances that are out of scope, nothing is refused.
        """
        refuses = not self.is_in_scope.all()
        refused = refuses & (self.strangeness >= self.threshold)
        return tuple(
            OUT_OF_SCOPE if is_refused else self.names[column]
            for column, is_refused in zip(self.best, refused, strict=True)
        )

    @property
    def unknown(self) -> tuple[str, ...]:
        """Return the intents of the set that the model does not know."""
        known = {*self.names, OUT_OF_SCOPE}
        return tuple(sorted({truth for truth in self.truths if truth not in known}))


def as_columns(found: Sequence[IntentPrediction], names: Sequence[str]) -> tuple[Floats, Floats]:
    """Return probabilities in the order of the names, and strangeness."""
    columns = {name: number for number, name in enumerate(names)}
    probabilities = np.zeros((len(found), len(names)), dtype=np.float32)
    for row, prediction in enumerate(found):
        for name, probability in prediction.ranking:
            probabilities[row, columns[name]] = probability
    strangeness = np.array([one.out_of_scope_probability for one in found], dtype=np.float32)
    return probabilities, strangeness


def joined(parts: Sequence[Predictions]) -> Predictions:
    """Put predictions of models that know the same intents together; the threshold is their mean.

    Raises:
        ValueError: The models know different intents.
    """
    names = parts[0].names
    if any(part.names != names for part in parts):
        raise ValueError("predictions over different intents cannot be joined")
    return Predictions(
        names,
        tuple(text for part in parts for text in part.texts),
        tuple(truth for part in parts for truth in part.truths),
        np.concatenate([part.probabilities for part in parts]),
        np.concatenate([part.strangeness for part in parts]),
        float(np.mean([part.threshold for part in parts])),
    )
