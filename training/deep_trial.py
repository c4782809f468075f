"""What the instant head and a deep part say about examples that neither had seen, and how to put both together.

How much the deep part counts, and the link that calibrates both together, are chosen on one half of what was held out
and measured on the other, and the other way round; what is used in the end is chosen on all of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from intents.calibration import ScoreLink, fit_link, negative_log_likelihood, softmax
from intents.deep import blended
from training.datasets import LabelledText
from training.evaluation.predictions import Predictions
from training.intent_report import IntentThresholds, choose_thresholds

Floats = NDArray[np.float32]
Places = NDArray[np.int64]

_SHARES: Final = (0.2, 1 / 3, 0.5, 2 / 3)


@dataclass(frozen=True, slots=True)
class Blend:
    """How both heads are put together; see ``intents.deep.DeepPart``."""

    share: float
    link: ScoreLink

    def logits(self, scores: Floats, shares: Floats) -> Floats:
        """Return logits of the weighted mean."""
        return self.link.logits(blended(scores, shares, self.share))


@dataclass(frozen=True, slots=True)
class HeldOutTrial:
    """What both heads say about examples that neither had seen.

    Attributes:
        names: Intents, in the order of the columns.
        rows: The examples.
        scores: The instant head's, before its link; shape ``(rows, names)``.
        probabilities: The instant head's.
        strangeness: Probability of being out of scope; the instant head's, and of both together.
        threshold: From which strangeness on an utterance counts as out of scope.
        shares: The deep part's probabilities.
    """

    names: tuple[str, ...]
    rows: tuple[LabelledText, ...]
    scores: Floats
    probabilities: Floats
    strangeness: Floats
    threshold: float
    shares: Floats

    @property
    def classes(self) -> Places:
        """Return each example's column; behind the last one for ``out_of_scope``."""
        return numbers_of(self.rows, self.names)

    def blend(self) -> Blend:
        """Choose how both are put together from all examples in scope."""
        return self._blend(np.arange(len(self.rows)))

    def instant(self) -> Predictions:
        """Return what the instant head says."""
        return self._said(self.probabilities)

    def deep(self) -> Predictions:
        """Return what both say together, each half of the examples put together as the other half says."""
        probabilities = np.empty_like(self.scores)
        halves = [np.arange(begin, len(self.rows), 2) for begin in (0, 1)]
        for own, other in zip(halves, reversed(halves), strict=True):
            logits = self._blend(other).logits(self.scores[own], self.shares[own])
            probabilities[own] = softmax(logits)
        return self._said(probabilities)

    def thresholds(self, blend: Blend, like: IntentThresholds) -> IntentThresholds:
        """Choose the lines among intents anew; where out of scope begins stays as it was."""
        chosen = choose_thresholds(
            self.classes,
            blend.logits(self.scores, self.shares),
            self.strangeness,
            false_accept_rate=like.false_accept_rate,
        )
        return replace(chosen, out_of_scope=like.out_of_scope)

    def _blend(self, places: Places) -> Blend:
        classes = self.classes[places]
        inside = places[classes < len(self.names)]
        classes = self.classes[inside]
        found = []
        for share in _SHARES:
            mean = blended(self.scores[inside], self.shares[inside], share)
            link = fit_link(mean, classes)
            loss = negative_log_likelihood(softmax(link.logits(mean)), classes)
            found.append((loss, Blend(share, link)))
        return min(found, key=lambda one: one[0])[1]

    def _said(self, probabilities: Floats) -> Predictions:
        return Predictions(
            self.names,
            tuple(row.text for row in self.rows),
            tuple(row.intent for row in self.rows),
            probabilities,
            self.strangeness,
            self.threshold,
        )


def numbers_of(rows: Sequence[LabelledText], names: Sequence[str]) -> Places:
    """Return the place of each row's intent among the names; that of ``out_of_scope`` is behind the last."""
    places = {name: number for number, name in enumerate(names)}
    return np.array([places.get(row.intent, len(names)) for row in rows], dtype=np.int64)
