"""What every command shares: the terminal, settings, and errors in words."""

import asyncio
import subprocess
import sys
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Annotated, Any, Final, ParamSpec, TypeVar

import typer
from rich.console import Console
from rich.markup import escape

from bot.errors import BotError
from bot.settings import Settings, read_settings
from intents.errors import IntentError
from knowledge_base.errors import KnowledgeBaseError

P = ParamSpec("P")
T = TypeVar("T")

OUT: Final = Console(highlight=False)
ERR: Final = Console(stderr=True, highlight=False)

SEED: Final = 7
Seed = Annotated[int, typer.Option(min=0, max=2**31, help="Of everything that is drawn at random")]

KNOWN_ERRORS: Final = (BotError, IntentError, KnowledgeBaseError)


def fail(message: str) -> typer.Exit:
    """Print what is wrong and how to mend it; raise what it returns."""
    ERR.print(f"[bold red]error[/]: {escape(message)}", soft_wrap=True)
    return typer.Exit(2)


def command(work: Callable[P, Coroutine[Any, Any, T]]) -> Callable[P, T]:
    """Turn an async function into a command that ends known errors in words.

    The coroutine neither yields nor is sent anything, hence ``Any``.
    """

    @wraps(work)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return asyncio.run(work(*args, **kwargs))
        except KNOWN_ERRORS as problem:
            raise fail(str(problem)) from problem
        except KeyboardInterrupt:
            raise typer.Exit(130) from None

    return run


def settings_for(**given: object) -> Settings:
    """Read the settings; options that were given win over the environment."""
    return read_settings(
        None, **{name: value for name, value in given.items() if value is not None}
    )


def run_training(*arguments: str) -> None:
    """Run a part of training as a process of its own, on this terminal.

    Raises:
        typer.Exit: It ended with another status than 0, which becomes ours.
    """
    done = subprocess.run([sys.executable, "-m", "training", *arguments], check=False)  # noqa: S603 - our own module
    if done.returncode != 0:
        raise typer.Exit(done.returncode)


def seeded(seed: int) -> tuple[str, ...]:
    """Return the words that give training a seed; none for the usual one."""
    return () if seed == SEED else ("--seed", str(seed))


def ask_password(prompt: str, *, confirm: bool = False) -> str:
    """Ask for a password without showing it; takes a line of standard input where no terminal is there."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    answer: str = typer.prompt(prompt, hide_input=True, confirmation_prompt=confirm)
    return answer
