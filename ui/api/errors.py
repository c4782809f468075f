"""Maps every error to an HTTP status and words for the caller; logs failures without customers' words."""

import logging
from typing import Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot import errors as bot
from bot.bootstrap import Kefu
from bot.logs import log_event
from intents import errors as intents
from knowledge_base import errors as knowledge
from ui.pages.rendering import missing_page

_LOGGER: Final = logging.getLogger(__name__)

# The most special class that fits decides; a test asserts that every class of the trees is listed.
STATUSES: Final[dict[type[Exception], int]] = {
    bot.BotError: 500,
    bot.ConfigurationError: 500,
    bot.ConversationError: 400,
    bot.ConversationNotFoundError: 404,
    bot.ConversationAccessError: 401,
    bot.MessageConflictError: 409,
    bot.MessageInvalidError: 422,
    bot.HandoffStateError: 409,
    bot.LeaseLostError: 503,
    bot.IdentityError: 401,
    bot.TokenError: 401,
    bot.SignInError: 401,
    bot.ReleaseError: 500,
    bot.ReleaseNotFoundError: 404,
    bot.ReleaseInvalidError: 422,
    bot.DraftConflictError: 409,
    bot.ActionError: 502,
    bot.ActionNotRegisteredError: 404,
    bot.TooManyRequestsError: 429,
    bot.CrmError: 502,
    bot.CustomerNotFoundError: 404,
    bot.CrmUnavailableError: 503,
    intents.IntentError: 500,
    intents.UnknownIntentError: 404,
    intents.CatalogueError: 422,
    intents.ArtifactError: 500,
    knowledge.KnowledgeBaseError: 500,
    knowledge.ArticleError: 422,
    knowledge.EmptyTextError: 422,
    knowledge.IndexMissingError: 500,
    knowledge.IndexMismatchError: 500,
}

SERVER_FAULT: Final = 500
_UNAUTHORISED: Final = 401
_UNREAD: Final = "There was an error parsing the body"  # FastAPI's words
SORRY: Final = "Something went wrong on our side; please try again in a moment."
_ROOTS: Final = (bot.BotError, intents.IntentError, knowledge.KnowledgeBaseError)


def status_of(problem: Exception) -> int:
    """Return the HTTP status of an error."""
    return next(
        (STATUSES[kind] for kind in type(problem).__mro__ if kind in STATUSES), SERVER_FAULT
    )


def words_of(problem: Exception) -> str:
    """Return what the caller is told of an error; our own faults are not explained."""
    return str(problem) if status_of(problem) != SERVER_FAULT else SORRY


def error_body(status: int, code: str, message: str) -> JSONResponse:
    """Render an error: a stable ``code`` and a ``message`` that says the remedy."""
    headers = {"WWW-Authenticate": "Bearer"} if status == _UNAUTHORISED else None
    return JSONResponse({"error": {"code": code, "message": message}}, status, headers)


def log_failure(logger: logging.Logger, event: str, problem: Exception, **fields: object) -> None:
    """Log a failure by type and place only: the text of a foreign exception may quote a customer."""
    hidden = RuntimeError("the words of the error are not logged")
    logger.error(
        event,
        exc_info=(type(problem), hidden, problem.__traceback__),
        extra={"fields": {"error": type(problem).__name__, **fields}},
    )


async def note_refusal(kefu: Kefu, problem: Exception, door: str) -> None:
    """Note in the audit log that somebody was refused at a door; no token, no id of theirs."""
    if isinstance(problem, bot.IdentityError | bot.ConversationAccessError):
        await kefu.audit.note_refusal(f"{type(problem).__name__} at {door}")


def install(app: FastAPI) -> None:
    """Answer errors in one form on every route."""
    for kind in _ROOTS:
        app.add_exception_handler(kind, _known)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)


class QuietFailures:
    """ASGI middleware: an unknown error becomes a 500 and a log line, and goes no further.

    Nothing is raised on to the server, whose own log would quote the exception's words.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        has_started = False

        async def noted(message: Message) -> None:
            nonlocal has_started
            has_started = True
            if message["type"] == "lifespan.startup.failed":
                message = {**message, "message": ""}  # else the server logs the whole traceback
            await send(message)

        try:
            await self._app(scope, receive, noted)
        except ClientDisconnect:
            return
        except Exception as problem:  # noqa: BLE001 - outer door
            is_request = scope["type"] != "lifespan"
            event = "request_failed" if is_request else "start_failed"
            log_failure(_LOGGER, event, problem, path=route_of(scope))
            if scope["type"] == "http" and not has_started:
                response = error_body(SERVER_FAULT, "InternalError", SORRY)
                await response(scope, receive, send)


def route_of(scope: Scope) -> str:
    """Return the route's pattern, which holds no ids and nobody's words; "" where none matched."""
    return str(getattr(scope.get("route"), "path", ""))


async def _known(request: Request, problem: Exception) -> JSONResponse:
    status, code, path = status_of(problem), type(problem).__name__, route_of(request.scope)
    log_event(
        _LOGGER, "request_refused", status=status, error=code, path=path, method=request.method
    )
    if status == SERVER_FAULT:
        log_failure(_LOGGER, "request_failed", problem, path=path)
    kefu: Kefu = request.app.state.kefu
    await note_refusal(kefu, problem, f"{request.method} {path}")
    return error_body(status, code, words_of(problem))


async def _invalid(_: Request, problem: Exception) -> JSONResponse:
    # Only where and why: the input itself may hold a token or a customer's words.
    errors = problem.errors() if isinstance(problem, RequestValidationError) else []
    reasons = "; ".join(
        f"{'.'.join(str(part) for part in error['loc'] if part != 'body') or 'body'}: {error['msg']}"
        for error in errors
    )
    return error_body(422, "InvalidRequest", f"{reasons}. See /docs for what this address takes.")


async def _http(request: Request, problem: Exception) -> Response:
    if not isinstance(problem, HTTPException):
        return error_body(SERVER_FAULT, "InternalError", SORRY)
    if request.method == "GET" and "text/html" in request.headers.get("accept", ""):
        return missing_page(problem.status_code)
    is_unread = problem.detail == _UNREAD
    words = "the body is not JSON in UTF-8; see /docs for what this address takes"
    told = words if is_unread else str(problem.detail)
    return error_body(problem.status_code, "HttpError", told)
