"""Wakes those who wait for a conversation to grow, in this process; others notice by asking the log."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from bot.domain.message import ConversationId


@dataclass(frozen=True, slots=True, eq=False)
class News:
    """Tells one listener that there is something new; nothing is missed between reading the log and waiting."""

    _event: asyncio.Event = field(default_factory=asyncio.Event)

    def tell(self) -> None:
        """Wake the listener, now or as soon as they wait."""
        self._event.set()

    async def wait(self, *, timeout_s: float) -> None:
        """Wait for news since the last wait, at most ``timeout_s`` seconds."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._event.wait(), timeout_s)
        self._event.clear()


class Feed:
    """Tells listening tasks that a conversation has new entries."""

    def __init__(self) -> None:
        self._listening: defaultdict[ConversationId, set[News]] = defaultdict(set)

    def announce(self, conversation_id: ConversationId) -> None:
        """Wake all who listen to this conversation."""
        for news in self._listening.get(conversation_id, ()):
            news.tell()

    @contextmanager
    def listen(self, conversation_id: ConversationId) -> Iterator[News]:
        """Hear of everything announced from now on until the end of the block."""
        news = News()
        self._listening[conversation_id].add(news)
        try:
            yield news
        finally:
            self._listening[conversation_id].discard(news)
            if not self._listening[conversation_id]:
                del self._listening[conversation_id]
