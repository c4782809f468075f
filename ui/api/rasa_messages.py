"""Parts of a reply as Rasa's channels send them, and credentials as Rasa's clients send them."""

from typing import Any

from pydantic import BaseModel

from bot.domain.reply import Buttons, Card, Image, Part, Sources, Text, part_as_text
from bot.errors import TokenError
from bot.identity.door import Credentials


class RasaButton(BaseModel):
    """A button."""

    title: str
    payload: str


class RasaMessage(BaseModel):
    """One message of Rasa's REST channel; absent keys are left out."""

    recipient_id: str
    text: str | None = None
    image: str | None = None
    buttons: list[RasaButton] | None = None
    custom: dict[str, Any] | None = None  # free-form in Rasa


class QuickReply(BaseModel):
    """A button of Rasa's socket.io channel."""

    content_type: str = "text"
    title: str
    payload: str


class SocketText(BaseModel):
    """Words; ``text`` is the only key."""

    text: str


class SocketButtons(BaseModel):
    """Words with buttons; exactly these two keys."""

    text: str
    quick_replies: list[QuickReply]


class SocketPicture(BaseModel):
    """The address of a picture."""

    src: str


class SocketAttachment(BaseModel):
    """A picture's kind and address."""

    type: str = "image"
    payload: SocketPicture


class SocketImage(BaseModel):
    """A picture."""

    attachment: SocketAttachment


SocketMessage = SocketText | SocketButtons | SocketImage


def rest_message(part: Part, recipient_id: str, base_url: str) -> RasaMessage:
    """Render a part for the REST channel; addresses within Kefu are made complete."""
    match part:
        case Text(text):
            return RasaMessage(recipient_id=recipient_id, text=text)
        case Buttons(text, buttons):
            shown = [RasaButton(title=button.title, payload=button.payload) for button in buttons]
            return RasaMessage(recipient_id=recipient_id, text=text, buttons=shown)
        case Image(src, _):
            return RasaMessage(recipient_id=recipient_id, image=complete(src, base_url))
        case Card(title, fields, link):
            card = {"title": title, "fields": [list(pair) for pair in fields], "link": link}
            words = part_as_text(part)
            return RasaMessage(
                recipient_id=recipient_id, text=words, custom={"kind": "card", **card}
            )
        case Sources(sources):
            listed = [{"title": s.title, "url": complete(s.url, base_url)} for s in sources]
            return RasaMessage(
                recipient_id=recipient_id,
                text=sources_as_text(part, base_url),
                custom={"kind": "sources", "sources": listed},
            )


def socket_message(part: Part, base_url: str) -> SocketMessage:
    """Render a part for the socket.io channel."""
    match part:
        case Text() | Card():
            return SocketText(text=part_as_text(part))
        case Buttons(text, buttons):
            replies = [QuickReply(title=button.title, payload=button.payload) for button in buttons]
            return SocketButtons(text=text, quick_replies=replies)
        case Image(src, _):
            picture = SocketPicture(src=complete(src, base_url))
            return SocketImage(attachment=SocketAttachment(payload=picture))
        case Sources():
            return SocketText(text=sources_as_text(part, base_url))


def sources_as_text(part: Sources, base_url: str) -> str:
    """Render sources as lines that plain-text clients can follow."""
    return "\n".join(f"{s.title}: {complete(s.url, base_url)}" for s in part.sources)


def complete(url: str, base_url: str) -> str:
    """Return an address within Kefu with its host; others as they are."""
    return f"{base_url.rstrip('/')}{url}" if url.startswith("/") else url


def credentials_in(
    extra: dict[str, Any] | None, *, bearer: str = "", api_token: str = ""
) -> Credentials:
    """Return what came with a Rasa message: ``metadata`` (REST) or ``customData`` (socket.io), free-form both.

    Raises:
        TokenError: A token is there but is not text; never a guest then.
    """
    given = extra or {}
    return Credentials(
        token=_text(given, "customerToken") or bearer,
        user_id=_text(given, "user_id"),
        user_hash=_text(given, "user_hash"),
        api_token=api_token,
    )


def _text(given: dict[str, Any], name: str) -> str:
    value = given.get(name)
    if value is None:
        return ""
    if not isinstance(value, str) or not value.isascii():
        raise TokenError(f"{name!r} is not a token; let the shop's server make one")
    return value
