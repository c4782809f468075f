"""The entries of a conversation's log."""

from dataclasses import dataclass
from datetime import datetime

from bot.domain.message import AgentId, CustomerId, MessageId
from bot.domain.reply import Reply
from bot.domain.trace import Trace


@dataclass(frozen=True, slots=True, kw_only=True)
class _Numbered:
    """``number`` counts from 1 within the conversation, without gaps; ``at`` is aware UTC."""

    number: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageReceived(_Numbered):
    """A customer's message, acknowledged."""

    message_id: MessageId
    text: str
    channel: str
    customer_id: CustomerId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnClosed(_Numbered):
    """What came of a message."""

    message_id: MessageId
    reply: Reply
    trace: Trace


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoffOpened(_Numbered):
    """The conversation waits for an agent."""

    reason: str
    summary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentJoined(_Numbered):
    """An agent claimed the conversation."""

    agent_id: AgentId
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentWrote(_Numbered):
    """An agent's words to the customer."""

    agent_id: AgentId
    name: str
    message_id: MessageId
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteWritten(_Numbered):
    """An agent's words to colleagues; never shown to the customer."""

    agent_id: AgentId
    name: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenBack(_Numbered):
    """The agent gave the conversation back to the assistant."""

    agent_id: AgentId


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved(_Numbered):
    """The matter is settled; the next message opens the conversation again with empty slots."""

    agent_id: AgentId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedbackGiven(_Numbered):
    """The customer judged a reply; the newest judgement of a message counts."""

    message_id: MessageId
    is_helpful: bool
    comment: str = ""


Entry = (
    MessageReceived
    | TurnClosed
    | HandoffOpened
    | AgentJoined
    | AgentWrote
    | NoteWritten
    | GivenBack
    | Resolved
    | FeedbackGiven
)
