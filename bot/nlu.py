"""Makes an understanding of an utterance: normalise, encode once, intent + sentiment + slot values, wishes."""

import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, date
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from bot.domain.ports import Clock, Encoder, Encodings, MoodEncoder
from bot.domain.understanding import RankedIntent, Sentiment, SlotValue, Understanding
from bot.extraction.clauses import asks, clauses_of
from bot.extraction.extractor import Extractor
from intents.feeling import readings_of
from intents.prediction import (
    IntentClassifier,
    IntentPrediction,
    SentimentClassifier,
    SentimentPrediction,
)
from intents.text import normalise

_NEUTRAL: Final = Sentiment(negative=0.0, neutral=1.0, positive=0.0)
_MIN_WISHES: Final = 2


@dataclass(frozen=True, slots=True)
class NluModels:
    """What is asked of an encoding, and what makes it.

    Attributes:
        intents: Takes the vectors of ``encoder``; behind them those of ``tuned_encoder``, where there is one.
        sentiment_encoder: Reads the mood; usually it is ``encoder`` itself, then one pass serves both.
        tuned_encoder: A second one that was tuned for the intents, and is asked for them alone.
    """

    encoder: Encoder
    intents: IntentClassifier
    sentiment_encoder: MoodEncoder
    sentiment: SentimentClassifier
    tuned_encoder: Encoder | None = None


@dataclass(frozen=True, slots=True)
class WishRules:
    """When a message counts as several wishes.

    Attributes:
        task_intents: Intents that a wish can have: those that lead to a flow or to the help articles.
        confidence: What each clause needs to be a wish of its own.
    """

    task_intents: frozenset[str] = frozenset()
    confidence: float = 0.6


@dataclass(slots=True)
class _Watch:
    """Measures the stages."""

    took_ms: dict[str, float] = field(default_factory=dict)
    _last: float = field(default_factory=time.perf_counter)

    def lap(self, stage: str) -> None:
        now = time.perf_counter()
        self.took_ms[stage] = (now - self._last) * 1000
        self._last = now


@dataclass(frozen=True, slots=True)
class _Clause:
    """A clause with what the models make of it."""

    start: int
    end: int
    prediction: IntentPrediction
    vector: NDArray[np.float32]

    @property
    def intent(self) -> str:
        return self.prediction.ranking[0][0] if self.prediction.ranking else ""

    @property
    def confidence(self) -> float:
        best = self.prediction.ranking[0][1] if self.prediction.ranking else 0.0
        return best * (1.0 - self.prediction.out_of_scope_probability)


class Nlu:
    """Understands utterances. Plain functions of CPU only; may be called from several threads at once."""

    def __init__(
        self,
        models: NluModels,
        extractor: Extractor,
        rules: WishRules,
        clock: Clock,
        time_zone: ZoneInfo,
    ) -> None:
        """Put the parts together.

        Args:
            models: Encoders and heads of a release.
            extractor: Rules and lists for slot values.
            rules: When a message counts as several wishes.
            clock: Says what "yesterday" is.
            time_zone: The shop's.
        """
        self._models = models
        self._extractor = extractor
        self._rules = rules
        self._clock = clock
        self._time_zone = time_zone
        self._beside = ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="sentiment")

    def understand(self, text: str, *, chosen_intent: str | None = None) -> Understanding:
        """Understand an utterance; takes milliseconds.

        Args:
            text: As typed.
            chosen_intent: The intent of an accepted ``/intent`` payload; then no head is asked.
        """
        watch = _Watch()
        clean = normalise(text)
        watch.lap("normalise")
        if chosen_intent is not None:
            return self._chosen(text, chosen_intent, watch)
        if not clean:
            empty = np.zeros(self._models.encoder.dim, dtype=np.float32)
            return Understanding(text, (), 1.0, _NEUTRAL, vector=empty, took_ms=watch.took_ms)
        vectors, feeling = self._encode(readings_of(text))
        watch.lap("encode")
        prediction = self._rank([clean], vectors)[0]
        watch.lap("intent")
        sentiment = _sentiment(self._models.sentiment.predict(feeling()))
        watch.lap("sentiment")
        values = self._extractor.extract(text, self._today())
        watch.lap("slots")
        wishes = self._wishes(text, values, sentiment)
        watch.lap("wishes")
        return Understanding(
            utterance=text,
            intents=_ranked(prediction),
            out_of_scope_probability=prediction.out_of_scope_probability,
            sentiment=sentiment,
            slot_values=values,
            vector=vectors[0],
            wishes=wishes,
            took_ms=watch.took_ms,
        )

    def _chosen(self, text: str, intent: str, watch: _Watch) -> Understanding:
        """Return what a tapped button means; its vector is that of the intent's name, for a search."""
        vector = self._models.encoder.encode([intent.replace("_", " ") or "."])[0]
        watch.lap("encode")
        return Understanding(
            utterance=text,
            intents=(RankedIntent(intent, 1.0),),
            out_of_scope_probability=0.0,
            sentiment=_NEUTRAL,
            vector=vector,
            chosen_intent=intent,
            took_ms=watch.took_ms,
        )

    def _encode(
        self, readings: Sequence[str]
    ) -> tuple[NDArray[np.float32], Callable[[], NDArray[np.float32]]]:
        """Return the row of a text's vector, and what gives the moods of its readings, the first of which is all of it.

        The whole text's mood is of the same pass as its vector, or comes from another core meanwhile.
        """
        models = self._models
        if models.sentiment_encoder is models.encoder:
            encoded = models.sentiment_encoder.encode_all(readings)
            return encoded.vectors[:1], lambda: encoded.moods
        later: Future[Encodings] = self._beside.submit(
            models.sentiment_encoder.encode_all, readings
        )
        return models.encoder.encode(readings[:1]), lambda: later.result().moods

    def _rank(
        self, clean: Sequence[str], vectors: NDArray[np.float32]
    ) -> tuple[IntentPrediction, ...]:
        tuned = self._models.tuned_encoder
        if tuned is not None:
            vectors = np.concatenate([vectors, tuned.encode(clean)], axis=1)
        return self._models.intents.predict(vectors)

    def _today(self) -> date:
        return self._clock.now().astimezone(UTC).astimezone(self._time_zone).date()

    def _wishes(
        self, text: str, values: Sequence[SlotValue], sentiment: Sentiment
    ) -> tuple[Understanding, ...]:
        """Return one understanding per wish where there are two or more of different intents; else nothing."""
        spans = [(start, end) for start, end in clauses_of(text) if asks(text[start:end])]
        if len(spans) < _MIN_WISHES:
            return ()
        clean = [normalise(text[start:end]) or "." for start, end in spans]
        vectors = self._models.encoder.encode(clean)
        predictions = self._rank(clean, vectors)
        clauses = [
            _Clause(start, end, prediction, vector)
            for (start, end), prediction, vector in zip(spans, predictions, vectors, strict=True)
        ]
        wishes = _merged([clause for clause in clauses if self._is_wish(clause)])
        if len({wish.intent for wish in wishes}) < _MIN_WISHES:
            return ()
        stray = [v for v in values if not any(_holds(wish, v) for wish in wishes)]
        return tuple(_as_understanding(text, wish, values, stray, sentiment) for wish in wishes)

    def _is_wish(self, clause: _Clause) -> bool:
        rules = self._rules
        return clause.intent in rules.task_intents and clause.confidence >= rules.confidence


def _merged(clauses: Sequence[_Clause]) -> list[_Clause]:
    """Join neighbours of one intent; what stands between them belongs to them."""
    merged: list[_Clause] = []
    for clause in clauses:
        if merged and merged[-1].intent == clause.intent:
            last = merged[-1]
            best = max(last, clause, key=lambda one: one.confidence)
            merged[-1] = _Clause(last.start, clause.end, best.prediction, best.vector)
        else:
            merged.append(clause)
    return merged


def _as_understanding(
    text: str,
    wish: _Clause,
    values: Sequence[SlotValue],
    stray: Sequence[SlotValue],
    sentiment: Sentiment,
) -> Understanding:
    """Make an understanding of a wish; values outside every wish are given to all, with no place in the text."""
    own = [
        replace(value, start=value.start - wish.start, end=value.end - wish.start)
        for value in values
        if _holds(wish, value)
    ]
    kinds = {value.slot for value in own}
    lent = [replace(value, start=0, end=0) for value in stray if value.slot not in kinds]
    return Understanding(
        utterance=text[wish.start : wish.end],
        intents=_ranked(wish.prediction),
        out_of_scope_probability=wish.prediction.out_of_scope_probability,
        sentiment=sentiment,
        slot_values=(*own, *lent),
        vector=wish.vector,
    )


def _holds(wish: _Clause, value: SlotValue) -> bool:
    return wish.start <= value.start and value.end <= wish.end


def _ranked(prediction: IntentPrediction) -> tuple[RankedIntent, ...]:
    return tuple(RankedIntent(name, float(share)) for name, share in prediction.ranking)


def _sentiment(felt: SentimentPrediction) -> Sentiment:
    return Sentiment(float(felt.negative), float(felt.neutral), float(felt.positive))
