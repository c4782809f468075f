"""The kefu command: every group of commands in a file of its own."""

import typer

from bot.errors import BotError
from intents.errors import IntentError
from knowledge_base.errors import KnowledgeBaseError
from ui.cli import actions, chat, doctor, evaluate, handoffs, learning, people, serve, shop
from ui.cli.console import fail

app = typer.Typer(
    name="kefu",
    help="A self-hosted customer-service assistant. Start with 'kefu serve', or talk to it with 'kefu chat'.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)
app.command("serve")(serve.serve)
app.command("chat")(chat.chat)
app.add_typer(learning.train, name="train")
app.command("evaluate")(evaluate.evaluate)
app.command("publish")(learning.publish)
app.command("rollback")(learning.rollback)
app.add_typer(learning.catalogue, name="catalogue")
app.add_typer(handoffs.app, name="handoffs")
app.command("actions")(actions.actions)
app.add_typer(shop.app, name="demo")
app.add_typer(people.app, name="user")
app.command("doctor")(doctor.doctor)


def main() -> None:
    """Run the command line; known errors end in words, not in a traceback."""
    try:
        app()
    except (BotError, IntentError, KnowledgeBaseError) as problem:
        raise SystemExit(fail(str(problem)).exit_code) from problem


if __name__ == "__main__":
    main()
