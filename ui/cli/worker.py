"""The worker process that learns the draft, for as long as somebody talks to it."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

_STOP_S = 5


@asynccontextmanager
async def draft_worker(*, wanted: bool) -> AsyncIterator[None]:
    """Run ``python -m training worker`` beside the chat or the server; it leaves at once when another one runs."""
    if not wanted:
        yield
        return
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "training", "worker", stdin=asyncio.subprocess.DEVNULL
    )
    try:
        yield
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        with suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), _STOP_S)
        if process.returncode is None:
            process.kill()
