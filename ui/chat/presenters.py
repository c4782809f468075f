"""A conversation as bubbles of the chat page: pure functions from entries to HTML in which every word is escaped.

Gradio renders messages as Markdown with HTML. Each part is therefore one line of HTML that begins with a block tag:
Markdown leaves such a line alone, and what people typed is in it with its special characters escaped.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from typing import Final, Literal, assert_never
from urllib.parse import urlsplit

from bot.domain.conversation import Conversation, ConversationStatus
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
from bot.domain.message import MessageId
from bot.domain.reply import Button, Buttons, Card, Image, Part, Sources, Text

Role = Literal["user", "assistant"]
_SAFE_SCHEMES: Final = ("http", "https")


@dataclass(frozen=True, slots=True)
class Bubble:
    """What one party said in one go.

    Attributes:
        role: Gradio's word for the side it stands on: the customer's or ours.
        parts: One line of HTML each.
        options: Buttons below it.
        message_id: The customer's message that it answers; None where there is nothing to judge.
        is_helpful: What the customer thinks of it; None while they have not said.
    """

    role: Role
    parts: tuple[str, ...]
    options: tuple[Button, ...] = ()
    message_id: MessageId | None = None
    is_helpful: bool | None = None


def bubbles_of(conversation: Conversation) -> tuple[Bubble, ...]:
    """Render a conversation as its customer sees it; buttons stand below the newest reply only."""
    titles = _button_titles(conversation.entries)
    verdicts = {
        entry.message_id: entry.is_helpful
        for entry in conversation.entries
        if isinstance(entry, FeedbackGiven)
    }
    shown = [_bubble(entry, titles, verdicts) for entry in conversation.entries]
    bubbles = [bubble for bubble in shown if bubble is not None]
    newest = len(bubbles) - 1
    return tuple(
        bubble if n == newest else replace(bubble, options=()) for n, bubble in enumerate(bubbles)
    )


def awaits_more(conversation: Conversation) -> bool:
    """Tell whether something may come without the customer writing: an agent's words, or a late reply."""
    answered = {e.message_id for e in conversation.entries if isinstance(e, TurnClosed)}
    asked = {e.message_id for e in conversation.entries if isinstance(e, MessageReceived)}
    return conversation.status is ConversationStatus.HANDED_OFF or bool(asked - answered)


def last_asked(conversation: Conversation) -> MessageId | None:
    """Return the id of the customer's newest message."""
    asked = (e.message_id for e in reversed(conversation.entries) if isinstance(e, MessageReceived))
    return next(asked, None)


def customer_bubble(text: str, conversation: Conversation | None = None) -> Bubble:
    """Render what a customer typed, or the title of the button they chose."""
    titles = _button_titles(conversation.entries) if conversation else {}
    return Bubble("user", (text_html(titles.get(text, text)),))


def reply_bubble(
    parts: Sequence[Part], message_id: MessageId, *, is_helpful: bool | None = None
) -> Bubble:
    """Render a reply."""
    buttons = [part.buttons for part in parts if isinstance(part, Buttons)]
    lines = tuple(filter(None, map(part_html, parts)))
    return Bubble("assistant", lines, buttons[-1] if buttons else (), message_id, is_helpful)


def status_bubble(words: str) -> Bubble:
    """Render a line about the conversation itself."""
    return Bubble("assistant", (f'<div class="kefu-status">{escape(words)}</div>',))


def notice_html(words: str) -> str:
    """Render a line that stands outside the conversation."""
    return f'<p role="status">{_flat(words)}</p>' if words else ""


def part_html(part: Part) -> str:
    """Render a part of a reply; "" where nothing is left to show (buttons without words)."""
    match part:
        case Text(text):
            return text_html(text)
        case Buttons(text, _):
            return text_html(text) if text else ""
        case Image(src, alt):
            if not _is_safe(src):
                return text_html(alt)
            words = escape(" ".join(alt.splitlines()))
            return f'<div class="kefu-image"><img src="{escape(src)}" alt="{words}"></div>'
        case Card(title, fields, link):
            return _card_html(title, fields, link)
        case Sources(sources):
            links = ", ".join(_link(source.url, source.title) for source in sources)
            return f'<div class="kefu-sources">From our help: {links}</div>'
        case _:
            assert_never(part)


def text_html(text: str) -> str:
    """Render plain text: escaped, with its line breaks."""
    # Carriage returns and blank lines would end the block of HTML and let Markdown back in.
    lines = (escape(line) for line in text.splitlines())
    return f'<div class="kefu-text">{"<br>".join(lines)}</div>'


def _card_html(title: str, fields: Iterable[tuple[str, str]], link: str) -> str:
    rows = "".join(f"<dt>{_flat(name)}</dt><dd>{_flat(value)}</dd>" for name, value in fields)
    more = f'<div class="kefu-more">{_link(link, "Show")}</div>' if link else ""
    return f'<div class="kefu-card"><div class="kefu-title">{_flat(title)}</div><dl>{rows}</dl>{more}</div>'


def _link(url: str, words: str) -> str:
    if not _is_safe(url):
        return _flat(words)
    return f'<a href="{escape(url)}" target="_blank" rel="noopener">{_flat(words)}</a>'


def _flat(text: str) -> str:
    return "<br>".join(escape(line) for line in text.splitlines())


def _is_safe(url: str) -> bool:
    """Tell whether an address is a page of ours or of the web, and not a script."""
    parts = urlsplit(url)
    is_local = not parts.scheme and not parts.netloc and url.startswith("/")
    return url.isprintable() and (is_local or parts.scheme in _SAFE_SCHEMES)


def _button_titles(entries: Iterable[Entry]) -> Mapping[str, str]:
    return {
        button.payload: button.title
        for entry in entries
        if isinstance(entry, TurnClosed)
        for part in entry.reply.parts
        if isinstance(part, Buttons)
        for button in part.buttons
    }


def _bubble(  # noqa: C901 - one case per kind of entry
    entry: Entry, titles: Mapping[str, str], verdicts: Mapping[MessageId, bool]
) -> Bubble | None:
    match entry:
        case MessageReceived():
            return Bubble("user", (text_html(titles.get(entry.text, entry.text)),))
        case TurnClosed():
            verdict = verdicts.get(entry.message_id)
            bubble = reply_bubble(entry.reply.parts, entry.message_id, is_helpful=verdict)
            return bubble if bubble.parts or bubble.options else None
        case AgentWrote():
            name = f'<div class="kefu-agent">{_flat(entry.name)}</div>'
            return Bubble("assistant", (f"{name}{text_html(entry.text)}",))
        case HandoffOpened():
            return status_bubble("You are in the queue for a person. You can keep writing.")
        case AgentJoined():
            return status_bubble(f"{entry.name} has joined the chat.")
        case GivenBack():
            return status_bubble("Our colleague has left the chat; the assistant is back.")
        case Resolved():
            return status_bubble("This matter is settled. Write again whenever you need us.")
        case NoteWritten() | FeedbackGiven():
            return None
