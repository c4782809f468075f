"""What agents do with the conversations that were handed over to them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from bot.domain.conversation import Conversation, ConversationStatus
from bot.domain.entries import (
    AgentJoined,
    AgentWrote,
    GivenBack,
    HandoffOpened,
    MessageReceived,
    NoteWritten,
    Resolved,
)
from bot.domain.message import AgentId, ConversationId, MessageId
from bot.domain.ports import HandoffLine
from bot.errors import ConversationNotFoundError, HandoffStateError
from bot.sql import Database
from bot.stores import tables
from bot.stores.conversations import SqlConversationStore

_EXCERPT_CHARACTERS = 120


@dataclass(frozen=True, slots=True)
class Handoffs:
    """Lists, claims, answers and settles conversations that were handed over."""

    database: Database
    conversations: SqlConversationStore

    async def waiting(self) -> tuple[HandoffLine, ...]:
        """Return the conversations that are with an agent or wait for one, longest waiting first."""
        table = tables.conversation
        async with self.database.read() as connection:
            found = await connection.execute(
                select(table.c.id).where(table.c.status == ConversationStatus.HANDED_OFF.value)
            )
            ids = [ConversationId(row.id) for row in found]
        lines = [_line(await self.conversations.get(conversation_id)) for conversation_id in ids]
        return tuple(sorted(lines, key=lambda line: line.opened_at))

    async def read(self, conversation_id: ConversationId) -> Conversation:
        """Read a conversation that was handed over at some time.

        Raises:
            ConversationNotFoundError: There is none, or no agent was ever asked.
        """
        conversation = await self.conversations.get(conversation_id)
        if not any(
            isinstance(entry, HandoffOpened | AgentJoined) for entry in conversation.entries
        ):
            raise ConversationNotFoundError("there is no handoff with this id; list them first")
        return conversation

    async def claim(
        self, conversation_id: ConversationId, agent_id: AgentId, name: str
    ) -> AgentJoined:
        """Take a waiting conversation.

        Raises:
            HandoffStateError: It does not wait for an agent, or somebody else has it.
        """

        def make(conversation: Conversation, now: datetime) -> AgentJoined:
            if conversation.status is not ConversationStatus.HANDED_OFF:
                raise HandoffStateError(
                    "this conversation does not wait for an agent; list the handoffs"
                )
            if conversation.agent_id is not None:
                raise HandoffStateError(
                    f"{conversation.agent_id} has this conversation already; take another"
                )
            return AgentJoined(
                number=conversation.next_number, at=now, agent_id=agent_id, name=name
            )

        return await self.conversations.append(conversation_id, make)

    async def write(
        self,
        conversation_id: ConversationId,
        agent_id: AgentId,
        name: str,
        *,
        text: str,
        message_id: MessageId,
    ) -> AgentWrote:
        """Say something to the customer; the same message id again changes nothing.

        Raises:
            HandoffStateError: The agent has not claimed the conversation.
        """

        def make(conversation: Conversation, now: datetime) -> AgentWrote:
            for entry in conversation.entries:
                if isinstance(entry, AgentWrote) and entry.message_id == message_id:
                    return entry
            _check_claimed(conversation, agent_id)
            return AgentWrote(
                number=conversation.next_number,
                at=now,
                agent_id=agent_id,
                name=name,
                message_id=message_id,
                text=text,
            )

        return await self.conversations.append(conversation_id, make)

    async def note(
        self, conversation_id: ConversationId, agent_id: AgentId, name: str, text: str
    ) -> NoteWritten:
        """Write something for colleagues only."""

        def make(conversation: Conversation, now: datetime) -> NoteWritten:
            return NoteWritten(
                number=conversation.next_number, at=now, agent_id=agent_id, name=name, text=text
            )

        return await self.conversations.append(conversation_id, make)

    async def give_back(self, conversation_id: ConversationId, agent_id: AgentId) -> GivenBack:
        """Let the assistant answer again.

        Raises:
            HandoffStateError: The agent has not claimed the conversation.
        """

        def make(conversation: Conversation, now: datetime) -> GivenBack:
            _check_claimed(conversation, agent_id)
            return GivenBack(number=conversation.next_number, at=now, agent_id=agent_id)

        return await self.conversations.append(conversation_id, make)

    async def resolve(self, conversation_id: ConversationId, agent_id: AgentId) -> Resolved:
        """Settle the matter.

        Raises:
            HandoffStateError: The agent has not claimed the conversation.
        """

        def make(conversation: Conversation, now: datetime) -> Resolved:
            _check_claimed(conversation, agent_id)
            return Resolved(number=conversation.next_number, at=now, agent_id=agent_id)

        return await self.conversations.append(conversation_id, make)


def _check_claimed(conversation: Conversation, agent_id: AgentId) -> None:
    if conversation.status is not ConversationStatus.HANDED_OFF:
        raise HandoffStateError("this conversation is not with an agent; list the handoffs")
    if conversation.agent_id != agent_id:
        raise HandoffStateError("claim the conversation first")


def _line(conversation: Conversation) -> HandoffLine:
    opened = [entry for entry in conversation.entries if isinstance(entry, HandoffOpened)][-1]
    said = [entry.text for entry in conversation.entries if isinstance(entry, MessageReceived)]
    return HandoffLine(
        conversation.conversation_id,
        conversation.customer_id,
        opened.reason,
        opened.summary,
        opened.at,
        conversation.agent_id,
        said[-1][:_EXCERPT_CHARACTERS] if said else "",
    )
