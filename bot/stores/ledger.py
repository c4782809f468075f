"""Statements on the log of conversations; every function runs inside a transaction of the caller.

Whoever writes locks the conversation's row first: so writers of a conversation come one after the other, and what its
entries say stays true until the commit.
"""

import math
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sqlalchemy import Select, bindparam, delete, insert, select, update

from bot.domain.conversation import Conversation, ConversationStatus
from bot.domain.entries import Entry
from bot.domain.message import ConversationId, CustomerId
from bot.errors import ConversationNotFoundError
from bot.sql_work import SqlConnection
from bot.stores import tables
from bot.stores.entry_json import entry_from_json, entry_to_json

_CONVERSATION: Final = tables.conversation.c

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
    _CONVERSATION.attempts,
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
# What an update is given besides its ``where`` are the columns it sets.
_ADVANCE_HEAD: Final = update(tables.conversation).where(
    _THIS,
    _CONVERSATION.next_number == bindparam("seen_number"),
    _CONVERSATION.lease_fence == bindparam("seen_fence"),
    _CONVERSATION.started_at == bindparam("seen_start"),
    _CONVERSATION.lease_until <= bindparam("free_by"),
)
_MOVE_LEASE: Final = update(tables.conversation).where(
    _THIS,
    _CONVERSATION.lease_holder == bindparam("holder"),
    _CONVERSATION.lease_fence == bindparam("fence"),
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
    """A conversation's row: what must be known without reading its entries.

    Attributes:
        attempts: How often the oldest message without a reply was taken up.
    """

    conversation_id: ConversationId
    secret_hash: str | None
    customer_id: CustomerId | None
    next_number: int
    started_at: float
    lease: Lease
    attempts: int = 0

    def after(self, conversation: Conversation, lease: Lease, attempts: int) -> "Head":
        """Return the row once the conversation has grown to this."""
        return replace(
            self,
            customer_id=conversation.customer_id,
            next_number=conversation.next_number,
            lease=lease,
            attempts=attempts,
        )


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
    statement: Select[tuple[str | None, str | None, int, float, str, int, float, int]],
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
        row.attempts,
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
        "waiting": None,
        "attempts": head.attempts,
        "started_at": head.started_at,
        "updated_at": head.started_at,
    }
    await connection.execute(_ADD_CONVERSATION, row)
    return head


async def advance_head(
    connection: SqlConnection,
    seen: Head,
    head: Head,
    conversation: Conversation,
    now: datetime,
    *,
    free_by: float = math.inf,
) -> bool:
    """Write a conversation's row, if it still is as it was seen; it is locked from here on.

    Where nobody wrote an entry or took the lease since, nothing need be read before.

    Args:
        connection: Of a transaction.
        seen: The row as this process knows it.
        head: As it shall be.
        conversation: With the entries that are about to be written.
        now: The present moment.
        free_by: The lease must have run out by then.

    Returns:
        Whether it was; else nothing was written.
    """
    waiting = conversation.waiting
    row = {
        "this": head.conversation_id,
        "seen_number": seen.next_number,
        "seen_fence": seen.lease.fence,
        "seen_start": seen.started_at,
        "free_by": free_by,
        "customer_id": head.customer_id,
        "status": conversation.status.value,
        "agent_id": conversation.agent_id,
        "next_number": head.next_number,
        "updated_at": now.timestamp(),
        "lease_holder": head.lease.holder,
        "lease_fence": head.lease.fence,
        "lease_until": head.lease.until,
        "waiting": None if waiting is None else waiting.number,
        "attempts": head.attempts,
    }
    return (await connection.execute(_ADVANCE_HEAD, row)).rowcount == 1


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


async def erase(connection: SqlConnection, conversation_id: ConversationId) -> None:
    """Remove a conversation with all that was said in it."""
    if await find_and_lock_head(connection, conversation_id) is None:
        return
    entries = tables.entry
    await connection.execute(delete(entries).where(entries.c.conversation_id == conversation_id))
    await connection.execute(delete(tables.conversation).where(_CONVERSATION.id == conversation_id))
