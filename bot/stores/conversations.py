"""The log of conversations in SQL: what the assistant, the channels and the agents ask of it."""

import hashlib
import hmac
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Final, TypeVar
from uuid import uuid4

from sqlalchemy import select

from bot.domain.conversation import Conversation
from bot.domain.entries import Entry, FeedbackGiven, MessageReceived, TurnClosed
from bot.domain.message import Caller, ConversationId, Message, MessageId
from bot.domain.ports import Clock
from bot.errors import ConversationAccessError, ConversationNotFoundError
from bot.sql import Database
from bot.sql_work import SqlConnection
from bot.stores import ledger, tables
from bot.stores.feed import Feed
from bot.stores.folds import Folds
from bot.stores.ledger import Head
from bot.stores.turns import SqlTurn, Turns

EntryT = TypeVar("EntryT", bound=Entry)

_FOLLOW_POLL_S: Final = 0.5
_MAX_ATTEMPTS: Final = 3
_QUIET_S: Final = 1.0  # who waits for their turn takes it within this time


class SqlConversationStore:
    """Conversations in SQLite or PostgreSQL."""

    def __init__(self, database: Database, clock: Clock, *, lease_s: float) -> None:
        self._database = database
        self._clock = clock
        self._feed = Feed()
        self._folds = Folds()
        self._turns = Turns(
            database, clock, self._feed, self._folds, holder=uuid4().hex, lease_s=lease_s
        )

    async def set_up(self) -> None:
        """Make the tables that are not there yet."""
        await self._database.write(tables.create_tables)

    def open_turn(self, message: Message) -> AbstractAsyncContextManager[SqlTurn]:
        """Commit a message and take the conversation's lease; see ``ports.ConversationStore``."""
        return self._turns.open(message)

    async def start(self) -> tuple[ConversationId, str]:
        """Start a conversation for a guest; returns its id and the secret that opens it."""
        conversation_id, secret = ConversationId(uuid4().hex), secrets.token_urlsafe(16)
        now = self._clock.now()
        await self._database.write(
            lambda connection: ledger.insert_conversation(
                connection, conversation_id, hash_secret(secret), now
            )
        )
        return conversation_id, secret

    async def get(self, conversation_id: ConversationId) -> Conversation:
        """Read a conversation.

        Raises:
            ConversationNotFoundError: There is none.
        """
        async with self._database.read() as connection:
            head = await ledger.find_head(connection, conversation_id)
            if head is None:
                raise ConversationNotFoundError("there is no such conversation; start a new one")
            conversation = await self._folds.read(connection, head)
        self._folds.keep(head, conversation)
        return conversation

    async def seen_last(self, conversation_id: ConversationId) -> Conversation:
        """Return a conversation as this process last saw it: with its own turns, perhaps without what others just wrote.

        Raises:
            ConversationNotFoundError: There is none.
        """
        fold = self._folds.find(conversation_id)
        return await self.get(conversation_id) if fold is None else fold.conversation

    async def check_access(
        self, conversation_id: ConversationId, caller: Caller, secret: str | None
    ) -> None:
        """Let the conversation's own customer in, or whoever holds the secret of a guest's.

        Raises:
            ConversationAccessError: Everybody else, and for a conversation that does not exist: ids tell nothing.
        """
        async with self._database.read() as connection:
            head = await ledger.find_head(connection, conversation_id)
        if head is not None and _is_open_to(head, caller, secret):
            return
        raise ConversationAccessError(
            "this conversation is not open to you; sign in as its customer, send its secret, or start a new one"
        )

    async def conversations_of(self, caller: Caller) -> tuple[ConversationId, ...]:
        """Return a verified customer's conversations, newest first."""
        if caller.customer_id is None:
            return ()
        table = tables.conversation
        async with self._database.read() as connection:
            found = await connection.execute(
                select(table.c.id)
                .where(table.c.customer_id == caller.customer_id)
                .order_by(table.c.updated_at.desc())
            )
            return tuple(ConversationId(row.id) for row in found)

    async def append(
        self, conversation_id: ConversationId, make: Callable[[Conversation, datetime], EntryT]
    ) -> EntryT:
        """Write the entry that ``make`` returns for the conversation as it is within the transaction.

        Nothing is written where ``make`` returns an entry that is in the log already.

        Raises:
            ConversationNotFoundError: There is no such conversation.
            ConversationError: What ``make`` raises; nothing is written then.
        """
        now = self._clock.now()

        async def work(connection: SqlConnection) -> tuple[EntryT, Head, Conversation]:
            head = await ledger.lock_head(connection, conversation_id)
            conversation = await self._folds.read(connection, head)
            made = make(conversation, now)
            if made.number < conversation.next_number:
                return made, head, conversation
            await ledger.append_entry(connection, conversation_id, made)
            grown = conversation.after(made)
            after = head.after(grown, head.lease, head.attempts)
            await ledger.advance_head(connection, head, after, grown, now)
            return made, after, grown

        made, head, grown = await self._database.write(work)
        self._folds.keep(head, grown)
        self._feed.announce(conversation_id)
        return made

    async def give_feedback(
        self,
        conversation_id: ConversationId,
        message_id: MessageId,
        *,
        is_helpful: bool,
        comment: str,
    ) -> FeedbackGiven:
        """Store what a customer thinks of the reply to one of their messages.

        Raises:
            ConversationNotFoundError: The conversation has no such message.
        """

        def make(conversation: Conversation, now: datetime) -> FeedbackGiven:
            if not any(
                isinstance(entry, TurnClosed) and entry.message_id == message_id
                for entry in conversation.entries
            ):
                raise ConversationNotFoundError(
                    "this conversation has no answered message of that id"
                )
            return FeedbackGiven(
                number=conversation.next_number,
                at=now,
                message_id=message_id,
                is_helpful=is_helpful,
                comment=comment,
            )

        return await self.append(conversation_id, make)

    async def follow(
        self, conversation_id: ConversationId, after: int
    ) -> AsyncIterator[Entry | None]:
        """Yield entries above number ``after``, then each new one as it comes; None when it is quiet.

        None comes about every half second, so that a channel can send a heartbeat or leave.
        """
        with self._feed.listen(conversation_id) as news:
            while True:
                async with self._database.read() as connection:
                    entries = await ledger.read_entries(connection, conversation_id, after)
                for entry in entries:
                    yield entry
                    after = entry.number
                if not entries:
                    await news.wait(timeout_s=_FOLLOW_POLL_S)
                    yield None

    async def abandoned(self) -> tuple[tuple[Message, bool], ...]:
        """Return the first open message of each conversation that nobody has worked on for a while.

        Each comes with whether it was tried too often and should be handed over instead. Those behind it may have a
        caller who waits for their turn, with rights that the log does not keep; they are left alone until it is theirs.
        """
        table, now = tables.conversation.c, self._clock.now().timestamp()
        left_alone = select(table.id, table.waiting, table.attempts).where(
            table.waiting.is_not(None), table.lease_until <= now, table.updated_at <= now - _QUIET_S
        )
        async with self._database.read() as connection:
            left = []
            for row in (await connection.execute(left_alone)).all():
                conversation_id = ConversationId(row.id)
                received = await ledger.read_entry(connection, conversation_id, row.waiting)
                is_hopeless = row.attempts >= _MAX_ATTEMPTS
                left.append((_as_message(conversation_id, received), is_hopeless))
        return tuple(left)

    async def erase(self, conversation_id: ConversationId) -> None:
        """Remove a conversation with all its entries, for the erasure of a person."""
        await self._database.write(lambda connection: ledger.erase(connection, conversation_id))
        self._folds.forget(conversation_id)


def _is_open_to(head: Head, caller: Caller, secret: str | None) -> bool:
    if head.customer_id is not None:
        return head.customer_id == caller.customer_id
    if head.secret_hash is None or secret is None:
        return False
    return hmac.compare_digest(head.secret_hash, hash_secret(secret))


def hash_secret(secret: str) -> str:
    """Return what is stored of a guest's secret; 128 random bits need no salt."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _as_message(conversation_id: ConversationId, entry: Entry) -> Message:
    if not isinstance(entry, MessageReceived):
        raise TypeError(f"entry {entry.number} of a conversation should be a message")
    # The customer was verified on this very message when it came in; the token itself is never stored.
    return Message(
        conversation_id,
        entry.message_id,
        entry.text,
        entry.channel,
        entry.at,
        Caller(customer_id=entry.customer_id),
    )
