"""Run-time settings, read once from the environment (prefix ``KEFU_``) in ``bootstrap``."""

import difflib
import ipaddress
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.errors import ConfigurationError

PREFIX = "KEFU_"
_MIN_SECRET_CHARACTERS = 32


class Settings(BaseSettings):
    """What can be set; every field is ``KEFU_<NAME>`` in the environment."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid")

    home: Path = Path("var")
    """Folder for everything that is written: databases, cache, secrets."""
    host: str = "127.0.0.1"
    """Address the server binds."""
    port: int = 8000
    """Port the server binds."""
    demo: bool = False
    """Demo conveniences: choose a customer on the chat page, print tokens. Loopback only."""
    database_url: str = Field(default="", repr=False)  # a password may stand in it
    """Conversations, releases, colleagues, as an SQLAlchemy URL; default: SQLite under ``home``."""
    crm_url: str = Field(default="", repr=False)  # the same
    """The shop's records, as an SQLAlchemy URL; default: SQLite under ``home``."""
    time_zone: str = "Europe/London"
    """The shop's time zone: "last Tuesday", service hours."""
    customer_secret: SecretStr | None = None
    """Shared with the shop's server, which signs customers' tokens; default: made at first start."""
    accept_user_hash: bool = False
    """Also accept the older HMAC ``user_hash``."""
    api_token: SecretStr | None = None
    """Opens Rasa's tracker and lets a trusted server force intents; unset: both are closed."""
    action_server: str = ""
    """Base URL of a rasa-sdk action server; it runs the actions it lists."""
    action_server_gets_token: bool = False
    """Pass the customer's token on to that server."""
    action_secret: SecretStr | None = None
    """Callers of ``kefu actions`` must send it; needed to bind anything but loopback."""
    action_timeout_s: float = 8.0
    """How long an action may take."""
    encoder: str = ""
    """Another base encoder: a local folder or a hub id; default: the packaged MiniLM."""
    lease_s: float = 15.0
    """After how long a turn counts as abandoned by its process."""
    requests_per_minute: int = Field(default=600, ge=0)
    """How much one address may ask for; 0: without limit. What comes from this very machine is not counted."""
    trusted_proxies: str = "127.0.0.1,::1"
    """Comma-separated addresses or networks of reverse proxies, whose ``X-Forwarded-For`` names the visitor."""
    allowed_origins: str = ""
    """Comma-separated origins of shop pages that may call the API from a browser."""
    log_level: str = "info"
    """debug, info, warning or error."""

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as problem:
            raise ValueError(
                f"{value!r} is not a time zone; use a name such as Europe/London"
            ) from problem
        return value

    @field_validator("log_level")
    @classmethod
    def _known_level(cls, value: str) -> str:
        levels = ["debug", "info", "warning", "error"]
        if value.lower() not in levels:
            raise ValueError(f"{value!r} is none of {', '.join(levels)}{_nearest(value, levels)}")
        return value.lower()

    @field_validator("trusted_proxies")
    @classmethod
    def _addresses(cls, value: str) -> str:
        for part in filter(None, (part.strip() for part in value.split(","))):
            try:
                ipaddress.ip_network(part, strict=False)
            except ValueError as problem:
                raise ValueError(
                    f"{part!r} is no address; use one such as 10.0.0.5 or 10.0.0.0/8"
                ) from problem
        return value

    @field_validator("customer_secret")
    @classmethod
    def _hard_to_guess(cls, value: SecretStr | None) -> SecretStr | None:
        # Anybody with one token could find a short secret by trying (RFC 7518 wants 256 bits for HS256).
        if value is not None and 0 < len(value) < _MIN_SECRET_CHARACTERS:
            raise ValueError(
                f"it has {len(value)} characters but needs {_MIN_SECRET_CHARACTERS}; take a random one"
            )
        return value

    @model_validator(mode="after")
    def _demo_stays_at_home(self) -> Self:
        if self.demo and not is_loopback(self.host):
            raise ValueError(
                f"KEFU_DEMO=true lets anybody be any demo customer, so it refuses KEFU_HOST={self.host}; "
                "bind 127.0.0.1 or unset KEFU_DEMO"
            )
        return self

    @property
    def zone(self) -> ZoneInfo:
        """Return the shop's time zone."""
        return ZoneInfo(self.time_zone)

    @property
    def store_url(self) -> str:
        """Return the SQLAlchemy URL of conversations, releases and colleagues."""
        return self.database_url or f"sqlite:///{self.home.absolute() / 'kefu.db'}"

    @property
    def records_url(self) -> str:
        """Return the SQLAlchemy URL of the shop's records."""
        return self.crm_url or f"sqlite:///{self.home.absolute() / 'crm.db'}"


def is_loopback(host: str) -> bool:
    """Tell whether an address can be reached from this machine only."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def read_settings(environment: Mapping[str, str] | None = None, **given: object) -> Settings:
    """Read the settings.

    Args:
        environment: Instead of the process's own.
        given: Fields that win over the environment (command-line options).

    Raises:
        ConfigurationError: A name is misspelt or a value does not fit; names the nearest right one.
    """
    source = os.environ if environment is None else environment
    found = {name: value for name, value in source.items() if name.upper().startswith(PREFIX)}
    names = [PREFIX + field.upper() for field in Settings.model_fields]
    for name in found:
        if name.upper() not in names:
            raise ConfigurationError(f"there is no setting {name}{_nearest(name.upper(), names)}")
    values = {name.upper().removeprefix(PREFIX).lower(): value for name, value in found.items()}
    try:
        return Settings.model_validate({**values, **given})
    except ValidationError as problem:
        raise ConfigurationError(_in_words(problem)) from problem


def _nearest(name: str, names: list[str]) -> str:
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    return f"; did you mean {close[0]}?" if close else f"; there are {', '.join(names)}"


def _in_words(problem: ValidationError) -> str:
    lines = []
    for error in problem.errors(include_url=False):
        field = ".".join(str(part) for part in error["loc"])
        text = error["msg"].removeprefix("Value error, ")
        lines.append(f"{PREFIX}{field.upper()}: {text}" if field else text)
    return "; ".join(lines)
