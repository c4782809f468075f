"""Opens turns: a message is on disk before anything is computed, and one turn runs at a time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.conversation import Conversation
from bot.domain.entries import HandoffOpened, TurnClosed
from bot.domain.message import ConversationId, Message
from bot.domain.ports import Clock
from bot.domain.reply import Reply
from bot.domain.trace import Trace
from bot.errors import ConversationAccessError, LeaseLostError, MessageConflictError
from bot.sql import Database
from bot.stores import ledger, tables
from bot.stores.feed import Feed
from bot.stores.folds import Folds
from bot.stores.ledger import Head, MessageRow

_POLL_S: Final = 0.25
_PATIENCE_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class _Taken:
    """The lease is ours; the conversation as it is now."""

    conversation: Conversation
    fence: int


@dataclass(frozen=True, slots=True)
class _Answered:
    """The message was answered before."""

    conversation: Conversation
    reply: Reply


class SqlTurn:
    """A message being worked on."""

    def __init__(self, turns: "Turns", message: Message, state: _Taken | _Answered) -> None:
        self._turns = turns
        self._message = message
        self._state = state
        self.is_closed = isinstance(state, _Answered)

    @property
    def conversation(self) -> Conversation:
        """Return the conversation, this message included."""
        return self._state.conversation

    @property
    def is_repeated(self) -> bool:
        """Tell whether this message was answered before."""
        return isinstance(self._state, _Answered)

    @property
    def stored_reply(self) -> Reply:
        """Return the reply given before.

        Raises:
            ValueError: The message was not answered yet.
        """
        if isinstance(self._state, _Answered):
            return self._state.reply
        raise ValueError("the message was not answered yet; ask is_repeated first")

    async def close(self, reply: Reply, trace: Trace) -> Reply:
        """Store reply, trace and handoff in one transaction, and give the lease back."""
        if not isinstance(self._state, _Taken):
            raise ValueError("the turn was closed before; ask is_repeated first")  # noqa: TRY004
        await self._turns.close(self._message, self._state, reply, trace)
        self.is_closed = True
        return reply

    @property
    def fence(self) -> int | None:
        """Return the lease's fence; None without a lease."""
        return self._state.fence if isinstance(self._state, _Taken) else None


class Turns:
    """Opens and closes turns on the log; every process has its own ``holder`` name."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        feed: Feed,
        folds: Folds,
        *,
        holder: str,
        lease_s: float,
    ) -> None:
        self._database = database
        self._clock = clock
        self._feed = feed
        self._folds = folds
        self._holder = holder
        self._lease_s = lease_s

    @asynccontextmanager
    async def open(self, message: Message) -> AsyncIterator[SqlTurn]:
        """Commit a message, wait for its turn, keep the lease while it is worked on."""
        turn = SqlTurn(self, message, await self._wait_for_turn(message))
        renewing = asyncio.get_running_loop().create_task(
            self._renew(turn, message.conversation_id)
        )
        try:
            yield turn
        finally:
            renewing.cancel()
            with suppress(asyncio.CancelledError):
                await renewing
            if not turn.is_closed:
                await self._let_go(message.conversation_id, turn)

    async def close(self, message: Message, taken: _Taken, reply: Reply, trace: Trace) -> None:
        """Write the turn's entries, if the lease is still ours.

        Raises:
            LeaseLostError: Another process finished the turn.
        """
        now = self._clock.now()

        async def work(connection: AsyncConnection) -> Conversation:
            head = await ledger.read_head(connection, message.conversation_id)
            if head.lease_fence != taken.fence:
                raise LeaseLostError(
                    "another process finished this turn; send the message again to read its reply"
                )
            conversation = await self._folds.read(connection, head)
            closed = TurnClosed(
                number=head.next_number,
                at=now,
                message_id=message.message_id,
                reply=reply,
                trace=trace,
            )
            await ledger.append_entry(connection, message.conversation_id, closed)
            conversation = conversation.after(closed)
            if reply.handoff is not None:
                opened = HandoffOpened(
                    number=conversation.next_number,
                    at=now,
                    reason=reply.handoff.reason,
                    summary=reply.handoff.summary,
                )
                await ledger.append_entry(connection, message.conversation_id, opened)
                conversation = conversation.after(opened)
            await connection.execute(
                update(tables.message)
                .where(
                    tables.message.c.conversation_id == message.conversation_id,
                    tables.message.c.message_id == message.message_id,
                )
                .values(closed_by=closed.number)
            )
            await ledger.save_head(connection, conversation, now, lease_holder="", lease_until=0.0)
            return conversation

        self._folds.keep(await self._database.write(work))
        self._feed.announce(message.conversation_id)

    async def _wait_for_turn(self, message: Message) -> _Taken | _Answered:
        deadline = asyncio.get_running_loop().time() + _PATIENCE_S
        while True:
            state = await self._database.write(lambda connection: self._try(connection, message))
            if state is not None:
                self._folds.keep(state.conversation)
                self._feed.announce(message.conversation_id)
                return state
            if asyncio.get_running_loop().time() > deadline:
                raise LeaseLostError(
                    "an earlier message of this conversation is still being worked on; send it again"
                )
            await self._feed.wait(message.conversation_id, timeout_s=_POLL_S)

    async def _try(
        self, connection: AsyncConnection, message: Message
    ) -> _Taken | _Answered | None:
        """Write the message if it is new, and take the lease if it is its turn; None is to wait."""
        now = self._clock.now()
        head = await ledger.find_head(connection, message.conversation_id)
        if head is None:
            head = await ledger.insert_conversation(connection, message.conversation_id, None, now)
        _check_access(head, message)
        row = await ledger.find_message(connection, message.conversation_id, message.message_id)
        conversation = await self._folds.read(connection, head)
        if row is None:
            received = await ledger.insert_message(connection, message, head.next_number)
            conversation = conversation.after(received)
            row = MessageRow(ledger.text_hash(message.text), received.number, None, 0)
            await ledger.save_head(connection, conversation, now)
        elif row.text_hash != ledger.text_hash(message.text):
            raise MessageConflictError(
                f"message id {message.message_id!r} came before with another text; give every message its own id"
            )
        if row.closed_by is not None:
            return _Answered(conversation, _reply_in(conversation, row.closed_by))
        return await self._try_lease(connection, conversation, replace(head), row, message)

    async def _try_lease(
        self,
        connection: AsyncConnection,
        conversation: Conversation,
        head: Head,
        row: MessageRow,
        message: Message,
    ) -> _Taken | None:
        now = self._clock.now()
        if head.lease_until > now.timestamp():
            return None
        if await ledger.first_open_number(connection, message.conversation_id) != row.number:
            return None
        fence = head.lease_fence + 1
        await ledger.save_head(
            connection,
            conversation,
            now,
            lease_holder=self._holder,
            lease_fence=fence,
            lease_until=now.timestamp() + self._lease_s,
        )
        await connection.execute(
            update(tables.message)
            .where(
                tables.message.c.conversation_id == message.conversation_id,
                tables.message.c.message_id == message.message_id,
            )
            .values(attempts=row.attempts + 1)
        )
        return _Taken(conversation, fence)

    async def _renew(self, turn: SqlTurn, conversation_id: ConversationId) -> None:
        while turn.fence is not None and not turn.is_closed:
            await asyncio.sleep(self._lease_s / 3)
            await self._move_lease(conversation_id, turn.fence, self._lease_s)

    async def _let_go(self, conversation_id: ConversationId, turn: SqlTurn) -> None:
        if turn.fence is not None:
            await self._move_lease(conversation_id, turn.fence, 0.0)
            self._feed.announce(conversation_id)

    async def _move_lease(
        self, conversation_id: ConversationId, fence: int, lasts_s: float
    ) -> None:
        until = self._clock.now().timestamp() + lasts_s

        async def work(connection: AsyncConnection) -> None:
            await connection.execute(
                update(tables.conversation)
                .where(
                    tables.conversation.c.id == conversation_id,
                    tables.conversation.c.lease_fence == fence,
                    tables.conversation.c.lease_holder == self._holder,
                )
                .values(lease_until=until)
            )

        await self._database.write(work)


def _check_access(head: Head, message: Message) -> None:
    if head.customer_id is not None and head.customer_id != message.caller.customer_id:
        raise ConversationAccessError(
            "this conversation belongs to a signed-in customer; sign in as that customer or start a new one"
        )


def _reply_in(conversation: Conversation, number: int) -> Reply:
    closed = conversation.entries[number - 1]
    if not isinstance(closed, TurnClosed):
        raise TypeError(f"entry {number} of a conversation should be a closed turn")
    return closed.reply
