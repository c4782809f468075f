"""A widget that speaks Rasa's socket.io, as a test drives it."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

import socketio

from tests.e2e.serving import Server

ANSWER_S = 15.0


@dataclass
class Heard:
    """What came back; events of any shape."""

    said: list[dict[str, Any]] = field(default_factory=list)
    metas: list[dict[str, Any]] = field(default_factory=list)
    errors: list[dict[str, Any]] = field(default_factory=list)
    session_id: str = ""

    @property
    def code(self) -> int:
        """Return the last error's code; 200 where there was none."""
        return int(self.errors[-1]["code"]) if self.errors else 200

    @property
    def text(self) -> str:
        """Return everything as one text."""
        return f"{self.said} {self.metas} {self.errors}"


class Widget:
    """One connection."""

    def __init__(self, server: Server) -> None:
        self.heard = Heard()
        self._server = server
        self._answered = asyncio.Event()
        self.client = socketio.AsyncClient(reconnection=False)
        self.client.on("bot_uttered", self.heard.said.append)
        self.client.on("kefu_meta", self._meta)
        self.client.on("kefu_error", self._error)
        self.client.on("session_confirm", self._confirmed)

    async def open(self, session_id: str = "") -> "Widget":
        """Connect and ask for a session."""
        await self.client.connect(self._server.url, socketio_path="/socket.io")
        self._answered.clear()
        await self.client.emit("session_request", {"session_id": session_id})
        await self._wait()
        return self

    async def say(self, text: object, **more: object) -> Heard:
        """Send a message and wait for its reply or refusal."""
        self._answered.clear()
        body = {"session_id": self.heard.session_id, "message": text, **more}
        await self.client.emit("user_uttered", body)
        await self._wait()
        return self.heard

    async def send(self, event: str, data: object) -> None:
        """Send an event as it is."""
        await self.client.emit(event, data)

    async def close(self) -> None:
        """Disconnect."""
        await self.client.disconnect()

    def _meta(self, data: dict[str, Any]) -> None:
        self.heard.metas.append(data)
        self._answered.set()

    def _error(self, data: dict[str, Any]) -> None:
        self.heard.errors.append(data)
        self._answered.set()

    def _confirmed(self, session_id: str) -> None:
        self.heard.session_id = session_id
        self._answered.set()

    async def _wait(self) -> None:
        async with asyncio.timeout(ANSWER_S):
            await self._answered.wait()


def uttered(server: Server, text: str, token: str = "", session_id: str = "") -> Heard:
    """Open a connection, send one message, close it again."""

    async def work() -> Heard:
        widget = await Widget(server).open(session_id)
        try:
            return await widget.say(
                text, **({"customData": {"customerToken": token}} if token else {})
            )
        finally:
            await widget.close()

    return asyncio.run(work())


def with_widgets(
    server: Server, work: Callable[[Callable[[], Widget]], Coroutine[Any, Any, None]]
) -> None:
    """Run ``work`` with a maker of widgets; those it makes are closed afterwards."""

    async def run() -> None:
        made: list[Widget] = []

        def make() -> Widget:
            made.append(Widget(server))
            return made[-1]

        try:
            await work(make)
        finally:
            for widget in made:
                await widget.close()

    asyncio.run(run())
