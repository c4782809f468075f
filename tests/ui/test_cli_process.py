"""The kefu command as processes of their own, on what a first start made."""

import json
import re
import shutil
import socket
import sqlite3
import subprocess
from contextlib import closing
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


@pytest.mark.parametrize("part", ["base/model.onnx", "search/index", "sentiment/head.safetensors"])
def test_a_release_that_is_corrupt_refuses_the_start_in_words(
    built_home: Path, tmp_path: Path, part: str
) -> None:
    home = copy_home(built_home, tmp_path / "home")
    shutil.rmtree(home / "cache")
    with closing(sqlite3.connect(home / "kefu.db")) as store, store:
        (manifest,) = store.execute(
            "SELECT manifest FROM release JOIN live ON live.number = release.number"
        ).fetchone()
        sha256 = json.loads(manifest)["artifacts"][part]
        store.execute("UPDATE blob SET bytes = x'00' WHERE sha256 = ?", (sha256,))

    refused = _refusal(home, "serve", KEFU_PORT=str(free_port()))

    assert f"error: {part} (blob {sha256}) is corrupt in the database" in refused
    assert "'kefu publish'" in refused
    assert "Traceback" not in refused


@pytest.mark.parametrize("file", ["kefu.db", "crm.db"])
def test_a_database_that_is_none_refuses_the_start_in_words(
    built_home: Path, tmp_path: Path, file: str
) -> None:
    home = copy_home(built_home, tmp_path / "home")
    for beside in home.glob(f"{file}-*"):
        beside.unlink()
    (home / file).write_bytes(b"this is no database" * 500)

    refused = _refusal(home, "serve", KEFU_PORT=str(free_port()))

    assert f"{home / file} cannot be used (file is not a database)" in refused
    assert "restore it from a backup" in refused
    assert "Traceback" not in refused


def _refusal(home: Path, *arguments: str, **settings: str) -> str:
    with pytest.raises(subprocess.CalledProcessError) as refused:
        run_kefu(home, *arguments, **settings, **DEMO)
    return str(refused.value.output)
