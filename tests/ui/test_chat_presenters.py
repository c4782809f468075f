"""Entries as bubbles; whatever somebody typed stays words."""

import re
from datetime import UTC, datetime

import pytest

from bot.domain.conversation import Conversation
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
from bot.domain.message import AgentId, ConversationId, MessageId
from bot.domain.reply import (
    Button,
    Buttons,
    Card,
    Image,
    Part,
    Reply,
    Source,
    Sources,
    Text,
)
from bot.domain.trace import Trace
from ui.chat.presenters import awaits_more, bubbles_of, customer_bubble, part_html, text_html

NOW = datetime(2026, 11, 22, tzinfo=UTC)
M1, M2, ADA = MessageId("m-1"), MessageId("m-2"), AgentId("ada")
HOSTILE = (
    "<script>alert(1)</script>", "[click](javascript:alert(1))", "**bold**\n\n# head", "a\r\n\r\n<b>x</b>",
    "\u2028<i>x</i>", "$$x$$", "![p](http://spy.example/x.png)", '"><img src=x onerror=alert(1)>',
)  # fmt: skip


def _conversation(*entries: Entry) -> Conversation:
    return Conversation.of(ConversationId("c"), entries)


def _asked(number: int, text: str, message_id: MessageId) -> MessageReceived:
    return MessageReceived(number=number, at=NOW, message_id=message_id, text=text, channel="chat")


def _answered(number: int, message_id: MessageId, *parts: Part) -> TurnClosed:
    return TurnClosed(
        number=number, at=NOW, message_id=message_id, reply=Reply(parts), trace=Trace(1)
    )


@pytest.mark.parametrize("text", HOSTILE)
def test_text_is_one_line_of_escaped_html(text: str) -> None:
    html = text_html(text)

    inside = html.removeprefix('<div class="kefu-text">').removesuffix("</div>")
    assert html == f'<div class="kefu-text">{inside}</div>'
    assert len(html.splitlines()) == 1
    assert set(re.findall(r"<[^>]*>", inside)) <= {"<br>"}


@pytest.mark.parametrize("text", HOSTILE)
def test_every_part_escapes_what_is_in_it(text: str) -> None:
    parts: list[Part] = [
        Text(text), Buttons(text, ()), Image("/x.png", text), Card(text, ((text, text),), text),
        Sources((Source(text, text),)), Image(text, text),
    ]  # fmt: skip

    for part in parts:
        html = part_html(part)
        assert len(html.splitlines()) <= 1
        assert not re.search(r"<(script|i|b|h1)\b|javascript:alert\(1\)\"", html)
        assert not re.search(r'<img(?! src="/x\.png")', html)


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "//evil.example", "x", "JAVASCRIPT:1", "/\t/evil", ""])  # fmt: skip
def test_a_link_that_is_no_page_is_only_words(url: str) -> None:
    assert "<a" not in part_html(Sources((Source("Title", url),)))


def test_sources_open_in_a_page_of_their_own() -> None:
    html = part_html(Sources((Source("Fees & times", "/help/fees"),)))

    assert html == (
        '<div class="kefu-sources">From our help: '
        '<a href="/help/fees" target="_blank" rel="noopener">Fees &amp; times</a></div>'
    )


def test_a_conversation_becomes_bubbles_in_order() -> None:
    conversation = _conversation(
        _asked(1, "a person", M1),
        _answered(2, M1, Text("One moment.")),
        HandoffOpened(number=3, at=NOW, reason="asked", summary="secret summary"),
        AgentJoined(number=4, at=NOW, agent_id=ADA, name="Ada"),
        AgentWrote(
            number=5, at=NOW, agent_id=ADA, name="Ada", message_id=MessageId("a"), text="<b>Hi</b>"
        ),
        NoteWritten(number=6, at=NOW, agent_id=ADA, name="Ada", text="secret note"),
        _asked(7, "thanks", M2),
        _answered(8, M2),
        GivenBack(number=9, at=NOW, agent_id=ADA),
        Resolved(number=10, at=NOW),
    )

    bubbles = bubbles_of(conversation)

    shown = [(bubble.role, re.sub(r"<[^>]*>", "", "".join(bubble.parts))) for bubble in bubbles]
    assert shown == [
        ("user", "a person"),
        ("assistant", "One moment."),
        ("assistant", "You are in the queue for a person. You can keep writing."),
        ("assistant", "Ada has joined the chat."),
        ("assistant", "Ada&lt;b&gt;Hi&lt;/b&gt;"),
        ("user", "thanks"),
        ("assistant", "Our colleague has left the chat; the assistant is back."),
        ("assistant", "This matter is settled. Write again whenever you need us."),
    ]
    assert [bubble.message_id for bubble in bubbles if bubble.message_id] == [M1]
    assert "secret" not in str(bubbles)


def test_buttons_stand_below_the_newest_reply_only() -> None:
    offered = Buttons("Which?", (Button("Cancel", "/cancel_order"),))
    first = _conversation(_asked(1, "hm", M1), _answered(2, M1, offered))
    later = first.after(_asked(3, "/cancel_order", M2))

    assert bubbles_of(first)[-1].options == offered.buttons
    assert [bubble.options for bubble in bubbles_of(later)] == [(), (), ()]


def test_a_tapped_button_is_shown_by_its_title() -> None:
    offered = Buttons("Which?", (Button("Cancel <it>", "/cancel_order"),))
    conversation = _conversation(
        _asked(1, "hm", M1), _answered(2, M1, offered), _asked(3, "/cancel_order", M2)
    )

    title = ('<div class="kefu-text">Cancel &lt;it&gt;</div>',)
    assert bubbles_of(conversation)[-1].parts == title
    assert customer_bubble("/cancel_order", conversation).parts == title
    assert customer_bubble("/other", conversation).parts == ('<div class="kefu-text">/other</div>',)


def test_the_newest_judgement_counts() -> None:
    judged = [
        FeedbackGiven(number=3, at=NOW, message_id=M1, is_helpful=True),
        FeedbackGiven(number=4, at=NOW, message_id=M1, is_helpful=False),
    ]
    conversation = _conversation(_asked(1, "hi", M1), _answered(2, M1, Text("Hello")), *judged)

    assert [bubble.is_helpful for bubble in bubbles_of(conversation)] == [None, False]


def test_more_may_come_while_an_agent_is_there_or_a_reply_is_missing() -> None:
    unanswered = _conversation(_asked(1, "hi", M1))
    answered = unanswered.after(_answered(2, M1, Text("Hello")))
    handed_off = answered.after(HandoffOpened(number=3, at=NOW, reason="asked", summary=""))

    assert awaits_more(unanswered)
    assert not awaits_more(answered)
    assert awaits_more(handed_off)
    assert not awaits_more(handed_off.after(Resolved(number=4, at=NOW)))
