"""What the chat page does: opens, sends, judges, follows. Every call checks who may do it; Gradio stays outside."""

import asyncio
import logging
from dataclasses import dataclass, replace
from typing import Final
from uuid import uuid4

from bot.domain.conversation import Conversation
from bot.domain.message import Caller, ConversationId, Message, MessageId, checked_id, checked_text
from bot.errors import (
    BotError,
    ConversationAccessError,
    ConversationNotFoundError,
    MessageInvalidError,
)
from ui.api.errors import SERVER_FAULT, log_failure, note_refusal, status_of
from ui.api.limits import Limits
from ui.api.turns import Answered, Turns
from ui.chat.visit import Visit, Visitors

_LOGGER: Final = logging.getLogger(__name__)
CHANNEL: Final = "chat"
_BETWEEN_PARTS_S: Final = 0.2
_SORRY: Final = (
    "Something went wrong on our side. Your message is still in the box; please try again."
)


@dataclass(frozen=True, slots=True)
class Sending:
    """A message on its way."""

    visit: Visit
    message: Message
    before: Conversation | None


async def between_parts() -> None:
    """Wait as long as somebody takes to look from one part of a reply to the next."""
    await asyncio.sleep(_BETWEEN_PARTS_S)


class Desk:
    """The chat page's way to Kefu."""

    def __init__(self, turns: Turns, limits: Limits) -> None:
        self._turns = turns
        self._limits = limits
        self._kefu = turns.kefu
        self.visitors = Visitors(turns.kefu)

    async def read(self, visit: Visit) -> Conversation | None:
        """Read the visitor's conversation; None where they have none, or may not see it.

        Raises:
            TokenError: They want to be somebody they cannot be.
        """
        caller = await self.visitors.caller_of(visit)
        return await self._readable(visit, caller)

    async def prepare(self, visit: Visit, text: str, address: str) -> Sending:
        """Get a message ready, in a new conversation where the visitor has none.

        Raises:
            BotError: The text is none, they want to be somebody they cannot be, or too much comes from their address.
        """
        self._limits.count(address)
        kept = checked_text(text)
        caller = await self.visitors.caller_of(visit)
        before = await self._readable(visit, caller)
        if before is None:
            visit = visit.entered(*await self._kefu.conversations.start())
        again = visit.unsent_id if visit.unsent_text == kept else ""
        message_id = checked_id(again) if again else MessageId(uuid4().hex)
        message = Message(
            ConversationId(visit.conversation_id),
            message_id,
            kept,
            CHANNEL,
            self._kefu.clock.now(),
            caller,
        )
        visit = replace(visit, unsent_id=message_id, unsent_text=kept)
        return Sending(visit, message, before)

    async def send(self, sending: Sending) -> Answered:
        """Get a message's reply.

        Raises:
            BotError: It was refused.
        """
        return await self._turns.take(sending.message)

    async def judge(
        self, visit: Visit, message_id: MessageId, address: str, *, is_helpful: bool
    ) -> None:
        """Store what the visitor thinks of a reply.

        Raises:
            BotError: It is not theirs to judge, or too much comes from their address.
        """
        self._limits.count(address)
        caller = await self.visitors.caller_of(visit)
        conversation_id = ConversationId(visit.conversation_id)
        await self._kefu.conversations.check_access(conversation_id, caller, visit.secret or None)
        await self._kefu.conversations.give_feedback(
            conversation_id, message_id, is_helpful=is_helpful, comment=""
        )

    async def explain(self, problem: Exception) -> str:
        """Log a problem and return what the visitor is told."""
        if not isinstance(problem, BotError) or status_of(problem) >= SERVER_FAULT:
            log_failure(_LOGGER, "message_failed", problem, channel=CHANNEL)
            return _SORRY
        await note_refusal(self._kefu, problem, CHANNEL)
        if isinstance(problem, MessageInvalidError):
            return f"Sorry, {problem}."
        return f"That did not work: {problem}."

    async def _readable(self, visit: Visit, caller: Caller) -> Conversation | None:
        if not visit.conversation_id:
            return None
        conversation_id = ConversationId(visit.conversation_id)
        try:
            await self._kefu.conversations.check_access(
                conversation_id, caller, visit.secret or None
            )
            return await self._kefu.conversations.get(conversation_id)
        except (ConversationAccessError, ConversationNotFoundError) as problem:
            await note_refusal(self._kefu, problem, CHANNEL)
            return None
