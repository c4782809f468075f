"""One message through the assistant, counted and logged; every HTTP channel comes through here."""

import logging
import time
from dataclasses import dataclass
from typing import Final

from bot.bootstrap import Kefu
from bot.domain.conversation import Conversation, ConversationStatus
from bot.domain.entries import TurnClosed
from bot.domain.message import Message
from bot.domain.reply import Reply
from bot.errors import BotError
from bot.logs import log_event
from ui.api.metrics import Metrics

_LOGGER: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Answered:
    """A reply, and the conversation as it is with it."""

    reply: Reply
    conversation: Conversation
    entry_number: int

    @property
    def is_handed_off(self) -> bool:
        """Tell whether an agent has the conversation, or is awaited."""
        return self.conversation.status is ConversationStatus.HANDED_OFF


@dataclass(frozen=True, slots=True)
class Turns:
    """Takes messages to the assistant."""

    kefu: Kefu
    metrics: Metrics

    async def take(self, message: Message) -> Answered:
        """Get a message's reply.

        Raises:
            BotError: It was refused; counted.
        """
        started_at, started = self.kefu.clock.now(), time.perf_counter()
        try:
            reply = await self.kefu.assistant.reply(message)
        except BotError as problem:
            self.metrics.count_refusal(message.channel, problem)
            raise
        took_ms = (time.perf_counter() - started) * 1000
        conversation = await self.kefu.conversations.seen_last(message.conversation_id)
        closed = _turn_of(conversation, message)
        if closed.at >= started_at:  # else the message came again, and was counted then
            self._note(message, closed, took_ms)
        return Answered(reply, conversation, closed.number)

    def _note(self, message: Message, closed: TurnClosed, took_ms: float) -> None:
        self.metrics.count_turn(message.channel, closed.trace, took_ms)
        if closed.reply.handoff is not None:
            self.metrics.count_handoff(closed.reply.handoff.reason)
        last = closed.trace.steps[-1] if closed.trace.steps else None
        log_event(
            _LOGGER,
            "reply_sent",
            conversation_id=message.conversation_id,
            message_id=message.message_id,
            channel=message.channel,
            release=closed.trace.release,
            rule=last.why.rule if last else "",
            decision=last.decision if last else "",
            outcome=last.outcome if last else "",
            took_ms=round(took_ms, 1),
        )


def _turn_of(conversation: Conversation, message: Message) -> TurnClosed:
    return next(
        entry
        for entry in reversed(conversation.entries)
        if isinstance(entry, TurnClosed) and entry.message_id == message.message_id
    )
