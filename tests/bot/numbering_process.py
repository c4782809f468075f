"""A process of its own that takes turns in a conversation; ``test_sql_processes`` starts several.

Arguments: the database's URL, a name for its messages, how many, and the length of its leases in seconds. With the
word ``hang`` after them it opens its first turn, says so, and never closes it.
"""

import asyncio
import sys
from datetime import UTC, datetime

from bot.domain.message import ConversationId, Message, MessageId
from bot.domain.reply import Reply, Text
from bot.domain.trace import Trace
from bot.sql import open_database
from bot.stores.conversations import SqlConversationStore


class RealClock:
    """The machine's clock, without all that ``bootstrap`` loads."""

    def now(self) -> datetime:
        return datetime.now(UTC)


async def _take_turns(url: str, name: str, count: int, lease_s: float, *, hangs: bool) -> None:
    clock, database = RealClock(), open_database(url)
    store = SqlConversationStore(database, clock, lease_s=lease_s)
    await store.set_up()
    print("ready", flush=True)  # noqa: T201 - read by the test
    await asyncio.to_thread(sys.stdin.readline)
    for number in range(count):
        message = Message(
            ConversationId("c1"),
            MessageId(f"{name}-{number}"),
            f"message {number} of {name}",
            "test",
            clock.now(),
        )
        async with store.open_turn(message) as turn:
            seen = len(turn.conversation.entries)
            if hangs:
                print("open", flush=True)  # noqa: T201 - read by the test
                await asyncio.Event().wait()
            await asyncio.sleep(0.002)
            await turn.close(Reply((Text(f"{name} saw {seen}"),)), Trace(release=1))
    await database.close()


if __name__ == "__main__":
    _url, _name, _count, _lease, *_more = sys.argv[1:]
    asyncio.run(_take_turns(_url, _name, int(_count), float(_lease), hangs=bool(_more)))
