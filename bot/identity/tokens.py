"""Customers' tokens: a JWT that the shop's server signs, or the older HMAC ``user_hash``."""

import hashlib
import hmac
from datetime import datetime, timedelta
from typing import Final

import jwt

from bot.domain.message import CustomerId
from bot.errors import TokenError

LEEWAY_S: Final = 60
MAX_TOKEN_CHARACTERS: Final = 4096
_ALGORITHM: Final = "HS256"
_REMEDY: Final = "let the shop's server sign a new token (HS256, sub, exp)"


def verify_token(token: str, secret: str, now: datetime) -> tuple[CustomerId, datetime]:
    """Verify a customer's JWT.

    Args:
        token: As it came; only HS256 is accepted, whatever its header says.
        secret: Shared with the shop's server.
        now: The present moment, aware.

    Returns:
        The customer, and when the token expires (leeway not counted), aware UTC.

    Raises:
        TokenError: Forged, expired, not yet valid, without ``sub`` (or ``user_id``) or ``exp``, or no JWT at all.
    """
    if len(token) > MAX_TOKEN_CHARACTERS:
        raise TokenError(f"the token is longer than {MAX_TOKEN_CHARACTERS} characters; {_REMEDY}")
    try:
        claims = jwt.decode(
            token,
            secret,
            algorithms=[_ALGORITHM],
            # Times are checked below against the clock that we are given.
            options={"require": ["exp"], "verify_exp": False, "verify_nbf": False, "verify_iat": False,
                     "verify_aud": False, "verify_sub": False},
        )  # fmt: skip
    except (jwt.PyJWTError, ValueError, UnicodeError) as problem:
        raise TokenError(f"the token is not one of this shop; {_REMEDY}") from problem
    expires_at = _moment(claims, "exp", now)
    leeway = timedelta(seconds=LEEWAY_S)
    if expires_at <= now - leeway:
        raise TokenError(f"the token has expired; {_REMEDY}")
    if "nbf" in claims and _moment(claims, "nbf", now) > now + leeway:
        raise TokenError(f"the token is not valid yet; {_REMEDY}")
    customer = claims.get("sub", claims.get("user_id"))
    if not isinstance(customer, str) or not customer.strip():
        raise TokenError(f"the token names no customer in 'sub'; {_REMEDY}")
    return CustomerId(customer), expires_at


def make_token(customer_id: CustomerId, secret: str, now: datetime, valid_for: timedelta) -> str:
    """Sign a token as the shop's server does (for the demo and for tests)."""
    return jwt.encode({"sub": customer_id, "exp": now + valid_for}, secret, algorithm=_ALGORITHM)


def verify_user_hash(user_id: str, user_hash: str, secret: str) -> CustomerId:
    """Verify the older form, ``hex(HMAC-SHA256(secret, user_id))``.

    Raises:
        TokenError: The hash does not fit.
    """
    expected = hmac.new(secret.encode(), user_id.encode(), hashlib.sha256).hexdigest()
    if not user_id or not hmac.compare_digest(expected.encode(), user_hash.lower().encode()):
        raise TokenError(
            "the user_hash does not fit the user_id; let the shop's server make it again"
        )
    return CustomerId(user_id)


def _moment(claims: dict[str, object], name: str, now: datetime) -> datetime:
    value = claims[name]
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TokenError(f"the token's {name!r} is not a number of seconds; {_REMEDY}")
    try:
        return datetime.fromtimestamp(value, now.tzinfo)
    except (OverflowError, OSError, ValueError) as problem:
        raise TokenError(f"the token's {name!r} is not a date; {_REMEDY}") from problem
