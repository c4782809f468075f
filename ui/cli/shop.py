"""kefu demo: make the demo shop again, print a token for one of its customers."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from bot.bootstrap import open_vault_of, shop_secret
from bot.crm.demo.making import ensure_demo, is_demo_customer
from bot.crm.demo.stories import story_customers
from bot.domain.message import CustomerId
from bot.errors import ConfigurationError
from bot.identity.tokens import make_token
from bot.settings import Settings
from bot.sql import open_database
from ui.cli.console import OUT, command, settings_for

app = typer.Typer(
    help="The demo shop: 2,000 invented customers and their orders.", no_args_is_help=False
)


@app.callback(invoke_without_command=True)
def demo(
    context: typer.Context,
    *,
    yes: Annotated[
        bool, typer.Option("--yes", help="Do not ask before the old shop is removed")
    ] = False,
) -> None:
    """Make the demo shop again, relative to today."""
    if context.invoked_subcommand is not None:
        return
    settings = settings_for()
    if settings.crm_url:
        raise typer.BadParameter(
            "KEFU_CRM_URL names a database of yours; the demo shop is only made in the default one"
        )
    if not yes and not typer.confirm("This removes the present shop with all its changes. Go on?"):
        raise typer.Abort
    make_shop(settings, remake=True)


def make_shop(settings: Settings, *, remake: bool = False) -> None:
    """Make the demo shop where it is missing, with a progress bar."""
    asyncio.run(_make_shop(settings, remake=remake))


async def _make_shop(settings: Settings, *, remake: bool) -> None:
    database = open_database(settings.records_url)
    columns = (TextColumn("{task.description:<42}"), BarColumn(), TimeElapsedColumn())
    try:
        await database.check()
        is_shown = remake or OUT.is_terminal
        with Progress(*columns, console=OUT, transient=not remake, disable=not is_shown) as bar:
            task = bar.add_task("demo shop", total=1.0)
            await ensure_demo(
                database,
                anchor=datetime.now(settings.zone).date(),
                remake=remake,
                progress=lambda step, share: bar.update(task, completed=share, description=step),
            )
    finally:
        await database.close()


@app.command("customers")
def customers() -> None:
    """List the customers whose stories are known, to chat as one of them."""
    table = Table("id", "name", "story", box=None)
    for story in story_customers():
        table.add_row(story.customer_id, story.name, story.story)
    OUT.print(table)


@app.command("token")
@command
async def token(
    customer: Annotated[str, typer.Argument(help="A customer of the demo shop, such as C-1001")],
    minutes: Annotated[int, typer.Option(help="How long it is valid", min=1, max=1440)] = 60,
) -> None:
    """Print a signed token for a customer of the demo shop (needs KEFU_DEMO=true)."""
    settings = settings_for()
    await check_demo_customer(settings, CustomerId(customer))
    secret = shop_secret(settings, open_vault_of(settings))
    OUT.print(
        make_token(CustomerId(customer), secret, datetime.now(UTC), timedelta(minutes=minutes)),
        soft_wrap=True,
    )


async def check_demo_customer(settings: Settings, customer: CustomerId) -> None:
    """Refuse to act as anybody but a generated customer, and outside of demo mode.

    Raises:
        ConfigurationError: Demo mode is off, or nobody was generated with this id.
    """
    if not settings.demo:
        raise ConfigurationError(
            "acting as a customer needs demo mode; put KEFU_DEMO=true in front of the command"
        )
    database = open_database(settings.records_url)
    try:
        known = await is_demo_customer(database, customer)
    finally:
        await database.close()
    if not known:
        raise ConfigurationError(
            f"the demo shop has no customer {customer!r}; 'kefu demo customers' lists some"
        )
