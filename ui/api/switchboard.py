"""Puts whole applications (socket.io, the Gradio pages) under a path of ours."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Final

from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from ui.api.errors import error_body, log_failure

_LOGGER: Final = logging.getLogger(__name__)


class Switchboard:
    """ASGI middleware: what lies under a prefix goes to its application, path unchanged."""

    def __init__(self, app: ASGIApp, doors: Mapping[str, ASGIApp]) -> None:
        self._app = app
        self._doors = doors

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        path = scope.get("path", "")
        for prefix, door in self._doors.items():
            if path == prefix or path.startswith(f"{prefix}/"):
                await door(scope, receive, send)
                return
        await self._app(scope, receive, send)


class LatePages:
    """An application that takes a while to build; the server is ready before, and early visitors wait."""

    def __init__(self) -> None:
        self._is_settled = asyncio.Event()
        self._pages: FastAPI | None = None

    async def run(self, build: Callable[[], FastAPI]) -> None:
        """Build the pages in a thread and keep them alive until cancelled; a background task."""
        try:
            pages = await asyncio.to_thread(_built, build)
            async with pages.router.lifespan_context(pages):
                self._pages = pages
                self._is_settled.set()
                await asyncio.Event().wait()
        except Exception as problem:  # noqa: BLE001 - background task
            log_failure(_LOGGER, "pages_not_built", problem)
        finally:
            self._pages = None
            self._is_settled.set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a page."""
        await self._is_settled.wait()
        if self._pages is not None:
            await self._pages(scope, receive, send)
        elif scope["type"] == "http":
            words = "the chat page could not be built; look at the server's log"
            await error_body(503, "PageMissing", words)(scope, receive, send)


def _built(build: Callable[[], FastAPI]) -> FastAPI:
    """Build in this thread, inside a loop that runs: without one Gradio makes some and never closes them."""

    async def within_loop() -> FastAPI:
        return build()

    return asyncio.run(within_loop())
