"""Colleagues' passwords, kept as argon2id hashes."""

import functools
import secrets
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from bot.errors import SignInError

MIN_PASSWORD_CHARACTERS: Final = 10


class Argon2Passwords:
    """Hashes and verifies passwords; each call takes some 50 ms of CPU, so call it in a thread."""

    def hash(self, password: str) -> str:
        """Hash a password.

        Raises:
            SignInError: It is too short.
        """
        if len(password) < MIN_PASSWORD_CHARACTERS:
            raise SignInError(
                f"a password needs at least {MIN_PASSWORD_CHARACTERS} characters; choose a longer one"
            )
        return _hasher().hash(password)

    def fits(self, password: str, stored_hash: str | None) -> bool:
        """Tell whether a password fits; an unknown name (None) takes as long as a known one."""
        try:
            fits = _hasher().verify(stored_hash or _hash_of_nobody(), password)
        except (Argon2Error, InvalidHashError):
            return False
        return fits and stored_hash is not None


@functools.cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()


@functools.cache
def _hash_of_nobody() -> str:
    return _hasher().hash(secrets.token_urlsafe())
