"""The application with scripted parts, in process or behind a real server."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from bot.bootstrap import Kefu
from bot.domain.message import AgentId
from tests.ui.wiring import COLLEAGUES, PASSWORD, open_scripted, settings_in
from ui.api.app import BuildChat, build_chat, make_app
from ui.api.limits import Limits
from ui.api.turns import Turns


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder to install into, empty."""
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    return home


@dataclass
class Site:
    """A running application: its parts, and a client for it."""

    kefu: Kefu
    client: httpx.AsyncClient
    base_url: str

    async def post(self, path: str, body: object, **headers: str) -> httpx.Response:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.client.post(path, json=body, headers=sent)

    async def start(self) -> tuple[str, str]:
        """Start a guest's conversation; returns its address and its secret."""
        started = (await self.client.post("/api/v1/conversations")).json()
        return f"/api/v1/conversations/{started['conversation_id']}", started["secret"]

    async def agent_token(self, name: str = "ada") -> str:
        """Sign a colleague in; whoever is not there yet is added."""
        full_name, role = COLLEAGUES[name]
        if await self.kefu.colleagues.find(AgentId(name)) is None:
            await self.kefu.colleagues.add(AgentId(name), full_name, PASSWORD, frozenset({role}))
        answer = await self.post("/api/v1/sessions", {"name": name, "password": PASSWORD})
        token: str = answer.json()["token"]
        return token


OpenSite = Callable[..., Awaitable[Site]]


def no_chat(turns: Turns, limits: Limits) -> FastAPI:
    """Build nothing; most tests do not need Gradio."""
    return FastAPI()


@pytest.fixture
async def open_site(tmp_path: Path) -> AsyncIterator[OpenSite]:
    """Open the application in process; settings may be given."""
    async with AsyncExitStack() as stack:

        async def opened(**given: object) -> Site:
            app = make_app(settings_in(tmp_path, **given), open_scripted, no_chat)
            await stack.enter_async_context(app.router.lifespan_context(app))
            transport = httpx.ASGITransport(app, raise_app_exceptions=True)
            client = httpx.AsyncClient(transport=transport, base_url="http://kefu.test")
            await stack.enter_async_context(client)
            return Site(app.state.kefu, client, "http://kefu.test")

        yield opened


@pytest.fixture
async def site(open_site: OpenSite) -> Site:
    return await open_site()


@pytest.fixture
async def serve_site(tmp_path: Path) -> AsyncIterator[OpenSite]:
    """Serve the application over a real port; settings may be given."""
    async with AsyncExitStack() as stack:

        async def served(*, chat_by: BuildChat = no_chat, **given: object) -> Site:
            app = make_app(settings_in(tmp_path, **given), open_scripted, chat_by)
            base_url = await stack.enter_async_context(_serving(app))
            client = httpx.AsyncClient(base_url=base_url, timeout=20)
            await stack.enter_async_context(client)
            return Site(app.state.kefu, client, base_url)

        yield served


@pytest.fixture
async def served(serve_site: OpenSite) -> Site:
    return await serve_site()


@pytest.fixture
async def chat_site(serve_site: OpenSite) -> Site:
    """Serve with the Gradio page, as a demo."""
    return await serve_site(chat_by=build_chat, demo=True)


@asynccontextmanager
async def _serving(app: FastAPI) -> AsyncIterator[str]:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port = listening.getsockname()[1]
        config = uvicorn.Config(
            app, log_config=None, lifespan="on", timeout_graceful_shutdown=1, ws="websockets-sansio"
        )
        server = uvicorn.Server(config)
        running = asyncio.create_task(server.serve([listening]))
        while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
            await asyncio.sleep(0.01)
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            server.should_exit = True
            await running
