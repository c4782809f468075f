"""A release and actions that follow a script, for tests of the assistant on real turns."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from bot.dialogue.playbook import Playbook
from bot.domain.conversation import Conversation
from bot.domain.decision import RunAction
from bot.domain.message import Caller, MessageId
from bot.domain.outcome import ActionDone, ActionText, Outcome
from bot.domain.understanding import Understanding
from knowledge_base.passage import Match
from tests.builders import a_playbook, an_understanding


@dataclass
class ScriptedSearch:
    """Finds what the script says, and remembers what was asked."""

    found: tuple[Match, ...] = ()
    asked: list[str] = field(default_factory=list)

    def search(
        self, question: str, vector: NDArray[np.float32], *, top_k: int, topic: str = ""
    ) -> tuple[Match, ...]:
        self.asked.append(question)
        return self.found[:top_k]


@dataclass
class ScriptedRelease:
    """Understands the utterances of the script; everything else is out of scope."""

    script: Mapping[str, Understanding] = field(default_factory=dict)
    number: int = 1
    playbook: Playbook = field(default_factory=a_playbook)
    retriever: ScriptedSearch = field(default_factory=ScriptedSearch)
    understood: list[str] = field(default_factory=list)

    async def understand(self, text: str, *, chosen_intent: str | None = None) -> Understanding:
        self.understood.append(text)
        return self.script.get(text) or an_understanding(text, out_of_scope=0.99)

    def live(self) -> "ScriptedRelease":
        return self

    async def for_turn(self, conversation: Conversation) -> "ScriptedRelease":
        return self


@dataclass
class ScriptedActions:
    """Answers each action as the script says, an exception by raising it; remembers the calls.

    ``fails_in`` names conversations in which every action breaks; ``gate`` holds actions up until it is set.
    """

    outcomes: Mapping[str, Outcome | Exception] = field(default_factory=dict)
    calls: list[tuple[RunAction, MessageId]] = field(default_factory=list)
    callers: list[Caller] = field(default_factory=list)
    fails_in: frozenset[str] = frozenset()
    gate: asyncio.Event | None = None
    called: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(
        self, action: RunAction, conversation: Conversation, caller: Caller, message_id: MessageId
    ) -> Outcome:
        self.calls.append((action, message_id))
        self.callers.append(caller)
        self.called.set()
        if self.gate is not None:
            await self.gate.wait()
        if conversation.conversation_id in self.fails_in:
            raise RuntimeError("a bug")
        outcome = self.outcomes.get(action.action)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome or ActionDone(action.action, (ActionText(text=f"{action.action} is done."),))

    @property
    def names(self) -> list[str]:
        return [action.action for action, _ in self.calls]
