"""Fits the intent head on cached encodings: scores, calibration, out-of-scope detector, thresholds, report."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bot.domain.understanding import OUT_OF_SCOPE
from intents.calibration import ScoreLink, fit_link, softmax
from intents.change import HeadChange
from intents.classifier import Detector, KernelIntentHead
from training.besides import Besides
from training.config import IntentConfig
from training.detector import Evidence, HeldOut, fit_detector, held_out_evidence
from training.errors import DatasetError
from training.guard import GuardFit, fit_guard
from training.instant import InstantFitter
from training.intent_report import IntentReport, IntentThresholds, choose_thresholds, make_report
from training.kept_fit import KeptFit
from training.kernel import KernelFit, fit_kernel, held_out_scores
from training.lesson import Lesson, Weights
from training.splits import cap_per_intent, stratified_folds

Floats = NDArray[np.float32]
Places = NDArray[np.int64]

_FOLDS: Final = 10


@dataclass(frozen=True, slots=True)
class IntentCalibration:
    """What a thorough fit learns from held-out scores; an instant fit takes it over."""

    link: ScoreLink
    detector: Detector
    thresholds: IntentThresholds


@dataclass(frozen=True, slots=True)
class HeldOutIntents:
    """What the head says about its own examples, each as if it had not been among them.

    Attributes:
        names: The intent of each; ``out_of_scope`` is one.
        probabilities: Of the head's intents, shape ``(examples, intents)``.
        strangeness: Probability of being out of scope.
    """

    texts: tuple[str, ...]
    names: tuple[str, ...]
    probabilities: Floats
    strangeness: Floats


@dataclass(frozen=True, slots=True)
class FittedIntents:
    """A head with its thresholds.

    Attributes:
        report: Of a thorough fit; None after an instant one.
        held_out: What the report rests on; None likewise.
    """

    head: KernelIntentHead
    thresholds: IntentThresholds
    report: IntentReport | None
    held_out: HeldOutIntents | None = None

    @property
    def calibration(self) -> IntentCalibration:
        """Return what an instant fit can take over."""
        return IntentCalibration(self.head.link, self.head.detector, self.thresholds)


@dataclass(frozen=True, slots=True)
class InstantIntents:
    """A head that is another one with a change, calibrated like a third one.

    Attributes:
        kept: The fit that the head ``base`` comes from.
        change: Makes the head out of ``base``.
    """

    kept: KeptFit
    base: KernelIntentHead
    change: HeadChange
    calibration: IntentCalibration

    @property
    def head(self) -> KernelIntentHead:
        """Return the head; made anew each time."""
        return self.change.apply(self.base)


@dataclass(frozen=True, slots=True)
class _Sorted:
    """Examples in the order of the head: in scope first, then out of scope.

    Attributes:
        is_name: Which of them are the names of intents: learnt from, never asked about.
    """

    texts: tuple[str, ...]
    names: tuple[str, ...]
    classes: Places
    vectors: Floats
    in_scope: int
    is_name: NDArray[np.bool_]

    @property
    def targets(self) -> Floats:
        return np.eye(len(self.names) + 1, dtype=np.float32)[self.classes]


def fit_intent_head(
    texts: Sequence[str],
    names: Sequence[str],
    vectors: Floats,
    *,
    seed: int,
    besides: Besides = Besides(),  # noqa: B008 - frozen
    config: IntentConfig = IntentConfig(),  # noqa: B008 - frozen
) -> FittedIntents:
    """Fit a head, calibrate it on held-out scores and choose thresholds.

    Args:
        texts: Examples, for the report only.
        names: The intent of each; those of ``out_of_scope`` train the detector.
        vectors: Their encodings, shape ``(len(texts), dim)``.
        seed: Of the folds.
        besides: What else to learn from; see ``training.besides``.
        config: How to fit.

    Raises:
        DatasetError: Fewer than two intents have examples.
        ValueError: The three columns are not equally long.
    """
    data = _sort(texts, names, vectors, besides.titles, seed=seed, limit=config.max_examples)
    fit = fit_kernel(data.vectors, data.targets, sharpness=config.sharpness, ridge=config.ridge)
    guard = fit_guard(
        (data.vectors, data.targets),
        besides.backdrop,
        sharpness=config.sharpness,
        ridge=config.ridge,
    )
    calibration, report, held_out = _calibrate(data, (fit, guard), config, seed)
    head = _head(data, Weights(fit.weights, guard.weights), guard.backdrop, config, calibration)
    return FittedIntents(head, calibration.thresholds, report, held_out)


def fit_instantly(  # noqa: PLR0913 - three parallel columns and how to fit them
    texts: Sequence[str],
    names: Sequence[str],
    vectors: Floats,
    like: IntentCalibration,
    *,
    seed: int,
    fitter: InstantFitter,
    besides: Besides = Besides(),  # noqa: B008 - frozen
    config: IntentConfig = IntentConfig(),  # noqa: B008 - frozen
) -> InstantIntents:
    """Fit a head as ``fit_intent_head`` does, but calibrated as another one was.

    Args:
        texts: Examples.
        names: The intent of each.
        vectors: Their encodings, shape ``(len(texts), dim)``.
        like: A thorough fit's calibration.
        seed: Of what is drawn from large catalogues.
        fitter: Remembers the fits before.
        besides: What else to learn from; see ``training.besides``.
        config: How to fit.

    Raises:
        DatasetError: Fewer than two intents have examples.
        ValueError: The three columns are not equally long.
    """
    data = _sort(texts, names, vectors, besides.titles, seed=seed, limit=config.max_examples)
    every = (*data.names, OUT_OF_SCOPE)
    learnt = tuple(every[number] for number in data.classes)
    kept, change = fitter.follow(
        Lesson(data.vectors, learnt, besides.backdrop, config.sharpness, config.ridge)
    )
    base = KernelIntentHead(
        kept.lesson.columns[:-1],
        kept.vectors,
        kept.head,
        len(kept.lesson.names) - kept.lesson.names.count(OUT_OF_SCOPE),
        config.sharpness,
        like.link,
        like.detector,
        kept.guard,
    )
    changed = HeadChange(data.names, data.in_scope, like.link, like.detector, change)
    return InstantIntents(kept, base, changed, like)


def _sort(
    texts: Sequence[str],
    names: Sequence[str],
    vectors: Floats,
    titles: Mapping[str, Floats],
    *,
    seed: int,
    limit: int,
) -> _Sorted:
    if not len(texts) == len(names) == len(vectors):
        raise ValueError(f"{len(texts)} texts, {len(names)} names and {len(vectors)} vectors")
    known = tuple(sorted({name for name in names if name != OUT_OF_SCOPE}))
    if len(known) < 2:  # noqa: PLR2004 - there must be a choice
        raise DatasetError(
            f"examples of {len(known)} intents are too few to tell intents apart; write examples for two or more"
        )
    place = {name: number for number, name in enumerate(known)} | {OUT_OF_SCOPE: len(known)}
    classes = np.array([place[name] for name in names], dtype=np.int64)
    kept = cap_per_intent(texts, classes, limit, seed=seed)
    named = [name for name in known if name in titles]
    every = np.concatenate([classes[kept], np.array([place[name] for name in named], np.int64)])
    order = np.argsort(every, kind="stable")
    rows = np.concatenate([vectors[kept], *(titles[name][None] for name in named)])
    shown = [*(texts[number] for number in kept), *named]
    return _Sorted(
        tuple(shown[number] for number in order),
        known,
        every[order],
        np.ascontiguousarray(rows[order], dtype=np.float32),
        int((every < len(known)).sum()),
        order >= len(kept),
    )


def _head(
    data: _Sorted,
    weights: Weights,
    backdrop: Floats,
    config: IntentConfig,
    calibration: IntentCalibration,
) -> KernelIntentHead:
    return KernelIntentHead(
        data.names,
        np.concatenate([data.vectors, backdrop]) if len(backdrop) else data.vectors,
        weights.head,
        data.in_scope,
        config.sharpness,
        calibration.link,
        calibration.detector,
        weights.guard,
    )


def _calibrate(
    data: _Sorted, fits: tuple[KernelFit, GuardFit], config: IntentConfig, seed: int
) -> tuple[IntentCalibration, IntentReport, HeldOutIntents]:
    """Fit link and detector on scores of examples that were held out, fold by fold and intent by intent."""
    fit, guard = fits
    asked = np.flatnonzero(~data.is_name)
    folds = [asked[places] for places in stratified_folds(data.classes[asked], _FOLDS, seed=seed)]
    intents = [np.flatnonzero(data.classes == number) for number in range(len(data.names))]
    groups = [*folds, *intents]
    held_out = [
        HeldOut(places, scores, guarded)
        for places, scores, guarded in zip(
            groups, held_out_scores(fit, groups), guard.held_out(groups), strict=True
        )
    ]
    scores = np.empty_like(fit.targets)
    for group in held_out[: len(folds)]:
        scores[group.places] = group.scores
    scores, classes = scores[asked], data.classes[asked]
    in_scope = int((classes < len(data.names)).sum())
    link = fit_link(scores[:in_scope, :-1], classes[:in_scope])
    evidence = held_out_evidence(
        Evidence(data.vectors, data.in_scope, config.sharpness, link),
        held_out,
        asked=asked,
        folds=len(folds),
    )
    detector = fit_detector(evidence, share=config.out_of_scope_share)
    strangeness = detector.probabilities(evidence.of_examples)
    logits = link.logits(scores[:, :-1])
    thresholds = choose_thresholds(
        classes, logits, strangeness, false_accept_rate=config.false_accept_rate
    )
    texts = tuple(data.texts[number] for number in asked)
    report = make_report(texts, data.names, classes, logits, strangeness, thresholds)
    names = (*data.names, OUT_OF_SCOPE)
    said = HeldOutIntents(texts, tuple(names[n] for n in classes), softmax(logits), strangeness)
    return IntentCalibration(link, detector, thresholds), report, said
