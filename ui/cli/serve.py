"""kefu serve: everything on one port."""

import asyncio
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Annotated

import typer
import uvicorn

from bot.bootstrap import Kefu, has_live_release, open_kefu, open_vault_of
from bot.errors import ConfigurationError
from bot.logs import configure_logs
from bot.memory import settle
from bot.settings import Settings
from ui.cli.console import KNOWN_ERRORS, OUT, fail, settings_for
from ui.cli.shop import make_shop
from ui.cli.worker import draft_worker


def serve(
    host: Annotated[str | None, typer.Option(help="Address to bind (KEFU_HOST)")] = None,
    port: Annotated[int | None, typer.Option(help="Port to bind (KEFU_PORT)")] = None,
    *,
    draft: Annotated[
        bool,
        typer.Option(
            "--draft",
            help="Answer from the draft, learning its changes as they are saved: for those who teach",
        ),
    ] = False,
) -> None:
    """Serve the assistant: API, chat page, help pages, Rasa's channels.

    The first time this makes the demo shop (in demo mode) and builds release 1.
    """
    began = time.perf_counter()
    settings = settings_for(host=host, port=port)
    configure_logs(settings.log_level)
    check_port(settings)
    prepare(settings)
    shown = "localhost" if settings.host == "127.0.0.1" else settings.host
    OUT.print(
        f"[bold]Kefu[/] is starting on [bold]http://{shown}:{settings.port}[/]  (stop it with Ctrl+C)"
    )
    if settings.demo:
        OUT.print(
            "Demo mode: anybody on this machine may be any demo customer; see /chat.", style="dim"
        )
    if draft:
        OUT.print(
            "It answers from the draft, not from what is live: not for customers.", style="dim"
        )
    from ui.api.app import make_app  # noqa: PLC0415 - only serving needs FastAPI

    opening = _Opening(draft=draft)
    config = uvicorn.Config(
        make_app(settings, opened_by=opening.open),
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=5,
        # From where a message comes counts for limits, and the scheme for links; only a proxy may name another.
        forwarded_allow_ips=settings.trusted_proxies,
    )
    try:
        _Server(config, began).run()
    except SystemExit:
        if opening.problem is None:
            raise
        raise fail(str(opening.problem)) from opening.problem


class _Opening:
    """Opens Kefu for the server, and remembers why that did not work: the server itself only says that it did not."""

    def __init__(self, *, draft: bool) -> None:
        self.problem: Exception | None = None
        self._draft = draft

    @asynccontextmanager
    async def open(self, settings: Settings) -> AsyncIterator[Kefu]:
        """Open everything that serving needs."""
        async with AsyncExitStack() as stack:
            try:
                await stack.enter_async_context(draft_worker(wanted=self._draft))
                kefu = await stack.enter_async_context(open_kefu(settings, draft=self._draft))
            except KNOWN_ERRORS as problem:
                self.problem = problem
                raise
            yield kefu


class _Server(uvicorn.Server):
    """Says when it is ready."""

    def __init__(self, config: uvicorn.Config, began: float) -> None:
        super().__init__(config)
        self._began = began

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            settle()
            OUT.print(f"Ready after {time.perf_counter() - self._began:.1f} s.")


def prepare(settings: Settings) -> None:
    """Make what the first start lacks: secrets, the demo shop, release 1.

    Raises:
        ConfigurationError: Release 1 could not be built.
    """
    vault_is_new = not (settings.home / "secrets.toml").exists()
    open_vault_of(settings)
    if vault_is_new:
        OUT.print(
            f"Secrets and the administrator's password are in {settings.home / 'secrets.toml'}"
        )
    if settings.demo:
        make_shop(settings)
    if not asyncio.run(has_live_release(settings)):
        OUT.print("Building release 1: once, a minute or two on an idle machine")
        built = subprocess.run([sys.executable, "-m", "training", "publish"], check=False)
        if built.returncode != 0:
            raise ConfigurationError(
                "release 1 could not be built; mend what is named above and start again"
            )


def check_port(settings: Settings) -> None:
    """Refuse a port that somebody else has.

    Raises:
        ConfigurationError: It cannot be bound.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as problem:
            raise ConfigurationError(
                f"cannot bind {settings.host}:{settings.port} ({problem.strerror}); "
                "stop what uses it, or name another with KEFU_PORT or --port"
            ) from problem
