"""Who is asking: turns what a channel received into a caller, or refuses."""

import hmac
from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.message import GUEST, Caller
from bot.domain.ports import Clock
from bot.errors import TokenError
from bot.identity.tokens import verify_token, verify_user_hash


@dataclass(frozen=True, slots=True)
class Credentials:
    """What came with a message; "" where a channel received nothing."""

    token: str = field(default="", repr=False)
    user_id: str = ""
    user_hash: str = field(default="", repr=False)
    api_token: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, repr=False)
class Door:
    """Checks credentials on every message.

    Attributes:
        customer_secret: Signs customers' tokens.
        api_token: Of trusted servers; "" for none.
        accepts_user_hash: The older HMAC form is accepted too.
    """

    customer_secret: str
    api_token: str
    accepts_user_hash: bool
    clock: Clock

    def caller_of(self, credentials: Credentials) -> Caller:
        """Return who is asking: a verified customer, or a guest when nothing was shown.

        Raises:
            TokenError: A token was shown and does not hold; never a guest then.
        """
        trusted = self.is_trusted(credentials.api_token)
        if credentials.token:
            customer_id, _ = verify_token(credentials.token, self.customer_secret, self.clock.now())
            return Caller(customer_id, credentials.token, has_api_token=trusted)
        if credentials.user_hash:
            if not self.accepts_user_hash:
                raise TokenError("user_hash is not accepted here; send a signed token instead")
            customer_id = verify_user_hash(
                credentials.user_id, credentials.user_hash, self.customer_secret
            )
            return Caller(customer_id, has_api_token=trusted)
        return Caller(has_api_token=True) if trusted else GUEST

    def expires_at(self, token: str) -> datetime:
        """Return when a token expires, aware UTC.

        Raises:
            TokenError: It does not hold now.
        """
        return verify_token(token, self.customer_secret, self.clock.now())[1]

    def is_trusted(self, api_token: str) -> bool:
        """Tell whether this is the API token; nothing is, where none is set."""
        return bool(self.api_token) and hmac.compare_digest(
            self.api_token.encode(), api_token.encode()
        )
