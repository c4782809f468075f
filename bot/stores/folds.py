"""Conversations folded before: saves reading and folding the whole log at every message."""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from bot.domain.conversation import Conversation
from bot.domain.message import ConversationId
from bot.sql_work import SqlConnection
from bot.stores import ledger
from bot.stores.ledger import Head

_KEPT: Final = 2048


@dataclass(frozen=True, slots=True)
class Fold:
    """A conversation as it was seen last, and its row at that moment."""

    head: Head
    conversation: Conversation


class Folds:
    """A cache that is never trusted: entries written since, here or elsewhere, are read and folded in."""

    def __init__(self) -> None:
        self._kept: OrderedDict[ConversationId, Fold] = OrderedDict()

    async def read(self, connection: SqlConnection, head: Head) -> Conversation:
        """Return the conversation as the log has it within this transaction."""
        known = self._known(head)
        if known.next_number == head.next_number:
            return known
        after = known.next_number - 1
        for entry in await ledger.read_entries(connection, head.conversation_id, after):
            known = known.after(entry)
        return known

    def _known(self, head: Head) -> Conversation:
        """Return what is kept of this very conversation: not of an erased one, nor more than its row tells of."""
        kept = self._kept.get(head.conversation_id)
        if (
            kept is None
            or kept.head.started_at != head.started_at
            or kept.conversation.next_number > head.next_number
        ):
            return Conversation(head.conversation_id)
        return kept.conversation

    def keep(self, head: Head, conversation: Conversation) -> None:
        """Remember a conversation whose entries are committed, with its row; an older view does not count."""
        kept = self._kept.get(head.conversation_id)
        if (
            kept is not None
            and kept.head.started_at == head.started_at
            and kept.conversation.next_number > conversation.next_number
        ):
            return
        self._kept[head.conversation_id] = Fold(head, conversation)
        self._kept.move_to_end(head.conversation_id)
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)

    def find(self, conversation_id: ConversationId) -> Fold | None:
        """Return a conversation as it was last seen here; None where it was not, or long ago."""
        return self._kept.get(conversation_id)

    def forget(self, conversation_id: ConversationId) -> None:
        """Forget a conversation that was erased."""
        self._kept.pop(conversation_id, None)
