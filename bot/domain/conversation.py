"""What the entries of a conversation add up to."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType

from bot.domain.entries import (
    AgentJoined,
    AgentWrote,
    Entry,
    FeedbackGiven,
    GivenBack,
    HandoffOpened,
    MessageReceived,
    NoteWritten,
    Resolved,
    TurnClosed,
)
from bot.domain.facts import (
    AngerCalmed,
    AngerNoticed,
    ButtonsOffered,
    ClarificationAsked,
    ClarificationClosed,
    ConfirmationAsked,
    Fact,
    FlowEnded,
    FlowStarted,
    IntentTaken,
    ItemsListed,
    RewordingAsked,
    SlotAsked,
    SlotEmptied,
    SlotFilled,
    Succeeded,
    WishQueued,
    WishTaken,
)
from bot.domain.message import AgentId, ConversationId, CustomerId
from bot.domain.reply import Reply


class ConversationStatus(StrEnum):
    """Who has the conversation."""

    OPEN = "open"
    HANDED_OFF = "handed_off"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class RunningFlow:
    """A flow that waits for the customer.

    Attributes:
        name: The flow.
        release: The release it began on, and stays on.
        asked_slot: The slot last asked for; "" for none.
        times_asked: How often in a row that slot, or that confirmation, was asked for.
        is_confirming: The change was read back and waits for yes or no.
    """

    name: str
    release: int
    asked_slot: str = ""
    times_asked: int = 0
    is_confirming: bool = False


@dataclass(frozen=True, slots=True)
class Clarification:
    """The customer was asked which of ``intents`` their ``utterance`` meant."""

    intents: tuple[str, ...]
    utterance: str


_EMPTY: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Conversation:
    """The fold of a conversation's entries.

    Attributes:
        entries: All entries, in order.
        customer_id: The first customer verified in it; None while only guests wrote.
        slots: Facts learnt, by slot name.
        flow: The flow that waits for the customer.
        clarification: Set while a "which one do you mean?" is open (until the next turn).
        failures: Turns in a row in which nothing was understood or found.
        angers: Angry messages in a row.
        is_mood_noticed: The mood of the newest message is counted; a second wish of it is not counted again.
        offered: Payloads of all buttons offered since the conversation was opened.
        listed: Values last listed per slot, in the order shown.
        wishes: Utterances that wait for their turn.
        last_intent: The intent of the last turn that had one.
        agent_id: The agent who has it; None while nobody claimed it.
    """

    conversation_id: ConversationId
    entries: tuple[Entry, ...] = ()
    status: ConversationStatus = ConversationStatus.OPEN
    customer_id: CustomerId | None = None
    slots: Mapping[str, str] = field(default_factory=lambda: _EMPTY)
    flow: RunningFlow | None = None
    clarification: Clarification | None = None
    failures: int = 0
    angers: int = 0
    is_mood_noticed: bool = False
    offered: frozenset[str] = frozenset()
    listed: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    wishes: tuple[str, ...] = ()
    last_intent: str = ""
    agent_id: AgentId | None = None

    @classmethod
    def of(cls, conversation_id: ConversationId, entries: Iterable[Entry] = ()) -> "Conversation":
        """Fold entries, in order."""
        conversation = cls(conversation_id)
        for entry in entries:
            conversation = conversation.after(entry)
        return conversation

    @property
    def next_number(self) -> int:
        """Return the number that the next entry gets."""
        return len(self.entries) + 1

    @property
    def waiting(self) -> MessageReceived | None:
        """Return the oldest message without a reply; None where all have one."""
        answered = {entry.message_id for entry in self.entries if isinstance(entry, TurnClosed)}
        for entry in self.entries:
            if isinstance(entry, MessageReceived) and entry.message_id not in answered:
                return entry
        return None

    @property
    def last_reply(self) -> Reply | None:
        """Return the assistant's newest reply that said something; None before the first."""
        for entry in reversed(self.entries):
            if isinstance(entry, TurnClosed) and entry.reply.parts:
                return entry.reply
        return None

    def after(self, entry: Entry) -> "Conversation":
        """Return the conversation with one more entry."""
        grown = replace(self, entries=(*self.entries, entry))
        match entry:
            case MessageReceived():
                return _received(grown, entry)
            case TurnClosed():
                return replace(grown, clarification=None).learning(entry.reply.facts)
            case HandoffOpened():
                return replace(grown, status=ConversationStatus.HANDED_OFF, flow=None, wishes=())
            case AgentJoined():
                return replace(
                    grown, status=ConversationStatus.HANDED_OFF, agent_id=entry.agent_id, flow=None
                )
            case GivenBack():
                return replace(
                    grown, status=ConversationStatus.OPEN, agent_id=None, failures=0, angers=0
                )
            case Resolved():
                return replace(grown, status=ConversationStatus.RESOLVED, agent_id=None, flow=None)
            case AgentWrote() | NoteWritten() | FeedbackGiven():
                return grown

    def learning(self, facts: Iterable[Fact]) -> "Conversation":
        """Return the conversation after these facts, in order; entries stay as they are."""
        conversation = self
        for fact in facts:
            conversation = _learn(conversation, fact)
        return conversation


def _received(conversation: Conversation, entry: MessageReceived) -> Conversation:
    known = conversation.customer_id or entry.customer_id
    if conversation.status is not ConversationStatus.RESOLVED:
        return replace(conversation, customer_id=known, is_mood_noticed=False)
    return Conversation(
        conversation.conversation_id, entries=conversation.entries, customer_id=known
    )


def _learn(conversation: Conversation, fact: Fact) -> Conversation:
    match fact:
        case SlotFilled() | SlotEmptied() | ItemsListed() | ButtonsOffered() | IntentTaken():
            return _learn_values(conversation, fact)
        case FlowStarted() | FlowEnded() | SlotAsked() | ConfirmationAsked():
            return _learn_flow(conversation, fact)
        case ClarificationAsked(intents, utterance):
            return replace(conversation, clarification=Clarification(intents, utterance))
        case ClarificationClosed():
            return replace(conversation, clarification=None)
        case WishQueued(utterance):
            return replace(conversation, wishes=(*conversation.wishes, utterance))
        case WishTaken():
            return replace(conversation, wishes=conversation.wishes[1:])
        case RewordingAsked() | Succeeded() | AngerNoticed() | AngerCalmed():
            return _count(conversation, fact)


def _count(
    conversation: Conversation, fact: RewordingAsked | Succeeded | AngerNoticed | AngerCalmed
) -> Conversation:
    match fact:
        case RewordingAsked():
            return replace(conversation, failures=conversation.failures + 1)
        case Succeeded():
            return replace(conversation, failures=0)
        case AngerNoticed():
            return replace(conversation, angers=conversation.angers + 1, is_mood_noticed=True)
        case AngerCalmed():
            return replace(conversation, angers=0, is_mood_noticed=True)


def _learn_values(
    conversation: Conversation,
    fact: SlotFilled | SlotEmptied | ItemsListed | ButtonsOffered | IntentTaken,
) -> Conversation:
    match fact:
        case SlotFilled(slot, value):
            return replace(
                conversation, slots=MappingProxyType({**conversation.slots, slot: value})
            )
        case SlotEmptied(slot):
            left = {name: value for name, value in conversation.slots.items() if name != slot}
            return replace(conversation, slots=MappingProxyType(left))
        case ItemsListed(slot, values):
            return replace(
                conversation, listed=MappingProxyType({**conversation.listed, slot: values})
            )
        case ButtonsOffered(payloads):
            return replace(conversation, offered=conversation.offered | set(payloads))
        case IntentTaken(intent):
            return replace(conversation, last_intent=intent)


def _learn_flow(
    conversation: Conversation, fact: FlowStarted | FlowEnded | SlotAsked | ConfirmationAsked
) -> Conversation:
    flow = conversation.flow
    match fact:
        case FlowStarted(name, release):
            return replace(conversation, flow=RunningFlow(name, release))
        case FlowEnded():
            return replace(conversation, flow=None)
        case SlotAsked(slot):
            if flow is None:
                return conversation
            times = flow.times_asked + 1 if flow.asked_slot == slot else 1
            asked = replace(flow, asked_slot=slot, times_asked=times, is_confirming=False)
            return replace(conversation, flow=asked)
        case ConfirmationAsked():
            if flow is None:
                return conversation
            times = flow.times_asked + 1 if flow.is_confirming else 1
            asked = replace(flow, asked_slot="", times_asked=times, is_confirming=True)
            return replace(conversation, flow=asked)
