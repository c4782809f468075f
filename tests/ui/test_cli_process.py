"""The kefu command as processes of their own, on what a first start made."""

import re
import socket
import subprocess
from pathlib import Path

import pytest

from bot.identity.vault import open_vault
from tests.e2e.serving import copy_home, free_port, run_kefu

DEMO = {"KEFU_DEMO": "true", "COLUMNS": "120"}


@pytest.fixture(scope="module")
def home(built_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_home(built_home, tmp_path_factory.mktemp("cli") / "home")


def test_a_chat_in_the_terminal_and_the_agent_who_takes_it_over(home: Path) -> None:
    typed = "where is CP-200102?\nplease cancel CP-200101\n2\nI want to talk to a person\nstill there?\n"

    said = run_kefu(home, "chat", "--as", "C-1001", "--trace", typed=typed, **DEMO)

    assert said.startswith("You are C-1001.")
    assert "Order CP-200102" in said
    assert "[1] Yes, do it" in said
    assert "rule 'the change was declined'" in said
    assert "(an agent has the conversation)" in said

    password = open_vault(home / "secrets.toml").admin_password
    listed = run_kefu(home, "handoffs", "list", typed=f"{password}\n", **DEMO)
    found = re.search(r"^ (\S+) .* C-1001 .* nobody", listed, re.MULTILINE)
    assert found, listed
    orders = f"{password}\nHello Maya!\n/note she is calm\n/done\n"
    run_kefu(home, "handoffs", "take", found[1], typed=orders, **DEMO)
    read = run_kefu(home, "handoffs", "read", found[1], typed=f"{password}\n", **DEMO)

    assert re.search(r"customer › still there\?", read)
    assert re.search(r"› Hello Maya!\n.*note by .*: she is calm\n.*settled", read)


def test_the_doctor_finds_nothing_to_mend(home: Path) -> None:
    found = run_kefu(home, "doctor", KEFU_PORT=str(free_port()), **DEMO)

    assert "live release" in found
    assert found.endswith("All is well.\n")


def test_a_port_that_somebody_has_is_named(home: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])

        with pytest.raises(subprocess.CalledProcessError) as refused:
            run_kefu(home, "serve", KEFU_PORT=port, **DEMO)

    assert f"cannot bind 127.0.0.1:{port}" in refused.value.output
    assert "KEFU_PORT" in refused.value.output
    assert "Traceback" not in refused.value.output
