"""Finishes turns that a killed process left open; hands them over where that fails again and again."""

import asyncio
import logging
from dataclasses import dataclass
from typing import Final

from bot.assistant import Assistant
from bot.domain.message import Message
from bot.domain.reply import HandoffRequest, Reply, Text
from bot.domain.trace import Trace
from bot.errors import ConversationError
from bot.logs import log_event
from bot.stores.conversations import SqlConversationStore

_LOGGER: Final = logging.getLogger(__name__)
_APOLOGY: Final = (
    "Sorry, something went wrong on our side while I was working on your message. "
    "A colleague will read it and get back to you here."
)


@dataclass(frozen=True, slots=True)
class Recovery:
    """Looks for abandoned turns, at start-up and then every few seconds."""

    conversations: SqlConversationStore
    assistant: Assistant
    every_s: float

    async def run(self) -> None:
        """Recover for ever; a background task of the serving process."""
        while True:
            try:
                await self.finish_open_turns()
            except Exception:
                _LOGGER.exception("recovery_failed")
            await asyncio.sleep(self.every_s)

    async def finish_open_turns(self) -> int:
        """Finish or hand over every abandoned turn; returns how many."""
        left = await self.conversations.abandoned()
        for message, is_hopeless in left:
            try:
                await (self._hand_over(message) if is_hopeless else self.assistant.reply(message))
            except ConversationError as problem:
                log_event(
                    _LOGGER, "recovery_left", logging.WARNING, reason=type(problem).__name__,
                    conversation_id=message.conversation_id,
                )  # fmt: skip
            else:
                log_event(
                    _LOGGER, "turn_recovered", conversation_id=message.conversation_id,
                    message_id=message.message_id, handoff=is_hopeless,
                )  # fmt: skip
        return len(left)

    async def _hand_over(self, message: Message) -> None:
        async with self.conversations.open_turn(message) as turn:
            if turn.is_repeated:
                return
            summary = (
                "The assistant was interrupted several times while answering the last message."
            )
            reply = Reply((Text(_APOLOGY),), handoff=HandoffRequest("interrupted", summary))
            await turn.close(reply, Trace(release=0))
