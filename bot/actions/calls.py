"""Conversations as a rasa_sdk action server reads them: the body of ``POST /webhook``."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from bot.actions.bridge import Json
from bot.actions.operations import operation_id
from bot.actions.registry import slots_of_change
from bot.domain.conversation import Conversation
from bot.domain.decision import RunAction
from bot.domain.entries import AgentWrote, Entry, MessageReceived, TurnClosed
from bot.domain.facts import SlotEmptied, SlotFilled
from bot.domain.message import Caller, ConversationId, MessageId, OperationId
from bot.domain.reply import Buttons, Card, Image, Part, Sources, Text

# The version that the bodies follow; action servers warn where it is another than theirs.
RASA_VERSION: Final = "3.21.1"
_LAST_EVENTS: Final = 200


@dataclass(frozen=True, slots=True)
class ActionDomain:
    """What an action server is told about the assistant; taken from the live release.

    Attributes:
        responses: The wording, several variants a key.
    """

    intents: tuple[str, ...] = ()
    slots: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    responses: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def as_json(self) -> Json:
        """Write it as Rasa's domain."""
        return {
            "config": {"store_entities_as_slots": True},
            "session_config": {
                "session_expiration_time": 60,
                "carry_over_slots_to_new_session": True,
            },
            "intents": list(self.intents),
            "entities": [],
            "slots": {
                slot: {
                    "type": "text",
                    "influence_conversation": False,
                    "mappings": [{"type": "custom"}],
                }
                for slot in self.slots
            },
            "responses": {
                key: [{"text": text} for text in texts] for key, texts in self.responses.items()
            },
            "actions": list(self.actions),
            "forms": {},
            "e2e_actions": [],
        }


def digest_of(domain: Json) -> str:
    """Return the fingerprint by which a server knows that it has this domain."""
    return hashlib.sha256(json.dumps(domain, sort_keys=True).encode()).hexdigest()


def id_of_change(
    action: RunAction, conversation_id: ConversationId, message_id: MessageId
) -> OperationId | None:
    """Return the operation id of a changing call; None for a reading one."""
    if action.reads_only:
        return None
    names = slots_of_change(action.action)
    slots = {name: value for name, value in action.slots.items() if names is None or name in names}
    return operation_id((conversation_id, message_id), action.action, slots)


def local_call(
    action: RunAction, conversation: Conversation, caller: Caller, message_id: MessageId
) -> Json:
    """Write a call for an action in this process, which needs no history and no domain."""
    metadata = _metadata(action, conversation, message_id)
    return {
        "next_action": action.action,
        "sender_id": conversation.conversation_id,
        "tracker": {
            "sender_id": conversation.conversation_id,
            "slots": dict(action.slots),
            "latest_message": _latest_message(conversation, message_id, metadata),
            "events": [],
            "user_id": caller.customer_id,
        },
        "domain": {},
    }


def server_call(
    action: RunAction,
    conversation: Conversation,
    caller: Caller,
    message_id: MessageId,
    domain: ActionDomain,
    *,
    gives_token: bool,
) -> Json:
    """Write a call for an action server, the whole domain included; agents' notes stay here."""
    metadata = _metadata(action, conversation, message_id)
    if gives_token and caller.token is not None:
        metadata["customerToken"] = caller.token
    events = _events(conversation.entries)[-_LAST_EVENTS:]
    written = domain.as_json()
    tracker = {
        "sender_id": conversation.conversation_id,
        "slots": {**dict.fromkeys(domain.slots), **action.slots},
        "latest_message": _latest_message(conversation, message_id, metadata),
        "latest_event_time": events[-1]["timestamp"] if events else None,
        "events": events,
        "paused": False,
        "followup_action": None,
        "active_loop": {},
        "latest_action_name": _latest_action(conversation.entries),
        "latest_input_channel": _latest_channel(conversation.entries),
        "stack": [],
        "user_id": caller.customer_id,
    }
    return {
        "next_action": action.action,
        "sender_id": conversation.conversation_id,
        "tracker": tracker,
        "domain": written,
        "version": RASA_VERSION,
        "domain_digest": digest_of(written),
    }


def _metadata(action: RunAction, conversation: Conversation, message_id: MessageId) -> Json:
    change = id_of_change(action, conversation.conversation_id, message_id)
    return {} if change is None else {"operation_id": change}


def _latest_message(conversation: Conversation, message_id: MessageId, metadata: Json) -> Json:
    received = next(
        (
            entry
            for entry in reversed(conversation.entries)
            if isinstance(entry, MessageReceived) and entry.message_id == message_id
        ),
        None,
    )
    name = conversation.last_intent or None
    return {
        "text": received.text if received else "",
        "intent": {"name": name, "confidence": 1.0 if name else 0.0},
        "intent_ranking": [{"name": name, "confidence": 1.0}] if name else [],
        "entities": [],
        "message_id": message_id,
        "metadata": metadata,
    }


def _latest_action(entries: Sequence[Entry]) -> str | None:
    for entry in reversed(entries):
        if isinstance(entry, TurnClosed):
            names = _actions_of(entry)
            if names:
                return names[-1]
    return None


def _latest_channel(entries: Sequence[Entry]) -> str | None:
    received = (entry for entry in reversed(entries) if isinstance(entry, MessageReceived))
    return next((entry.channel for entry in received), None)


def _actions_of(entry: TurnClosed) -> list[str]:
    return [step.detail for step in entry.trace.steps if step.detail.startswith("action_")]


def _events(entries: Iterable[Entry]) -> list[Json]:
    events: list[Json] = []
    for entry in entries:
        match entry:
            case MessageReceived(message_id=message_id, text=text, channel=channel, at=at):
                said = {"event": "user", "text": text, "input_channel": channel, "metadata": {}}
                events.append({**said, "message_id": message_id, "timestamp": at.timestamp()})
            case TurnClosed():
                events.extend(_turn_events(entry))
            case AgentWrote(text=text, at=at, name=name):
                events.append(_bot_event(text, {}, at, {"agent": name}))
            case _:
                pass
    return events


def _turn_events(entry: TurnClosed) -> Iterable[Json]:
    at = entry.at
    for name in _actions_of(entry):
        yield {"event": "action", "name": name, "timestamp": at.timestamp()}
    for part in entry.reply.parts:
        text, data = _said(part)
        yield _bot_event(text, data, at, {})
    for fact in entry.reply.facts:
        match fact:
            case SlotFilled(slot, value):
                written: str | None = value
            case SlotEmptied(slot):
                written = None
            case _:
                continue
        yield {"event": "slot", "name": slot, "value": written, "timestamp": at.timestamp()}
    yield {"event": "action", "name": "action_listen", "timestamp": at.timestamp()}


def _bot_event(text: str | None, data: Json, at: datetime, metadata: Json) -> Json:
    return {
        "event": "bot",
        "text": text,
        "data": data,
        "metadata": metadata,
        "timestamp": at.timestamp(),
    }


def _said(part: Part) -> tuple[str | None, Json]:
    match part:
        case Text(text):
            return text, {}
        case Buttons(text, buttons):
            written = [{"title": button.title, "payload": button.payload} for button in buttons]
            return text or None, {"buttons": written}
        case Image(src, alt):
            return alt or None, {"image": src}
        case Card(title, fields, link):
            rows = [list(row) for row in fields]
            return None, {"custom": {"card": {"title": title, "fields": rows, "link": link}}}
        case Sources(sources):
            return None, {
                "custom": {"sources": [{"title": one.title, "url": one.url} for one in sources]}
            }
