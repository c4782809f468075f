"""What a model makes of an utterance."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

OUT_OF_SCOPE: Final = "out_of_scope"


class SentimentLabel(StrEnum):
    """How an utterance feels."""

    NEGATIVE = "negative"
    NEUTRAL = "neutral"
    POSITIVE = "positive"


@dataclass(frozen=True, slots=True)
class Sentiment:
    """Probabilities of the three sentiments; they add up to 1."""

    negative: float
    neutral: float
    positive: float

    @property
    def label(self) -> SentimentLabel:
        """Return the most probable sentiment."""
        return max(SentimentLabel, key=self.probability_of)

    def probability_of(self, label: SentimentLabel) -> float:
        """Return the probability of one sentiment."""
        match label:
            case SentimentLabel.NEGATIVE:
                return self.negative
            case SentimentLabel.NEUTRAL:
                return self.neutral
            case SentimentLabel.POSITIVE:
                return self.positive


@dataclass(frozen=True, slots=True)
class RankedIntent:
    """An intent's name and its calibrated probability, given that the utterance is in scope."""

    name: str
    probability: float


@dataclass(frozen=True, slots=True)
class SlotValue:
    """A slot value found in an utterance.

    Attributes:
        slot: Kind of value: ``order_number``, ``email``, ``date``, ``amount``, ``product``, ``postcode``,
            ``address``, ``position`` ("the second one": 1-based, -1 is the last), ``reference`` ("that order", "it").
        value: Normalised: ``CP-104233``, ISO date ``2026-11-17``, pounds ``45.00``, product id, ``S1 4GF``.
        start: First character in the utterance as typed.
        end: One past the last character.
        extractor: Which rule or lookup found it.
        confidence: In [0, 1]; 1 for rules.
    """

    slot: str
    value: str
    start: int
    end: int
    extractor: str
    confidence: float = 1.0
    role: str | None = None
    group: str | None = None


@dataclass(frozen=True, slots=True)
class Understanding:
    """An utterance with its intent, sentiment and slot values.

    Attributes:
        utterance: The text as typed (not normalised).
        intents: Ranking, best first, without ``out_of_scope``.
        out_of_scope_probability: That no intent of the catalogue is meant.
        sentiment: Of the whole utterance.
        slot_values: In the order they stand in the text.
        vector: The encoding, shape ``(dim,)``, L2 norm 1; the knowledge base is searched with it.
        chosen_intent: The intent of an accepted ``/intent{…}`` payload (a button); no model was asked.
        wishes: Where the message holds several wishes, one understanding each, in order; else empty.
        took_ms: Milliseconds per stage.
    """

    utterance: str
    intents: tuple[RankedIntent, ...]
    out_of_scope_probability: float
    sentiment: Sentiment
    slot_values: tuple[SlotValue, ...] = ()
    vector: NDArray[np.float32] = field(
        default_factory=lambda: np.zeros(0, dtype=np.float32), repr=False, compare=False
    )
    chosen_intent: str | None = None
    wishes: "tuple[Understanding, ...]" = ()
    took_ms: Mapping[str, float] = field(default_factory=dict, compare=False)

    @property
    def intent(self) -> str:
        """Return the best intent's name, ``out_of_scope`` where there is none."""
        if self.chosen_intent is not None:
            return self.chosen_intent
        return self.intents[0].name if self.intents else OUT_OF_SCOPE

    @property
    def confidence(self) -> float:
        """Return the probability that the best intent is meant (in scope and this one)."""
        if self.chosen_intent is not None:
            return 1.0
        best = self.intents[0].probability if self.intents else 0.0
        return best * (1.0 - self.out_of_scope_probability)

    def values_of(self, slot: str) -> tuple[SlotValue, ...]:
        """Return the values found for one slot, in the order of the text."""
        return tuple(value for value in self.slot_values if value.slot == slot)
