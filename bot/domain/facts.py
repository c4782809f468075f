"""What a turn teaches a conversation; the fold of a conversation applies these in order."""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class SlotFilled:
    """A slot has a (new) value."""

    slot: str
    value: str


@dataclass(frozen=True, slots=True)
class SlotEmptied:
    """A slot has no value any more."""

    slot: str


@dataclass(frozen=True, slots=True)
class FlowStarted:
    """A flow began, on the release that was live then; its own slots start empty unless filled after."""

    flow: str
    release: int


class FlowEnd(StrEnum):
    """How a flow ended."""

    DONE = "done"
    LEFT = "left"
    REJECTED = "rejected"
    FAILED = "failed"
    REPLACED = "replaced"


@dataclass(frozen=True, slots=True)
class FlowEnded:
    """The running flow is over."""

    flow: str
    how: FlowEnd


@dataclass(frozen=True, slots=True)
class SlotAsked:
    """The customer was asked for a slot; asked twice in a row without an answer counts up."""

    slot: str


@dataclass(frozen=True, slots=True)
class ConfirmationAsked:
    """The change was read back; the next yes carries it out."""


@dataclass(frozen=True, slots=True)
class ClarificationAsked:
    """The customer was asked which of these intents they mean."""

    intents: tuple[str, ...]
    utterance: str


@dataclass(frozen=True, slots=True)
class ClarificationClosed:
    """The customer said which one they meant, or went on to something else."""


@dataclass(frozen=True, slots=True)
class RewordingAsked:
    """Nothing was understood or found; the customer was asked for other words. Counts as a failure."""


@dataclass(frozen=True, slots=True)
class Succeeded:
    """The turn helped: failures start at zero again."""


@dataclass(frozen=True, slots=True)
class AngerNoticed:
    """The utterance was angry; ``strength`` is its probability."""

    strength: float


@dataclass(frozen=True, slots=True)
class AngerCalmed:
    """The utterance was not angry: anger starts at zero again."""


@dataclass(frozen=True, slots=True)
class ButtonsOffered:
    """These payloads were offered; only these may come back as a typed ``/intent{…}``."""

    payloads: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ItemsListed:
    """Records were shown in this order, so that "the second one" means something.

    Attributes:
        slot: The slot that a position fills, such as ``order_number``.
        values: Its values in the order shown.
    """

    slot: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WishQueued:
    """A second wish of the same message waits until the first is done."""

    utterance: str


@dataclass(frozen=True, slots=True)
class WishTaken:
    """The oldest waiting wish is being worked on."""


@dataclass(frozen=True, slots=True)
class IntentTaken:
    """The turn was about this intent (for "what about the other order?", feedback and topics)."""

    intent: str


Fact = (
    SlotFilled
    | SlotEmptied
    | FlowStarted
    | FlowEnded
    | SlotAsked
    | ConfirmationAsked
    | ClarificationAsked
    | ClarificationClosed
    | RewordingAsked
    | Succeeded
    | AngerNoticed
    | AngerCalmed
    | ButtonsOffered
    | ItemsListed
    | WishQueued
    | WishTaken
    | IntentTaken
)
