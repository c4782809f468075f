"""Colleagues' sessions: signed, valid for twelve hours."""

from datetime import datetime, timedelta
from typing import Final

import jwt

from bot.domain.colleague import Colleague, Role
from bot.domain.message import AgentId
from bot.errors import SignInError

SESSION_HOURS: Final = 12
_ALGORITHM: Final = "HS256"
_AUDIENCE: Final = "kefu-colleague"


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
