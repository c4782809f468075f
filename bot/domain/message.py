"""A message, its ids, and who is behind it."""

import unicodedata
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, NewType

from bot.errors import MessageInvalidError

ConversationId = NewType("ConversationId", str)
MessageId = NewType("MessageId", str)
CustomerId = NewType("CustomerId", str)
AgentId = NewType("AgentId", str)
OperationId = NewType("OperationId", str)

MAX_MESSAGE_CHARACTERS: Final = 4000
MAX_ID_CHARACTERS: Final = 128


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is asking, as verified on this very message.

    Attributes:
        customer_id: The customer of a verified token; None is a guest.
        token: The token as it came, for action servers that a setting names; never stored or logged.
        has_api_token: The caller proved to be a trusted server (``KEFU_API_TOKEN``).
    """

    customer_id: CustomerId | None = None
    token: str | None = field(default=None, repr=False, compare=False)
    has_api_token: bool = False


GUEST: Final = Caller()


@dataclass(frozen=True, slots=True)
class Message:
    """What a customer sent.

    Attributes:
        conversation_id: The conversation it belongs to.
        message_id: Unique within its conversation; the same id again is the same message.
        text: 1 to 4,000 characters.
        channel: The door it came through, such as ``api``, ``rest``, ``socketio``, ``chat``, ``terminal``.
        sent_at: When it came in, aware UTC.
        caller: Who sent it.
    """

    conversation_id: ConversationId
    message_id: MessageId
    text: str
    channel: str
    sent_at: datetime
    caller: Caller = GUEST


def checked_text(text: str) -> str:
    """Return a customer's text as it is kept: without blanks around it.

    Raises:
        MessageInvalidError: It is blank, over 4,000 characters, or holds what is not text (control characters,
            halves of surrogate pairs).
    """
    kept = text.strip()
    if not kept or not any(_is_visible(character) for character in kept):
        raise MessageInvalidError("the message is empty; write something")
    if len(kept) > MAX_MESSAGE_CHARACTERS:
        raise MessageInvalidError(
            f"the message has {len(kept)} characters; the limit is {MAX_MESSAGE_CHARACTERS}, so send it in parts"
        )
    if any(_is_forbidden(character) for character in kept):
        raise MessageInvalidError("the message holds control characters; send plain text in UTF-8")
    return kept


def checked_id(message_id: str) -> MessageId:
    """Return a message id that a channel sent.

    Raises:
        MessageInvalidError: It is blank, over 128 characters, or not printable ASCII.
    """
    if (
        not 0 < len(message_id) <= MAX_ID_CHARACTERS
        or not message_id.isascii()
        or not message_id.isprintable()
    ):
        raise MessageInvalidError(
            "a message id is 1 to 128 printable ASCII characters, such as a UUID"
        )
    return MessageId(message_id)


def _is_visible(character: str) -> bool:
    return unicodedata.category(character)[0] not in "CZ"


def _is_forbidden(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Cs") and character not in "\n\r\t"
