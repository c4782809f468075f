"""What the customer gets back."""

from dataclasses import dataclass
from typing import assert_never

from bot.domain.facts import Fact


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph of plain text, line breaks included. Never markup: channels escape it."""

    text: str


@dataclass(frozen=True, slots=True)
class Button:
    """What the customer may tap: its title and what is sent then (text, or ``/intent{…}``)."""

    title: str
    payload: str


@dataclass(frozen=True, slots=True)
class Buttons:
    """A choice, with the words that ask for it (may be empty)."""

    text: str
    buttons: tuple[Button, ...]


@dataclass(frozen=True, slots=True)
class Image:
    """A picture by its address, with words for those who do not see it."""

    src: str
    alt: str


@dataclass(frozen=True, slots=True)
class Card:
    """A record at a glance: a title and labelled values; ``link`` may be empty."""

    title: str
    fields: tuple[tuple[str, str], ...]
    link: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """An article an answer rests on; ``url`` is its page, such as ``/help/returns-policy``."""

    title: str
    url: str


@dataclass(frozen=True, slots=True)
class Sources:
    """The articles an answer rests on."""

    sources: tuple[Source, ...]


Part = Text | Buttons | Image | Card | Sources


@dataclass(frozen=True, slots=True)
class HandoffRequest:
    """That an agent shall take over: why (a stable word such as ``asked``), and what they should know."""

    reason: str
    summary: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What came of a message.

    Attributes:
        parts: In the order they are shown; empty when the assistant stays silent.
        facts: What the conversation has learnt from this turn.
        handoff: Set when the conversation goes to an agent.
    """

    parts: tuple[Part, ...] = ()
    facts: tuple[Fact, ...] = ()
    handoff: HandoffRequest | None = None


def part_as_text(part: Part) -> str:
    """Render a part as plain text, for transcripts, summaries and channels that know only text."""
    match part:
        case Text(text):
            return text
        case Buttons(text, buttons):
            return "\n".join(filter(None, [text, *(f"- {button.title}" for button in buttons)]))
        case Image(_, alt):
            return alt
        case Card(title, fields, link):
            return "\n".join(filter(None, [title, *(f"{k}: {v}" for k, v in fields), link]))
        case Sources(sources):
            return "\n".join(f"{source.title}: {source.url}" for source in sources)
        case _:
            assert_never(part)
