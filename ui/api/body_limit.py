"""Refuses bodies that are larger than any message needs to be, before they are read."""

from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.api.errors import error_body

MAX_BODY_BYTES: Final = 256 * 1024
_WORDS: Final = (
    f"the body is larger than {MAX_BODY_BYTES // 1024} KiB; a message has at most 4,000 characters"
)


class _TooLargeError(Exception):
    """The body grew over the limit while it was read."""


class BodyLimit:
    """ASGI middleware: 413 for bodies over the limit, declared or not."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, counting its body."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        if not declared.isdigit() or int(declared) > MAX_BODY_BYTES:
            await error_body(413, "BodyTooLarge", _WORDS)(scope, receive, send)
            return
        counter = _Counter(receive, send)
        try:
            await self._app(scope, counter.receive, counter.send)
        except _TooLargeError:
            pass
        finally:
            if counter.is_refusing:
                await error_body(413, "BodyTooLarge", _WORDS)(scope, receive, send)


class _Counter:
    """Counts what is read; once that is too much, what the application answers is held back."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send
        self._read = 0
        self._has_started = False

    @property
    def is_refusing(self) -> bool:
        """Tell whether the answer has to be the refusal: too much was read, nothing was sent."""
        return self._read > MAX_BODY_BYTES and not self._has_started

    async def receive(self) -> Message:
        """Read on, up to the limit.

        Raises:
            _TooLargeError: There is more; whoever reads may turn this into an answer of its own.
        """
        message = await self._receive()
        self._read += len(message.get("body", b""))
        if self._read > MAX_BODY_BYTES:
            raise _TooLargeError
        return message

    async def send(self, message: Message) -> None:
        """Send on, unless the refusal will be sent instead."""
        if self.is_refusing:
            return
        self._has_started = self._has_started or message["type"] == "http.response.start"
        await self._send(message)
