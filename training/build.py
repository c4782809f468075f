"""Fits everything that follows from a draft's documents: intent head, search, thresholds."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from bot.checking import Checker
from bot.encoder import OnnxEncoder
from bot.errors import ReleaseInvalidError
from bot.intent_heads import INTENT_HEAD
from bot.loading import ENTITIES, SEARCH_PARTS
from bot.seed import ARTICLES
from bot.stores.releases import Documents
from intents.artifact import INTENT_KIND, write_intent_head
from intents.container import HeadManifest
from intents.text import normalise
from training.besides import Besides, encode_besides
from training.config import IntentConfig, read_intent_config
from training.datasets import data_fingerprint
from training.encodings import CachedEncoder
from training.errors import DatasetError
from training.examples import Examples
from training.head_artifacts import HeadWriter, KeptHead
from training.instant import InstantFitter
from training.intent import (
    FittedIntents,
    InstantIntents,
    IntentCalibration,
    fit_instantly,
    fit_intent_head,
)
from training.intent_report import IntentReport
from training.progress import Report
from training.report import package_versions
from training.retriever import FittedRetriever, fit_retriever
from training.retriever_material import texts_to_encode

Columns = tuple[Sequence[str], Sequence[str], NDArray[np.float32]]
"""Texts, the intent of each, and their encodings."""

SEARCH: Final = "search"
# From which negative probability on heated words count as anger (the words are in bot/dialogue/mood.py). Checked
# against the sentiment head's calibration, not fitted: there are no examples of anger apart from mood.
ANGER: Final = 0.6
STRONG_ANGER: Final = 0.8


@dataclass(frozen=True, slots=True)
class Built:
    """What was fitted.

    Attributes:
        artifacts: By name, without the exported encoders.
        base: What the artifacts' head is a change of; None where it is whole.
        thresholds: The fields of ``playbook.Thresholds``.
        report: Of the intents; None after an instant fit.
    """

    artifacts: Mapping[str, bytes]
    thresholds: Mapping[str, float]
    metrics: Mapping[str, float]
    calibration: IntentCalibration
    report: IntentReport | None
    base: KeptHead | None = None


@dataclass(frozen=True, slots=True)
class Search:
    """A fitted search: its artifacts by name, thresholds, and what was measured."""

    artifacts: Mapping[str, bytes]
    thresholds: Mapping[str, float]
    metrics: Mapping[str, float]

    @classmethod
    def of(cls, fitted: FittedRetriever) -> "Search":
        """Take what fitting gave."""
        measured = asdict(fitted.report).items()
        return cls(
            {SEARCH_PARTS[part]: content for part, content in fitted.parts.items()},
            {"answer": fitted.answer, "answer_in_scope": fitted.answer_in_scope},
            {f"{SEARCH}_{name}": value for name, value in measured if value is not None},
        )


def open_builder(cache: Path, encoder: OnnxEncoder, *, seed: int) -> "ReleaseBuilder":
    """Make a builder that keeps its encodings, and what it fitted for the draft, in files of the cache."""
    return ReleaseBuilder(
        CachedEncoder(encoder, cache / "encodings" / f"{encoder.sha256}.npz"),
        encoder.sha256,
        seed,
        read_intent_config(),
        InstantFitter(cache / "draft" / "fit.bin"),
    )


@dataclass(slots=True)
class ReleaseBuilder:
    """Fits drafts; remembers what it read and fitted, so that the next one costs only what is new.

    Attributes:
        encoder_sha256: Of the encoder; heads are bound to it.
        fitter: For instant fits; only the worker makes those.
    """

    encoder: CachedEncoder
    encoder_sha256: str
    seed: int
    config: IntentConfig
    fitter: InstantFitter
    checker: Checker = field(default_factory=Checker)
    writer: HeadWriter = field(default_factory=HeadWriter)
    _kept: tuple[Documents, Search] | None = None

    def encode(self, documents: Documents, report: Report) -> None:
        """Encode every text that will be needed, and say how far it is; kept for the next time."""
        examples = self._examples(documents)
        texts = [normalise(text) for text in examples.texts]
        encode_besides(self.encoder, examples.texts, examples.names)
        texts += texts_to_encode(self.checker.articles(documents), examples.strange)
        self.encoder.encode_reporting(texts, report)
        self.encoder.save()

    def check(self, documents: Documents) -> None:
        """Check documents.

        Raises:
            ReleaseInvalidError: Lists every problem with file, line and remedy.
        """
        problems = self.checker.check(documents)
        if problems:
            raise ReleaseInvalidError("the draft cannot be trained:\n" + "\n".join(problems))

    def measure_intents(self, documents: Documents) -> IntentReport:
        """Fit the intents alone and say how well they are told apart.

        Raises:
            DatasetError: There are too few examples.
        """
        with one_thread():
            report = self._fit(self._examples(documents)).report
        if report is None:
            raise DatasetError("there is nothing to measure; add examples")
        return report

    def build(self, documents: Documents) -> Built:
        """Fit everything thoroughly: calibrated, with thresholds chosen from the data.

        Args:
            documents: Checked, and found well.

        Raises:
            DatasetError: There are too few examples or articles.
        """
        examples = self._examples(documents)
        with one_thread():
            intents, search = self._fit(examples), self._search(documents, examples)
            manifest = self._manifest(examples, intents.head.names, intents)
            head = {INTENT_HEAD: write_intent_head(intents.head, manifest)}
            return _built((head, None), examples, intents, search)

    def build_instantly(self, documents: Documents, like: IntentCalibration) -> Built:
        """Fit the head alone, calibrated as before; the search is fitted again only for other articles."""
        examples = self._examples(documents)
        articles = articles_of(documents)
        is_kept = self._kept is not None and self._kept[0] == articles
        with one_thread():
            search = self._kept[1] if self._kept and is_kept else self._search(documents, examples)
            intents = self._fit_instantly(examples, like)
            manifest = self._manifest(examples, intents.change.names, intents)
            return _built(self.writer.write(intents, manifest), examples, intents, search)

    def _fit(self, examples: Examples) -> FittedIntents:
        columns, besides = self._encoded(examples)
        return fit_intent_head(*columns, seed=self.seed, besides=besides, config=self.config)

    def _fit_instantly(self, examples: Examples, like: IntentCalibration) -> InstantIntents:
        columns, besides = self._encoded(examples)
        return fit_instantly(
            *columns,
            like,
            seed=self.seed,
            fitter=self.fitter,
            besides=besides,
            config=self.config,
        )

    def _encoded(self, examples: Examples) -> tuple[Columns, Besides]:
        vectors = self.encoder.encode([normalise(text) for text in examples.texts])
        besides = encode_besides(self.encoder, examples.texts, examples.names)
        return (examples.texts, examples.names, vectors), besides

    def keep_search(self, documents: Documents, search: Search) -> None:
        """Take over a search that was fitted before, for as long as the articles are those of ``documents``."""
        self._kept = (articles_of(documents), search)

    def _search(self, documents: Documents, examples: Examples) -> Search:
        fitted = fit_retriever(
            self.checker.articles(documents),
            self.encoder,
            examples.strange,
            seed=self.seed,
            utterances=examples.by_intent,
        )
        search = Search.of(fitted)
        self.keep_search(documents, search)
        return search

    def _examples(self, documents: Documents) -> Examples:
        return Examples.of(self.checker.catalogue(documents))

    def _manifest(
        self,
        examples: Examples,
        names: tuple[str, ...],
        intents: FittedIntents | InstantIntents,
    ) -> HeadManifest:
        report = _report_of(intents)
        return HeadManifest(
            kind=INTENT_KIND,
            labels=names,
            encoder=self.encoder_sha256,
            dim=self.encoder.dim,
            data_fingerprint=data_fingerprint(examples.texts, examples.names),
            config={"seed": self.seed, "fit": "instant" if report is None else "thorough"},
            metrics={} if report is None else dict(report.metrics),
            thresholds=asdict(intents.calibration.thresholds),
            versions=package_versions("numpy", "scipy"),
        )


def _built(
    head: tuple[Mapping[str, bytes], KeptHead | None],
    examples: Examples,
    intents: FittedIntents | InstantIntents,
    search: Search,
) -> Built:
    artifacts, base = head
    calibration = intents.calibration
    report = _report_of(intents)
    metrics = {} if report is None else dict(report.metrics)
    return Built(
        artifacts={**artifacts, ENTITIES: examples.word_lists, **search.artifacts},
        thresholds={
            **asdict(calibration.thresholds),
            **search.thresholds,
            "anger": ANGER,
            "strong_anger": STRONG_ANGER,
        },
        metrics={
            **{f"intent_{name}": value for name, value in metrics.items()},
            **search.metrics,
        },
        calibration=calibration,
        report=report,
        base=base,
    )


def _report_of(intents: FittedIntents | InstantIntents) -> IntentReport | None:
    return intents.report if isinstance(intents, FittedIntents) else None


def one_thread() -> AbstractContextManager[object]:
    """Keep linear algebra to one thread: on matrices of this size a second one mostly waits, burning its core."""
    limits: AbstractContextManager[object] = threadpool_limits(limits=1)
    return limits


def articles_of(documents: Documents) -> Documents:
    """Return the documents that are articles."""
    return {path: text for path, text in documents.items() if path.startswith(f"{ARTICLES}/")}
