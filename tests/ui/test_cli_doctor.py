"""kefu doctor: whatever is wrong, it says what, and what to do about it."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.e2e.serving import environment_of, free_port
from ui.cli.main import app

Doctor = Callable[..., str]


@pytest.fixture
def doctor(home: Path, monkeypatch: pytest.MonkeyPatch) -> Doctor:
    """Examine an installation; what it says comes back without blanks, as long lines are broken."""
    settings = {"KEFU_PORT": str(free_port())}
    monkeypatch.setattr("os.environ", environment_of(home, **settings))

    def run(**more: str) -> str:
        result = CliRunner().invoke(app, ["doctor"], env=more)
        assert result.exit_code == 1, result.output
        assert "Traceback" not in result.output
        return "".join(result.stdout.split())

    return run


def test_a_new_home_lacks_a_shop_and_a_release(doctor: Doctor) -> None:
    said = doctor()

    assert re.search(r"✗records.*'kefudemo'.*KEFU_CRM_URL", said)
    assert re.search(r"✗liverelease.*'kefupublish'", said)
    assert said.endswith("2tomend.")


@pytest.mark.parametrize(
    ("file", "content", "told"),
    [
        (
            "crm.db",
            b"no database at all" * 100,
            r"✗records.*crm\.db.*(backup|restore)",
        ),
        (
            "kefu.db",
            b"no database at all" * 100,
            r"✗liverelease.*kefu\.db.*(backup|restore)",
        ),
        ("secrets.toml", b"x = [", r"✗secrets.*isnotTOML.*menditormoveitaway"),
    ],
)
def test_a_damaged_file_is_named_with_a_remedy(
    doctor: Doctor, home: Path, file: str, content: bytes, told: str
) -> None:
    (home / file).write_bytes(content)
    (home / file).chmod(0o600)

    assert re.search(told, doctor())


def test_secrets_that_others_may_read_are_told_with_the_command(doctor: Doctor, home: Path) -> None:
    doctor()
    (home / "secrets.toml").chmod(0o644)

    assert "run:chmod600" in doctor()


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        (
            {"KEFU_ACTION_SERVER": "http://127.0.0.1:9"},
            r"✗actionservernotusable:.*startit,ormendorunsetKEFU_ACTION_SERVER",
        ),
        (
            {"KEFU_CRM_URL": "postgresql+asyncpg://nobody:secret@127.0.0.1:9/none"},
            r"✗recordsnotusable.*(start|install)",
        ),
        ({"KEFU_CRM_URL": "nonsense://nowhere"}, r"✗recordsnotusable.*nonsense"),
        ({"KEFU_DATABASE_URL": "nonsense://nowhere"}, r"✗livereleasenotusable.*nonsense"),
    ],
)
def test_what_a_setting_names_and_is_not_there_is_told(
    doctor: Doctor, settings: dict[str, str], told: str
) -> None:
    assert re.search(told, doctor(**settings))
