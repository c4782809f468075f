"""Keeps one visitor from taking the server for themselves: at most so many requests a minute from one address.

Counted in this process alone, by plain numbers that are thrown away every minute: under a flood from many addresses
this costs less than any store of counters that has to be swept.
"""

import functools
import ipaddress
import math
import time
from collections import Counter
from collections.abc import Callable
from typing import Final
from urllib.parse import parse_qs

from starlette.types import ASGIApp, Receive, Scope, Send

from bot.bootstrap import Kefu
from bot.errors import TooManyRequestsError
from ui.api.errors import error_body, status_of
from ui.api.metrics import Metrics

_WINDOW_S: Final = 60
_IPV6_BITS: Final = 64  # what one household or one server gets
_COSTS: Final = {"/api/v1/sessions": 10}  # a password takes some 50 ms to check
_FREE: Final = ("/static/", "/healthz", "/readyz", "/metrics", "/favicon.ico")
_TRY_LATER: Final = 1013  # a websocket's way of saying so
_CHAT: Final = "/chat"
_CHAT_SHARE: Final = (
    10  # the chat page looks for news every 1.5 s; its messages are counted where they come in
)


class Limits:
    """Counts what each address asks for within a minute."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin to count.

        Args:
            per_minute: How much is allowed; 0 for everything.
            clock: Seconds that never go back.
        """
        self._per_minute = per_minute
        self._clock = clock
        self._window = 0
        self._counts: Counter[str] = Counter()

    def count(self, address: str, *, cost: int = 1, share: int = 1, door: str = "") -> None:
        """Count a request, unless it comes from this very machine.

        Args:
            address: Of whoever asks.
            cost: As how many requests it counts.
            share: How many times as much is allowed at this door.
            door: Has a count of its own.

        Raises:
            TooManyRequestsError: The address has had its share of this minute.
        """
        place = _place_of(address)
        if not self._per_minute or not place:
            return
        now = self._clock()
        if self._window != int(now // _WINDOW_S):
            self._window = int(now // _WINDOW_S)
            self._counts.clear()
        key = f"{door} {place}"
        self._counts[key] += cost
        if self._counts[key] > self._per_minute * share:
            rest_s = math.ceil((self._window + 1) * _WINDOW_S - now)
            raise TooManyRequestsError(
                f"this address asks for too much at once; try again in {rest_s} seconds", rest_s
            )


class Throttle:
    """ASGI middleware: 429 for whoever asks for more than the limits allow."""

    def __init__(self, app: ASGIApp, limits: Limits, metrics: Metrics) -> None:
        self._app = app
        self._limits = limits
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, if there is room for it."""
        try:
            if scope["type"] in ("http", "websocket"):
                self._count(scope["path"], scope.get("method", "GET"), address_of(scope))
        except TooManyRequestsError as problem:
            if not _is_trusted(scope["app"].state.kefu, scope):
                self._metrics.count_refusal(scope["type"], problem)
                await _refuse(problem, scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _count(self, path: str, method: str, address: str) -> None:
        if path.startswith(f"{_CHAT}/"):
            if method == "POST":
                self._limits.count(address, share=_CHAT_SHARE, door=_CHAT)
        elif not path.startswith(_FREE):
            self._limits.count(address, cost=_COSTS.get(path, 1))


async def _refuse(
    problem: TooManyRequestsError, scope: Scope, receive: Receive, send: Send
) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": _TRY_LATER})
        return
    answer = error_body(status_of(problem), type(problem).__name__, str(problem))
    answer.headers["Retry-After"] = str(problem.retry_after_s)
    await answer(scope, receive, send)


def address_of(scope: Scope) -> str:
    """Return the address of whoever asks, as the server knows it; "" where it does not."""
    client = scope.get("client")
    return str(client[0]) if client else ""


def _is_trusted(kefu: Kefu, scope: Scope) -> bool:
    """Tell whether a trusted server asks, for all its customers."""
    headers = dict(scope["headers"])
    scheme, _, token = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
    shown = token.strip() if scheme.lower() == "bearer" else ""
    query = scope.get("query_string", b"").decode("latin-1")
    listed = parse_qs(query).get("token", [""]) if "token=" in query else [""]
    return kefu.door.is_trusted(shown) or kefu.door.is_trusted(listed[0])


@functools.lru_cache(maxsize=4096)
def _place_of(address: str) -> str:
    """Return what is counted together; "" for this machine itself."""
    try:
        known = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address or "unknown"
    if isinstance(known, ipaddress.IPv6Address):
        if known.ipv4_mapped is not None:
            known = known.ipv4_mapped
        elif not known.is_loopback:
            return str(ipaddress.ip_network((known, _IPV6_BITS), strict=False))
    return "" if known.is_loopback else str(known)
