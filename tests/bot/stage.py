"""A stage for the assistant: a conversation whose release and actions follow a script."""

from dataclasses import dataclass, field

from bot.assistant import Assistant
from bot.domain.conversation import Conversation
from bot.domain.message import Caller, ConversationId, CustomerId, Message, MessageId
from bot.domain.ports import ConversationStore
from bot.domain.reply import Reply, part_as_text
from bot.domain.understanding import Understanding
from tests.fakes import SetClock
from tests.scripted import ScriptedActions, ScriptedRelease

MAYA = Caller(CustomerId("C-1001"), token="a.signed.token")  # noqa: S106 - a test's


CHAT = ConversationId("c1")


@dataclass
class Stage:
    """An assistant, what it is given, and a customer who writes to it."""

    store: ConversationStore
    release: ScriptedRelease = field(default_factory=ScriptedRelease)
    actions: ScriptedActions = field(default_factory=ScriptedActions)
    clock: SetClock = field(default_factory=SetClock)
    sent: int = 0

    def __post_init__(self) -> None:
        self.assistant = Assistant(self.store, self.release, self.actions, self.clock)

    def knows(self, *understandings: Understanding) -> "Stage":
        self.release.script = {known.utterance: known for known in understandings}
        return self

    def message(self, text: str, message_id: str = "", caller: Caller = MAYA) -> Message:
        self.sent += 1
        chosen = MessageId(message_id or f"m{self.sent}")
        return Message(CHAT, chosen, text, "test", self.clock.now(), caller)

    async def says(self, said: Understanding | str, message_id: str = "") -> Reply:
        text = said if isinstance(said, str) else said.utterance
        return await self.assistant.reply(self.message(text, message_id))

    async def conversation(self) -> Conversation:
        return await self.store.get(CHAT)


def words(reply: Reply) -> str:
    return "\n".join(part_as_text(part) for part in reply.parts)
