"""The fakes keep the contracts of what they stand for."""

import pytest

from bot.domain.ports import ConversationStore
from tests.contracts.conversation_store import ConversationStoreContract
from tests.fakes import MemoryConversationStore


class TestMemoryConversationStore(ConversationStoreContract):
    @pytest.fixture
    def store(self) -> ConversationStore:
        return MemoryConversationStore()
