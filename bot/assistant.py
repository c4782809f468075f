"""One message in, one reply out: open, understand, decide, act, judge, close. Read this first."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from bot.dialogue.payload import accepted_payload, with_payload
from bot.dialogue.playbook import AnsweringRelease, ReleaseShelf
from bot.dialogue.policy import decide, goes_on, judge, waits_for_customer
from bot.dialogue.tracing import trace_step
from bot.domain.conversation import Conversation
from bot.domain.decision import (
    AskFor,
    Clarify,
    Confirm,
    Decision,
    Escalate,
    LeaveFlow,
    LookUp,
    RunAction,
    Say,
    SignIn,
    StaySilent,
)
from bot.domain.facts import Fact, WishQueued, WishTaken
from bot.domain.message import Message
from bot.domain.outcome import Matches, Nothing, Outcome
from bot.domain.ports import ActionRunner, Clock, ConversationStore
from bot.domain.reply import HandoffRequest, Part, Reply
from bot.domain.trace import Trace, TraceStep
from bot.domain.understanding import Understanding

TOP_K = 5
MAX_STEPS = 6


@dataclass(slots=True)
class _Work:
    """What a turn has come to so far; lives as long as the turn."""

    release: AnsweringRelease
    conversation: Conversation
    parts: list[Part] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    steps: list[TraceStep] = field(default_factory=list)
    took_ms: dict[str, float] = field(default_factory=dict)
    handoff: HandoffRequest | None = None

    def learn(self, *facts: Fact) -> None:
        self.facts.extend(facts)
        self.conversation = self.conversation.learning(facts)

    def took(self, stage: str, started: float) -> None:
        spent = (time.perf_counter() - started) * 1000
        self.took_ms[stage] = self.took_ms.get(stage, 0.0) + spent

    def must_stop(self) -> bool:
        return self.handoff is not None or waits_for_customer(self.conversation)


@dataclass(frozen=True, slots=True)
class _Reading:
    """An utterance that a release is understanding. That depends on nothing else, and changes nothing."""

    release: AnsweringRelease
    task: asyncio.Task[tuple[Understanding, float]]

    @classmethod
    def begin(cls, release: AnsweringRelease, text: str) -> "_Reading":
        task = asyncio.create_task(_timed(release, text))
        # Where nobody waits for it any more, its error is nobody's either.
        task.add_done_callback(lambda done: done.cancelled() or done.exception())
        return cls(release, task)


async def _timed(release: AnsweringRelease, text: str) -> tuple[Understanding, float]:
    started = time.perf_counter()
    understanding = await release.understand(text)
    return understanding, (time.perf_counter() - started) * 1000


class Assistant:
    """Answers customers' messages."""

    def __init__(
        self,
        conversations: ConversationStore,
        releases: ReleaseShelf,
        actions: ActionRunner,
        clock: Clock,
    ) -> None:
        self.conversations = conversations
        self.releases = releases
        self.actions = actions
        self.clock = clock

    async def reply(self, message: Message) -> Reply:
        """Answer one message; asked again with the same message, give the same reply."""
        with self.reading_ahead(message) as ahead:
            async with self.conversations.open_turn(message) as turn:  # from here on it is safe
                if turn.is_repeated:
                    return turn.stored_reply
                release = await self.releases.for_turn(turn.conversation)
                work = _Work(release, turn.conversation)
                understanding = await self.understand(work, message, ahead)
                await self.fulfil(work, understanding, message)
                reply = Reply(tuple(work.parts), tuple(work.facts), work.handoff)
                trace = Trace(work.release.number, tuple(work.steps), dict(work.took_ms))
                return await turn.close(reply, trace)

    @contextmanager
    def reading_ahead(self, message: Message) -> Iterator[_Reading]:
        """Understand a message while it goes to disk; what comes of it is used only once it is there."""
        reading = _Reading.begin(self.releases.live(), message.text)
        try:
            yield reading
        finally:
            reading.task.cancel()

    async def understand(self, work: _Work, message: Message, ahead: _Reading) -> Understanding:
        """Understand a message; an accepted payload means exactly what it says."""
        is_same = (
            ahead.release is work.release
        )  # else the conversation is in a flow of an older one
        reading = ahead if is_same else _Reading.begin(work.release, message.text)
        understanding, work.took_ms["understand"] = await reading.task
        payload = accepted_payload(work.conversation, message)
        if payload is not None:
            understanding = with_payload(understanding, payload)
        return understanding

    async def fulfil(self, work: _Work, understanding: Understanding, message: Message) -> None:
        """Work on the message's wishes one after the other, until one waits for the customer."""
        pending = list(understanding.wishes or (understanding,))
        for _ in range(MAX_STEPS):
            wish = pending.pop(0)
            await self.step(work, wish, message)
            if work.handoff is None and goes_on(work.conversation):
                pending.insert(0, wish)
                continue
            if work.must_stop():
                break
            if not pending and work.conversation.wishes:
                pending.append(await work.release.understand(work.conversation.wishes[0]))
                work.learn(WishTaken())
            if not pending:
                break
        if work.handoff is None:
            work.learn(*(WishQueued(wish.utterance) for wish in pending))

    async def step(self, work: _Work, wish: Understanding, message: Message) -> None:
        """Decide, act, judge: one wish."""
        playbook, now = work.release.playbook, self.clock.now()
        started = time.perf_counter()
        decision = decide(work.conversation, wish, playbook, now)
        work.learn(*decision.facts)
        work.took("decide", started)
        started = time.perf_counter()
        outcome = await self.act(decision, wish, work, message)
        work.took("act", started)
        started = time.perf_counter()
        reply = judge(work.conversation, decision, outcome, playbook, now)
        work.learn(*reply.facts)
        work.took("judge", started)
        work.parts.extend(reply.parts)
        work.handoff = reply.handoff
        work.steps.append(trace_step(wish, decision, outcome))

    async def act(
        self, decision: Decision, wish: Understanding, work: _Work, message: Message
    ) -> Outcome:
        """Do what was decided: search, run an action, or nothing."""
        match decision:
            case LookUp():
                return await self.look_up(decision, wish, work)
            case RunAction():
                return await self.run(decision, work, message)
            case Confirm(preview=preview):
                return await self.run(preview, work, message)
            case AskFor(options=RunAction() as options):
                return await self.run(options, work, message)
            case AskFor() | Clarify() | Say() | SignIn() | Escalate() | LeaveFlow() | StaySilent():
                return Nothing()

    async def look_up(self, decision: LookUp, wish: Understanding, work: _Work) -> Matches:
        """Ask the knowledge base; the utterance's own vector serves, unless other words are meant."""
        found = await self.search(decision.question, decision.topic, wish, work)
        if decision.instead and all(m.probability < decision.threshold for m in found.matches):
            return await self.search(decision.instead, decision.topic, wish, work)
        return found

    async def search(self, question: str, topic: str, wish: Understanding, work: _Work) -> Matches:
        """Search the release's articles."""
        same = question == wish.utterance
        vector = wish.vector if same else (await work.release.understand(question)).vector
        retriever = work.release.retriever
        return Matches(retriever.search(question, vector, top_k=TOP_K, topic=topic))

    async def run(self, action: RunAction, work: _Work, message: Message) -> Outcome:
        """Run an action for whoever sent the message."""
        return await self.actions.run(action, work.conversation, message.caller, message.message_id)
