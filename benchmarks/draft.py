"""From saving a new example, or a new intent, to the first message that is answered by it, on the draft."""

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from statistics import median
from uuid import uuid4

from bot.bootstrap import Kefu, open_kefu
from bot.dialogue.reading import ROUTES_FILE
from bot.domain.conversation import Conversation
from bot.domain.message import ConversationId
from bot.releases import Release
from bot.settings import Settings
from bot.stores.releases import Documents
from intents.catalogue import read_catalogue

ROUNDS = 5
_EXAMPLE = "my {} got all crunchy after the tumble dryer what now"
_NEW_INTENT = "piano_tuning"
_FILE = "catalogue/nlu_benchmark.yml"
_ROUTE = '  {}: {{search: "", title: have a piano tuned}}\n'
_LESSONS = (
    "can somebody come and tune my {} piano",
    "{} piano tuner wanted",
    "my {} piano sounds off, who mends the pitch",
    "book a tuning for the {} grand piano",
    "the {} piano needs new strings and a tuning",
)
_PATIENCE_S = 300.0


@dataclass(frozen=True, slots=True)
class Seconds:
    """From save to answer: the median of ``ROUNDS`` and the longest."""

    half: float
    most: float


@dataclass(frozen=True, slots=True)
class DraftTimes:
    """Of one new example of an intent, and of one new intent with five."""

    example: Seconds
    intent: Seconds


async def time_draft(settings: Settings, intent: str) -> DraftTimes:
    """Teach the draft examples of an intent and new intents, while it is served; it is put back each time."""
    async with _worker(settings, "--once") as once:
        await once.wait()  # however long a large draft takes that nobody has trained yet
    async with _worker(settings), open_kefu(settings, draft=True) as kefu:
        await _taught(kefu, intent)  # worker and server are up, and have seen the draft
        examples = [await _taught(kefu, intent) for _ in range(ROUNDS)]
        intents = [await _taught(kefu, _NEW_INTENT) for _ in range(ROUNDS)]
    return DraftTimes(
        Seconds(median(examples), max(examples)), Seconds(median(intents), max(intents))
    )


@asynccontextmanager
async def _worker(settings: Settings, *options: str) -> AsyncIterator[asyncio.subprocess.Process]:
    worker = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "training", "worker", *options,
        stderr=asyncio.subprocess.DEVNULL, env={**os.environ, "KEFU_HOME": str(settings.home)},
    )  # fmt: skip
    try:
        yield worker
    finally:
        with suppress(ProcessLookupError):
            worker.terminate()
        await worker.wait()


async def _taught(kefu: Kefu, intent: str) -> float:
    """Return the seconds from a save to an answer that knows what was saved."""
    before = await kefu.releases.draft()
    word = uuid4().hex[:6]
    changed, asked = _with_lesson(before.documents, intent, word)
    try:
        started = time.perf_counter()
        saved = await kefu.releases.save_draft(changed, expected=before.fingerprint)
        understanding = await (await _draft_of(kefu, saved)).understand(asked)
        took = time.perf_counter() - started
        if understanding.intent != intent:
            raise RuntimeError(f"the draft read {understanding.intent} in an example of {intent}")
        return took
    finally:
        await _draft_of(kefu, await kefu.releases.save_draft(before.documents, expected=None))


def _with_lesson(documents: Documents, intent: str, word: str) -> tuple[Documents, str]:
    """Return documents with something new in them, and what to ask to see it learnt."""
    catalogue = read_catalogue(documents)
    if intent != _NEW_INTENT:
        text = _EXAMPLE.format(word)
        return {**documents, **catalogue.with_example(intent, text).documents()}, text
    texts = [lesson.format(word) for lesson in _LESSONS]
    taught = catalogue.with_intent(intent, texts, _FILE).documents()
    routes = documents[ROUTES_FILE].rstrip("\n") + "\n" + _ROUTE.format(intent)
    return {**documents, **taught, ROUTES_FILE: routes}, texts[0]


async def _draft_of(kefu: Kefu, saved: str) -> Release:
    deadline = time.perf_counter() + _PATIENCE_S
    while time.perf_counter() < deadline:
        release = await kefu.shelf.for_turn(Conversation(ConversationId("benchmark")))
        if release.manifest.fingerprint == saved:
            return release
    raise TimeoutError(f"the draft did not learn what was saved within {_PATIENCE_S:.0f} s")
