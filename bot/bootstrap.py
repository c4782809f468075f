"""Settings -> Assistant; the only place that picks implementations."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from threadpoolctl import threadpool_limits

from bot.actions.calls import ActionDomain
from bot.actions.registry import local_actions
from bot.actions.runner import LocalActionRunner
from bot.actions.server_runner import ServerActionRunner
from bot.actions.wordings import SeedWording
from bot.assistant import Assistant
from bot.crm.gateway import SqlCrm
from bot.crm.schema import prepare_tables
from bot.dialogue.playbook import Playbook
from bot.dialogue.reading import read_wording
from bot.domain.colleague import Role
from bot.domain.message import AgentId
from bot.domain.ports import Clock
from bot.errors import SignInError
from bot.extraction.products import ProductName
from bot.identity.door import Door
from bot.identity.passwords import Argon2Passwords
from bot.identity.vault import Vault, open_vault
from bot.loading import ReleaseLoader
from bot.recovery import Recovery
from bot.releases import DraftShelf, LiveShelf
from bot.seed import seed_documents
from bot.settings import Settings, read_settings
from bot.sql import Database, open_database
from bot.stores.audit import Audit
from bot.stores.colleagues import SqlColleagues
from bot.stores.conversations import SqlConversationStore
from bot.stores.handoffs import Handoffs
from bot.stores.releases import SqlReleases

FIRST_ADMIN: Final = AgentId("admin")


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """Return the present moment, aware UTC."""
        return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Kefu:
    """The parts of a running Kefu, as the doors (HTTP, terminal, pages) use them."""

    settings: Settings
    vault: Vault
    clock: Clock
    door: Door
    assistant: Assistant
    shelf: LiveShelf | DraftShelf
    conversations: SqlConversationStore
    handoffs: Handoffs
    colleagues: SqlColleagues
    audit: Audit
    crm: SqlCrm
    releases: SqlReleases
    recovery: Recovery


@asynccontextmanager
async def open_kefu(settings: Settings, *, draft: bool = False) -> AsyncIterator[Kefu]:
    """Open everything that serving needs, and close it again.

    Args:
        settings: From ``read_settings``.
        draft: Answer from the draft instead of the live release.

    Raises:
        ConfigurationError: Something is missing or does not fit; names the remedy.
        ReleaseError: The live release cannot be loaded; names file and command.
    """
    vault = open_vault_of(settings)
    # A head is a small product: a second BLAS thread costs more than it saves.
    with threadpool_limits(limits=1):
        async with _databases(settings) as (store, records):
            yield await _assemble(settings, vault, store, records, draft=draft)


@asynccontextmanager
async def _databases(settings: Settings) -> AsyncIterator[tuple[Database, Database]]:
    async with _opened(settings.store_url) as store, _opened(settings.records_url) as records:
        yield store, records


@asynccontextmanager
async def _opened(url: str) -> AsyncIterator[Database]:
    database = open_database(url)
    try:
        await database.check()
        yield database
    finally:
        await database.close()


async def _assemble(
    settings: Settings, vault: Vault, store: Database, records: Database, *, draft: bool
) -> Kefu:
    clock = SystemClock()
    conversations = SqlConversationStore(store, clock, lease_s=settings.lease_s)
    await conversations.set_up()
    colleagues = SqlColleagues(store, clock, Argon2Passwords())
    await _add_first_admin(colleagues, vault)
    crm = SqlCrm(records, zone=settings.zone)
    await prepare_tables(records)
    releases = SqlReleases(store, settings.home / "cache")
    await releases.set_up()
    shelf = await _open_shelf(settings, releases, crm, clock, draft=draft)
    actions = await _actions(settings, crm, clock, shelf)
    assistant = Assistant(conversations, shelf, actions, clock)
    return Kefu(
        settings=settings,
        vault=vault,
        clock=clock,
        door=_door(settings, vault, clock),
        assistant=assistant,
        shelf=shelf,
        conversations=conversations,
        handoffs=Handoffs(store, conversations),
        colleagues=colleagues,
        audit=Audit(store, clock),
        crm=crm,
        releases=releases,
        recovery=Recovery(conversations, assistant, every_s=settings.lease_s / 3),
    )


def _door(settings: Settings, vault: Vault, clock: Clock) -> Door:
    api_token = settings.api_token
    return Door(
        customer_secret=shop_secret(settings, vault),
        api_token=api_token.get_secret_value() if api_token else "",
        accepts_user_hash=settings.accept_user_hash,
        clock=clock,
    )


async def _open_shelf(
    settings: Settings, releases: SqlReleases, crm: SqlCrm, clock: Clock, *, draft: bool
) -> LiveShelf | DraftShelf:
    products = [ProductName(product.product_id, product.name) for product in await crm.products()]
    load = ReleaseLoader(releases, products, clock, settings.zone).load
    return await (DraftShelf.open(releases, load) if draft else LiveShelf.open(releases, load))


Shelf = LiveShelf | DraftShelf


async def _actions(
    settings: Settings, crm: SqlCrm, clock: Clock, shelf: Shelf
) -> LocalActionRunner | ServerActionRunner:
    local = LocalActionRunner(
        local_actions(crm, clock, settings.zone), crm, timeout_s=settings.action_timeout_s
    )
    if not settings.action_server:
        return local
    secret = settings.action_secret
    return await ServerActionRunner.connect(
        settings.action_server,
        local,
        timeout_s=settings.action_timeout_s,
        passes_token=settings.action_server_gets_token,
        domain_of=lambda: _domain_of(shelf.live().playbook),
        secret=secret.get_secret_value() if secret else "",
    )


def _domain_of(playbook: Playbook) -> ActionDomain:
    flows = playbook.flows.values()
    slots = {spec.name for flow in flows for spec in flow.slots}
    actions = {name for flow in flows for name in (flow.action, flow.preview) if name}
    return ActionDomain(
        intents=tuple(playbook.routes),
        slots=tuple(sorted(slots)),
        actions=tuple(sorted(actions)),
        responses=playbook.wording.texts,
    )


def run_action_server(settings: Settings, host: str, port: int) -> None:
    """Serve the shop's actions to a Rasa server until the process is told to stop.

    Raises:
        ConfigurationError: The address can be reached by others and no secret is set.
    """
    # Loads sanic and gRPC, which the serving process does not need.
    from bot.actions.server import ActionServerOptions, serve_actions  # noqa: PLC0415

    clock = SystemClock()
    records = open_database(settings.records_url)
    secret = settings.action_secret
    wording, shop = read_wording(seed_documents())
    options = ActionServerOptions(
        wording=SeedWording(wording.texts, shop),
        customer_secret=shop_secret(settings, open_vault_of(settings)),
        host=host,
        port=port,
        secret=secret.get_secret_value() if secret else "",
    )
    actions = local_actions(SqlCrm(records, zone=settings.zone), clock, settings.zone)
    serve_actions(actions, clock, options, close=records.close)


def open_vault_of(settings: Settings) -> Vault:
    """Open (or make) the secrets of this installation."""
    return open_vault(settings.home / "secrets.toml")


def shop_secret(settings: Settings, vault: Vault) -> str:
    """Return the secret that customers' tokens are signed with."""
    given = settings.customer_secret
    return given.get_secret_value() if given else vault.customer_secret


@asynccontextmanager
async def open_releases(settings: Settings) -> AsyncIterator[SqlReleases]:
    """Open releases and draft alone, for commands that need no models."""
    async with _opened(settings.store_url) as database:
        releases = SqlReleases(database, settings.home / "cache")
        await releases.set_up()
        yield releases


@dataclass(frozen=True, slots=True)
class Workshop:
    """What training works with.

    Attributes:
        home: Where it may write.
        encoder: The base encoder: a folder, a hub id, or "" for the one that comes with Kefu.
    """

    home: Path
    encoder: str
    _settings: Settings = field(repr=False)

    def open_releases(self) -> AbstractAsyncContextManager[SqlReleases]:
        """Open releases and draft."""
        return open_releases(self._settings)


def find_workshop() -> Workshop:
    """Find what training works with, from the environment.

    Raises:
        ConfigurationError: A setting does not fit.
    """
    settings = read_settings()
    return Workshop(settings.home, settings.encoder, settings)


async def has_live_release(settings: Settings) -> bool:
    """Tell whether a release was published."""
    async with open_releases(settings) as releases:
        return await releases.live_number() is not None


@dataclass(frozen=True, slots=True)
class AgentDesk:
    """What an agent's terminal needs; no models."""

    colleagues: SqlColleagues
    conversations: SqlConversationStore
    handoffs: Handoffs


@asynccontextmanager
async def open_agent_desk(settings: Settings) -> AsyncIterator[AgentDesk]:
    """Open colleagues and conversations, for commands that need no models."""
    clock = SystemClock()
    async with _opened(settings.store_url) as database:
        conversations = SqlConversationStore(database, clock, lease_s=settings.lease_s)
        await conversations.set_up()
        colleagues = SqlColleagues(database, clock, Argon2Passwords())
        await _add_first_admin(colleagues, open_vault_of(settings))
        yield AgentDesk(colleagues, conversations, Handoffs(database, conversations))


async def _add_first_admin(colleagues: SqlColleagues, vault: Vault) -> None:
    if await colleagues.find(FIRST_ADMIN) is None:
        with suppress(SignInError):  # another process was quicker
            await colleagues.add(
                FIRST_ADMIN, "Administrator", vault.admin_password, frozenset({Role.ADMIN})
            )
