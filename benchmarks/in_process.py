"""The turn without HTTP: understanding alone, then whole turns on a disk."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

from benchmarks.measuring import Row, milliseconds, percentile
from benchmarks.messages import CUSTOMER, GUEST
from bot.bootstrap import Kefu, open_kefu
from bot.domain.conversation import Conversation
from bot.domain.message import GUEST as NOBODY
from bot.domain.message import Caller, ConversationId, CustomerId, Message, MessageId
from bot.memory import settle
from bot.settings import Settings

ROUNDS = 40
CUSTOMER_ID = CustomerId("C-1001")


@asynccontextmanager
async def _opened(settings: Settings) -> AsyncIterator[Kefu]:
    async with open_kefu(settings) as kefu:
        for text in (*GUEST, *CUSTOMER):
            await _turn(kefu, text, NOBODY, "warm-up")
        settle()  # as the server does
        yield kefu


async def _turn(kefu: Kefu, text: str, caller: Caller, conversation: str) -> float:
    message = Message(
        ConversationId(conversation),
        MessageId(uuid4().hex),
        text,
        "benchmark",
        kefu.clock.now(),
        caller,
    )
    started = time.perf_counter()
    await kefu.assistant.reply(message)
    return milliseconds(started)


def measure(settings: Settings) -> list[Row]:
    """Measure understanding and whole turns, one after the other."""
    return asyncio.run(_measure(settings))


async def _measure(settings: Settings) -> list[Row]:
    async with _opened(settings) as kefu:
        understanding = await _understand(kefu)
        turns = await _turns(kefu)
    half, most = percentile(turns, 0.5), percentile(turns, 0.99)
    p50 = percentile(understanding, 0.5)
    return [
        Row("understanding one message, p50", f"{p50:.1f} ms", "4 ms", "Rasa 3.6: 6 ms", p50 <= 4),
        Row(
            "a full turn in process, p50 / p99",
            f"{half:.1f} / {most:.1f} ms",
            "6 / 20 ms",
            "",
            half <= 6 and most <= 20,
            f"{len(turns)} turns, every one durable",
        ),
    ]


async def _understand(kefu: Kefu) -> list[float]:
    release = await kefu.shelf.for_turn(Conversation(ConversationId("new")))
    times = []
    for _ in range(ROUNDS):
        for text in GUEST:
            started = time.perf_counter()
            await release.understand(text)
            times.append(milliseconds(started))
    return times


async def _turns(kefu: Kefu) -> list[float]:
    times = []
    for _ in range(ROUNDS):
        guest, customer = uuid4().hex, uuid4().hex
        times += [await _turn(kefu, text, NOBODY, guest) for text in GUEST]
        times += [await _turn(kefu, text, Caller(CUSTOMER_ID), customer) for text in CUSTOMER]
    return times
