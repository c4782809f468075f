"""Where our action server may listen without a secret."""

from pathlib import Path

import pytest

from bot.actions.server import ActionServerOptions, serve_actions
from bot.actions.wordings import SeedWording
from bot.errors import ConfigurationError
from tests.e2e.action_caller import (
    CUSTOMER_SECRET,
    NOW,
    a_token,
    our_server,
)
from tests.fakes import SetClock


def test_on_loopback_it_works_without_a_secret(tmp_path: Path) -> None:
    with our_server(tmp_path, "") as server:
        assert "Trail Points" in server.says("action_loyalty_balance", token=a_token())


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "kefu.example"])  # noqa: S104 - refused
def test_other_addresses_need_a_secret(host: str) -> None:
    options = ActionServerOptions(SeedWording({}), CUSTOMER_SECRET, host=host)

    with pytest.raises(ConfigurationError, match="KEFU_ACTION_SECRET"):
        serve_actions([], SetClock(NOW), options)
