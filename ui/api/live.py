"""Live updates as server-sent events, read with ``fetch`` so that a header can carry the token."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Final

from pydantic import BaseModel

from bot.bootstrap import Kefu
from bot.domain.entries import Entry
from bot.domain.message import ConversationId
from bot.errors import BotError

HEADERS: Final = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
_HEARTBEAT: Final = timedelta(seconds=15)


async def live_entries(
    kefu: Kefu,
    conversation_id: ConversationId,
    after: int,
    check: Callable[[], Awaitable[None]],
    render: Callable[[Entry], BaseModel | None],
) -> AsyncIterator[str]:
    """Yield events for entries above ``after`` as they come; a comment every 15 s shows that the line is alive.

    Args:
        kefu: The parts of the running Kefu.
        conversation_id: The conversation to follow.
        after: The number of the last entry seen.
        check: Raises ``BotError`` as soon as the listener may not listen any more (the token expired, a guest's
            conversation now belongs to a customer); asked before every event. The stream ends then.
        render: Entry to body; None hides an entry.
    """
    quiet_since = kefu.clock.now()
    yield ": welcome\n\n"
    async for entry in kefu.conversations.follow(conversation_id, after):
        try:
            await check()
        except BotError:
            yield "event: closed\ndata: {}\n\n"
            return
        now = kefu.clock.now()
        shown = render(entry) if entry is not None else None
        if entry is not None and shown is not None:
            yield f"id: {entry.number}\nevent: entry\ndata: {shown.model_dump_json()}\n\n"
            quiet_since = now
        elif now - quiet_since > _HEARTBEAT:
            yield ": still here\n\n"
            quiet_since = now
