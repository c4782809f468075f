"""kefu handoffs: an agent takes conversations over, in the terminal."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Annotated
from uuid import uuid4

import typer
from rich.table import Table
from rich.text import Text as Line

from bot.bootstrap import AgentDesk, open_agent_desk
from bot.domain.colleague import Colleague, Role
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
from bot.domain.message import AgentId, ConversationId, MessageId, checked_text
from bot.domain.reply import part_as_text
from bot.errors import ConversationError, SignInError
from bot.logs import configure_logs
from ui.cli.console import OUT, ask_password, command, settings_for

app = typer.Typer(help="Conversations that were handed over to people.", no_args_is_help=True)

Name = Annotated[str, typer.Option("--name", help="Your sign-in name; the password is asked for")]
Id = Annotated[str, typer.Argument(help="The conversation, as 'kefu handoffs list' shows it")]
_HELP = "Write to the customer; /note TEXT for colleagues, /back gives it back, /done settles it, /quit leaves."


@asynccontextmanager
async def _signed_in(name: str) -> AsyncIterator[tuple[AgentDesk, Colleague]]:
    settings = settings_for()
    configure_logs("error")
    async with open_agent_desk(settings) as desk:
        agent = await desk.colleagues.sign_in(AgentId(name), ask_password(f"Password of {name}"))
        if not agent.may(Role.AGENT):
            raise SignInError(
                f"{name} lacks the role agent; an administrator gives it with 'kefu user add'"
            )
        yield desk, agent


@app.command("list")
@command
async def list_(name: Name = "admin") -> None:
    """List what waits, longest first."""
    async with _signed_in(name) as (desk, _):
        waiting = await desk.handoffs.waiting()
    table = Table("conversation", "waits", "why", "customer", "with", "last words", box=None)
    for line in waiting:
        minutes = (datetime.now(UTC) - line.opened_at).total_seconds() / 60
        table.add_row(
            line.conversation_id, f"{minutes:.0f} min", line.reason, line.customer_id or "guest",
            line.agent_id or "nobody", Line(line.last_message),
        )  # fmt: skip
    OUT.print(table if waiting else "Nobody waits.")


@app.command("read")
@command
async def read(conversation: Id, name: Name = "admin") -> None:
    """Print a conversation that was handed over."""
    async with _signed_in(name) as (desk, _):
        found = await desk.handoffs.read(ConversationId(conversation))
    for entry in found.entries:
        OUT.print(shown(entry))


@app.command("take")
@command
async def take(conversation: Id, name: Name = "admin") -> None:
    """Claim a conversation and talk to the customer, live."""
    async with _signed_in(name) as (desk, agent):
        found = await desk.handoffs.read(ConversationId(conversation))
        if found.agent_id != agent.colleague_id:
            await desk.handoffs.claim(found.conversation_id, agent.colleague_id, agent.name)
        OUT.print(_HELP, style="dim")
        printing = asyncio.create_task(_print_live(desk, found.conversation_id))
        try:
            await _talk(desk, agent, found.conversation_id)
        finally:
            printing.cancel()


async def _print_live(desk: AgentDesk, conversation_id: ConversationId) -> None:
    async for entry in desk.conversations.follow(conversation_id, 0):
        if entry is not None:
            OUT.print(shown(entry))


async def _talk(desk: AgentDesk, agent: Colleague, conversation_id: ConversationId) -> None:
    while True:
        try:
            line = (await asyncio.to_thread(OUT.input)).strip()
        except EOFError:
            return
        try:
            if await _obey(desk, agent, conversation_id, line):
                return
        except ConversationError as problem:
            OUT.print(Line(str(problem), "red"))


async def _obey(
    desk: AgentDesk, agent: Colleague, conversation_id: ConversationId, line: str
) -> bool:
    """Do what a line says; True ends the talk."""
    order, _, rest = line.partition(" ")
    match order:
        case "" | "/quit":
            return order == "/quit"
        case "/back":
            await desk.handoffs.give_back(conversation_id, agent.colleague_id)
            return True
        case "/done":
            await desk.handoffs.resolve(conversation_id, agent.colleague_id)
            return True
        case "/note":
            text = checked_text(rest)
            await desk.handoffs.note(conversation_id, agent.colleague_id, agent.name, text)
        case _:
            await desk.handoffs.write(
                conversation_id, agent.colleague_id, agent.name,
                text=checked_text(line), message_id=MessageId(uuid4().hex),
            )  # fmt: skip
    return False


def shown(entry: Entry) -> Line:  # noqa: C901 - one case per kind of entry
    """Render an entry for an agent's terminal."""
    at = entry.at.astimezone().strftime("%H:%M")
    match entry:
        case MessageReceived():
            return Line(f"{at} customer › {entry.text}", "bold")
        case TurnClosed():
            said = "\n".join(part_as_text(part) for part in entry.reply.parts)
            return Line(
                f"{at} assistant › {said}" if said else f"{at} (the assistant is silent)", "green"
            )
        case HandoffOpened():
            return Line(f"{at} handed over: {entry.reason}\n{entry.summary}", "yellow")
        case AgentJoined():
            return Line(f"{at} {entry.name} joined", "magenta")
        case AgentWrote():
            return Line(f"{at} {entry.name} › {entry.text}", "magenta")
        case NoteWritten():
            return Line(f"{at} note by {entry.name}: {entry.text}", "dim")
        case GivenBack():
            return Line(f"{at} given back to the assistant", "yellow")
        case Resolved():
            return Line(f"{at} settled", "yellow")
        case FeedbackGiven():
            return Line(f"{at} feedback: {'helpful' if entry.is_helpful else 'not helpful'}", "dim")
