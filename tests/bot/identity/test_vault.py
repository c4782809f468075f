from pathlib import Path

import pytest

from bot.errors import ConfigurationError
from bot.identity.vault import open_vault


def test_secrets_are_made_once_and_read_again(tmp_path: Path) -> None:
    made = open_vault(tmp_path / "var" / "secrets.toml")

    again = open_vault(tmp_path / "var" / "secrets.toml")

    assert again == made
    assert (
        len({made.customer_secret, made.session_secret, made.storage_secret, made.admin_password})
        == 4
    )


def test_nobody_else_may_read_the_secrets(tmp_path: Path) -> None:
    path = tmp_path / "secrets.toml"
    made = open_vault(path)

    assert path.stat().st_mode & 0o777 == 0o600
    assert made.customer_secret not in repr(made)

    path.chmod(0o644)
    with pytest.raises(ConfigurationError, match="chmod 600"):
        open_vault(path)


@pytest.mark.parametrize(
    "text", ["not toml at all [", 'customer_secret = "only this"', "customer_secret = 5"]
)
def test_a_broken_file_is_refused_with_its_name(tmp_path: Path, text: str) -> None:
    path = tmp_path / "secrets.toml"
    path.write_text(text)
    path.chmod(0o600)

    with pytest.raises(ConfigurationError, match=r"secrets\.toml"):
        open_vault(path)


def test_a_folder_that_is_made_for_the_secrets_is_nobody_elses(tmp_path: Path) -> None:
    open_vault(tmp_path / "var" / "secrets.toml")

    assert (tmp_path / "var").stat().st_mode & 0o077 == 0
