"""Opens turns: a message is on disk before anything is decided, and one turn runs at a time."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final

from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from bot.domain.conversation import Conversation
from bot.domain.message import ConversationId, Message
from bot.domain.ports import Clock
from bot.domain.reply import Reply
from bot.domain.trace import Trace
from bot.errors import LeaseLostError
from bot.logs import log_event
from bot.sql import Database
from bot.sql_work import SqlConnection
from bot.stores import ledger
from bot.stores.feed import Feed
from bot.stores.folds import Folds
from bot.stores.ledger import Head, Lease
from bot.stores.turn_log import Answered, Taken, TurnLog, Waiting

_LOGGER: Final = logging.getLogger(__name__)
_FIRST_PAUSE_S: Final = 0.02
_LONGEST_PAUSE_S: Final = 0.25
_PATIENCE_S: Final = 60.0


class SqlTurn:
    """A message being worked on."""

    def __init__(self, turns: "Turns", message: Message, state: Taken | Answered) -> None:
        self._turns = turns
        self._message = message
        self._state = state
        self.is_closed = isinstance(state, Answered)

    @property
    def conversation(self) -> Conversation:
        """Return the conversation, this message included."""
        return self._state.conversation

    @property
    def is_repeated(self) -> bool:
        """Tell whether this message was answered before."""
        return isinstance(self._state, Answered)

    @property
    def stored_reply(self) -> Reply:
        """Return the reply given before.

        Raises:
            ValueError: The message was not answered yet.
        """
        if isinstance(self._state, Answered):
            return self._state.reply
        raise ValueError("the message was not answered yet; ask is_repeated first")

    async def close(self, reply: Reply, trace: Trace) -> Reply:
        """Store reply, trace and handoff in one transaction, and give the lease back; see ``ports.Turn``."""
        if not isinstance(self._state, Taken):
            raise ValueError("the turn was closed before; ask is_repeated first")  # noqa: TRY004
        counts = await self._turns.close(self._message, self._state, reply, trace)
        self.is_closed = True
        return counts


class Turns:
    """Opens and closes turns on the log; every process has its own ``holder`` name."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        feed: Feed,
        folds: Folds,
        *,
        holder: str,
        lease_s: float,
    ) -> None:
        self._database = database
        self._clock = clock
        self._feed = feed
        self._folds = folds
        self._log = TurnLog(clock, folds, holder=holder, lease_s=lease_s)
        self._lease_s = lease_s
        self._leaving: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def open(self, message: Message) -> AsyncIterator[SqlTurn]:
        """Commit a message, wait for its turn, keep the lease while it is worked on."""
        state = await self._wait_for_turn(message)
        turn = SqlTurn(self, message, state)
        if isinstance(state, Answered):
            yield turn
            return
        renewing = asyncio.get_running_loop().create_task(self._renew(state.head))
        try:
            yield turn
        finally:
            renewing.cancel()
            if not turn.is_closed:
                await self._let_go(state.head)

    async def close(self, message: Message, taken: Taken, reply: Reply, trace: Trace) -> Reply:
        """Write the turn's entries, if the lease is still ours; returns the reply that counts.

        Raises:
            LeaseLostError: Another process works on the message now.
        """
        state = await self._database.write(
            lambda connection: self._log.end(connection, message, taken, (reply, trace))
        )
        self._folds.keep(state.head, state.conversation)
        self._feed.announce(message.conversation_id)
        return state.reply

    async def _wait_for_turn(self, message: Message) -> Taken | Answered:
        deadline, pause_s = asyncio.get_running_loop().time() + _PATIENCE_S, _FIRST_PAUSE_S
        with self._feed.listen(message.conversation_id) as news:
            state = await self._begin(message)
            self._feed.announce(message.conversation_id)
            while isinstance(state, Waiting):
                if asyncio.get_running_loop().time() > deadline:
                    raise LeaseLostError(
                        "an earlier message of this conversation is still being worked on; send it again"
                    )
                await news.wait(timeout_s=pause_s)
                pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)
                state = await self._try_once(message)
        return state

    async def _begin(self, message: Message) -> Taken | Answered | Waiting:
        try:
            return await self._try_once(message)
        except IntegrityError:  # another process started the conversation in the same moment
            return await self._try_once(message)

    async def _try_once(self, message: Message) -> Taken | Answered | Waiting:
        taken: list[Head] = []

        async def work(connection: SqlConnection) -> Taken | Answered | Waiting:
            state = await self._log.begin(connection, message)
            if isinstance(state, Taken):
                taken.append(state.head)
            return state

        try:
            state = await self._database.write(work)
        except asyncio.CancelledError:
            # It may go through all the same; the lease would then be nobody's until it runs out.
            leaving = asyncio.create_task(self._give_up(message.conversation_id, taken))
            self._leaving.add(leaving)
            leaving.add_done_callback(self._leaving.discard)
            raise
        self._folds.keep(state.head, state.conversation)
        return state

    async def _give_up(self, conversation_id: ConversationId, taken: list[Head]) -> None:
        """Give a lease back that was taken for a caller who left; writes come in order, so this comes after it."""

        async def work(connection: SqlConnection) -> None:
            for head in taken:
                await ledger.move_lease(connection, conversation_id, head.lease, 0.0)

        # Where the database is closed or out of reach, the lease runs out.
        with suppress(SQLAlchemyError, OSError, RuntimeError):
            await self._database.write(work)
        self._feed.announce(conversation_id)

    async def _renew(self, head: Head) -> None:
        while True:
            await asyncio.sleep(self._lease_s / 3)
            await self._move_lease(head.conversation_id, head.lease, self._lease_s)

    async def _let_go(self, head: Head) -> None:
        await self._move_lease(head.conversation_id, head.lease, 0.0)
        self._feed.announce(head.conversation_id)

    async def _move_lease(
        self, conversation_id: ConversationId, lease: Lease, lasts_s: float
    ) -> None:
        """Move the lease's end; where that fails, the lease runs out by itself."""
        until = self._clock.now().timestamp() + lasts_s
        try:
            await self._database.write(
                lambda connection: ledger.move_lease(connection, conversation_id, lease, until)
            )
        except (SQLAlchemyError, OSError) as problem:
            log_event(
                _LOGGER, "lease_not_moved", logging.WARNING, error=type(problem).__name__,
                conversation_id=conversation_id,
            )  # fmt: skip
