"""kefu chat: a conversation in the terminal."""

import asyncio
from datetime import timedelta
from typing import Annotated
from uuid import uuid4

import typer
from rich.console import Group
from rich.panel import Panel
from rich.table import Table
from rich.text import Text as Line

from bot.bootstrap import Kefu, open_kefu, shop_secret
from bot.domain.conversation import Conversation, ConversationStatus
from bot.domain.entries import AgentJoined, AgentWrote, Entry, GivenBack, Resolved, TurnClosed
from bot.domain.message import Caller, ConversationId, CustomerId, Message, MessageId, checked_text
from bot.domain.reply import Button, Buttons, Card, Image, Part, Sources, Text
from bot.domain.trace import TraceStep
from bot.errors import ConversationError
from bot.identity.door import Credentials
from bot.identity.tokens import make_token
from bot.logs import configure_logs
from ui.cli.console import OUT, command, settings_for
from ui.cli.serve import prepare
from ui.cli.shop import check_demo_customer
from ui.cli.worker import draft_worker

_TOKEN_VALID = timedelta(hours=8)


@command
async def chat(
    *,
    customer: Annotated[
        str, typer.Option("--as", help="Chat as this demo customer (needs KEFU_DEMO=true)")
    ] = "",
    trace: Annotated[bool, typer.Option("--trace", help="Show why each reply came about")] = False,
    draft: Annotated[
        bool,
        typer.Option(
            "--draft", help="Answer from the draft, learning its changes as they are saved"
        ),
    ] = False,
) -> None:
    """Talk to the assistant here. Empty line or Ctrl+D ends it; a number takes a button."""
    settings = settings_for()
    configure_logs("error")
    await asyncio.to_thread(prepare, settings)
    if customer:
        await check_demo_customer(settings, CustomerId(customer))
    async with draft_worker(wanted=draft), open_kefu(settings, draft=draft) as kefu:
        if not draft:  # what customers were told is not finished by a draft
            await kefu.recovery.finish_open_turns()
        credentials = Credentials()
        if customer:
            secret = shop_secret(kefu.settings, kefu.vault)
            signed = make_token(CustomerId(customer), secret, kefu.clock.now(), _TOKEN_VALID)
            credentials = Credentials(token=signed)
        watching = asyncio.create_task(kefu.shelf.watch())
        try:
            await _Terminal(kefu, credentials, shows_trace=trace).run()
        finally:
            watching.cancel()


class _Terminal:
    """One conversation: reads lines, prints replies and an agent's words."""

    def __init__(self, kefu: Kefu, credentials: Credentials, *, shows_trace: bool) -> None:
        self._kefu = kefu
        self._credentials = credentials
        self._shows_trace = shows_trace
        self._buttons: tuple[Button, ...] = ()
        self._conversation_id = ConversationId("")

    async def run(self) -> None:
        """Talk until the customer leaves."""
        self._conversation_id, _ = await self._kefu.conversations.start()
        who = self._caller().customer_id or "a guest"
        OUT.print(f"You are {who}. Write a message; an empty line ends the chat.", style="dim")
        listening = asyncio.create_task(self._listen())
        try:
            while text := await _read_line():
                await self._say(self._payload_of(text))
        finally:
            listening.cancel()

    def _caller(self) -> Caller:
        return self._kefu.door.caller_of(self._credentials)

    def _payload_of(self, text: str) -> str:
        number = int(text) if text.isdigit() else 0
        return self._buttons[number - 1].payload if 0 < number <= len(self._buttons) else text

    async def _say(self, text: str) -> None:
        kefu = self._kefu
        try:
            message = Message(
                self._conversation_id, MessageId(uuid4().hex), checked_text(text), "terminal",
                kefu.clock.now(), self._caller(),
            )  # fmt: skip
            reply = await kefu.assistant.reply(message)
        except ConversationError as problem:
            OUT.print(Line(str(problem), "red"))
            return
        self._buttons = tuple(
            button for part in reply.parts if isinstance(part, Buttons) for button in part.buttons
        )
        for part in reply.parts:
            OUT.print(render(part))
        conversation = await kefu.conversations.get(self._conversation_id)
        if not reply.parts and conversation.status is ConversationStatus.HANDED_OFF:
            OUT.print("(an agent has the conversation)", style="dim")
        if self._shows_trace:
            _print_trace(conversation)

    async def _listen(self) -> None:
        async for entry in self._kefu.conversations.follow(self._conversation_id, 0):
            words = _agents_words(entry)
            if words:
                OUT.print(Line(words, style="magenta"))


async def _read_line() -> str:
    try:
        return (await asyncio.to_thread(OUT.input, "[bold]you[/] › ")).strip()
    except EOFError:
        OUT.print()
        return ""


def _agents_words(entry: Entry | None) -> str:
    match entry:
        case AgentJoined(name=name):
            return f"{name} has joined the conversation."
        case AgentWrote(name=name, text=text):
            return f"{name} › {text}"
        case GivenBack():
            return "The assistant is back."
        case Resolved():
            return "The matter is settled."
        case _:
            return ""


def render(part: Part) -> Line | Group | Panel:
    """Render a part of a reply for the terminal; customers' and shops' texts are never markup."""
    match part:
        case Text(text):
            return Line.assemble(("kefu", "bold green"), " › ", text)
        case Buttons(text, buttons):
            rows = [Line(f"  [{n}] {button.title}", "cyan") for n, button in enumerate(buttons, 1)]
            return Group(
                *([Line.assemble(("kefu", "bold green"), " › ", text)] if text else []), *rows
            )
        case Image(src, alt):
            return Line(f"  {alt}: {src}", "dim")
        case Card(title, fields, link):
            table = Table.grid(padding=(0, 2))
            for label, value in fields:
                table.add_row(Line(label, "dim"), Line(value))
            return Panel(
                Group(table, Line(link, "dim")) if link else table, title=title, expand=False
            )
        case Sources(sources):
            return Line(
                "\n".join(f"  ↳ {source.title} ({source.url})" for source in sources), "dim"
            )


def _print_trace(conversation: Conversation) -> None:
    closed = [entry for entry in conversation.entries if isinstance(entry, TurnClosed)]
    if not closed:
        return
    trace = closed[-1].trace
    took = ", ".join(f"{stage} {ms:.1f} ms" for stage, ms in trace.took_ms.items())
    lines = [line for step in trace.steps for line in _step_lines(step)]
    OUT.print(Line("\n".join([*lines, f"  release {trace.release}; {took}"]), "dim"))


def _step_lines(step: TraceStep) -> list[str]:
    ranked = ", ".join(f"{intent.name} {intent.probability:.2f}" for intent in step.intents[:3])
    mood = step.sentiment.label
    scope = f"out of scope {step.out_of_scope_probability:.2f}"
    lines = [
        f"  intents {ranked}; {scope}; {mood} {step.sentiment.probability_of(mood):.2f}",
        f"  rule '{step.why.rule}' -> {step.decision} {step.detail} -> {step.outcome}",
    ]
    lines += [f"  {c.name} {c.value:.2f} against {c.threshold:.2f}" for c in step.why.compared]
    lines += [f"  {v.slot} = {v.value} ({v.extractor})" for v in step.slot_values]
    lines += [f"  passage {p.passage_id} {p.probability:.2f}" for p in step.passages]
    return lines
