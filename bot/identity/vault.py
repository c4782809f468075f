"""Secrets made at the first start and kept in ``secrets.toml`` (mode 0600)."""

import contextlib
import os
import secrets
import tomllib
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from bot.errors import ConfigurationError


@dataclass(frozen=True, slots=True, repr=False)
class Vault:
    """Random secrets of this installation.

    Attributes:
        customer_secret: Signs customers' tokens; shared with the shop's server.
        session_secret: Signs colleagues' sessions.
        storage_secret: Encrypts what the chat page keeps in the browser.
        admin_password: Of the colleague ``admin``, made at the first start.
    """

    customer_secret: str
    session_secret: str
    storage_secret: str
    admin_password: str


def open_vault(path: Path) -> Vault:
    """Read the secrets, or make them when the file is not there.

    Raises:
        ConfigurationError: The file cannot be read, lacks a secret, or may be read by others.
    """
    if not path.exists():
        _make(path)
    if path.stat().st_mode & 0o077:
        raise ConfigurationError(f"{path} may be read by others; run: chmod 600 {path}")
    try:
        values = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise ConfigurationError(
            f"{path} is not TOML ({problem}); mend it or move it away"
        ) from problem
    lacking = [item.name for item in fields(Vault) if not isinstance(values.get(item.name), str)]
    if lacking:
        raise ConfigurationError(
            f"{path} lacks {', '.join(lacking)}; put them back, or move the file away to have new ones made"
        )
    return Vault(**{item.name: values[item.name] for item in fields(Vault)})


def _make(path: Path) -> None:
    made = Vault(
        customer_secret=secrets.token_urlsafe(48),
        session_secret=secrets.token_urlsafe(48),
        storage_secret=secrets.token_urlsafe(32),
        admin_password=secrets.token_urlsafe(12),
    )
    lines = [f'{name} = "{value}"' for name, value in asdict(made).items()]
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Two processes may start at once: the first to link its file wins, the other reads that.
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(
            "# Made at the first start of Kefu. Keep it; share customer_secret with the shop's server only.\n"
        )
        file.write("\n".join(lines) + "\n")
    with contextlib.suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()
