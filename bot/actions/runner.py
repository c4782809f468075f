"""Runs actions in this process; never raises for what goes wrong in them."""

import asyncio
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import Action, ActionExecutionRejection, ActionNotFoundException

from bot.actions.asked import Asked
from bot.actions.bridge import Allowed, Json, read_outcome
from bot.actions.calls import id_of_change, local_call
from bot.actions.crm_action import ChangeAction
from bot.domain.conversation import Conversation
from bot.domain.decision import RunAction
from bot.domain.message import Caller, MessageId, OperationId
from bot.domain.outcome import (
    ActionDone,
    ActionFailed,
    ActionRejected,
    ActionText,
    ActionUnclear,
    Outcome,
)
from bot.domain.ports import Change, CrmGateway
from bot.errors import CrmUnavailableError
from bot.logs import log_event

# What our own actions may fill or list besides the slots that they were given.
OWN_SLOTS: Final = frozenset({"order_number", "lines", "product"})

logger = logging.getLogger(__name__)


def refusal(action: str) -> ActionRejected:
    """Return the outcome of an action that refused without saying why."""
    return ActionRejected(action, "refused", (ActionText("rejected_refused"),))


@dataclass(frozen=True, slots=True)
class _Call:
    """One call of an action, kept together for its tries."""

    action: RunAction
    conversation: Conversation
    caller: Caller
    message_id: MessageId

    @property
    def operation_id(self) -> OperationId | None:
        return id_of_change(self.action, self.conversation.conversation_id, self.message_id)

    def as_json(self) -> Json:
        return local_call(self.action, self.conversation, self.caller, self.message_id)

    def note(self, problem: Exception, attempt: int) -> None:
        log_event(
            logger,
            "action_failed",
            logging.WARNING,
            action=self.action.action,
            conversation_id=self.conversation.conversation_id,
            error=type(problem).__name__,
            attempt=attempt,
        )


class LocalActionRunner:
    """Runs actions in this process through rasa_sdk's executor."""

    def __init__(self, actions: Sequence[Action], crm: CrmGateway, *, timeout_s: float) -> None:
        """Register the actions.

        Args:
            actions: Instances; see ``local_actions`` for ours.
            crm: Asked what came of a change that did not answer.
            timeout_s: How long one try may take.
        """
        self._executor = ActionExecutor()
        for action in actions:
            self._executor.register_action(action)
        self._changes = {
            action.name(): action for action in actions if isinstance(action, ChangeAction)
        }
        self._crm = crm
        self._timeout_s = timeout_s

    @property
    def names(self) -> frozenset[str]:
        """Return the names of the actions that are here."""
        return frozenset(self._executor.actions)

    async def run(
        self, action: RunAction, conversation: Conversation, caller: Caller, message_id: MessageId
    ) -> Outcome:
        """Run an action; a read twice where it fails, a change again only where it surely did not happen."""
        started = time.perf_counter()
        call = _Call(action, conversation, caller, message_id)
        outcome = await (self._read(call) if action.reads_only else self._change(call))
        log_event(
            logger,
            "action_run",
            action=action.action,
            conversation_id=conversation.conversation_id,
            outcome=type(outcome).__name__,
            took_ms=round((time.perf_counter() - started) * 1000, 1),
        )
        return outcome

    async def _read(self, call: _Call) -> Outcome:
        try:
            return await self._try(call)
        except Exception as problem:  # noqa: BLE001 - actions may be others' code
            call.note(problem, attempt=1)
        try:
            return await self._try(call)
        except Exception as problem:  # noqa: BLE001 - actions may be others' code
            call.note(problem, attempt=2)
            return ActionFailed(call.action.action, type(problem).__name__)

    async def _change(self, call: _Call) -> Outcome:
        try:
            return await self._try(call)
        except Exception as problem:  # noqa: BLE001 - actions may be others' code
            call.note(problem, attempt=1)
            first = problem
        settled = await self._settled(call)
        if settled is not None:
            return settled
        if isinstance(first, CrmUnavailableError):
            return await self._change_again(call)
        name = call.action.action
        if isinstance(first, TimeoutError):
            # It may still be on its way: nobody knows.
            return ActionUnclear(name, "TimeoutError")
        return ActionFailed(name, type(first).__name__)

    async def _change_again(self, call: _Call) -> Outcome:
        """Try once more: the operation id makes that harmless even if the first try comes through late."""
        try:
            return await self._try(call)
        except Exception as problem:  # noqa: BLE001 - actions may be others' code
            call.note(problem, attempt=2)
            settled = await self._settled(call)
            return settled or ActionUnclear(call.action.action, type(problem).__name__)

    async def _try(self, call: _Call) -> Outcome:
        name = call.action.action
        try:
            async with asyncio.timeout(self._timeout_s):
                result = await self._executor.run(call.as_json())
        except ActionExecutionRejection:
            return refusal(name)
        except ActionNotFoundException:
            return ActionFailed(name, "there is no such action here")
        if result is None:
            return ActionFailed(name, "the action answered nothing")
        allowed = Allowed(OWN_SLOTS | call.action.slots.keys())
        return read_outcome(name, result.responses, result.events, allowed)

    async def _settled(self, call: _Call) -> Outcome | None:
        """Look up what came of a change; None where it is not known to have happened."""
        operation_id = call.operation_id
        if operation_id is None:
            return None
        try:
            async with asyncio.timeout(self._timeout_s):
                change = await self._crm.operation_outcome(operation_id)
        except (CrmUnavailableError, TimeoutError) as problem:
            call.note(problem, attempt=1)
            return ActionUnclear(call.action.action, type(problem).__name__)
        return None if change is None else self._told(call, change)

    def _told(self, call: _Call, change: Change) -> Outcome:
        asked = Asked(slots=dict(call.action.slots), operation_id=call.operation_id)
        action = self._changes.get(call.action.action)
        return ActionDone(call.action.action) if action is None else action.tell(change, asked)
