"""Watches a browser: what it asks of which host, and what goes wrong in its pages."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Error, Request

_INLINE = ("data", "blob", "about")
# Gradio's own client says so when a page is left, or an event overtaken, while it waits for the server.
_LEAVING = re.compile(r"AbortError: signal is aborted|Connection errored out")


@dataclass
class Watch:
    """What happened in a browser context.

    Attributes:
        host: The only host that may be asked.
        strangers: Addresses asked on other hosts.
        complaints: Errors on the pages' consoles, and exceptions that nobody caught.
    """

    host: str
    strangers: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    asked: int = 0
    _forgiven: str = ""

    def over(self, context: BrowserContext) -> "Watch":
        """Watch all pages of a context, also those that are opened later."""
        context.on("request", self._note_request)
        context.on("console", self._note_console)
        context.on("weberror", lambda problem: self._note_exception(problem.error))
        return self

    @contextmanager
    def forgiving(self, pattern: str) -> Iterator[None]:
        """Forgive complaints that match a pattern, until the end of the block."""
        self._forgiven = pattern
        try:
            yield
        finally:
            self._forgiven = ""

    def _note_request(self, request: Request) -> None:
        self.asked += 1
        url = urlsplit(request.url)
        if url.scheme not in _INLINE and url.netloc != self.host:
            self.strangers.append(request.url)

    def _note_console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self._complain(message.text)

    def _note_exception(self, error: Error) -> None:
        self._complain(str(error))

    def _complain(self, words: str) -> None:
        is_forgiven = bool(self._forgiven) and re.search(self._forgiven, words)
        if not is_forgiven and not _LEAVING.search(words):
            self.complaints.append(words)
