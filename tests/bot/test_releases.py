"""The shelf: which release a turn gets, and what happens when another one goes live."""

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.dialogue.playbook import Playbook, Thresholds, Wording
from bot.domain.conversation import Conversation, RunningFlow
from bot.domain.message import ConversationId
from bot.errors import ReleaseError, ReleaseNotFoundError
from bot.releases import DraftShelf, LiveShelf, Release
from bot.sql import open_database
from bot.stores.manifest import DRAFT, Manifest
from bot.stores.releases import NO_DRAFT, SqlReleases

MANIFEST = Manifest(DRAFT, datetime(2026, 11, 2, tzinfo=UTC), {})
THRESHOLDS = Thresholds(0.5, 0.3, 0.5, 0.5, 0.5, 0.3, 0.6, 0.9, 0.05)
IDLE = Conversation(ConversationId("c"))


class Loader:
    """Loads releases that hold nothing, keeps which, and refuses the numbers it is told to."""

    def __init__(self) -> None:
        self.loaded: list[int] = []
        self.broken: set[int] = set()
        self.threads = ThreadPoolExecutor(1)

    async def load(self, manifest: Manifest) -> Release:
        if manifest.number in self.broken:
            raise ReleaseError(f"release {manifest.number} is broken; run 'kefu publish'")
        self.loaded.append(manifest.number)
        playbook = Playbook(manifest.number, {}, {}, {}, Wording({}), THRESHOLDS)
        nothing: Any = object()  # stands for parts that no shelf looks at
        return Release(
            manifest.number,
            playbook,
            nothing,
            nothing,
            manifest,
            self.threads,
        )


@pytest.fixture
async def releases(tmp_path: Path) -> AsyncIterator[SqlReleases]:
    database = open_database(f"sqlite:///{tmp_path / 'kefu.db'}")
    made = SqlReleases(database, tmp_path / "cache")
    await made.set_up()
    yield made
    await database.close()


@pytest.fixture
def loader() -> Loader:
    return Loader()


async def publish(releases: SqlReleases, text: str = "") -> int:
    frozen = await releases.freeze(MANIFEST, {"catalogue/nlu.yml": text}, {})
    await releases.switch(frozen.number)
    return frozen.number


def in_a_flow(release: int) -> Conversation:
    return replace(IDLE, flow=RunningFlow("cancel_order", release))


async def test_without_a_release_the_shelf_refuses_and_says_what_to_do(
    releases: SqlReleases, loader: Loader
) -> None:
    with pytest.raises(ReleaseNotFoundError, match="kefu publish"):
        await LiveShelf.open(releases, loader.load)


async def test_a_live_release_that_cannot_be_loaded_refuses_the_start(
    releases: SqlReleases, loader: Loader
) -> None:
    loader.broken.add(await publish(releases))

    with pytest.raises(ReleaseError, match="release 1 is broken"):
        await LiveShelf.open(releases, loader.load)


async def test_a_switch_is_followed_forwards_and_backwards(
    releases: SqlReleases, loader: Loader
) -> None:
    await publish(releases)
    shelf = await LiveShelf.open(releases, loader.load)

    await publish(releases)
    assert await shelf.refresh()
    assert shelf.live().number == 2
    await releases.switch(1)
    assert await shelf.refresh()
    assert (await shelf.for_turn(IDLE)).number == 1
    assert not await shelf.refresh()
    assert loader.loaded == [1, 2]  # the old one was still at hand


async def test_a_running_flow_stays_on_its_release(releases: SqlReleases, loader: Loader) -> None:
    await publish(releases)
    shelf = await LiveShelf.open(releases, loader.load)
    await publish(releases)
    await shelf.refresh()

    assert (await shelf.for_turn(in_a_flow(1))).number == 1
    assert (await shelf.for_turn(in_a_flow(2))).number == 2
    assert (await shelf.for_turn(IDLE)).number == 2


async def test_a_flow_of_a_release_that_was_not_at_hand_gets_it_loaded_once(
    releases: SqlReleases, loader: Loader
) -> None:
    await publish(releases)
    await publish(releases)
    shelf = await LiveShelf.open(releases, loader.load)

    found = await asyncio.gather(*(shelf.for_turn(in_a_flow(1)) for _ in range(5)))

    assert {release.number for release in found} == {1}
    assert loader.loaded == [2, 1]


@pytest.mark.parametrize("began_on", [DRAFT, 99])
async def test_a_flow_of_a_release_that_is_gone_goes_on_with_the_live_one(
    releases: SqlReleases, loader: Loader, began_on: int
) -> None:
    await publish(releases)
    shelf = await LiveShelf.open(releases, loader.load)

    assert (await shelf.for_turn(in_a_flow(began_on))).number == 1


async def test_only_a_few_old_releases_are_kept(releases: SqlReleases, loader: Loader) -> None:
    for _ in range(6):
        await publish(releases)
    shelf = await LiveShelf.open(releases, loader.load)
    for number in (1, 2, 3, 4):
        await shelf.for_turn(in_a_flow(number))

    await shelf.for_turn(in_a_flow(4))
    await shelf.for_turn(in_a_flow(1))

    assert loader.loaded == [6, 1, 2, 3, 4, 1]


async def test_a_broken_new_release_leaves_the_old_one_answering(
    releases: SqlReleases, loader: Loader, caplog: pytest.LogCaptureFixture
) -> None:
    await publish(releases)
    shelf = await LiveShelf.open(releases, loader.load)
    loader.broken.add(await publish(releases))
    watching = asyncio.create_task(shelf.watch(every_s=0.01))

    await asyncio.sleep(0.1)
    assert shelf.live().number == 1
    assert "release_not_loaded" in caplog.text
    await publish(releases)
    await asyncio.sleep(0.5)

    assert shelf.live().number == 3
    watching.cancel()
    with suppress(asyncio.CancelledError):
        await watching


async def test_a_draft_nobody_trains_is_refused(releases: SqlReleases, loader: Loader) -> None:
    await releases.save_draft({"a": "b"}, expected=NO_DRAFT)

    with pytest.raises(ReleaseError, match="training worker"):
        await DraftShelf.open(releases, loader.load, patience_s=0.1)


async def test_the_draft_answers_as_soon_as_it_is_trained_again(
    releases: SqlReleases, loader: Loader
) -> None:
    fingerprint = await releases.save_draft({"a": "old"}, expected=NO_DRAFT)
    await releases.save_trained_draft(await releases.manifest(DRAFT), {"head": b"1"})
    shelf = await DraftShelf.open(releases, loader.load)
    await releases.save_draft({"a": "new"}, expected=fingerprint)

    async def train() -> None:
        await asyncio.sleep(0.1)
        await releases.save_trained_draft(await releases.manifest(DRAFT), {"head": b"2"})

    _, release = await asyncio.gather(train(), shelf.for_turn(IDLE))

    assert release.manifest.is_trained
    assert release.manifest == await releases.manifest(DRAFT)
    again = await shelf.for_turn(IDLE)
    assert again is release


async def test_a_draft_that_cannot_be_trained_answers_as_before_at_once(
    releases: SqlReleases, loader: Loader
) -> None:
    fingerprint = await releases.save_draft({"a": "good"}, expected=NO_DRAFT)
    await releases.save_trained_draft(await releases.manifest(DRAFT), {"head": b"1"})
    shelf = await DraftShelf.open(releases, loader.load)
    broken = await releases.save_draft({"a": "bad"}, expected=fingerprint)
    await releases.refuse_draft(broken, "catalogue/nlu.yml:1: broken")

    async with asyncio.timeout(1):
        release = await shelf.for_turn(IDLE)

    assert release is shelf.live()
    assert loader.loaded == [DRAFT]


async def test_the_pages_of_a_draft_follow_without_a_turn(
    releases: SqlReleases, loader: Loader
) -> None:
    fingerprint = await releases.save_draft({"a": "old"}, expected=NO_DRAFT)
    await releases.save_trained_draft(await releases.manifest(DRAFT), {"head": b"1"})
    shelf = await DraftShelf.open(releases, loader.load)
    before = shelf.live()
    await releases.save_draft({"a": "new"}, expected=fingerprint)
    await releases.save_trained_draft(await releases.manifest(DRAFT), {"head": b"2"})

    watching = asyncio.create_task(shelf.watch(every_s=0.01))
    async with asyncio.timeout(5):
        while shelf.live() is before:  # noqa: ASYNC110 - the shelf has no event
            await asyncio.sleep(0.01)
    watching.cancel()

    assert shelf.live().manifest == await releases.manifest(DRAFT)
