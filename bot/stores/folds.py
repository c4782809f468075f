"""Conversations folded before: saves reading and folding the whole log at every message."""

from collections import OrderedDict
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.conversation import Conversation
from bot.domain.message import ConversationId
from bot.stores import ledger
from bot.stores.ledger import Head

_KEPT: Final = 2048


class Folds:
    """A cache that is never trusted: entries written since, here or elsewhere, are read and folded in."""

    def __init__(self) -> None:
        self._kept: OrderedDict[ConversationId, Conversation] = OrderedDict()

    async def read(self, connection: AsyncConnection, head: Head) -> Conversation:
        """Return the conversation as the log has it within this transaction."""
        known = self._kept.get(head.conversation_id) or Conversation(head.conversation_id)
        if known.next_number == head.next_number:
            return known
        if known.next_number > head.next_number:  # the log was erased or restored
            known = Conversation(head.conversation_id)
        after = known.next_number - 1
        for entry in await ledger.read_entries(connection, head.conversation_id, after):
            known = known.after(entry)
        return known

    def keep(self, conversation: Conversation) -> None:
        """Remember a conversation whose entries are committed."""
        present = self._kept.get(conversation.conversation_id)
        if present is not None and present.next_number > conversation.next_number:
            return
        self._kept[conversation.conversation_id] = conversation
        self._kept.move_to_end(conversation.conversation_id)
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)

    def forget(self, conversation_id: ConversationId) -> None:
        """Forget a conversation that was erased."""
        self._kept.pop(conversation_id, None)
