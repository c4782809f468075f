"""Statements on the log of conversations; every function runs inside a transaction of the caller.

Whoever writes locks the conversation's row first: so writers of a conversation come one after the other, and what its
entries say stays true until the commit.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sqlalchemy import Select, bindparam, delete, insert, select, update

from bot.domain.conversation import Conversation, ConversationStatus
from bot.domain.entries import Entry, MessageReceived
from bot.domain.message import ConversationId, CustomerId, Message, MessageId
from bot.errors import ConversationNotFoundError
from bot.sql_work import SqlConnection
from bot.stores import tables
from bot.stores.entry_json import entry_from_json, entry_to_json

_CONVERSATION: Final = tables.conversation.c
_MESSAGE: Final = tables.message.c

# Written once: composing a statement takes longer than running it.
_THIS: Final = _CONVERSATION.id == bindparam("this")
_HEAD: Final = select(
    _CONVERSATION.secret_hash,
    _CONVERSATION.customer_id,
    _CONVERSATION.next_number,
    _CONVERSATION.started_at,
    _CONVERSATION.lease_holder,
    _CONVERSATION.lease_fence,
    _CONVERSATION.lease_until,
).where(_THIS)
_LOCKED_HEAD: Final = _HEAD.with_for_update()
_ENTRY: Final = select(tables.entry.c.body).where(
    tables.entry.c.conversation_id == bindparam("this"),
    tables.entry.c.number == bindparam("number"),
)
_ENTRIES: Final = (
    select(tables.entry.c.body)
    .where(
        tables.entry.c.conversation_id == bindparam("this"),
        tables.entry.c.number > bindparam("after"),
    )
    .order_by(tables.entry.c.number)
)
_ADD_CONVERSATION: Final = insert(tables.conversation)
_ADD_ENTRY: Final = insert(tables.entry)
_ADD_MESSAGE: Final = insert(tables.message)
# What an update is given besides its ``where`` are the columns it sets.
_SAVE_HEAD: Final = update(tables.conversation).where(_THIS)
_MOVE_LEASE: Final = update(tables.conversation).where(
    _THIS,
    _CONVERSATION.lease_holder == bindparam("holder"),
    _CONVERSATION.lease_fence == bindparam("fence"),
)
_THIS_MESSAGE: Final = (
    _MESSAGE.conversation_id == bindparam("this"),
    _MESSAGE.message_id == bindparam("this_message"),
)
_CLOSE_MESSAGE: Final = update(tables.message).where(*_THIS_MESSAGE)
_COUNT_ATTEMPT: Final = (
    update(tables.message).where(*_THIS_MESSAGE).values(attempts=_MESSAGE.attempts + 1)
)


@dataclass(frozen=True, slots=True)
class Lease:
    """Who works on a conversation, and until when (seconds since 1970); ``fence`` counts the leases."""

    holder: str = ""
    fence: int = 0
    until: float = 0.0

    def taken_by(self, holder: str, until: float) -> "Lease":
        """Return the next lease."""
        return Lease(holder, self.fence + 1, until)

    def given_back(self) -> "Lease":
        """Return the lease when nobody has it; the fence stays."""
        return replace(self, holder="", until=0.0)


@dataclass(frozen=True, slots=True)
class Head:
    """A conversation's row: what must be known without reading its entries."""

    conversation_id: ConversationId
    secret_hash: str | None
    customer_id: CustomerId | None
    next_number: int
    started_at: float
    lease: Lease


async def find_head(connection: SqlConnection, conversation_id: ConversationId) -> Head | None:
    """Read a conversation's row; None when there is none."""
    return await _read_head(connection, conversation_id, _HEAD)


async def find_and_lock_head(
    connection: SqlConnection, conversation_id: ConversationId
) -> Head | None:
    """Read a conversation's row and keep other writers out; None when there is none."""
    return await _read_head(connection, conversation_id, _LOCKED_HEAD)


async def lock_head(connection: SqlConnection, conversation_id: ConversationId) -> Head:
    """Read a conversation's row and keep other writers out.

    Raises:
        ConversationNotFoundError: There is none.
    """
    head = await find_and_lock_head(connection, conversation_id)
    if head is None:
        raise ConversationNotFoundError("there is no such conversation; start a new one")
    return head


# A statement's rows have columns of many types; the type of a select is a tuple of them.
async def _read_head(
    connection: SqlConnection,
    conversation_id: ConversationId,
    statement: Select[tuple[str | None, str | None, int, float, str, int, float]],
) -> Head | None:
    row = (await connection.execute(statement, {"this": conversation_id})).one_or_none()
    if row is None:
        return None
    return Head(
        conversation_id,
        row.secret_hash,
        row.customer_id,
        row.next_number,
        row.started_at,
        Lease(row.lease_holder, row.lease_fence, row.lease_until),
    )


async def insert_conversation(
    connection: SqlConnection,
    conversation_id: ConversationId,
    secret_hash: str | None,
    now: datetime,
) -> Head:
    """Start a conversation."""
    head = Head(conversation_id, secret_hash, None, 1, now.timestamp(), Lease())
    row = {
        "id": conversation_id,
        "secret_hash": secret_hash,
        "customer_id": None,
        "status": ConversationStatus.OPEN.value,
        "agent_id": None,
        "next_number": head.next_number,
        "lease_holder": head.lease.holder,
        "lease_fence": head.lease.fence,
        "lease_until": head.lease.until,
        "started_at": head.started_at,
        "updated_at": head.started_at,
    }
    await connection.execute(_ADD_CONVERSATION, row)
    return head


async def save_head(
    connection: SqlConnection, conversation: Conversation, lease: Lease, now: datetime
) -> None:
    """Write what a conversation's row takes from its fold, and the lease."""
    row = {
        "this": conversation.conversation_id,
        "customer_id": conversation.customer_id,
        "status": conversation.status.value,
        "agent_id": conversation.agent_id,
        "next_number": conversation.next_number,
        "updated_at": now.timestamp(),
        "lease_holder": lease.holder,
        "lease_fence": lease.fence,
        "lease_until": lease.until,
    }
    await connection.execute(_SAVE_HEAD, row)


async def move_lease(
    connection: SqlConnection, conversation_id: ConversationId, lease: Lease, until: float
) -> None:
    """Move the end of a lease, unless it is another's by now."""
    row = {
        "this": conversation_id,
        "holder": lease.holder,
        "fence": lease.fence,
        "lease_until": until,
    }
    await connection.execute(_MOVE_LEASE, row)


async def read_entries(
    connection: SqlConnection, conversation_id: ConversationId, after: int = 0
) -> tuple[Entry, ...]:
    """Read entries with numbers above ``after``, in order."""
    found = await connection.execute(_ENTRIES, {"this": conversation_id, "after": after})
    return tuple(entry_from_json(row.body) for row in found)


async def read_entry(
    connection: SqlConnection, conversation_id: ConversationId, number: int
) -> Entry:
    """Read the entry of that number, which is there."""
    found = await connection.execute(_ENTRY, {"this": conversation_id, "number": number})
    return entry_from_json(found.scalar_one())


async def append_entry(
    connection: SqlConnection, conversation_id: ConversationId, entry: Entry
) -> None:
    """Write an entry; the caller has checked its number and saves the head."""
    row = {
        "conversation_id": conversation_id,
        "number": entry.number,
        "body": entry_to_json(entry),
    }
    await connection.execute(_ADD_ENTRY, row)


async def insert_message(
    connection: SqlConnection, message: Message, number: int, *, attempts: int
) -> MessageReceived:
    """Write a message's row and entry; ``attempts`` is 1 when it is worked on at once."""
    received = MessageReceived(
        number=number,
        at=message.sent_at,
        message_id=message.message_id,
        text=message.text,
        channel=message.channel,
        customer_id=message.caller.customer_id,
    )
    row = {
        "conversation_id": message.conversation_id,
        "message_id": message.message_id,
        "number": number,
        "closed_by": None,
        "attempts": attempts,
    }
    await connection.execute(_ADD_MESSAGE, row)
    await append_entry(connection, message.conversation_id, received)
    return received


async def count_attempt(connection: SqlConnection, message: Message) -> None:
    """Note that a message is being worked on once more."""
    row = {"this": message.conversation_id, "this_message": message.message_id}
    await connection.execute(_COUNT_ATTEMPT, row)


async def close_message(
    connection: SqlConnection,
    conversation_id: ConversationId,
    message_id: MessageId,
    number: int,
) -> None:
    """Note that a message was answered by the entry of that number."""
    row = {"this": conversation_id, "this_message": message_id, "closed_by": number}
    await connection.execute(_CLOSE_MESSAGE, row)


async def erase(connection: SqlConnection, conversation_id: ConversationId) -> None:
    """Remove a conversation with all that was said in it."""
    if await find_and_lock_head(connection, conversation_id) is None:
        return
    for table in (tables.message, tables.entry):
        await connection.execute(delete(table).where(table.c.conversation_id == conversation_id))
    await connection.execute(delete(tables.conversation).where(_CONVERSATION.id == conversation_id))
