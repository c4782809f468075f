"""kefu user: colleagues who may sign in."""

import secrets
from typing import Annotated

import typer

from bot.bootstrap import open_agent_desk
from bot.domain.colleague import Role
from bot.domain.message import AgentId
from ui.cli.console import OUT, ask_password, command, settings_for

app = typer.Typer(
    help="Colleagues: agents, trainers, analysts, administrators.", no_args_is_help=True
)


@app.callback()
def users() -> None:
    """Keep 'user add' a command of its own."""


@app.command("add")
@command
async def add(
    name: Annotated[str, typer.Argument(help="Sign-in name, such as 'nadia'")],
    role: Annotated[list[Role], typer.Option("--role", help="May be given several times")],
    full_name: Annotated[str, typer.Option(help="As customers read it")] = "",
    *,
    generate: Annotated[
        bool, typer.Option("--generate", help="Make a password and print it once")
    ] = False,
) -> None:
    """Add a colleague; asks for the password."""
    password = secrets.token_urlsafe(12) if generate else ask_password("Password", confirm=True)
    async with open_agent_desk(settings_for()) as desk:
        added = await desk.colleagues.add(
            AgentId(name), full_name or name.capitalize(), password, frozenset(role)
        )
    OUT.print(f"Added {added.colleague_id} ({', '.join(sorted(added.roles))}).")
    if generate:
        OUT.print(f"Password, shown only now: {password}", soft_wrap=True)
