"""Button payloads: ``/intent{"slot": "value"}``, and when a typed one counts."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from bot.domain.conversation import Conversation
from bot.domain.message import Message
from bot.domain.understanding import SlotValue, Understanding

_PAYLOAD: Final = re.compile(r"/(?P<intent>[A-Za-z_][\w-]*)\s*(?P<slots>\{.*\})?\s*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Payload:
    """An intent forced by a button, with slot values."""

    intent: str
    slots: Mapping[str, str] = field(default_factory=dict)


def read_payload(text: str) -> Payload | None:
    """Read a payload; None when the text is not one."""
    found = _PAYLOAD.fullmatch(text.strip())
    if found is None:
        return None
    try:
        slots = json.loads(found["slots"] or "{}")
    except (json.JSONDecodeError, RecursionError):
        return None
    return Payload(found["intent"], {str(slot): str(value) for slot, value in slots.items()})


def write_payload(intent: str, slots: Mapping[str, str] | None = None) -> str:
    """Write a payload as a button carries it."""
    return f"/{intent}{json.dumps(dict(slots), ensure_ascii=False)}" if slots else f"/{intent}"


def accepted_payload(conversation: Conversation, message: Message) -> Payload | None:
    """Return the message's payload if it counts: offered here as a button, or sent by a trusted server.

    Everything else that looks like one is words like any other.
    """
    if message.text.strip() in conversation.offered or message.caller.has_api_token:
        return read_payload(message.text)
    return None


def with_payload(understanding: Understanding, payload: Payload) -> Understanding:
    """Return an understanding that means exactly what the payload says."""
    values = tuple(
        SlotValue(slot, value, 0, len(understanding.utterance), extractor="button")
        for slot, value in payload.slots.items()
    )
    return Understanding(
        utterance=understanding.utterance,
        intents=understanding.intents,
        out_of_scope_probability=0.0,
        sentiment=understanding.sentiment,
        slot_values=values,
        vector=understanding.vector,
        chosen_intent=payload.intent,
        took_ms=understanding.took_ms,
    )
