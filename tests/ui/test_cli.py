"""The kefu command, in this process: help, refusals in words, colleagues, the demo shop, files of the draft."""

import re
import subprocess
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.crm.demo.making import ensure_demo
from bot.seed import seed_documents
from bot.settings import Settings
from bot.sql import open_database
from tests.e2e.serving import environment_of
from ui.cli.console import fail
from ui.cli.main import app

COMMANDS = (
    "", "serve", "chat", "evaluate", "publish", "rollback", "actions", "doctor", "train", "train intents",
    "train sentiment", "catalogue", "catalogue export", "catalogue import", "handoffs",
    "handoffs list", "handoffs read", "handoffs take", "demo", "demo customers", "demo token",
    "user", "user add",
)  # fmt: skip
PASSWORD = "long enough for anybody"  # noqa: S105 - a test's

Kefu = Callable[..., Result]


@pytest.fixture
def kefu(home: Path, monkeypatch: pytest.MonkeyPatch) -> Kefu:
    """Run a command on an empty folder; settings by their names, what is typed as ``typed``."""
    monkeypatch.setattr("os.environ", environment_of(home))

    def run(*arguments: str, typed: str = "", **settings: str) -> Result:
        return CliRunner().invoke(app, arguments, input=typed, env=settings)

    return run


@pytest.fixture
async def small_shop(home: Path) -> None:
    records = open_database(Settings.model_validate({"home": home}).records_url)
    await ensure_demo(records, anchor=date(2026, 11, 22), customers=3, orders=3)
    await records.close()


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(kefu: Kefu, command: str) -> None:
    shown = kefu(*command.split(), "--help")

    assert shown.exit_code == 0
    assert "Usage:" in shown.stdout
    assert len(shown.stdout.splitlines()) > 5


def test_the_commands_that_exist_are_the_ones_tried_here(kefu: Kefu) -> None:
    listed = re.findall(r"^│ (\w+) +[A-Z]", kefu("--help").stdout, re.MULTILINE)

    assert set(listed) == {name.split()[0] for name in COMMANDS if name}


@pytest.mark.parametrize(
    "command",
    [
        "train intents",
        "train intents --deep",
        "train sentiment",
        "train encoder --data d --out o",
        "train retrieval --data d --out o",
        "evaluate",
    ],
)
def test_a_seed_reaches_training(kefu: Kefu, monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    ran: list[list[str]] = []

    def note(words: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        ran.append(words)
        return subprocess.CompletedProcess(words, 0)

    monkeypatch.setattr("ui.cli.console.subprocess.run", note)

    assert kefu(*command.split(), "--seed", "8").exit_code == 0
    assert kefu(*command.split()).exit_code == 0
    assert kefu(*command.split(), "--seed", "-1").exit_code == 2

    assert ran[0] == [*ran[1], "--seed", "8"]
    assert ran[1][3] == command.removeprefix("train ").split()[0]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"KEFU_POTR": "8001"}, ("KEFU_POTR", "KEFU_PORT")),
        ({"KEFU_PORT": "soon"}, ("KEFU_PORT", "integer")),
        ({"KEFU_LOG_LEVEL": "loud"}, ("KEFU_LOG_LEVEL", "debug, info, warning, error")),
        ({"KEFU_DEMO": "true", "KEFU_HOST": "0.0.0.0"}, ("KEFU_DEMO", "KEFU_HOST")),  # noqa: S104
    ],
)
def test_settings_that_are_wrong_are_named(
    kefu: Kefu, settings: dict[str, str], words: tuple[str, ...]
) -> None:
    for command in (("serve",), ("doctor",), ("rollback", "--list")):
        refused = kefu(*command, **settings)

        assert refused.exit_code != 0
        told = f"{refused.stderr}{refused.exception}"
        assert [word for word in words if word not in told] == []
        assert "Traceback" not in refused.stderr


def test_brackets_in_an_error_are_words_and_not_colours(capsys: pytest.CaptureFixture[str]) -> None:
    fail("flows.yml:3: '- intent: [broken]' and [/] are no list")

    assert "'- intent: [broken]' and [/] are" in capsys.readouterr().err


def test_the_customers_of_the_demo_are_listed(kefu: Kefu) -> None:
    shown = kefu("demo", "customers").stdout

    assert re.search(r"C-1001 +Maya Okafor +one order placed today", shown)
    assert len(re.findall(r"^ C-\d{4} ", shown, re.MULTILINE)) == 12


@pytest.mark.usefixtures("small_shop")
def test_a_token_is_printed_for_a_generated_customer_only(kefu: Kefu) -> None:
    printed = kefu("demo", "token", "C-1001", KEFU_DEMO="true")
    stranger = kefu("demo", "token", "C-9", KEFU_DEMO="true")
    no_demo = kefu("demo", "token", "C-1001")

    assert re.fullmatch(r"[\w-]+\.[\w-]+\.[\w-]+\n", printed.stdout)
    assert (stranger.exit_code, no_demo.exit_code) == (2, 2)
    assert "no customer 'C-9'" in stranger.stderr
    assert "KEFU_DEMO=true" in no_demo.stderr
    assert stranger.stdout == no_demo.stdout == ""


@pytest.mark.usefixtures("small_shop")
def test_the_shop_is_not_removed_without_a_yes(kefu: Kefu) -> None:
    asked = kefu("demo", typed="n\n", KEFU_DEMO="true")

    assert asked.exit_code == 1
    assert "Go on?" in asked.stdout
    assert kefu("demo", "token", "C-1001", KEFU_DEMO="true").exit_code == 0


def test_a_colleague_is_added_once_and_signs_in(kefu: Kefu) -> None:
    added = kefu("user", "add", "nadia", "--role", "agent", typed=f"{PASSWORD}\n")
    again = kefu("user", "add", "nadia", "--role", "agent", typed=f"{PASSWORD}\n")
    short = kefu("user", "add", "ben", "--role", "agent", typed="short\n")
    listed = kefu("handoffs", "list", "--name", "nadia", typed=f"{PASSWORD}\n")
    wrong = kefu("handoffs", "list", "--name", "nadia", typed="something else\n")

    assert added.stdout == "Added nadia (agent).\n"
    assert "already" in again.stderr
    assert "at least" in short.stderr
    assert listed.stdout == "Nobody waits.\n"
    assert "wrong" in wrong.stderr
    assert (again.exit_code, short.exit_code, wrong.exit_code) == (2, 2, 2)


def test_who_is_no_agent_does_not_see_the_handoffs(kefu: Kefu) -> None:
    made = kefu("user", "add", "theo", "--role", "trainer", "--generate").stdout
    password = made.rpartition(" ")[2]

    refused = kefu("handoffs", "list", "--name", "theo", typed=password)

    assert refused.exit_code == 2
    assert "lacks the role agent" in refused.stderr


def test_without_a_release_there_is_none_to_go_back_to(kefu: Kefu) -> None:
    nowhere = kefu("rollback")
    unknown = kefu("rollback", "9")

    assert (nowhere.exit_code, unknown.exit_code) == (2, 2)
    assert "kefu publish" in nowhere.stderr
    assert "no release 9" in unknown.stderr
    assert kefu("rollback", "--list").exit_code == 0


def _write_seed(folder: Path) -> None:
    for path, text in seed_documents().items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, "utf-8")


def test_the_drafts_files_go_out_and_come_back(kefu: Kefu, tmp_path: Path) -> None:
    folder = tmp_path / "files"

    nothing = kefu("catalogue", "export", str(folder))
    _write_seed(folder)
    kefu("catalogue", "import", str(folder))
    twice = kefu("catalogue", "export", str(folder))
    article = next(folder.rglob("cancel-order.md"))
    article.write_text(article.read_text("utf-8") + "\nOne more line.\n", "utf-8")
    back = kefu("catalogue", "import", str(folder))
    out = kefu("catalogue", "export", str(tmp_path / "again"))

    assert out.exit_code == back.exit_code == 0, out.output + back.output
    assert "kefu publish" in nothing.stderr
    assert "not empty" in twice.stderr
    found = next((tmp_path / "again").rglob("cancel-order.md"))
    assert found.read_text("utf-8") == article.read_text("utf-8")


def test_files_that_are_broken_leave_the_draft_as_it_was(kefu: Kefu, tmp_path: Path) -> None:
    folder = tmp_path / "files"
    _write_seed(folder)
    kefu("catalogue", "import", str(folder))
    flows = folder / "catalogue" / "flows.yml"
    lines = len(flows.read_text("utf-8").splitlines())
    flows.write_text(flows.read_text("utf-8") + "\nnlu:\n- intent: [broken\n", "utf-8")

    refused = kefu("catalogue", "import", str(folder))
    kefu("catalogue", "export", str(tmp_path / "again"))

    assert refused.exit_code == 2
    assert "the draft stays as it was" in refused.stderr
    place = re.search(r"catalogue/flows\.yml:(\d+)", refused.stderr)
    assert place
    assert lines < int(place[1]) <= lines + 4
    assert len(refused.stderr.splitlines()) <= 12
    assert "[broken" not in (tmp_path / "again" / "catalogue" / "flows.yml").read_text("utf-8")
