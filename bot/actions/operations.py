"""Ids of changes: the same change asked for again has the same id."""

import hashlib
import json
from collections.abc import Iterable, Mapping

from bot.domain.message import OperationId


def operation_id(scope: Iterable[str], action: str, slots: Mapping[str, str]) -> OperationId:
    """Return the id of a change.

    Args:
        scope: Where it was asked for: the conversation and the message.
        action: The action's name.
        slots: What the action is about; their order does not matter.
    """
    written = json.dumps([*scope, action, sorted(slots.items())], ensure_ascii=False)
    return OperationId(hashlib.sha256(written.encode()).hexdigest())
