"""The HTTP application: all channels and pages in one FastAPI app."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from importlib.metadata import PackageNotFoundError, version
from typing import Final

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles
from starlette.middleware.cors import CORSMiddleware

from bot.bootstrap import Kefu, open_kefu
from bot.releases import LiveShelf
from bot.settings import Settings
from ui.api import errors
from ui.api.body_limit import BodyLimit
from ui.api.headers import SecurityHeaders
from ui.api.limits import Limits, Throttle
from ui.api.metrics import Metrics
from ui.api.rasa_socket import RasaSocket
from ui.api.routes import conversations, handoffs, rasa, status
from ui.api.switchboard import LatePages, Switchboard
from ui.api.turns import Turns
from ui.pages import routes as pages
from ui.pages.library import Library

OpenKefu = Callable[[Settings], AbstractAsyncContextManager[Kefu]]
BuildChat = Callable[[Turns, Limits], FastAPI]

_STATIC: Final = (("ui.pages", "static"), ("fastapi_swagger", "resources"))
_DESCRIPTION: Final = """
Kefu answers a shop's customers from its help articles and its CRM, and hands over to a person when it should.

* A customer is named by a token that the shop's server signs (JWT, HS256, claims `sub` and `exp`), sent as
  `Authorization: Bearer` on every request. Without one the caller is a guest.
* A guest's conversation is opened by the `secret` that came when it was started: `X-Conversation-Secret`.
* Errors are `{"error": {"code", "message"}}`; the message says what to do.
"""


def build_chat(turns: Turns, limits: Limits) -> FastAPI:
    """Build the chat page; Gradio is loaded here, since that takes longer than becoming ready may."""
    from ui.chat import page  # noqa: PLC0415 - see above

    return page.build_chat(turns, limits)


def make_app(
    settings: Settings, opened_by: OpenKefu = open_kefu, chat_by: BuildChat = build_chat
) -> FastAPI:
    """Make the application.

    Args:
        settings: From ``read_settings``.
        opened_by: Opens the parts of Kefu when the server starts; closes them when it stops.
        chat_by: Builds what is served under ``/chat``, in a thread, after the server is ready.
    """
    chat, metrics, limits = LatePages(), Metrics(), Limits(settings.requests_per_minute)
    socket = RasaSocket(origins_of(settings), limits)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with opened_by(settings) as kefu:
            app.state.kefu = kefu
            turns = Turns(kefu, metrics)
            socket.open(turns)
            work = [kefu.shelf.watch(), chat.run(lambda: chat_by(turns, limits))]
            if isinstance(
                kefu.shelf, LiveShelf
            ):  # what customers were told is not finished by a draft
                work.append(kefu.recovery.run())
            tasks = [asyncio.create_task(task) for task in work]
            try:
                yield
            finally:
                await _stop([*tasks, *socket.tasks])

    app = FastAPI(
        title="Kefu",
        summary="Customer-service assistant that knows its customers",
        description=_DESCRIPTION,
        version=_version(),
        lifespan=lifespan,
        docs_url=None,  # served by ui/pages, without another host
        redoc_url=None,
    )
    app.state.metrics, app.state.library = metrics, Library()
    errors.install(app)
    for part in (conversations, handoffs, rasa, status, pages):
        app.include_router(part.router)
    app.mount("/static", StaticFiles(packages=list(_STATIC)), name="static")
    app.add_middleware(Switchboard, doors={"/socket.io": socket.app, "/chat": chat})
    app.add_middleware(Throttle, limits=limits, metrics=metrics)
    _add_middleware(app, settings)
    return app


def origins_of(settings: Settings) -> list[str]:
    """Return the origins of shop pages that may call from a browser."""
    listed = (origin.strip().rstrip("/") for origin in settings.allowed_origins.split(","))
    return [origin for origin in listed if origin]


def _add_middleware(app: FastAPI, settings: Settings) -> None:
    """Add what every request passes through; the last one added is the outermost."""
    app.add_middleware(errors.QuietFailures)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=origins_of(settings),
        allow_methods=["GET", "POST"],
        allow_headers=["Authorization", "Last-Event-ID", "X-Conversation-Secret"],
    )
    app.add_middleware(SecurityHeaders)
    app.add_middleware(BodyLimit)


async def _stop(tasks: Iterable[asyncio.Task[None]]) -> None:
    stopping = list(tasks)
    for task in stopping:
        task.cancel()
    await asyncio.gather(*stopping, return_exceptions=True)


def _version() -> str:
    try:
        return version("kefu")
    except PackageNotFoundError:  # run from a checkout that was not installed
        return "unknown"
