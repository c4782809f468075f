"""Release: everything that changes together, frozen; the shelf hands out the right one for each turn."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from typing import Final

from bot.dialogue.playbook import Playbook
from bot.domain.conversation import Conversation
from bot.domain.understanding import Understanding
from bot.errors import ReleaseError, ReleaseNotFoundError
from bot.logs import log_event
from bot.nlu import Nlu
from bot.stores.manifest import DRAFT, Manifest
from bot.stores.releases import SqlReleases
from knowledge_base.passage import Retriever

_LOGGER: Final = logging.getLogger(__name__)
_KEPT: Final = 3
_POLL_S: Final = 1.0
_PAUSE_AFTER_FAILURE_S: Final = 30.0
_DRAFT_POLL_S: Final = 0.02


@dataclass(frozen=True, slots=True, eq=False)
class Release:
    """Intents, wording, flows, articles, models and thresholds under one number."""

    number: int
    playbook: Playbook
    retriever: Retriever
    nlu: Nlu
    manifest: Manifest
    threads: Executor

    async def understand(self, text: str, *, chosen_intent: str | None = None) -> Understanding:
        """Understand an utterance, in one of as many threads as there are cores; a few milliseconds."""
        work = partial(self.nlu.understand, text, chosen_intent=chosen_intent)
        return await asyncio.get_running_loop().run_in_executor(self.threads, work)


Load = Callable[[Manifest], Awaitable[Release]]
"""Loads the release of a manifest whole; raises ``ReleaseError`` naming file and command."""


class LiveShelf:
    """Hands out the live release; a conversation in the middle of a flow keeps the one it began on."""

    def __init__(self, releases: SqlReleases, load: Load, first: Release) -> None:
        self._releases = releases
        self._load = load
        self._live = first
        self._old: OrderedDict[int, Release] = OrderedDict()
        self._loading = asyncio.Lock()

    @classmethod
    async def open(cls, releases: SqlReleases, load: Load) -> "LiveShelf":
        """Load the live release.

        Raises:
            ReleaseNotFoundError: Nothing was published yet.
            ReleaseError: It cannot be loaded; names file and command.
        """
        number = await releases.live_number()
        if number is None:
            raise ReleaseNotFoundError("nothing is published yet; run 'kefu publish'")
        return cls(releases, load, await load(await releases.manifest(number)))

    def live(self) -> Release:
        """Return the live release."""
        return self._live

    async def newest(self) -> Release:
        """Return the live release."""
        return self._live

    async def for_turn(self, conversation: Conversation) -> Release:
        """Return the live release, or the one that the conversation's running flow began on."""
        live, flow = self._live, conversation.flow
        if flow is None or flow.release in (live.number, DRAFT):
            return live
        try:
            return await self._old_release(flow.release)
        except ReleaseError:
            log_event(_LOGGER, "old_release_lost", logging.WARNING, release=flow.release)
            return live

    async def refresh(self) -> bool:
        """Follow a switch; returns whether another release is live now.

        Raises:
            ReleaseError: The new one cannot be loaded; the present one stays.
        """
        number = await self._releases.live_number()
        if number is None or number == self._live.number:
            return False
        release = await self._old_release(number)
        self._keep(self._live)
        self._live = release
        log_event(_LOGGER, "release_switched", release=number)
        return True

    async def watch(self, every_s: float = _POLL_S) -> None:
        """Follow switches for ever; a background task of the serving process."""
        while True:
            await asyncio.sleep(every_s)
            try:
                await self.refresh()
            except Exception:
                _LOGGER.exception("release_not_loaded")
                await asyncio.sleep(_PAUSE_AFTER_FAILURE_S * every_s)

    async def _old_release(self, number: int) -> Release:
        async with self._loading:
            found = self._old.get(number)
            if found is None:
                found = await self._load(await self._releases.manifest(number))
            self._keep(found)
            return found

    def _keep(self, release: Release) -> None:
        self._old[release.number] = release
        self._old.move_to_end(release.number)
        while len(self._old) > _KEPT:
            self._old.popitem(last=False)


class DraftShelf:
    """Hands out the draft as it was last trained; what was saved a moment ago is waited for."""

    def __init__(
        self, releases: SqlReleases, load: Load, first: Release, *, patience_s: float = 2.0
    ) -> None:
        self._releases = releases
        self._load = load
        self._draft = first
        self._patience_s = patience_s
        self._loading = asyncio.Lock()

    @classmethod
    async def open(
        cls, releases: SqlReleases, load: Load, *, patience_s: float = 60.0
    ) -> "DraftShelf":
        """Wait until the draft is trained, and load it.

        Raises:
            ReleaseError: Nobody trains the draft, or it cannot be loaded.
        """
        manifest = await _trained_draft(releases, patience_s)
        if manifest is None:
            raise ReleaseError(
                "the draft is not trained; run 'python -m training worker' and look at what it says"
            )
        return cls(releases, load, await load(manifest))

    def live(self) -> Release:
        """Return the draft as it was last loaded."""
        return self._draft

    async def for_turn(self, conversation: Conversation) -> Release:  # noqa: ARG002 - the draft is the only one
        """Return the draft, as ``newest`` does."""
        return await self.newest()

    async def newest(self) -> Release:
        """Return the draft, with everything saved before if it could be trained in time."""
        return await self._newest(self._patience_s)

    async def _newest(self, patience_s: float) -> Release:
        manifest = await _trained_draft(self._releases, patience_s)
        async with self._loading:
            if manifest is not None and manifest.hashes != self._draft.manifest.hashes:
                await self._reload(manifest)
        return self._draft

    async def _reload(self, manifest: Manifest) -> None:
        try:
            self._draft = await self._load(manifest)
        except ReleaseError:  # changed again while it was being read, or broken
            _LOGGER.exception("draft_not_loaded")

    async def watch(self, every_s: float = _POLL_S) -> None:
        """Follow changes for ever, for the pages that show what was loaded last; a turn looks for itself."""
        while True:
            await asyncio.sleep(every_s)
            try:
                await self._newest(patience_s=0.0)
            except Exception:
                _LOGGER.exception("draft_not_loaded")
                await asyncio.sleep(_PAUSE_AFTER_FAILURE_S * every_s)


async def _trained_draft(releases: SqlReleases, patience_s: float) -> Manifest | None:
    """Wait for the draft to be trained; None when it is not in time, or cannot be."""
    deadline = asyncio.get_running_loop().time() + patience_s
    while True:
        manifest = await releases.find_manifest(DRAFT)
        if manifest is not None and manifest.is_trained:
            return manifest
        is_refused = manifest is not None and manifest.refused == manifest.fingerprint
        if is_refused or asyncio.get_running_loop().time() > deadline:
            return None
        await asyncio.sleep(_DRAFT_POLL_S)
