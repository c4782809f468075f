"""Thresholds and a report from scores of examples that were held out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from intents.calibration import (
    area_under_curve,
    calibration_error,
    choose_clarify_ratio,
    choose_threshold,
    negative_log_likelihood,
    softmax,
)
from training.metrics import score_classes, share
from training.report import ModelCard, Table, package_versions

Floats = NDArray[np.float32]
Places = NDArray[np.int64]

_CLARIFY_FACTOR: Final = 2.0
_REFUSED_IN_SCOPE: Final = 0.03
_SHOWN_CONFUSIONS: Final = 25
_SHOWN_TEXTS: Final = 3


@dataclass(frozen=True, slots=True)
class IntentThresholds:
    """Where the policy draws its lines among intents; fields as in ``bot.dialogue.playbook.Thresholds``."""

    accept: float
    clarify: float
    clarify_ratio: float
    out_of_scope: float
    false_accept_rate: float


@dataclass(frozen=True, slots=True)
class IntentScore:
    """How well one intent was told from the others."""

    name: str
    examples: int
    precision: float
    recall: float


@dataclass(frozen=True, slots=True)
class Confusion:
    """An intent taken for another one, with the first few examples."""

    intent: str
    mistaken_for: str
    count: int
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class IntentReport:
    """What cross-validation says about a head.

    Attributes:
        accuracy: Share of in-scope examples whose best intent is right.
        accepted: Share of in-scope examples that are accepted.
        accepted_right: Share of the accepted ones that are right.
        false_accept_rate: Share of out-of-scope examples that are accepted.
        out_of_scope_auroc: Chance that an out-of-scope example looks stranger than an in-scope one.
    """

    examples: int
    out_of_scope_examples: int
    accuracy: float
    calibration_error: float
    negative_log_likelihood: float
    out_of_scope_auroc: float
    accepted: float
    accepted_right: float
    false_accept_rate: float
    thresholds: IntentThresholds
    intents: tuple[IntentScore, ...]
    confusions: tuple[Confusion, ...]

    @property
    def metrics(self) -> Mapping[str, float]:
        """Return the numbers, for a manifest."""
        return {
            "examples": self.examples,
            "intents": len(self.intents),
            "accuracy": self.accuracy,
            "calibration_error": self.calibration_error,
            "negative_log_likelihood": self.negative_log_likelihood,
            "out_of_scope_auroc": self.out_of_scope_auroc,
            "accepted": self.accepted,
            "accepted_right": self.accepted_right,
            "false_accept_rate": self.false_accept_rate,
        }

    def card(self) -> ModelCard:
        """Return a model card with everything in the report."""
        scores = tuple(
            (one.name, str(one.examples), f"{one.precision:.2f}", f"{one.recall:.2f}")
            for one in self.intents
        )
        confusions = tuple(
            (one.intent, one.mistaken_for, str(one.count), "; ".join(one.texts))
            for one in self.confusions
        )
        return ModelCard(
            "Intent head",
            "Ranks the catalogue's intents over a frozen encoder, by kernel ridge regression. All numbers are from "
            "ten-fold cross-validation on the catalogue's own examples.",
            self.metrics,
            (
                Table("Intents", ("intent", "examples", "precision", "recall"), scores),
                Table("Most confused", ("intent", "taken for", "times", "such as"), confusions),
            ),
            limits=("It knows only what its examples show; real customers will find other words.",),
            versions=package_versions("numpy", "scipy"),
        )


def choose_thresholds(
    classes: Places, logits: Floats, strangeness: Floats, *, false_accept_rate: float
) -> IntentThresholds:
    """Choose thresholds from held-out examples.

    ``accept`` lets through no more than ``false_accept_rate`` of the out-of-scope examples; ``clarify`` twice as
    many, since a question back costs less than a wrong deed; ``out_of_scope`` is passed by 3 in 100 in-scope examples.
    """
    in_scope = classes < logits.shape[1]
    first, second = two_best(softmax(logits))
    confidences = first * (1.0 - strangeness)
    accept = choose_threshold(confidences, in_scope, false_accept_rate)
    clarify = choose_threshold(confidences, in_scope, false_accept_rate * _CLARIFY_FACTOR)
    is_right = logits.argmax(axis=1) == classes
    return IntentThresholds(
        accept=round(accept, 4),
        clarify=round(min(clarify, accept), 4),
        clarify_ratio=choose_clarify_ratio(first[in_scope], second[in_scope], is_right[in_scope]),
        out_of_scope=round(float(np.quantile(strangeness[in_scope], 1.0 - _REFUSED_IN_SCOPE)), 4),
        false_accept_rate=false_accept_rate,
    )


def make_report(
    texts: Sequence[str],
    names: Sequence[str],
    classes: Places,
    logits: Floats,
    strangeness: Floats,
    thresholds: IntentThresholds,
) -> IntentReport:
    """Measure held-out examples."""
    in_scope = classes < len(names)
    probabilities = softmax(logits)
    first, _ = two_best(probabilities)
    best = probabilities.argmax(axis=1)
    is_right = best == classes
    is_accepted = (first * (1.0 - strangeness) >= thresholds.accept) & (
        strangeness < thresholds.out_of_scope
    )
    return IntentReport(
        examples=int(in_scope.sum()),
        out_of_scope_examples=int((~in_scope).sum()),
        accuracy=share(is_right[in_scope]),
        calibration_error=calibration_error(first[in_scope], is_right[in_scope]),
        negative_log_likelihood=negative_log_likelihood(probabilities[in_scope], classes[in_scope]),
        out_of_scope_auroc=area_under_curve(strangeness, ~in_scope),
        accepted=share(is_accepted[in_scope]),
        accepted_right=share(is_right[in_scope & is_accepted]),
        false_accept_rate=share(is_accepted[~in_scope]),
        thresholds=thresholds,
        intents=_per_intent(names, classes[in_scope], best[in_scope]),
        confusions=_confusions(texts, names, classes, best),
    )


def two_best(probabilities: Floats) -> tuple[Floats, Floats]:
    """Return the highest and the second highest of each row."""
    best = -np.partition(-probabilities, 1, axis=1)[:, :2]
    return best[:, 0], best[:, 1]


def _per_intent(names: Sequence[str], classes: Places, best: Places) -> tuple[IntentScore, ...]:
    scores = score_classes(classes, best, len(names))
    return tuple(
        IntentScore(name, one.examples, one.precision, one.recall)
        for name, one in zip(names, scores, strict=True)
    )


def _confusions(
    texts: Sequence[str], names: Sequence[str], classes: Places, best: Places
) -> tuple[Confusion, ...]:
    rows = (
        (names[right], names[said], text)
        for right, said, text in zip(classes, best, texts, strict=True)
        if right < len(names)
    )
    return count_confusions(rows)[:_SHOWN_CONFUSIONS]


def count_confusions(rows: Iterable[tuple[str, str, str]]) -> tuple[Confusion, ...]:
    """Count which intent was taken for which, most frequent first.

    Args:
        rows: The right intent, the one that was said, and the text.
    """
    texts: dict[tuple[str, str], list[str]] = {}
    for right, said, text in rows:
        if right != said:
            texts.setdefault((right, said), []).append(text)
    found = [
        Confusion(*pair, len(taken), tuple(taken[:_SHOWN_TEXTS])) for pair, taken in texts.items()
    ]
    return tuple(sorted(found, key=lambda one: -one.count))
