"""From saving a new example to the first message that is answered by it, on the draft."""

import asyncio
import sys
import time
from contextlib import suppress
from uuid import uuid4

from bot.bootstrap import open_kefu
from bot.domain.conversation import Conversation
from bot.domain.message import ConversationId
from bot.settings import Settings
from intents.catalogue import read_catalogue

_INTENT = "product_care"
_EXAMPLE = "my {} got all crunchy after the tumble dryer what now"
_PATIENCE_S = 30.0


async def seconds_to_draft(settings: Settings) -> float:
    """Teach the draft an example and return the seconds until the draft answers by it; the draft is put back."""
    worker = await asyncio.create_subprocess_exec(sys.executable, "-m", "training", "worker")
    try:
        async with open_kefu(settings, draft=True) as kefu:
            before = await kefu.releases.draft()
            try:
                text = _EXAMPLE.format(uuid4().hex[:6])
                catalogue = read_catalogue(before.documents).with_example(_INTENT, text)
                changed = {**before.documents, **catalogue.documents()}
                started = time.perf_counter()
                saved = await kefu.releases.save_draft(changed, expected=before.fingerprint)
                deadline = started + _PATIENCE_S
                release = await kefu.shelf.for_turn(Conversation(ConversationId("benchmark")))
                while release.manifest.fingerprint != saved and time.perf_counter() < deadline:
                    release = await kefu.shelf.for_turn(Conversation(ConversationId("benchmark")))
                understanding = await release.understand(text)
                took = time.perf_counter() - started
                if understanding.intent != _INTENT:
                    raise RuntimeError(f"the draft read {understanding.intent} in its own example")
                return took
            finally:
                await kefu.releases.save_draft(before.documents, expected=None)
    finally:
        with suppress(ProcessLookupError):
            worker.terminate()
        await worker.wait()
