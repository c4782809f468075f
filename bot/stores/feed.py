"""Wakes those who wait for a conversation to grow, in this process; others notice by asking the log."""

import asyncio
from collections import defaultdict
from contextlib import suppress

from bot.domain.message import ConversationId


class Feed:
    """Tells waiting tasks that a conversation has new entries."""

    def __init__(self) -> None:
        self._waiting: defaultdict[ConversationId, set[asyncio.Event]] = defaultdict(set)

    def announce(self, conversation_id: ConversationId) -> None:
        """Wake all who wait for this conversation."""
        for event in self._waiting.get(conversation_id, ()):
            event.set()

    async def wait(self, conversation_id: ConversationId, *, timeout_s: float) -> None:
        """Wait for an announcement, at most ``timeout_s`` seconds."""
        event = asyncio.Event()
        self._waiting[conversation_id].add(event)
        try:
            with suppress(TimeoutError):
                await asyncio.wait_for(event.wait(), timeout_s)
        finally:
            self._waiting[conversation_id].discard(event)
            if not self._waiting[conversation_id]:
                del self._waiting[conversation_id]
