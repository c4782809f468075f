"""Why a turn went as it did: scores, thresholds, rules, passages, actions, milliseconds."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.domain.decision import Why
from bot.domain.understanding import RankedIntent, Sentiment, SlotValue


@dataclass(frozen=True, slots=True)
class FoundPassage:
    """A passage that was considered: its id and the probability that it answers the question."""

    passage_id: str
    probability: float


@dataclass(frozen=True, slots=True)
class TraceStep:
    """One wish of the message: understood, decided, acted on.

    Attributes:
        decision: The decision's class name.
        outcome: The outcome's class name.
        detail: The action's or wording's name, the slot asked for, the handoff's reason; "" for none.
    """

    intents: tuple[RankedIntent, ...]
    out_of_scope_probability: float
    sentiment: Sentiment
    slot_values: tuple[SlotValue, ...]
    why: Why
    decision: str
    outcome: str
    detail: str = ""
    passages: tuple[FoundPassage, ...] = ()


@dataclass(frozen=True, slots=True)
class Trace:
    """Everything a colleague needs to see why.

    Attributes:
        release: The number of the release that answered.
        steps: One per wish of the message, in order.
        took_ms: Milliseconds per stage: ``understand``, ``encode``, ``decide``, ``act``, ``judge``.
    """

    release: int
    steps: tuple[TraceStep, ...] = ()
    took_ms: Mapping[str, float] = field(default_factory=dict)
