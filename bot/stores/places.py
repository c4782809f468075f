"""Where a message stands in its conversation, and whether it may be there; read off the fold, without a query."""

from dataclasses import dataclass

from bot.domain.conversation import Conversation
from bot.domain.entries import MessageReceived, TurnClosed
from bot.domain.message import Message, MessageId
from bot.errors import ConversationAccessError, MessageConflictError
from bot.stores.ledger import Head


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message stands in its conversation.

    Attributes:
        received: Its entry; None for a new message.
        closed: Its turn; None while it is open.
        is_next: All messages before it are answered.
    """

    received: MessageReceived | None
    closed: TurnClosed | None
    is_next: bool


def find_place(conversation: Conversation, message_id: MessageId) -> Place:
    """Find a message; one that is not there yet would come last."""
    waiting: dict[MessageId, MessageReceived] = {}
    received = closed = None
    for entry in conversation.entries:
        if isinstance(entry, MessageReceived):
            waiting[entry.message_id] = entry
            received = entry if entry.message_id == message_id else received
        elif isinstance(entry, TurnClosed):
            waiting.pop(entry.message_id, None)
            closed = entry if entry.message_id == message_id else closed
    return Place(received, closed, is_next=next(iter(waiting), message_id) == message_id)


def check_access(head: Head, place: Place, message: Message) -> None:
    """Let a message in.

    Raises:
        ConversationAccessError: The conversation belongs to another customer.
        MessageConflictError: The id came before with another text.
    """
    received = place.received
    is_same = received is not None and received.text == message.text
    if not is_open_to(head, message) and not (is_same and _was_let_in(place, message)):
        raise ConversationAccessError(
            "this conversation belongs to a signed-in customer; sign in as that customer or start a new one"
        )
    if received is not None and not is_same:
        raise MessageConflictError(
            f"message id {message.message_id!r} came before with another text; give every message its own id"
        )


def is_open_to(head: Head, message: Message) -> bool:
    """Tell whether whoever sent a new message may write there."""
    return head.customer_id is None or head.customer_id == message.caller.customer_id


def _was_let_in(place: Place, message: Message) -> bool:
    """Tell whether this very message was let in before and waits for its reply.

    A guest's message must be finished even if a customer was verified behind it; else it would block the conversation.
    """
    received = place.received
    if received is None or place.closed is not None:
        return False
    return received.customer_id == message.caller.customer_id
