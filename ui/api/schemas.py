"""What goes over HTTP, and how entries and replies are rendered for it."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from bot.domain.entries import (
    AgentJoined,
    AgentWrote,
    Entry,
    FeedbackGiven,
    GivenBack,
    HandoffOpened,
    MessageReceived,
    NoteWritten,
    Resolved,
    TurnClosed,
)
from bot.domain.ports import HandoffLine
from bot.domain.reply import Buttons, Card, Image, Part, Sources, Text


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class MessageIn(_Body):
    """A customer's message."""

    text: str = Field(description="1 to 4,000 characters of plain text")
    message_id: str = Field(
        default="",
        description="Your own id, unique in the conversation; sending it again is harmless. Empty: one is made.",
    )


class FeedbackIn(_Body):
    """Whether a reply helped."""

    is_helpful: bool
    comment: str = Field(default="", max_length=2000)


class SignInBody(_Body):
    """A colleague's name and password."""

    name: str = Field(max_length=64)
    password: str = Field(max_length=256)


class AgentMessageIn(_Body):
    """An agent's words to the customer, or a note to colleagues."""

    text: str
    message_id: str = Field(default="", description="Makes sending it again harmless")


class NoteIn(_Body):
    """A note that only colleagues see."""

    text: str = Field(min_length=1, max_length=4000)


class ConversationStarted(BaseModel):
    """A new conversation; ``secret`` opens it until a customer signs in, so keep it."""

    conversation_id: str
    secret: str


class SessionOut(BaseModel):
    """A colleague's session, valid for twelve hours."""

    token: str
    name: str
    roles: list[str]


class ButtonOut(BaseModel):
    """A choice: what to show, and what to send as the next message's text."""

    title: str
    payload: str


class TextOut(BaseModel):
    """Plain text; escape it."""

    kind: Literal["text"] = "text"
    text: str


class ButtonsOut(BaseModel):
    """A question with choices."""

    kind: Literal["buttons"] = "buttons"
    text: str
    buttons: list[ButtonOut]


class ImageOut(BaseModel):
    """A picture."""

    kind: Literal["image"] = "image"
    src: str
    alt: str


class CardOut(BaseModel):
    """A record at a glance."""

    kind: Literal["card"] = "card"
    title: str
    fields: list[tuple[str, str]]
    link: str


class SourceOut(BaseModel):
    """An article."""

    title: str
    url: str


class SourcesOut(BaseModel):
    """The articles an answer rests on."""

    kind: Literal["sources"] = "sources"
    sources: list[SourceOut]


PartOut = Annotated[
    TextOut | ButtonsOut | ImageOut | CardOut | SourcesOut, Field(discriminator="kind")
]


class ReplyOut(BaseModel):
    """The assistant's reply; no parts when an agent has the conversation."""

    message_id: str
    parts: list[PartOut]
    is_handed_off: bool


class _Line(BaseModel):
    number: int
    at: float = Field(description="Seconds since 1970, UTC")
    message_id: str = ""
    text: str = ""
    name: str = ""
    parts: list[PartOut] = []


class EntryOut(_Line):
    """One line of a conversation as its customer may see it."""

    kind: Literal[
        "message", "reply", "handoff", "agent_joined", "agent_message", "given_back", "resolved"
    ]


class AgentEntryOut(_Line):
    """One line as an agent sees it: notes and reasons too."""

    kind: Literal[
        "message",
        "reply",
        "handoff",
        "agent_joined",
        "agent_message",
        "given_back",
        "resolved",
        "note",
        "feedback",
    ]
    reason: str = ""
    summary: str = ""
    is_helpful: bool | None = None


class HandoffOut(BaseModel):
    """A conversation that waits for an agent or is with one."""

    conversation_id: str
    customer_id: str | None
    reason: str
    summary: str
    opened_at: float
    agent_id: str | None
    last_message: str

    @classmethod
    def of(cls, line: HandoffLine) -> "HandoffOut":
        """Render a line of the list."""
        return cls(
            conversation_id=line.conversation_id,
            customer_id=line.customer_id,
            reason=line.reason,
            summary=line.summary,
            opened_at=line.opened_at.timestamp(),
            agent_id=line.agent_id,
            last_message=line.last_message,
        )


def part_out(part: Part) -> TextOut | ButtonsOut | ImageOut | CardOut | SourcesOut:
    """Render a part of a reply."""
    match part:
        case Text(text):
            return TextOut(text=text)
        case Buttons(text, buttons):
            shown = [ButtonOut(title=button.title, payload=button.payload) for button in buttons]
            return ButtonsOut(text=text, buttons=shown)
        case Image(src, alt):
            return ImageOut(src=src, alt=alt)
        case Card(title, fields, link):
            return CardOut(title=title, fields=list(fields), link=link)
        case Sources(sources):
            return SourcesOut(sources=[SourceOut(title=s.title, url=s.url) for s in sources])


def entry_out(entry: Entry) -> EntryOut | None:  # noqa: C901 - one case per kind of entry
    """Render an entry for its customer; None for what customers do not see."""
    number, at = entry.number, entry.at.timestamp()
    match entry:
        case MessageReceived():
            return EntryOut(
                number=number, at=at, kind="message", message_id=entry.message_id, text=entry.text
            )
        case TurnClosed():
            parts = [part_out(part) for part in entry.reply.parts]
            return EntryOut(
                number=number, at=at, kind="reply", message_id=entry.message_id, parts=parts
            )
        case HandoffOpened():
            return EntryOut(number=number, at=at, kind="handoff")
        case AgentJoined():
            return EntryOut(number=number, at=at, kind="agent_joined", name=entry.name)
        case AgentWrote():
            return EntryOut(
                number=number, at=at, kind="agent_message", message_id=entry.message_id,
                text=entry.text, name=entry.name,
            )  # fmt: skip
        case GivenBack():
            return EntryOut(number=number, at=at, kind="given_back")
        case Resolved():
            return EntryOut(number=number, at=at, kind="resolved")
        case NoteWritten() | FeedbackGiven():
            return None


def agent_entry_out(entry: Entry) -> AgentEntryOut:
    """Render an entry for an agent."""
    number, at = entry.number, entry.at.timestamp()
    match entry:
        case HandoffOpened():
            return AgentEntryOut(
                number=number, at=at, kind="handoff", reason=entry.reason, summary=entry.summary
            )
        case NoteWritten():
            return AgentEntryOut(
                number=number, at=at, kind="note", name=entry.name, text=entry.text
            )
        case FeedbackGiven():
            return AgentEntryOut(
                number=number, at=at, kind="feedback", message_id=entry.message_id,
                text=entry.comment, is_helpful=entry.is_helpful,
            )  # fmt: skip
        case _:
            shown = entry_out(entry)
            return AgentEntryOut.model_validate(shown.model_dump() if shown else {})
