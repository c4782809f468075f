"""Rasa's HTTP doors: the REST channel, ``/model/parse`` and the tracker."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal
from uuid import uuid4

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.responses import Response

from bot.dialogue.payload import read_payload, with_payload
from bot.domain.conversation import Conversation
from bot.domain.message import ConversationId, Message, MessageId, checked_id, checked_text
from bot.errors import ConversationNotFoundError, MessageInvalidError, TokenError
from ui.api.dependencies import Bearer, KefuPart, TurnsPart
from ui.api.rasa_messages import RasaMessage, credentials_in, rest_message
from ui.api.rasa_tracker import ParseResult, Tracker, parse_result, tracker_of

router = APIRouter(tags=["rasa"])
_MAX_SENDER_CHARACTERS = 100


class Status(BaseModel):
    """That the channel is there."""

    status: str = "ok"


class RestMessageIn(BaseModel):
    """A message as Rasa's REST channel takes it; unknown keys are ignored, as there."""

    message: str = Field(description="1 to 4,000 characters")
    sender: str | int | None = Field(
        default=None,
        description="Names the conversation, so keep it unguessable; none: a fresh one",
    )
    metadata: dict[str, Any] | None = Field(  # free-form in Rasa
        default=None, description="`customerToken` signs the customer in; `messageId` is optional"
    )


class ParseIn(BaseModel):
    """A text to understand."""

    text: str
    message_id: str | None = None


def api_token(kefu: KefuPart, bearer: Bearer, token: Annotated[str, Query()] = "") -> str:
    """Return the API token where one came, as ``?token=`` or as bearer.

    Raises:
        TokenError: ``?token=`` is not the one that is set here.
    """
    if kefu.door.is_trusted(token):
        return token
    if token and kefu.settings.api_token is not None:
        raise TokenError("this is not the API token; send the one in KEFU_API_TOKEN")
    return bearer if kefu.door.is_trusted(bearer) else ""


ApiToken = Annotated[str, Depends(api_token)]


@router.get("/webhooks/rest/")
async def rest_channel() -> Status:
    """Tell that the channel is there."""
    return Status()


@router.post("/webhooks/rest/webhook", response_model=list[RasaMessage], response_model_exclude_none=True)  # fmt: skip
async def rest_webhook(
    body: RestMessageIn,
    request: Request,
    turns: TurnsPart,
    token: ApiToken,
    bearer: Bearer,
    *,
    stream: Annotated[bool, Query(description="One JSON object a line")] = False,
) -> list[RasaMessage] | Response:
    """Send a message and get the reply's parts, as Rasa's REST channel does."""
    kefu, sender = turns.kefu, _checked_sender(body.sender)
    shown = credentials_in(body.metadata, bearer="" if token else bearer, api_token=token)
    message = Message(
        ConversationId(f"rest:{sender}"),
        _message_id(body.metadata),
        checked_text(body.message),
        "rest",
        kefu.clock.now(),
        kefu.door.caller_of(shown),
    )
    answered = await turns.take(message)
    base_url = str(request.base_url)
    messages = [rest_message(part, sender, base_url) for part in answered.reply.parts]
    if stream:
        return StreamingResponse(_lines(messages), media_type="text/event-stream")
    return messages


@router.post("/model/parse")
async def parse(body: ParseIn, kefu: KefuPart, token: ApiToken) -> ParseResult:
    """Understand a text with what is live; nothing is stored."""
    text = checked_text(body.text)
    message_id = checked_id(body.message_id) if body.message_id else None
    release = await kefu.shelf.newest()
    understanding = await release.understand(text)
    payload = read_payload(text) if token else None
    if payload is not None:
        understanding = with_payload(understanding, payload)
    result = parse_result(understanding, text, release.playbook.thresholds.accept)
    return result.model_copy(update={"message_id": message_id})


@router.get("/conversations/{conversation_id}/tracker")
async def read_tracker(
    conversation_id: str,
    kefu: KefuPart,
    token: ApiToken,
    include_events: Literal["ALL", "APPLIED", "AFTER_RESTART", "NONE"] = "AFTER_RESTART",
) -> Tracker:
    """Read a conversation as Rasa's tracker; closed (404) unless ``KEFU_API_TOKEN`` is set.

    A sender of the REST channel or a session of the socket.io channel may be given for the id.
    """
    if kefu.settings.api_token is None:
        raise HTTPException(404, "Not Found")
    if not token:
        raise TokenError("this needs the API token, as ?token= or Authorization: Bearer")
    tracker = tracker_of(await _find(kefu, conversation_id))
    tracker = tracker.model_copy(update={"sender_id": conversation_id})
    return tracker.model_copy(update={"events": []}) if include_events == "NONE" else tracker


async def _find(kefu: KefuPart, name: str) -> Conversation:
    for conversation_id in (name, f"rest:{name}", f"socketio:{name}"):
        try:
            return await kefu.conversations.get(ConversationId(conversation_id))
        except ConversationNotFoundError:
            continue
    # Rasa shows an empty tracker for somebody who has said nothing yet.
    return Conversation(ConversationId(name))


def _checked_sender(sender: str | int | None) -> str:
    if sender is None or sender == "":
        return uuid4().hex
    name = str(sender)
    if len(name) > _MAX_SENDER_CHARACTERS or not name.isprintable():
        raise MessageInvalidError(
            f"a sender is up to {_MAX_SENDER_CHARACTERS} printable characters, such as a UUID"
        )
    return name


def _message_id(metadata: dict[str, Any] | None) -> MessageId:
    given = (metadata or {}).get("messageId")
    if given is None:
        return MessageId(uuid4().hex)
    if not isinstance(given, str):
        raise MessageInvalidError("'messageId' is text of 1 to 128 printable ASCII characters")
    return checked_id(given)


def _lines(messages: list[RasaMessage]) -> Iterator[str]:
    for message in messages:
        yield f"{message.model_dump_json(exclude_none=True)}\n"
