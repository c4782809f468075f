"""Finishes turns that a killed process left open; hands them over where that fails again and again."""

import asyncio
import logging
from dataclasses import dataclass
from typing import Final

from bot.assistant import Assistant
from bot.dialogue.policy import judge
from bot.domain.conversation import Conversation, ConversationStatus
from bot.domain.decision import Escalate, StaySilent, Why
from bot.domain.message import Message
from bot.domain.outcome import Nothing
from bot.domain.trace import Trace
from bot.errors import ConversationError
from bot.logs import log_event
from bot.stores.conversations import SqlConversationStore

_LOGGER: Final = logging.getLogger(__name__)
_SIDE_BY_SIDE: Final = 4
_SOON_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class Recovery:
    """Looks for abandoned turns, at start-up and then every few seconds."""

    conversations: SqlConversationStore
    assistant: Assistant
    every_s: float

    async def run(self) -> None:
        """Recover for ever; a background task of the serving process."""
        while True:
            finished = 0
            try:
                finished = await self.finish_open_turns()
            except Exception:
                _LOGGER.exception("recovery_failed")
            # Where one was finished, the next of its conversation may be due.
            await asyncio.sleep(min(_SOON_S, self.every_s) if finished else self.every_s)

    async def finish_open_turns(self) -> int:
        """Finish or hand over the first abandoned turn of every conversation; returns how many were."""
        left = await self.conversations.abandoned()
        side_by_side = asyncio.Semaphore(_SIDE_BY_SIDE)

        async def finish(message: Message, *, is_hopeless: bool) -> bool:
            async with side_by_side:
                return await self._finish(message, is_hopeless=is_hopeless)

        done = await asyncio.gather(
            *(finish(message, is_hopeless=is_hopeless) for message, is_hopeless in left)
        )
        return sum(done)

    async def _finish(self, message: Message, *, is_hopeless: bool) -> bool:
        try:
            await (self._hand_over(message) if is_hopeless else self.assistant.reply(message))
        except ConversationError as problem:
            log_event(
                _LOGGER, "recovery_left", logging.WARNING, reason=type(problem).__name__,
                conversation_id=message.conversation_id,
            )  # fmt: skip
            return False
        except Exception:  # one bad turn must not keep the others waiting
            _LOGGER.exception("recovery_failed")
            return False
        log_event(
            _LOGGER, "turn_recovered", conversation_id=message.conversation_id,
            message_id=message.message_id, handoff=is_hopeless,
        )  # fmt: skip
        return True

    async def _hand_over(self, message: Message) -> None:
        async with self.conversations.open_turn(message) as turn:
            if turn.is_repeated:
                return
            conversation = turn.conversation
            release = await self.assistant.releases.for_turn(conversation)
            decision = self._decide(conversation)
            now = self.assistant.clock.now()
            reply = judge(conversation, decision, Nothing(), release.playbook, now)
            await turn.close(reply, Trace(release.number))

    @staticmethod
    def _decide(conversation: Conversation) -> Escalate | StaySilent:
        why = Why("interrupted")
        if conversation.status is ConversationStatus.HANDED_OFF:
            return StaySilent(why=why)
        return Escalate("interrupted", why=why)
