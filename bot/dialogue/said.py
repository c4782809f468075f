"""What was said in the turns before."""

from typing import Final

from bot.dialogue import phrases
from bot.domain.conversation import Conversation
from bot.domain.entries import MessageReceived, TurnClosed
from bot.domain.facts import FlowEnd, FlowEnded
from bot.domain.reply import Text

_MAX_BEFORE_WORDS: Final = 15
_MAX_REPLY_WORDS: Final = 40


def last_turn(conversation: Conversation) -> TurnClosed | None:
    """Return the newest turn that is closed; None before the first."""
    turns = (e for e in reversed(conversation.entries) if isinstance(e, TurnClosed))
    return next(turns, None)


def said_before(conversation: Conversation) -> str:
    """Return the customer's message before this one, where it is short."""
    said = [entry.text for entry in conversation.entries if isinstance(entry, MessageReceived)]
    before = said[-2] if len(said) > 1 else ""
    return before if len(phrases.words(before)) <= _MAX_BEFORE_WORDS else ""


def refusal(conversation: Conversation) -> str:
    """Return the beginning of what was said when the last turn's task was refused by a rule; "" where none was."""
    last = last_turn(conversation)
    if last is None:
        return ""
    ends = [fact.how for fact in last.reply.facts if isinstance(fact, FlowEnded)]
    texts = [part.text for part in last.reply.parts if isinstance(part, Text)]
    is_refused = FlowEnd.REJECTED in ends and bool(texts)
    return " ".join(texts[0].split()[:_MAX_REPLY_WORDS]) if is_refused else ""
