"""Small stand-ins that keep the contracts."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from bot.domain.conversation import Conversation
from bot.domain.entries import Entry, HandoffOpened, MessageReceived, TurnClosed
from bot.domain.message import ConversationId, Message, MessageId
from bot.domain.reply import Reply
from bot.domain.trace import Trace
from bot.errors import ConversationAccessError, ConversationNotFoundError, MessageConflictError


@dataclass
class SetClock:
    """A clock that stands still until it is moved."""

    moment: datetime = field(default_factory=lambda: datetime(2026, 11, 20, 12, 0, tzinfo=UTC))

    def now(self) -> datetime:
        return self.moment

    def pass_time(self, span: timedelta) -> None:
        self.moment += span


@dataclass
class MemoryConversationStore:
    """Conversations in a dict; turns wait for each other within this process."""

    clock: SetClock = field(default_factory=SetClock)
    conversations: dict[ConversationId, Conversation] = field(default_factory=dict)
    changed: defaultdict[ConversationId, asyncio.Condition] = field(
        default_factory=lambda: defaultdict(asyncio.Condition)
    )
    busy: set[ConversationId] = field(default_factory=set)

    @asynccontextmanager
    async def open_turn(self, message: Message) -> AsyncIterator["MemoryTurn"]:
        self._receive(message)
        turn = MemoryTurn(self, message)
        changed = self.changed[message.conversation_id]
        async with changed:
            await changed.wait_for(lambda: turn.is_answered or self._is_free_for(message))
            turn.is_repeated = turn.is_answered
            if not turn.is_repeated:
                self.busy.add(message.conversation_id)
        try:
            yield turn
        finally:
            if not turn.is_repeated:
                self.busy.discard(message.conversation_id)
                async with changed:
                    changed.notify_all()

    async def get(self, conversation_id: ConversationId) -> Conversation:
        if conversation_id not in self.conversations:
            raise ConversationNotFoundError("there is no such conversation; start a new one")
        return self.conversations[conversation_id]

    def write(self, conversation_id: ConversationId, entry: Entry) -> None:
        known = self.conversations.get(conversation_id, Conversation(conversation_id))
        self.conversations[conversation_id] = known.after(entry)

    def turn_of(self, conversation_id: ConversationId, message_id: MessageId) -> TurnClosed | None:
        entries = self.conversations[conversation_id].entries
        closed = (entry for entry in entries if isinstance(entry, TurnClosed))
        return next((entry for entry in closed if entry.message_id == message_id), None)

    def _receive(self, message: Message) -> None:
        known = self.conversations.get(
            message.conversation_id, Conversation(message.conversation_id)
        )
        came = {e.message_id: e for e in known.entries if isinstance(e, MessageReceived)}
        before, caller = came.get(message.message_id), message.caller.customer_id
        is_open = before and not self.turn_of(message.conversation_id, message.message_id)
        is_own = is_open and before and before.customer_id == caller
        if known.customer_id not in (None, caller) and not is_own:
            raise ConversationAccessError("this conversation belongs to another customer")
        if before is not None and before.text != message.text:
            raise MessageConflictError("give every message its own id")
        if before is None:
            received = MessageReceived(
                number=known.next_number,
                at=message.sent_at,
                message_id=message.message_id,
                text=message.text,
                channel=message.channel,
                customer_id=caller,
            )
            self.write(message.conversation_id, received)

    def _is_free_for(self, message: Message) -> bool:
        entries = self.conversations[message.conversation_id].entries
        closed = {entry.message_id for entry in entries if isinstance(entry, TurnClosed)}
        still_open = (
            entry.message_id
            for entry in entries
            if isinstance(entry, MessageReceived) and entry.message_id not in closed
        )
        is_next = next(still_open) == message.message_id
        return is_next and message.conversation_id not in self.busy


@dataclass
class MemoryTurn:
    """A turn of that store."""

    store: MemoryConversationStore
    message: Message
    is_repeated: bool = False

    @property
    def conversation(self) -> Conversation:
        return self.store.conversations[self.message.conversation_id]

    @property
    def is_answered(self) -> bool:
        return self._turn() is not None

    @property
    def stored_reply(self) -> Reply:
        closed = self._turn()
        if closed is None:
            raise ValueError("the message was not answered yet")
        return closed.reply

    async def close(self, reply: Reply, trace: Trace) -> Reply:
        if self.is_answered:
            raise ValueError("the turn was closed before")
        now, conversation_id = self.store.clock.now(), self.message.conversation_id
        closed = TurnClosed(
            number=self.conversation.next_number,
            at=now,
            message_id=self.message.message_id,
            reply=reply,
            trace=trace,
        )
        self.store.write(conversation_id, closed)
        if reply.handoff is not None:
            wish = reply.handoff
            opened = HandoffOpened(
                number=self.conversation.next_number,
                at=now,
                reason=wish.reason,
                summary=wish.summary,
            )
            self.store.write(conversation_id, opened)
        return reply

    def _turn(self) -> TurnClosed | None:
        return self.store.turn_of(self.message.conversation_id, self.message.message_id)
