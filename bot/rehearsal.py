"""Plays scripted conversations with an assistant and says where it strays from them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final
from uuid import uuid4

from bot.assistant import Assistant
from bot.domain.conversation import Conversation
from bot.domain.entries import TurnClosed
from bot.domain.message import Caller, ConversationId, CustomerId, Message, MessageId
from bot.domain.ports import Clock, ConversationStore
from bot.domain.reply import Button, Buttons, Reply, Sources, part_as_text
from bot.domain.trace import TraceStep
from bot.scripts import ReplyChecks, Script, ScriptedTurn, TurnChecks

CHANNEL: Final = "script"


@dataclass(frozen=True, slots=True)
class Stray:
    """A turn that did not go as its script wants.

    Attributes:
        place: File and line.
        script: The script's name.
        says: What the customer said.
        replied: The reply as text.
        problem: What was wanted and not there.
    """

    place: str
    script: str
    says: str
    replied: str
    problem: str

    def __str__(self) -> str:
        """Say it in a few lines."""
        replied = self.replied.replace("\n", "\n    ")
        return (
            f"{self.place}: {self.script}: {self.problem}\n"
            f"  customer: {self.says}\n  assistant: {replied or '(silent)'}"
        )


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """An assistant to play with; its conversations are read to see what it decided."""

    assistant: Assistant
    conversations: ConversationStore
    clock: Clock

    async def play(self, script: Script) -> tuple[Stray, ...]:
        """Play a script to its first stray turn; empty when all went well."""
        conversation_id = ConversationId(f"script-{uuid4().hex}")
        offered: dict[str, Button] = {}
        for number, turn in enumerate(script.turns, start=1):
            text = _text_of(turn, offered)
            if text is None:
                problem = f"no button begins with {turn.taps!r}; there are {list(offered)}"
                return (_stray(script, turn, turn.taps, Reply(), problem),)
            reply = await self._say(conversation_id, turn, text, number)
            conversation = await self.conversations.get(conversation_id)
            problems = list(_problems(turn, reply, conversation))
            if problems:
                return tuple(_stray(script, turn, text, reply, problem) for problem in problems)
            offered.update({button.title: button for button in _buttons(reply)})
        return ()

    async def _say(
        self, conversation_id: ConversationId, turn: ScriptedTurn, text: str, number: int
    ) -> Reply:
        customer_id = None if turn.customer is None else CustomerId(turn.customer)
        message = Message(
            conversation_id=conversation_id,
            message_id=MessageId(f"m{number}"),
            text=text,
            channel=CHANNEL,
            sent_at=self.clock.now(),
            caller=Caller(customer_id),
        )
        return await self.assistant.reply(message)


def reply_as_text(reply: Reply) -> str:
    """Render a reply as plain text."""
    return "\n".join(part_as_text(part) for part in reply.parts)


def _text_of(turn: ScriptedTurn, offered: dict[str, Button]) -> str | None:
    if turn.says:
        return turn.says
    wanted = turn.taps.casefold()
    # The newest button first: an older reply may have had one of the same name.
    for title, button in reversed(offered.items()):
        if title.casefold().startswith(wanted):
            return button.payload
    return None


def _stray(script: Script, turn: ScriptedTurn, text: str, reply: Reply, problem: str) -> Stray:
    return Stray(f"{script.file}:{turn.line}", script.name, text, reply_as_text(reply), problem)


def _problems(turn: ScriptedTurn, reply: Reply, conversation: Conversation) -> Iterator[str]:
    yield from _reply_problems(turn.reply, reply)
    yield from _turn_problems(turn.checks, reply, conversation)


def _reply_problems(checks: ReplyChecks, reply: Reply) -> Iterator[str]:
    text = reply_as_text(reply).casefold()
    titles = [button.title.casefold() for button in _buttons(reply)]
    for words in checks.contains:
        if words.casefold() not in text:
            yield f"the reply lacks {words!r}"
    for words in checks.not_contains:
        if words.casefold() in text:
            yield f"the reply must not hold {words!r}"
    for begin in checks.buttons:
        if not any(title.startswith(begin.casefold()) for title in titles):
            yield f"no button begins with {begin!r}; there are {titles}"


def _turn_problems(checks: TurnChecks, reply: Reply, conversation: Conversation) -> Iterator[str]:
    steps = _last_steps(conversation)
    runs = [step.detail for step in steps if step.decision == "RunAction"]
    yield from _lacking("intent", checks.intent, [_intent(step) for step in steps])
    yield from _lacking("decision", checks.decision, [step.decision for step in steps])
    yield from _lacking("action", checks.action, runs)
    yield from _lacking("outcome", checks.outcome, [step.outcome for step in steps])
    yield from _lacking("source", checks.source, _slugs(reply))
    if checks.status is not None and conversation.status.value != checks.status:
        yield f"the conversation is {conversation.status.value}, wanted {checks.status}"
    reason = reply.handoff.reason if reply.handoff else "none"
    if checks.handoff is not None and reason != checks.handoff:
        yield f"handoff is {reason}, wanted {checks.handoff}"
    if checks.silent and reply.parts:
        yield "the assistant should have stayed silent"


def _lacking(what: str, wanted: Iterable[str], found: list[str]) -> Iterator[str]:
    for one in wanted:
        if one not in found:
            yield f"{what} {one} is wanted, there is {', '.join(found) or 'none'}"


def _last_steps(conversation: Conversation) -> tuple[TraceStep, ...]:
    closed = [entry for entry in conversation.entries if isinstance(entry, TurnClosed)]
    return closed[-1].trace.steps if closed else ()


def _intent(step: TraceStep) -> str:
    return step.intents[0].name if step.intents else ""


def _buttons(reply: Reply) -> list[Button]:
    return [b for part in reply.parts if isinstance(part, Buttons) for b in part.buttons]


def _slugs(reply: Reply) -> list[str]:
    sources = [s for part in reply.parts if isinstance(part, Sources) for s in part.sources]
    return [source.url.rsplit("/", 1)[-1] for source in sources]
