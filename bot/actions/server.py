"""``kefu actions``: our actions for a Rasa server. Only the process of that server imports this module."""

import asyncio
import hmac
import ipaddress
import json
import logging
import zlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

from rasa_sdk.endpoint import create_app
from rasa_sdk.executor import (
    ActionExecutor,
    ActionExecutorRunResult,
    CollectingDispatcher,
)
from rasa_sdk.interfaces import Action
from sanic import Sanic
from sanic.exceptions import SanicException
from sanic.handlers import ErrorHandler
from sanic.request import Request
from sanic.response import HTTPResponse
from sanic.response import json as json_response

from bot.actions.asked import slots_as_text
from bot.actions.bridge import LISTED, REJECTED, Json
from bot.actions.operations import operation_id
from bot.actions.registry import slots_of_change
from bot.actions.wordings import SeedWording
from bot.domain.ports import Clock
from bot.errors import ConfigurationError, TokenError
from bot.identity.tokens import verify_token
from bot.logs import log_event

MAX_BODY_BYTES: Final = 5_000_000
_HEADER: Final = "x-kefu-action-secret"
_OPEN_PATHS: Final = ("/health",)

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ActionServerOptions:
    """How the server is run.

    Attributes:
        secret: Callers must send it; "" for none, then only loopback is bound.
        customer_secret: Signs customers' tokens.
    """

    wording: SeedWording
    customer_secret: str = field(repr=False)
    host: str = "127.0.0.1"
    port: int = 5055
    secret: str = field(default="", repr=False)


def serve_actions(
    actions: Sequence[Action],
    clock: Clock,
    options: ActionServerOptions,
    close: Callable[[], Awaitable[None]] | None = None,
) -> None:
    """Serve actions until the process is told to stop.

    Args:
        actions: Instances; see ``local_actions``.
        clock: Tells whether a token is still valid.
        options: How.
        close: Called when the server stops.

    Raises:
        ConfigurationError: The address can be reached by others and there is no secret.
    """
    if not options.secret and not _is_loopback(options.host):
        raise ConfigurationError(
            f"actions on {options.host} could be called by anybody; set KEFU_ACTION_SECRET or bind 127.0.0.1"
        )
    app = make_action_app(actions, clock, options)
    if close is not None:
        closing = close

        async def stop(_app: Sanic[Any, Any]) -> None:
            await closing()

        app.register_listener(stop, "after_server_stop")
    log_event(logger, "action_server_started", host=options.host, port=options.port)
    app.run(host=options.host, port=options.port, single_process=True, motd=False, access_log=False)


# Sanic's application is generic in its configuration and context, which we leave as they are.
def make_action_app(
    actions: Sequence[Action], clock: Clock, options: ActionServerOptions
) -> Sanic[Any, Any]:
    """Make the application: rasa_sdk's own, behind a check of secrets, tokens and sizes."""
    executor = _CheckingExecutor(clock, options)
    for action in actions:
        executor.register_action(action)
    app: Sanic[Any, Any] = create_app(executor, cors_origins=None)
    app.config.REQUEST_MAX_SIZE = MAX_BODY_BYTES
    # rasa_sdk's own handler would echo the request, the customer's token included.
    app.error_handler = _QuietErrors()

    async def check(request: Request[Any, Any]) -> HTTPResponse | None:
        if request.path not in _OPEN_PATHS and not _knows_secret(request, options.secret):
            return json_response({"error": "wrong or missing secret"}, HTTPStatus.UNAUTHORIZED)
        refused = _inflated(request)
        if refused is None and request.method == "POST" and not isinstance(request.json, dict):
            raise _BadCallError
        return refused

    app.register_middleware(check, "request")
    return app


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _knows_secret(request: Request[Any, Any], secret: str) -> bool:
    if not secret:
        return True
    bearer = str(request.headers.get("authorization", "")).removeprefix("Bearer ").strip()
    sent = str(request.headers.get(_HEADER, "")) or bearer
    return hmac.compare_digest(sent.encode(), secret.encode())


def _inflated(request: Request[Any, Any]) -> HTTPResponse | None:
    """Unpack a deflated body, at most so much of it; rasa_sdk's own way has no limit."""
    if str(request.headers.get("content-encoding", "")).lower() != "deflate":
        return None
    unpacker = zlib.decompressobj()
    try:
        body = unpacker.decompress(request.body, MAX_BODY_BYTES)
    except zlib.error:
        return json_response({"error": "the body is not deflated"}, HTTPStatus.BAD_REQUEST)
    if unpacker.unconsumed_tail or not unpacker.eof:
        problem = {"error": f"the body is cut off or over {MAX_BODY_BYTES} bytes"}
        return json_response(problem, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    request.body = body
    request.headers.popall("content-encoding")
    return None


class _QuietErrors(ErrorHandler):
    """Answers errors with their kind, never with what was asked."""

    def response(self, request: Request[Any, Any], exception: BaseException) -> HTTPResponse:
        status = HTTPStatus.INTERNAL_SERVER_ERROR
        error = "the action failed"
        match exception:
            case TokenError():
                log_event(logger, "token_refused", logging.WARNING, door="actions")
                status, error = HTTPStatus.UNAUTHORIZED, "the customer's token does not hold"
            case _BadCallError() | json.JSONDecodeError() | UnicodeDecodeError():
                status, error = HTTPStatus.BAD_REQUEST, "the body is no call of an action"
            case SanicException():
                status, error = HTTPStatus(exception.status_code), type(exception).__name__
            case _:
                log_event(logger, "action_crashed", logging.ERROR, error=type(exception).__name__)
        return json_response({"error": error}, status)


class _BadCallError(Exception):
    """The body is no call."""


class _CheckingExecutor(ActionExecutor):
    """Decides for itself who is asking, and speaks for callers that do not have our wording."""

    def __init__(self, clock: Clock, options: ActionServerOptions) -> None:
        super().__init__()
        self._clock = clock
        self._options = options

    # rasa_sdk's own signature; the call is JSON of any shape.
    async def run(
        self,
        action_call: dict[str, Any],
        sink: asyncio.Queue[Any] | None = None,
        dispatcher: CollectingDispatcher | None = None,
    ) -> ActionExecutorRunResult | None:
        tracker = action_call.get("tracker") if isinstance(action_call, dict) else None
        if not isinstance(tracker, dict) or not isinstance(tracker.get("sender_id"), str):
            raise _BadCallError
        given = action_call.get("domain")
        if given is not None and not isinstance(given, dict):
            raise _BadCallError
        # Calls run side by side, so the executor's own domain may be another caller's afterwards.
        known = given or self.domain or {}
        checked = self._checked(tracker, str(action_call.get("next_action") or ""))
        result = await super().run({**action_call, "tracker": checked}, sink, dispatcher)
        if result is None:
            raise _BadCallError
        return ActionExecutorRunResult(
            events=_fitting(result.events, known, checked["slots"]),
            responses=[self._spoken(response, known) for response in result.responses],
        )

    def _checked(self, tracker: Json, action: str) -> Json:
        latest = tracker.get("latest_message")
        latest = latest if isinstance(latest, dict) else {}
        metadata = latest.get("metadata")
        metadata = metadata if isinstance(metadata, dict) else {}
        token = metadata.get("customerToken")
        customer_id = None
        if token is not None:
            customer_id, _ = verify_token(
                str(token), self._options.customer_secret, self._clock.now()
            )
        slots = tracker.get("slots")
        slots = slots if isinstance(slots, dict) else {}
        given = metadata.get("operation_id") or latest.get("message_id")
        kept = {}
        if given:
            # Whatever a caller sends, the id is this customer's own.
            scope = (str(customer_id), tracker["sender_id"], str(given))
            about = slots_as_text(slots)
            names = slots_of_change(action) or ()
            mine = {name: about[name] for name in names if name in about}
            kept = {"operation_id": operation_id(scope, action, mine)}
        # What proves who is asking goes no further.
        return {
            **tracker,
            "slots": slots,
            "latest_message": {**latest, "metadata": kept},
            "events": [],
            "user_id": customer_id,
        }

    def _spoken(self, response: Json, domain: Json) -> Json:
        key = response.get("response")
        known = domain.get("responses")
        if not key or (isinstance(known, dict) and key in known):
            return response
        text = self._options.wording.render(str(key), response)
        return {**response, "response": None, "template": None, "text": text}


def _fitting(events: list[Json], domain: Json, slots: Mapping[str, Any]) -> list[Json]:
    """Leave out slots that the caller's domain lacks, and forget the reason of a rejection before."""
    known = domain.get("slots")
    kept = [
        event
        for event in events
        if event.get("event") != "slot"
        or not isinstance(known, dict)
        or event.get("name") in known
        or str(event.get("name")).startswith((REJECTED, LISTED))
    ]
    is_rejected = any(event.get("name") == REJECTED for event in events)
    if slots.get(REJECTED) and not is_rejected:
        kept.append({"event": "slot", "timestamp": None, "name": REJECTED, "value": None})
    return kept
