"""Errors of the assistant.

BotError
├── ConfigurationError
├── ConversationError
│   ├── ConversationNotFoundError
│   ├── ConversationAccessError
│   ├── MessageConflictError
│   ├── MessageInvalidError
│   ├── HandoffStateError
│   └── LeaseLostError
├── IdentityError
│   ├── TokenError
│   └── SignInError
├── ReleaseError
│   ├── ReleaseNotFoundError
│   ├── ReleaseInvalidError
│   └── DraftConflictError
├── ActionError
│   └── ActionNotRegisteredError
├── TooManyRequestsError
└── CrmError
    ├── CustomerNotFoundError
    └── CrmUnavailableError
"""


class BotError(Exception):
    """Root of all errors of ``bot``."""


class ConfigurationError(BotError):
    """A setting is missing, misspelt or contradicts another one."""


class ConversationError(BotError):
    """Something is wrong with a conversation."""


class ConversationNotFoundError(ConversationError):
    """No conversation has this id."""


class ConversationAccessError(ConversationError):
    """The caller may not see or continue this conversation."""


class MessageConflictError(ConversationError):
    """A message id came again with another text."""


class MessageInvalidError(ConversationError):
    """A message is empty, too long or holds what is not text."""


class HandoffStateError(ConversationError):
    """A handoff cannot go from its present state to the wanted one."""


class LeaseLostError(ConversationError):
    """Another process took the turn over while this one worked on it."""


class IdentityError(BotError):
    """Something is wrong with who is asking."""


class TokenError(IdentityError):
    """A customer token is forged, expired or malformed."""


class SignInError(IdentityError):
    """A colleague's name, password or role does not fit."""


class ReleaseError(BotError):
    """A release cannot be read, built or switched to."""


class ReleaseNotFoundError(ReleaseError):
    """No release has this number."""


class ReleaseInvalidError(ReleaseError):
    """A draft does not hold what a release needs."""


class DraftConflictError(ReleaseError):
    """Somebody else changed the draft in the meantime."""


class ActionError(BotError):
    """An action could not be run."""


class ActionNotRegisteredError(ActionError):
    """No action has this name."""


class TooManyRequestsError(BotError):
    """Somebody asks for more than one visitor should; ``retry_after_s`` says when there is room again."""

    def __init__(self, message: str, retry_after_s: int) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class CrmError(BotError):
    """The CRM refused or failed."""


class CustomerNotFoundError(CrmError):
    """No customer has this id."""


class CrmUnavailableError(CrmError):
    """The CRM does not answer, or not in time."""
