"""Statements on the log of conversations; every function runs inside a transaction of the caller."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.conversation import Conversation, ConversationStatus
from bot.domain.entries import Entry, MessageReceived
from bot.domain.message import AgentId, ConversationId, CustomerId, Message, MessageId
from bot.errors import ConversationNotFoundError
from bot.stores import tables
from bot.stores.entry_json import entry_from_json, entry_to_json


@dataclass(frozen=True, slots=True)
class Head:
    """A conversation's row: what must be known without reading its entries."""

    conversation_id: ConversationId
    secret_hash: str | None
    customer_id: CustomerId | None
    status: ConversationStatus
    agent_id: AgentId | None
    next_number: int
    lease_holder: str
    lease_fence: int
    lease_until: float


@dataclass(frozen=True, slots=True)
class MessageRow:
    """A message's row: where it stands in the log, and whether it was answered."""

    text_hash: str
    number: int
    closed_by: int | None
    attempts: int


def text_hash(text: str) -> str:
    """Return what two messages with the same id must have in common."""
    return hashlib.sha256(text.encode()).hexdigest()


async def find_head(connection: AsyncConnection, conversation_id: ConversationId) -> Head | None:
    """Read a conversation's row, locked for this transaction; None when there is none."""
    table = tables.conversation
    found = await connection.execute(
        select(
            table.c.secret_hash,
            table.c.customer_id,
            table.c.status,
            table.c.agent_id,
            table.c.next_number,
            table.c.lease_holder,
            table.c.lease_fence,
            table.c.lease_until,
        )
        .where(table.c.id == conversation_id)
        .with_for_update()
    )
    row = found.one_or_none()
    if row is None:
        return None
    return Head(
        conversation_id,
        row.secret_hash,
        row.customer_id,
        ConversationStatus(row.status),
        row.agent_id,
        row.next_number,
        row.lease_holder,
        row.lease_fence,
        row.lease_until,
    )


async def read_head(connection: AsyncConnection, conversation_id: ConversationId) -> Head:
    """Read a conversation's row.

    Raises:
        ConversationNotFoundError: There is none.
    """
    head = await find_head(connection, conversation_id)
    if head is None:
        raise ConversationNotFoundError("there is no such conversation; start a new one")
    return head


async def insert_conversation(
    connection: AsyncConnection,
    conversation_id: ConversationId,
    secret_hash: str | None,
    now: datetime,
) -> Head:
    """Start a conversation."""
    head = Head(conversation_id, secret_hash, None, ConversationStatus.OPEN, None, 1, "", 0, 0.0)
    await connection.execute(
        insert(tables.conversation).values(
            id=conversation_id,
            secret_hash=secret_hash,
            customer_id=None,
            status=head.status.value,
            agent_id=None,
            next_number=1,
            lease_holder="",
            lease_fence=0,
            lease_until=0.0,
            updated_at=now.timestamp(),
        )
    )
    return head


async def read_entries(
    connection: AsyncConnection, conversation_id: ConversationId, after: int = 0
) -> tuple[Entry, ...]:
    """Read entries with numbers above ``after``, in order."""
    table = tables.entry
    found = await connection.execute(
        select(table.c.body)
        .where(table.c.conversation_id == conversation_id, table.c.number > after)
        .order_by(table.c.number)
    )
    return tuple(entry_from_json(row.body) for row in found)


async def append_entry(
    connection: AsyncConnection, conversation_id: ConversationId, entry: Entry
) -> None:
    """Write an entry; the caller has checked its number and updates the head."""
    await connection.execute(
        insert(tables.entry).values(
            conversation_id=conversation_id, number=entry.number, body=entry_to_json(entry)
        )
    )


async def save_head(
    connection: AsyncConnection, conversation: Conversation, now: datetime, **more: object
) -> None:
    """Write what a conversation's row takes from its fold; ``more`` are columns of the lease."""
    await connection.execute(
        update(tables.conversation)
        .where(tables.conversation.c.id == conversation.conversation_id)
        .values(
            customer_id=conversation.customer_id,
            status=conversation.status.value,
            agent_id=conversation.agent_id,
            next_number=conversation.next_number,
            updated_at=now.timestamp(),
            **more,
        )
    )


async def find_message(
    connection: AsyncConnection, conversation_id: ConversationId, message_id: MessageId
) -> MessageRow | None:
    """Read a message's row; None when it never came."""
    table = tables.message
    found = await connection.execute(
        select(table.c.text_hash, table.c.number, table.c.closed_by, table.c.attempts).where(
            table.c.conversation_id == conversation_id, table.c.message_id == message_id
        )
    )
    row = found.one_or_none()
    return (
        None if row is None else MessageRow(row.text_hash, row.number, row.closed_by, row.attempts)
    )


async def insert_message(
    connection: AsyncConnection, message: Message, number: int
) -> MessageReceived:
    """Write a message's row and entry."""
    received = MessageReceived(
        number=number,
        at=message.sent_at,
        message_id=message.message_id,
        text=message.text,
        channel=message.channel,
        customer_id=message.caller.customer_id,
    )
    await connection.execute(
        insert(tables.message).values(
            conversation_id=message.conversation_id,
            message_id=message.message_id,
            text_hash=text_hash(message.text),
            number=number,
            closed_by=None,
            attempts=0,
        )
    )
    await append_entry(connection, message.conversation_id, received)
    return received


async def first_open_number(
    connection: AsyncConnection, conversation_id: ConversationId
) -> int | None:
    """Return the number of the oldest message that is not answered; None when all are."""
    table = tables.message
    found = await connection.execute(
        select(table.c.number)
        .where(table.c.conversation_id == conversation_id, table.c.closed_by.is_(None))
        .order_by(table.c.number)
        .limit(1)
    )
    return found.scalar_one_or_none()
