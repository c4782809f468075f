"""Writes how a turn begins and ends, each within a transaction of the caller."""

from dataclasses import dataclass
from datetime import datetime

from bot.domain.conversation import Conversation
from bot.domain.entries import Entry, HandoffOpened, MessageReceived, TurnClosed
from bot.domain.message import Message
from bot.domain.ports import Clock
from bot.domain.reply import Reply
from bot.domain.trace import Trace
from bot.errors import LeaseLostError
from bot.sql_work import SqlConnection
from bot.stores import ledger
from bot.stores.folds import Folds
from bot.stores.ledger import Head, Lease
from bot.stores.places import check_access, find_place, is_open_to


@dataclass(frozen=True, slots=True)
class Taken:
    """The lease in ``head`` is ours; the conversation as it is now."""

    head: Head
    conversation: Conversation


@dataclass(frozen=True, slots=True)
class Answered:
    """The message was answered before."""

    head: Head
    conversation: Conversation
    reply: Reply


@dataclass(frozen=True, slots=True)
class Waiting:
    """The message is in the log, but it is not its turn yet."""

    head: Head
    conversation: Conversation


class TurnLog:
    """The entries of turns; every process has its own ``holder`` name."""

    def __init__(self, clock: Clock, folds: Folds, *, holder: str, lease_s: float) -> None:
        self._clock = clock
        self._folds = folds
        self._holder = holder
        self._lease_s = lease_s

    async def begin(
        self, connection: SqlConnection, message: Message
    ) -> Taken | Answered | Waiting:
        """Write the message if it is new, and take the lease if it is its turn."""
        now = self._clock.now()
        return await self._take_known(connection, message, now) or await self._take(
            connection, message, now
        )

    async def _take_known(
        self, connection: SqlConnection, message: Message, now: datetime
    ) -> Taken | None:
        """Take a new message's turn where this process wrote to the conversation last; None where it is not so simple.

        Nothing is read: what was seen last is true as long as the row's numbers are those of then.
        """
        fold = self._folds.find(message.conversation_id)
        if fold is None or not is_open_to(fold.head, message):
            return None
        place = find_place(fold.conversation, message.message_id)
        if place.received is not None or not place.is_next:
            return None
        received = _received(message, fold.conversation)
        conversation = fold.conversation.after(received)
        head = fold.head.after(conversation, self._lease_after(fold.head, now), attempts=1)
        is_free = await ledger.advance_head(
            connection, fold.head, head, conversation, now, free_by=now.timestamp()
        )
        if not is_free:
            return None
        await ledger.append_entry(connection, message.conversation_id, received)
        return Taken(head, conversation)

    async def _take(
        self, connection: SqlConnection, message: Message, now: datetime
    ) -> Taken | Answered | Waiting:
        seen = await ledger.find_and_lock_head(connection, message.conversation_id)
        if seen is None:
            seen = await ledger.insert_conversation(connection, message.conversation_id, None, now)
        conversation = await self._folds.read(connection, seen)
        place = find_place(conversation, message.message_id)
        check_access(seen, place, message)
        if place.closed is not None:
            return Answered(seen, conversation, place.closed.reply)
        is_turn = place.is_next and seen.lease.until <= now.timestamp()
        if place.received is None:
            received = _received(message, conversation)
            await ledger.append_entry(connection, message.conversation_id, received)
            conversation = conversation.after(received)
        elif not is_turn:
            return Waiting(seen, conversation)
        lease = self._lease_after(seen, now) if is_turn else seen.lease
        head = seen.after(conversation, lease, seen.attempts + int(is_turn))
        await ledger.advance_head(connection, seen, head, conversation, now)
        return Taken(head, conversation) if is_turn else Waiting(head, conversation)

    def _lease_after(self, head: Head, now: datetime) -> Lease:
        return head.lease.taken_by(self._holder, now.timestamp() + self._lease_s)

    async def end(
        self,
        connection: SqlConnection,
        message: Message,
        taken: Taken,
        made: tuple[Reply, Trace],
    ) -> Answered:
        """Write the turn's entries, and give the lease back.

        Raises:
            LeaseLostError: Another process works on the message now.
        """
        # Usually the conversation is as it was when the turn began; else the turn is closed on what it is now.
        closed = await self._end_on(connection, message, taken, made)
        if closed is not None:
            return closed
        head = await ledger.lock_head(connection, message.conversation_id)
        before = await self._folds.read(connection, head)
        if head.lease.fence == taken.head.lease.fence and head.started_at == taken.head.started_at:
            closed = await self._end_on(connection, message, Taken(head, before), made)
        return closed or _others_answer(head, before, message)

    async def _end_on(
        self,
        connection: SqlConnection,
        message: Message,
        taken: Taken,
        made: tuple[Reply, Trace],
    ) -> Answered | None:
        """Write the turn's entries; None where others wrote to the conversation, or have its lease."""
        (reply, trace), now, conversation = made, self._clock.now(), taken.conversation
        entries: list[Entry] = [
            TurnClosed(
                number=conversation.next_number,
                at=now,
                message_id=message.message_id,
                reply=reply,
                trace=trace,
            )
        ]
        if reply.handoff is not None:
            opened = HandoffOpened(
                number=conversation.next_number + 1,
                at=now,
                reason=reply.handoff.reason,
                summary=reply.handoff.summary,
            )
            entries.append(opened)
        for entry in entries:
            conversation = conversation.after(entry)
        head = taken.head.after(conversation, taken.head.lease.given_back(), attempts=0)
        if not await ledger.advance_head(connection, taken.head, head, conversation, now):
            return None
        for entry in entries:
            await ledger.append_entry(connection, message.conversation_id, entry)
        return Answered(head, conversation, reply)


def _received(message: Message, conversation: Conversation) -> MessageReceived:
    return MessageReceived(
        number=conversation.next_number,
        at=message.sent_at,
        message_id=message.message_id,
        text=message.text,
        channel=message.channel,
        customer_id=message.caller.customer_id,
    )


def _others_answer(head: Head, conversation: Conversation, message: Message) -> Answered:
    closed = find_place(conversation, message.message_id).closed
    if closed is None:
        raise LeaseLostError(
            "another process works on this message now; send it again to read its reply"
        )
    return Answered(head, conversation, closed.reply)
