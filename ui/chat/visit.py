"""What the browser keeps of a visit, and who the visitor is; nothing that comes back from it is trusted."""

from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from typing import Any, Final, Self

from bot.bootstrap import Kefu
from bot.crm.demo.stories import StoryCustomer, story_customers
from bot.domain.message import GUEST, Caller, ConversationId, CustomerId
from bot.errors import CustomerNotFoundError, TokenError
from bot.identity.door import Credentials
from bot.identity.tokens import make_token

_VALID_FOR: Final = timedelta(minutes=5)
_MAX_CHARACTERS: Final = 4096


@dataclass(frozen=True, slots=True)
class Visit:
    """A visitor's conversation; "" stands for none.

    Attributes:
        conversation_id: The conversation they are in.
        secret: Opens it while it is a guest's.
        customer_id: The demo customer they chose to be.
        unsent_id: The message id of a text that could not be sent, so that sending it again is harmless.
        unsent_text: That text.
    """

    conversation_id: str = ""
    secret: str = ""
    customer_id: str = ""
    unsent_id: str = ""
    unsent_text: str = ""

    @classmethod
    def from_browser(cls, stored: object) -> Self:
        """Read what the browser sent; whatever is not text of a sensible length counts as nothing."""
        given: dict[str, Any] = (
            stored if isinstance(stored, dict) else {}
        )  # anybody can send anything
        found = {name: given.get(name) for name in cls.__slots__}
        return cls(
            **{
                name: value
                for name, value in found.items()
                if isinstance(value, str) and len(value) <= _MAX_CHARACTERS and _is_text(value)
            }
        )

    def for_browser(self) -> dict[str, str]:
        """Return it as the browser keeps it."""
        return asdict(self)

    def entered(self, conversation_id: ConversationId, secret: str) -> "Visit":
        """Return the visit in another conversation."""
        return Visit(conversation_id, secret, self.customer_id)

    def sent(self) -> "Visit":
        """Return the visit with nothing left to send again."""
        return replace(self, unsent_id="", unsent_text="")


@dataclass(frozen=True, slots=True)
class Visitors:
    """Says who a visitor is: a guest, or in a demo the generated customer that they chose."""

    kefu: Kefu

    def choices(self) -> tuple[StoryCustomer, ...]:
        """Return the customers one can choose to be; none outside a demo."""
        return story_customers() if self.kefu.settings.demo else ()

    async def caller_of(self, visit: Visit) -> Caller:
        """Return who is asking, verified at the same door as on every channel.

        Raises:
            TokenError: They want to be somebody who is not a generated customer of a demo.
        """
        if not visit.customer_id:
            return GUEST
        customer_id = await self._generated(visit.customer_id)
        door = self.kefu.door
        token = make_token(customer_id, door.customer_secret, door.clock.now(), _VALID_FOR)
        return door.caller_of(Credentials(token=token))

    async def _generated(self, wanted: str) -> CustomerId:
        """Return the id of a generated customer: one of the story's, whom the records know by the story's name."""
        for choice in self.choices():
            if choice.customer_id == wanted:
                try:
                    known = await self.kefu.crm.customer(choice.customer_id)
                except CustomerNotFoundError:
                    break
                if known.name == choice.name:
                    return choice.customer_id
        raise TokenError("this customer cannot be chosen here; choose one from the list")


def _is_text(value: str) -> bool:
    return value.isprintable() or all(c.isprintable() or c in "\n\r\t" for c in value)
