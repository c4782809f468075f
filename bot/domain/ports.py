"""Protocols that the assistant calls; every implementation keeps the contract in ``tests/contracts``."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from bot.domain.conversation import Conversation
from bot.domain.customer import Address, Customer, LoyaltyAccount, Order, Product, Refund
from bot.domain.decision import RunAction
from bot.domain.message import (
    AgentId,
    Caller,
    ConversationId,
    CustomerId,
    Message,
    MessageId,
    OperationId,
)
from bot.domain.outcome import Outcome
from bot.domain.reply import Reply
from bot.domain.trace import Trace


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """Return the present moment, aware UTC."""
        ...


class Passwords(Protocol):
    """Hashes and verifies passwords; takes CPU, so call it in a thread."""

    def hash(self, password: str) -> str:
        """Hash a password.

        Raises:
            SignInError: It is too short.
        """
        ...

    def fits(self, password: str, stored_hash: str | None) -> bool:
        """Tell whether a password fits; an unknown name (None) takes as long as a known one."""
        ...


class Encoder(Protocol):
    """Turns texts into vectors."""

    @property
    def dim(self) -> int:
        """Return the length of a vector."""
        ...

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Encode texts as unit vectors, shape ``(len(texts), dim)``."""
        ...


@dataclass(frozen=True, slots=True)
class Encodings:
    """What an encoder says about some texts, a row for each.

    Attributes:
        vectors: What is meant: unit vectors, shape ``(n, dim)``.
        moods: What a sentiment head reads, shape ``(n, mood_dim)``.
    """

    vectors: NDArray[np.float32]
    moods: NDArray[np.float32]


class MoodEncoder(Encoder, Protocol):
    """An encoder that reads the mood in the same pass."""

    def encode_all(self, texts: Sequence[str]) -> Encodings:
        """Encode texts as unit vectors and moods."""
        ...


class Turn(Protocol):
    """A message being worked on; holds the conversation's lease."""

    @property
    def conversation(self) -> Conversation:
        """Return the conversation, this message included."""
        ...

    @property
    def is_repeated(self) -> bool:
        """Tell whether this message was answered before."""
        ...

    @property
    def stored_reply(self) -> Reply:
        """Return the reply given before; only where ``is_repeated``."""
        ...

    async def close(self, reply: Reply, trace: Trace) -> Reply:
        """Store reply, trace and (where the reply asks for it) the handoff, in one transaction.

        Returns the reply that counts: that of another process, if one answered the message in the meantime.

        Raises:
            LeaseLostError: Another process works on the message now.
        """
        ...


class ConversationStore(Protocol):
    """The log of conversations."""

    def open_turn(self, message: Message) -> AbstractAsyncContextManager[Turn]:
        """Commit a message and take the conversation's lease; waits while another turn runs.

        Raises:
            MessageConflictError: The id came before with another text.
            ConversationAccessError: The conversation belongs to another customer.
        """
        ...

    async def get(self, conversation_id: ConversationId) -> Conversation:
        """Read a conversation.

        Raises:
            ConversationNotFoundError: There is none.
        """
        ...


class ActionRunner(Protocol):
    """Runs actions in the CRM."""

    async def run(
        self, action: RunAction, conversation: Conversation, caller: Caller, message_id: MessageId
    ) -> Outcome:
        """Run an action for a caller; never raises for what a CRM or server does wrong."""
        ...


@dataclass(frozen=True, slots=True)
class ChangeDone:
    """A change was made; ``values`` are facts the wording may use, such as ``return_number``."""

    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ChangeRejected:
    """A rule says no; ``reason`` is a stable word such as ``already_packed``; ``values`` explain it."""

    reason: str
    values: Mapping[str, str] = field(default_factory=dict)


Change = ChangeDone | ChangeRejected


@dataclass(frozen=True, slots=True)
class ChangeOrder:
    """Who wants a change, under which id, and when.

    ``operation_id`` None means *check only*: the rules are asked, nothing is written.
    """

    customer_id: CustomerId
    operation_id: OperationId | None
    now: datetime


class CrmGateway(Protocol):
    """The shop's records. Every method names the customer and sees only theirs.

    All raise ``CrmUnavailableError`` when the records cannot be reached, and ``CustomerNotFoundError`` for an
    unknown customer. A repeated change (same ``operation_id``) returns the stored outcome.
    """

    async def customer(self, customer_id: CustomerId) -> Customer:
        """Read a customer."""
        ...

    async def orders(self, customer_id: CustomerId, *, limit: int) -> tuple[Order, ...]:
        """Read a customer's orders, newest first."""
        ...

    async def find_order(self, customer_id: CustomerId, number: str) -> Order | None:
        """Read one order; None when there is none of this number *of this customer*."""
        ...

    async def refunds(self, customer_id: CustomerId) -> tuple[Refund, ...]:
        """Read a customer's refunds, newest first."""
        ...

    async def loyalty(self, customer_id: CustomerId, now: datetime) -> LoyaltyAccount:
        """Read a customer's Trail Points."""
        ...

    async def products(self) -> tuple[Product, ...]:
        """Read the whole range (for look-ups and fuzzy names)."""
        ...

    async def find_product(self, product_id: str) -> Product | None:
        """Read one product; None when there is none."""
        ...

    async def operation_outcome(self, operation_id: OperationId) -> Change | None:
        """Read what came of a change; None when it never happened."""
        ...

    async def cancel_order(self, change: ChangeOrder, number: str) -> Change:
        """Cancel an order that is still *placed*; values: ``amount``."""
        ...

    async def change_address(self, change: ChangeOrder, number: str, address: Address) -> Change:
        """Send an order that is still *placed* somewhere else; values: ``address``."""
        ...

    async def start_return(
        self, change: ChangeOrder, number: str, lines: Sequence[int], reason: str
    ) -> Change:
        """Announce a return; values: ``return_number``, ``items``, ``amount``, ``send_by``."""
        ...

    async def report_problem(
        self, change: ChangeOrder, number: str, kind: str, lines: Sequence[int], text: str
    ) -> Change:
        """Report lines as ``missing`` or ``damaged``; values: ``ticket``, ``items``."""
        ...

    async def send_invoice(self, change: ChangeOrder, number: str) -> Change:
        """Send the VAT invoice to the account's e-mail; values: ``email``, ``invoice_number``, ``amount``, ``vat``."""
        ...

    async def open_ticket(self, change: ChangeOrder, subject: str, text: str) -> Change:
        """Write a matter down for colleagues; values: ``ticket``."""
        ...

    async def set_newsletter(self, change: ChangeOrder, *, is_subscribed: bool) -> Change:
        """Subscribe to or leave the newsletter; values: ``email``; rejected when it is so already."""
        ...

    async def request_deletion(self, change: ChangeOrder) -> Change:
        """Ask for the account's data to be deleted; values: ``ticket``, ``done_by``."""
        ...


@dataclass(frozen=True, slots=True)
class HandoffLine:
    """A conversation that waits for an agent or is with one."""

    conversation_id: ConversationId
    customer_id: CustomerId | None
    reason: str
    summary: str
    opened_at: datetime
    agent_id: AgentId | None
    last_message: str


@dataclass(frozen=True, slots=True)
class DemoDay:
    """The demo shop's anchor day: records are generated relative to it."""

    anchor: date
    seed: int
