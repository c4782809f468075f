"""The long-lived process that trains the draft whenever somebody saves it."""

import asyncio
import logging
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

from bot.seed import ensure_seed
from bot.stores.releases import SqlReleases
from training.build import one_thread
from training.draft import DraftTrainer
from training.errors import AlreadyRunningError
from training.instant import InstantFitter
from training.lock import only_one
from training.models import ModelPlan
from training.progress import say

_LOGGER: Final = logging.getLogger(__name__)
_POLL_S: Final = 0.04
_RENEW_POLL_S: Final = 1.0
_SAVE_EVERY_S: Final = 30.0


async def work(releases: SqlReleases, plan: ModelPlan, *, seed: int, once: bool = False) -> None:
    """Train the draft whenever it changes, until the process is ended; leaves at once where another one works.

    Args:
        releases: Draft and releases.
        plan: Which encoders.
        seed: Of everything that is drawn at random.
        once: Train it now, then return.
    """
    try:
        with only_one(releases.cache / "worker.lock", "a worker"):
            await ensure_seed(releases)
            trainer = await DraftTrainer.open(releases, plan, seed=seed)
            await (_train(trainer) if once else _watch(trainer))
    except AlreadyRunningError as problem:
        say(str(problem))


async def _watch(trainer: DraftTrainer) -> None:
    saved_at = time.monotonic()
    with one_thread():
        await _prepare(trainer)
        async with _renewing(trainer.builder.fitter):
            while True:
                try:
                    await _train(trainer)
                except Exception:
                    _LOGGER.exception(
                        "the draft could not be trained; its next change is tried again"
                    )
                    await trainer.give_up()
                if time.monotonic() - saved_at > _SAVE_EVERY_S:
                    trainer.builder.encoder.save()
                    saved_at = time.monotonic()
                await asyncio.sleep(_POLL_S)


async def _prepare(trainer: DraftTrainer) -> None:
    try:
        await trainer.prepare()
    except Exception:
        _LOGGER.exception("the draft could not be looked at; its next change takes longer")


@asynccontextmanager
async def _renewing(fitter: InstantFitter) -> AsyncIterator[None]:
    """Fit anew, beside all else, whenever the draft has come far from what was fitted."""
    ends = threading.Event()

    async def renew() -> None:
        while True:
            if fitter.is_far:
                await asyncio.to_thread(_renew, fitter, lambda: not ends.is_set())
            await asyncio.sleep(_RENEW_POLL_S)

    renewing = asyncio.create_task(renew())
    try:
        yield
    finally:
        ends.set()
        renewing.cancel()


def _renew(fitter: InstantFitter, goes_on: Callable[[], bool]) -> None:
    try:
        fitter.renew(goes_on)
    except Exception:
        _LOGGER.exception("the draft could not be fitted anew; it is followed from where it was")


async def _train(trainer: DraftTrainer) -> None:
    started = time.perf_counter()
    trained = await trainer.train()
    if trained is not None:
        say(f"the draft is trained ({time.perf_counter() - started:.2f} s)")
