"""Leaves of Gradio's application only what the chat page needs, and nothing in it that lies on another host."""

import re
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.api.errors import error_body

# Uploads, files, proxies, monitoring, sign-in and direct calls are Gradio's too; nobody needs them here.
_NEEDED: Final = re.compile(
    r"/chat(/|/config|/theme\.css|/manifest\.json|/(assets|static|svelte)/.*|/gradio_api/(info|startup-events|(queue|heartbeat)/.*))?"
)
_PREVIEW: Final = re.compile(rb'<meta\s+(?:property="og:|name="twitter:)[^>]*>\s*')


class Narrow:
    """ASGI middleware around Gradio's application."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, if the page needs it; its HTML goes out without Gradio's preview pictures."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif _NEEDED.fullmatch(scope["path"]):
            await self._app(scope, receive, _Rewriter(send).send)
        else:
            await error_body(404, "HttpError", "Not Found")(scope, receive, send)


class _Rewriter:
    """Holds an HTML answer back until it is whole; everything else goes on at once."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._held: Message | None = None
        self._body = b""

    async def send(self, message: Message) -> None:
        """Send on, or hold back."""
        if message["type"] == "http.response.start" and _is_page(message):
            self._held = message
        elif self._held is None:
            await self._send(message)
        elif message["type"] == "http.response.body":
            self._body += message.get("body", b"")
            if not message.get("more_body", False):
                await self._release(self._held)

    async def _release(self, start: Message) -> None:
        body = _PREVIEW.sub(b"", self._body)
        MutableHeaders(scope=start)["content-length"] = str(len(body))
        self._held = None
        await self._send(start)
        await self._send({"type": "http.response.body", "body": body})


def _is_page(start: Message) -> bool:
    headers = Headers(scope=start)
    is_plain = "content-encoding" not in headers
    return is_plain and headers.get("content-type", "").startswith("text/html")
