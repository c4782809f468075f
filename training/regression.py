"""Plays the release's own scripted conversations with a candidate, on records made for it alone."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from zoneinfo import ZoneInfo

from bot.actions.registry import local_actions
from bot.actions.runner import LocalActionRunner
from bot.assistant import Assistant
from bot.crm.demo.range import demo_products
from bot.crm.demo.stories import story_records
from bot.crm.gateway import SqlCrm
from bot.crm.records import ShopRecords
from bot.crm.schema import insert_records, prepare_tables
from bot.dialogue.playbook import AnsweringRelease
from bot.domain.conversation import Conversation
from bot.domain.customer import Product
from bot.extraction.products import ProductName
from bot.loading import ReleaseLoader
from bot.rehearsal import Rehearsal, Stray
from bot.scripts import Script
from bot.sql import open_database
from bot.stores.conversations import SqlConversationStore
from bot.stores.releases import SqlReleases

REHEARSAL_DAY: Final = date(
    2026, 11, 18
)  # a Wednesday: orders are placed, parcels are on their way
_SHOP_SEED: Final = 7
_ZONE: Final = ZoneInfo("Europe/London")
_LEASE_S: Final = 60.0
_ACTION_TIMEOUT_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class StoppedClock:
    """Always noon on the day of the rehearsal."""

    moment: datetime = datetime(2026, 11, 18, 12, tzinfo=UTC)

    def now(self) -> datetime:
        """Return the present moment, aware UTC."""
        return self.moment


@dataclass(frozen=True, slots=True)
class OneRelease:
    """A shelf with a candidate on it."""

    release: AnsweringRelease

    def live(self) -> AnsweringRelease:
        """Return the candidate."""
        return self.release

    async def for_turn(self, conversation: Conversation) -> AnsweringRelease:  # noqa: ARG002 - the same for all
        """Return the candidate."""
        return self.release


async def play_regression(
    release: AnsweringRelease, scripts: Iterable[Script]
) -> tuple[Stray, ...]:
    """Play scripts with a release; every one finds the story customers' records untouched.

    Returns:
        Where the release strays from the scripts; empty when all went well.
    """
    strays: list[Stray] = []
    with TemporaryDirectory(prefix="kefu-rehearsal-") as folder:
        shop = Path(folder) / "shop.db"
        await write_story_shop(shop)
        for number, script in enumerate(scripts):
            async with rehearsal(release, Path(folder) / str(number), shop) as stage:
                strays.extend(await stage.play(script))
    return tuple(strays)


@asynccontextmanager
async def rehearsal(
    release: AnsweringRelease, folder: Path, shop: Path
) -> AsyncIterator[Rehearsal]:
    """Set up an assistant with a release, an empty log and the story customers' records.

    Args:
        release: Answers.
        folder: Two SQLite files are written there.
        shop: Written by ``write_story_shop``; copied, never changed.
    """
    await asyncio.to_thread(_copy, shop, folder / "crm.db")
    store = open_database(_url(folder / "kefu.db"))
    records = open_database(_url(folder / "crm.db"))
    clock = StoppedClock()
    try:
        conversations = SqlConversationStore(store, clock, lease_s=_LEASE_S)
        await conversations.set_up()
        crm = SqlCrm(records)
        actions = LocalActionRunner(
            local_actions(crm, clock, _ZONE), crm, timeout_s=_ACTION_TIMEOUT_S
        )
        assistant = Assistant(conversations, OneRelease(release), actions, clock)
        yield Rehearsal(assistant, conversations, clock)
    finally:
        await store.close()
        await records.close()


async def write_story_shop(file: Path) -> None:
    """Write the story customers' records and the range into a SQLite file."""
    records = open_database(_url(file))
    products = ShopRecords(products=story_products())
    shop = products.joined(story_records(REHEARSAL_DAY))
    try:
        await prepare_tables(records)
        await records.write(lambda connection: insert_records(connection, shop))
    finally:
        await records.close()


def rehearsal_loader(releases: SqlReleases) -> ReleaseLoader:
    """Return a loader of releases that know the rehearsal's range and day."""
    products = [ProductName(p.product_id, p.name, p.brand) for p in story_products()]
    return ReleaseLoader(releases, products, StoppedClock(), _ZONE)


def story_products() -> tuple[Product, ...]:
    """Return the range that rehearsals play with."""
    return demo_products(_SHOP_SEED, REHEARSAL_DAY)


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def _url(file: Path) -> str:
    return f"sqlite:///{file}"
