"""Rasa's socket.io channel: the same events with the same keys, so that Rasa's chat widgets work with Kefu.

Beside Rasa's events there are ``kefu_meta`` (ids and sources of the reply just sent) and ``kefu_error``.
"""

import asyncio
import logging
import re
import secrets
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import uuid4

import socketio
from pydantic import BaseModel

from bot.domain.conversation import Conversation, ConversationStatus
from bot.domain.entries import AgentWrote
from bot.domain.message import ConversationId, Message, MessageId, checked_text
from bot.domain.reply import Part, Source, Sources
from bot.errors import BotError, ConversationNotFoundError, TooManyRequestsError
from bot.identity.door import Credentials
from ui.api.errors import (
    SERVER_FAULT,
    SORRY,
    log_failure,
    note_refusal,
    status_of,
    words_of,
)
from ui.api.limits import Limits, address_of
from ui.api.rasa_messages import SocketText, complete, credentials_in, socket_message
from ui.api.turns import Answered, Turns

_LOGGER: Final = logging.getLogger(__name__)
_MAX_EVENT_BYTES: Final = 64 * 1024
_PREFIX: Final = "socketio:"
_SESSION: Final = re.compile(r"[0-9a-f]{32}")


@dataclass(slots=True)
class _Visitor:
    """One connection: the page and the address it comes from, its session, and what its last message showed."""

    base_url: str
    address: str
    session_id: str = ""
    shown: Credentials = field(default_factory=Credentials)


class RasaSocket:
    """The channel; ``app`` is its ASGI application, ``tasks`` what runs beside it."""

    def __init__(self, origins: list[str], limits: Limits) -> None:
        self._limits = limits
        self._server = socketio.AsyncServer(
            async_mode="asgi",
            cors_allowed_origins=lambda origin, environ: is_allowed(origin, environ, origins),
            max_http_buffer_size=_MAX_EVENT_BYTES,
        )
        self.app = socketio.ASGIApp(self._server, socketio_path=None)
        self._turns: Turns | None = None
        self._visitors: dict[str, _Visitor] = {}
        self._followers: dict[str, asyncio.Task[None]] = {}
        self._server.on("connect", self._connect)
        self._server.on("disconnect", self._disconnect)
        self._server.on("session_request", self._session_request)
        self._server.on("user_uttered", self._user_uttered)

    @property
    def tasks(self) -> list[asyncio.Task[None]]:
        """Return the background tasks that run now."""
        return list(self._followers.values())

    def open(self, turns: Turns) -> None:
        """Begin to take messages; connections are refused before."""
        self._turns = turns

    async def _connect(self, sid: str, environ: dict[str, Any], _auth: object = None) -> bool:
        scheme, host = environ.get("wsgi.url_scheme", "http"), environ.get("HTTP_HOST", "")
        address = address_of(environ.get("asgi.scope", {}))
        self._visitors[sid] = _Visitor(f"{scheme}://{host}", address)
        return self._turns is not None

    async def _disconnect(self, sid: str, _reason: object = None) -> None:
        self._visitors.pop(sid, None)

    async def _session_request(self, sid: str, data: object = None) -> None:
        visitor = self._visitors[sid]
        visitor.session_id = _stored_session(data) or secrets.token_hex(16)
        await self._server.emit("session_confirm", visitor.session_id, to=sid)
        if self._turns is not None:
            await self._follow_if_handed_off(self._turns, visitor.session_id)

    async def _user_uttered(self, sid: str, data: object = None) -> None:
        visitor, turns = self._visitors[sid], self._turns
        if turns is None:
            return
        try:
            self._limits.count(visitor.address)
            message = _message(turns, visitor, data)
            answered = await turns.take(message)
        except BotError as problem:
            if isinstance(problem, TooManyRequestsError):
                turns.metrics.count_refusal("socketio", problem)
            await note_refusal(turns.kefu, problem, "socketio")
            await self._refuse(sid, status_of(problem), type(problem).__name__, words_of(problem))
        except Exception as problem:  # noqa: BLE001 - outer door
            log_failure(_LOGGER, "message_failed", problem, channel="socketio")
            await self._refuse(sid, SERVER_FAULT, "InternalError", SORRY)
        else:
            await self._send(sid, visitor, message, answered)
            if answered.is_handed_off:
                session_id = message.conversation_id.removeprefix(_PREFIX)
                self._follow(turns, session_id, answered.conversation.next_number - 1)

    async def _refuse(self, sid: str, code: int, error: str, words: str) -> None:
        body = {"code": code, "error": error, "message": words}
        await self._server.emit("kefu_error", body, to=sid)
        if code >= SERVER_FAULT:  # old widgets know no errors, and their customer should not wait
            await self._server.emit("bot_uttered", {"text": words}, to=sid)

    async def _send(
        self, sid: str, visitor: _Visitor, message: Message, answered: Answered
    ) -> None:
        for part in answered.reply.parts:
            await self._utter(sid, socket_message(part, visitor.base_url))
        sources = [
            {"title": source.title, "url": complete(source.url, visitor.base_url)}
            for source in _sources(answered.reply.parts)
        ]
        meta = {
            "message_id": message.message_id,
            "number": answered.entry_number,
            "is_handed_off": answered.is_handed_off,
            "sources": sources,
        }
        await self._server.emit("kefu_meta", meta, to=sid)

    async def _utter(self, sid: str, message: BaseModel) -> None:
        await self._server.emit("bot_uttered", message.model_dump(), to=sid)

    async def _follow_if_handed_off(self, turns: Turns, session_id: str) -> None:
        try:
            conversation = await turns.kefu.conversations.get(_conversation_id(session_id))
        except ConversationNotFoundError:
            return
        if conversation.status is ConversationStatus.HANDED_OFF:
            self._follow(turns, session_id, conversation.next_number - 1)

    def _follow(self, turns: Turns, session_id: str, after: int) -> None:
        """Push an agent's words to the session's connections from now on; once per session."""
        running = self._followers.get(session_id)
        if running is None or running.done():
            task = asyncio.create_task(self._push_agents_words(turns, session_id, after))
            self._followers[session_id] = task
            task.add_done_callback(lambda done: self._forget(session_id, done))

    def _forget(self, session_id: str, task: asyncio.Task[None]) -> None:
        if self._followers.get(session_id) is task:
            del self._followers[session_id]

    async def _push_agents_words(self, turns: Turns, session_id: str, after: int) -> None:
        conversation_id = _conversation_id(session_id)
        try:
            async for entry in turns.kefu.conversations.follow(conversation_id, after):
                if isinstance(entry, AgentWrote):
                    await self._push(turns, session_id, entry)
                elif entry is None and await self._is_over(turns, session_id):
                    return
        except Exception as problem:  # noqa: BLE001 - background task
            log_failure(_LOGGER, "push_failed", problem, conversation_id=conversation_id)

    async def _push(self, turns: Turns, session_id: str, entry: AgentWrote) -> None:
        conversation = await turns.kefu.conversations.get(_conversation_id(session_id))
        for sid, visitor in self._in_session(session_id):
            if _may_see(turns, visitor, conversation):
                await self._utter(sid, SocketText(text=f"{entry.name}: {entry.text}"))
                meta = {"number": entry.number, "agent": entry.name, "sources": []}
                await self._server.emit("kefu_meta", meta, to=sid)

    async def _is_over(self, turns: Turns, session_id: str) -> bool:
        if not self._in_session(session_id):
            return True
        conversation = await turns.kefu.conversations.get(_conversation_id(session_id))
        return conversation.status is not ConversationStatus.HANDED_OFF

    def _in_session(self, session_id: str) -> list[tuple[str, _Visitor]]:
        return [item for item in self._visitors.items() if item[1].session_id == session_id]


def is_allowed(origin: str | None, environ: dict[str, Any], origins: list[str]) -> bool:
    """Tell whether a page of this origin may connect: a shop page that a setting names, or one of ours."""
    host = environ.get("HTTP_HOST", "")
    ours = (f"http://{host}", f"https://{host}")
    return origin in origins or "*" in origins or (bool(host) and origin in ours)


def _message(turns: Turns, visitor: _Visitor, data: object) -> Message:
    """Read what a widget sent.

    Raises:
        BotError: A token does not hold, or the text is none.
    """
    given: dict[str, Any] = data if isinstance(data, dict) else {}  # JSON of any shape
    extra, text = given.get("customData"), given.get("message")
    visitor.session_id = _stored_session(given) or visitor.session_id or secrets.token_hex(16)
    visitor.shown = Credentials()  # what an earlier message showed says nothing about this one
    shown = credentials_in(extra if isinstance(extra, dict) else None)
    caller = turns.kefu.door.caller_of(shown)
    visitor.shown = shown
    return Message(
        _conversation_id(visitor.session_id),
        MessageId(uuid4().hex),
        checked_text(text if isinstance(text, str) else ""),
        "socketio",
        turns.kefu.clock.now(),
        caller,
    )


def _may_see(turns: Turns, visitor: _Visitor, conversation: Conversation) -> bool:
    """Tell whether the customer may see the conversation now: a guest's is open to its session."""
    if conversation.customer_id is None:
        return True
    try:
        caller = turns.kefu.door.caller_of(visitor.shown)
    except BotError:  # the token has expired
        return False
    return caller.customer_id == conversation.customer_id


def _stored_session(data: object) -> str:
    """Return the session id that a client kept, if it is shaped like one of ours; "" else."""
    kept = data.get("session_id") if isinstance(data, dict) else None
    return kept if isinstance(kept, str) and _SESSION.fullmatch(kept) else ""


def _conversation_id(session_id: str) -> ConversationId:
    return ConversationId(f"{_PREFIX}{session_id}")


def _sources(parts: tuple[Part, ...]) -> list[Source]:
    return [source for part in parts if isinstance(part, Sources) for source in part.sources]
