"""Colleagues: roles, passwords and signed sessions."""

import functools
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

import jwt
from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from bot.domain.message import AgentId
from bot.errors import SignInError

SESSION_HOURS: Final = 12
MIN_PASSWORD_CHARACTERS: Final = 10
_ALGORITHM: Final = "HS256"
_AUDIENCE: Final = "kefu-colleague"
_HASHER: Final = PasswordHasher()


class Role(StrEnum):
    """What a colleague may do."""

    AGENT = "agent"
    TRAINER = "trainer"
    ANALYST = "analyst"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Colleague:
    """A person who works with the assistant; ``admin`` includes every other role."""

    colleague_id: AgentId
    name: str
    roles: frozenset[Role]

    def may(self, role: Role) -> bool:
        """Tell whether the colleague has a role."""
        return role in self.roles or Role.ADMIN in self.roles


def hash_password(password: str) -> str:
    """Hash a password with argon2id; takes some 50 ms of CPU, so call it in a thread.

    Raises:
        SignInError: It is too short.
    """
    if len(password) < MIN_PASSWORD_CHARACTERS:
        raise SignInError(
            f"a password needs at least {MIN_PASSWORD_CHARACTERS} characters; choose a longer one"
        )
    return _HASHER.hash(password)


def verify_password(password: str, stored_hash: str | None) -> bool:
    """Tell whether a password fits; an unknown name (None) takes as long as a known one."""
    try:
        fits = _HASHER.verify(stored_hash or _hash_of_nobody(), password)
    except (Argon2Error, InvalidHashError):
        return False
    return fits and stored_hash is not None


@functools.cache
def _hash_of_nobody() -> str:
    return _HASHER.hash(secrets.token_urlsafe())


def make_session(colleague: Colleague, secret: str, now: datetime) -> str:
    """Sign a session that is valid for twelve hours."""
    claims = {
        "sub": colleague.colleague_id,
        "name": colleague.name,
        "roles": sorted(colleague.roles),
        "aud": _AUDIENCE,
        "exp": now + timedelta(hours=SESSION_HOURS),
    }
    return jwt.encode(claims, secret, algorithm=_ALGORITHM)


def read_session(token: str, secret: str) -> Colleague:
    """Read a session.

    Raises:
        SignInError: Forged or expired.
    """
    try:
        claims = jwt.decode(
            token, secret, algorithms=[_ALGORITHM], audience=_AUDIENCE,
            options={"require": ["exp", "sub"]},
        )  # fmt: skip
        roles = frozenset(Role(role) for role in claims["roles"])
        return Colleague(AgentId(claims["sub"]), str(claims["name"]), roles)
    except (jwt.PyJWTError, KeyError, ValueError) as problem:
        raise SignInError("the session has ended; sign in again") from problem
