"""kefu actions: our actions for a Rasa server."""

from typing import Annotated

import typer

from bot.logs import configure_logs
from ui.cli.console import settings_for


def actions(
    host: Annotated[
        str, typer.Option(help="Another than loopback needs KEFU_ACTION_SECRET")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="As rasa-sdk's own action server")] = 5055,
) -> None:
    """Serve the shop's actions as a rasa-sdk action server, for a Rasa server to call."""
    settings = settings_for()
    configure_logs(settings.log_level)
    from bot.bootstrap import run_action_server  # noqa: PLC0415 - loads sanic and gRPC

    run_action_server(settings, host, port)
