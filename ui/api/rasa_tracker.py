"""A conversation as Rasa's tracker shows it."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from bot.domain.conversation import Conversation, ConversationStatus
from bot.domain.entries import AgentWrote, Entry, MessageReceived, TurnClosed
from bot.domain.facts import SlotEmptied, SlotFilled
from bot.domain.reply import Buttons, Part, part_as_text
from bot.domain.understanding import SlotValue, Understanding
from ui.api.rasa_messages import RasaButton

FALLBACK = "nlu_fallback"


class RasaIntent(BaseModel):
    """An intent and its confidence."""

    name: str
    confidence: float


class RasaEntity(BaseModel):
    """A value found in a text; ``role`` and ``group`` only where there is one."""

    entity: str
    value: str
    start: int
    end: int
    confidence_entity: float
    extractor: str
    role: str | None = Field(default=None, exclude_if=lambda value: value is None)
    group: str | None = Field(default=None, exclude_if=lambda value: value is None)


class ParseResult(BaseModel):
    """What Rasa's ``/model/parse`` answers."""

    text: str
    intent: RasaIntent
    entities: list[RasaEntity]
    intent_ranking: list[RasaIntent]
    message_id: str | None = None
    metadata: dict[str, Any] = {}  # free-form in Rasa


class UserEvent(BaseModel):
    """The customer said something."""

    event: Literal["user"] = "user"
    timestamp: float
    text: str
    parse_data: ParseResult
    input_channel: str
    message_id: str
    metadata: dict[str, Any] = {}


class BotData(BaseModel):
    """What a bot message carries beside its text."""

    buttons: list[RasaButton] | None = None


class BotEvent(BaseModel):
    """The assistant (or, named in ``metadata``, an agent) said something."""

    event: Literal["bot"] = "bot"
    timestamp: float
    text: str
    data: BotData = BotData()
    metadata: dict[str, Any] = {}


class SlotEvent(BaseModel):
    """A slot got a value."""

    event: Literal["slot"] = "slot"
    timestamp: float
    name: str
    value: str | None


RasaEvent = Annotated[UserEvent | BotEvent | SlotEvent, Field(discriminator="event")]


class ActiveLoop(BaseModel):
    """The flow that waits for the customer; empty for none."""

    name: str | None = Field(default=None, exclude_if=lambda value: value is None)


class Tracker(BaseModel):
    """A conversation."""

    sender_id: str
    slots: dict[str, str]
    latest_message: ParseResult | None
    latest_event_time: float | None
    followup_action: str | None = None
    paused: bool
    events: list[RasaEvent]
    latest_input_channel: str | None
    latest_action_name: str | None = None
    active_loop: ActiveLoop


def tracker_of(conversation: Conversation) -> Tracker:
    """Render a conversation; notes between colleagues are left out."""
    events = [event for entry in conversation.entries for event in _events(entry, conversation)]
    said = [event for event in events if isinstance(event, UserEvent)]
    flow = conversation.flow
    return Tracker(
        sender_id=conversation.conversation_id,
        slots=dict(conversation.slots),
        latest_message=said[-1].parse_data if said else None,
        latest_event_time=events[-1].timestamp if events else None,
        paused=conversation.status is ConversationStatus.HANDED_OFF,
        events=events,
        latest_input_channel=said[-1].input_channel if said else None,
        active_loop=ActiveLoop(name=flow.name if flow else None),
    )


def parse_result(understanding: Understanding, text: str, accept: float) -> ParseResult:
    """Render an understanding; below ``accept`` the intent is Rasa's fallback, with that threshold as confidence."""
    in_scope = 1.0 - understanding.out_of_scope_probability
    ranking = [
        RasaIntent(name=intent.name, confidence=intent.probability * in_scope)
        for intent in understanding.intents
    ]
    best = RasaIntent(name=understanding.intent, confidence=understanding.confidence)
    if understanding.confidence < accept:
        best = RasaIntent(name=FALLBACK, confidence=accept)
        ranking.insert(0, best)
    return ParseResult(
        text=text,
        intent=best,
        entities=[_entity(value) for value in understanding.slot_values],
        intent_ranking=ranking,
    )


def _entity(value: SlotValue) -> RasaEntity:
    return RasaEntity(
        entity=value.slot,
        value=value.value,
        start=value.start,
        end=value.end,
        confidence_entity=value.confidence,
        extractor=value.extractor,
        role=value.role,
        group=value.group,
    )


def _events(entry: Entry, conversation: Conversation) -> Iterator[UserEvent | BotEvent | SlotEvent]:
    at = entry.at.timestamp()
    match entry:
        case MessageReceived():
            yield UserEvent(
                timestamp=at,
                text=entry.text,
                parse_data=_parse_of(entry, conversation),
                input_channel=entry.channel,
                message_id=entry.message_id,
            )
        case TurnClosed():
            for fact in entry.reply.facts:
                if isinstance(fact, SlotFilled):
                    yield SlotEvent(timestamp=at, name=fact.slot, value=fact.value)
                elif isinstance(fact, SlotEmptied):
                    yield SlotEvent(timestamp=at, name=fact.slot, value=None)
            for part in entry.reply.parts:
                yield BotEvent(timestamp=at, text=_words(part), data=_data(part))
        case AgentWrote():
            yield BotEvent(timestamp=at, text=entry.text, metadata={"agent": entry.name})
        case _:
            return


def _words(part: Part) -> str:
    return part.text if isinstance(part, Buttons) else part_as_text(part)


def _data(part: Part) -> BotData:
    if not isinstance(part, Buttons):
        return BotData()
    shown = [RasaButton(title=button.title, payload=button.payload) for button in part.buttons]
    return BotData(buttons=shown)


def _parse_of(message: MessageReceived, conversation: Conversation) -> ParseResult:
    """Return what was understood of a message when it was answered; nothing while it is worked on."""
    for entry in conversation.entries[message.number :]:
        if isinstance(entry, TurnClosed) and entry.message_id == message.message_id:
            steps = entry.trace.steps
            if steps:
                first = steps[0]
                in_scope = 1.0 - first.out_of_scope_probability
                ranking = [
                    RasaIntent(name=intent.name, confidence=intent.probability * in_scope)
                    for intent in first.intents
                ]
                best = ranking[0] if ranking else RasaIntent(name=FALLBACK, confidence=0.0)
                found = [_entity(value) for step in steps for value in step.slot_values]
                return ParseResult(
                    text=message.text, intent=best, entities=found, intent_ranking=ranking,
                    message_id=message.message_id,
                )  # fmt: skip
    nothing = RasaIntent(name=FALLBACK, confidence=0.0)
    return ParseResult(
        text=message.text, intent=nothing, entities=[], intent_ranking=[],
        message_id=message.message_id,
    )  # fmt: skip
