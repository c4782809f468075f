"""From saving a new example, or a new intent, to the first message that a server of the draft answers by it."""

import asyncio
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from uuid import uuid4

from benchmarks.server import Client, serving, wait_until
from bot.bootstrap import open_releases
from bot.dialogue.reading import ROUTES_FILE
from bot.settings import Settings, read_settings
from bot.stores.releases import Documents, Draft
from intents.catalogue import read_catalogue

ROUNDS = 5
_EXAMPLE = "quibble zorp {} snarfle wug"  # nothing that a catalogue knows
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
_FORGETTING_S = 30.0


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


def time_draft(home: Path, intent: str) -> DraftTimes:
    """Teach the draft examples of an intent and new intents, while a server answers from it; it is put back each time."""
    subprocess.run(  # however long a large draft takes that nobody has trained yet
        [sys.executable, "-m", "training", "worker", "--once"],
        check=True, stderr=subprocess.DEVNULL, env={**os.environ, "KEFU_HOME": str(home)},
    )  # fmt: skip
    with serving("--draft", home=home) as (port, _, _):
        wait_until(port, "/chat/")
        lessons = _Lessons(read_settings(home=home), Client(port))
        lessons.teach(intent)  # worker and server are up, and have seen the draft change
        examples = [lessons.teach(intent) for _ in range(ROUNDS)]
        intents = [lessons.teach(_NEW_INTENT) for _ in range(ROUNDS)]
    return DraftTimes(
        Seconds(median(examples), max(examples)), Seconds(median(intents), max(intents))
    )


class _Lessons:
    """What a trainer saves, and what a client of the server is answered then."""

    def __init__(self, settings: Settings, client: Client) -> None:
        self._settings = settings
        self._client = client

    def teach(self, intent: str) -> float:
        """Return the seconds from a save to the end of the first turn that knows what was saved."""
        before = asyncio.run(self._draft())
        changed, asked = _with_lesson(before.documents, intent, uuid4().hex[:6])
        until = time.perf_counter() + _FORGETTING_S
        while self._client.intent_of(asked) == intent:  # the lesson before may not be forgotten yet
            if time.perf_counter() > until:
                raise RuntimeError(f"the draft knows {asked!r} before it is taught")
        conversation = self._client.start()
        try:
            saved = asyncio.run(self._save(changed, before.fingerprint))
            while True:
                self._client.say(conversation, asked)
                took = time.perf_counter() - saved
                if self._client.intent_of(asked) == intent:
                    return took
                if took > _PATIENCE_S:
                    raise TimeoutError(f"the draft did not learn what was saved in {took:.0f} s")
        finally:
            asyncio.run(self._save(before.documents, None))

    async def _draft(self) -> Draft:
        async with open_releases(self._settings) as releases:
            return await releases.draft()

    async def _save(self, documents: Documents, expected: str | None) -> float:
        """Save, and return when that began; what it takes to open the database does not count."""
        async with open_releases(self._settings) as releases:
            began = time.perf_counter()
            await releases.save_draft(documents, expected=expected)
            return began


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
