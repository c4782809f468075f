"""A serving process that ends itself with SIGKILL at a given point of a turn; started by ``test_kill_points``.

It serves the real application. Only the parts that are handed to the assistant are wrapped, here and not in the
product: nobody from outside could make a real server do this.
"""

import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final, NoReturn, cast

import uvicorn
from fastapi import FastAPI
from sqlalchemy import event

from bot.actions.registry import local_actions
from bot.actions.runner import LocalActionRunner
from bot.assistant import Assistant
from bot.bootstrap import Kefu, open_kefu
from bot.crm.gateway import SqlCrm
from bot.domain.conversation import Conversation
from bot.domain.message import ConversationId, Message
from bot.domain.ports import Change, ChangeOrder, ConversationStore, CrmGateway, Turn
from bot.domain.reply import Reply
from bot.domain.trace import Trace
from bot.recovery import Recovery
from bot.settings import Settings, read_settings
from ui.api.app import make_app
from ui.api.limits import Limits
from ui.api.turns import Turns

FATAL: Final = "fatal"  # the id of the message in whose turn the process dies


class Point(StrEnum):
    """Where the process dies."""

    OPEN = "right after open"
    TRANSACTION = "in the middle of the CRM's transaction"
    COMMIT = "right after the CRM's commit"
    CLOSE = "before close"
    CLOSED = "after close, before the client has the reply"


def die() -> NoReturn:
    """End this process as a power cut would."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("nobody survives SIGKILL")


@dataclass
class DyingTurn:
    """A turn that does not live to be closed, or not much longer."""

    turn: Turn
    point: Point

    @property
    def conversation(self) -> Conversation:
        return self.turn.conversation

    @property
    def is_repeated(self) -> bool:
        return self.turn.is_repeated

    @property
    def stored_reply(self) -> Reply:
        return self.turn.stored_reply

    async def close(self, reply: Reply, trace: Trace) -> Reply:
        if self.point is Point.CLOSE:
            die()
        stored = await self.turn.close(reply, trace)
        if self.point is Point.CLOSED:
            die()
        return stored


@dataclass
class DyingStore:
    """The real store; the fatal message's turn dies."""

    store: ConversationStore
    point: Point

    @asynccontextmanager
    async def open_turn(self, message: Message) -> AsyncIterator[Turn]:
        async with self.store.open_turn(message) as turn:
            if message.message_id != FATAL:
                yield turn
                return
            if self.point is Point.OPEN:
                die()
            yield DyingTurn(turn, self.point)

    async def get(self, conversation_id: ConversationId) -> Conversation:
        return await self.store.get(conversation_id)


@dataclass
class DyingCrm:
    """The real records; what was asked for is committed, and then the process dies."""

    crm: SqlCrm

    # Every other method of the gateway, each of a type of its own.
    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - see above
        return getattr(self.crm, name)

    async def cancel_order(self, change: ChangeOrder, number: str) -> Change:
        outcome = await self.crm.cancel_order(change, number)
        return _died_of(change, outcome)

    async def start_return(
        self, change: ChangeOrder, number: str, lines: tuple[int, ...], reason: str
    ) -> Change:
        outcome = await self.crm.start_return(change, number, lines, reason)
        return _died_of(change, outcome)


def _died_of(change: ChangeOrder, outcome: Change) -> Change:
    if change.operation_id is not None:
        die()
    return outcome


def _die_before_commit(crm: SqlCrm) -> None:
    writer: Any = crm._database.writer  # noqa: SLF001 - the only place where a commit can be seen coming

    def before_commit(_: object) -> None:
        die()

    event.listen(writer.engine, "commit", before_commit)


def _dying(kefu: Kefu, settings: Settings, point: Point) -> Kefu:
    crm = cast("CrmGateway", DyingCrm(kefu.crm) if point is Point.COMMIT else kefu.crm)
    if point is Point.TRANSACTION:
        _die_before_commit(kefu.crm)
    actions = LocalActionRunner(
        local_actions(crm, kefu.clock, settings.zone), crm, timeout_s=settings.action_timeout_s
    )
    store = DyingStore(kefu.conversations, point)
    assistant = Assistant(store, kefu.shelf, actions, kefu.clock)
    return replace(
        kefu,
        assistant=assistant,
        recovery=Recovery(kefu.conversations, assistant, every_s=settings.lease_s / 3),
    )


def _no_chat(_: Turns, __: Limits) -> FastAPI:
    return FastAPI()


def main() -> None:
    """Serve until the fatal message comes."""
    settings, point = read_settings(), Point(sys.argv[1])

    @asynccontextmanager
    async def opened(settings: Settings) -> AsyncIterator[Kefu]:
        async with open_kefu(settings) as kefu:
            yield _dying(kefu, settings, point)

    app = make_app(settings, opened_by=opened, chat_by=_no_chat)
    uvicorn.run(app, host=settings.host, port=settings.port, log_config=None, access_log=False)


if __name__ == "__main__":
    main()
