"""rasa_sdk's dicts <-> the domain's words: what an action says and learns, both ways."""

import json
import logging
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, assert_never

from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from bot.domain.facts import Fact, ItemsListed, SlotFilled
from bot.domain.outcome import ActionDone, ActionRejected, ActionText, Said
from bot.domain.reply import Button, Buttons, Card, Image, Sources, Text
from bot.logs import log_event

REJECTED: Final = "rejected_reason"
LISTED: Final = "listed_"
# Who is asking is never learnt from an action.
_IDENTITY: Final = frozenset(
    {"customer", "customer_id", "customer_token", "customertoken", "sender_id", "user", "user_id"}
)
_OWN_KEYS: Final = frozenset(
    {"text", "buttons", "elements", "custom", "template", "response", "image", "attachment"}
)
_MAX_SAID: Final = 20
_MAX_CHARACTERS: Final = 4000
_MAX_BUTTONS: Final = 20
_MAX_LISTED: Final = 50
_BESIDE: Final = re.compile(r"_(?:names|days)$")  # what is listed beside a slot's values

logger = logging.getLogger(__name__)

# What rasa_sdk calls a response or an event: JSON of any shape, since others' actions make them too.
Json = dict[str, Any]


def choice(slots: Mapping[str, str]) -> str:
    """Write the payload of a button that fills slots of the running flow."""
    return f"/choose{json.dumps(dict(slots), ensure_ascii=False)}"


def write_outcome(
    outcome: ActionDone | ActionRejected, dispatcher: CollectingDispatcher
) -> list[Json]:
    """Say an outcome through rasa_sdk's dispatcher and return its events."""
    for said in outcome.said:
        _utter(said, dispatcher)
    match outcome:
        case ActionDone(facts=facts):
            return [event for fact in facts for event in _events(fact)]
        case ActionRejected(reason=reason):
            return [SlotSet(REJECTED, reason)]


def _utter(said: Said, dispatcher: CollectingDispatcher) -> None:
    match said:
        case ActionText(text=text) if text:
            dispatcher.utter_message(text=text)
        case ActionText(wording=wording, values=values):
            # Any: rasa_sdk takes a response's values beside its own arguments, which have other types.
            spread: dict[str, Any] = dict(values)
            dispatcher.utter_message(response=wording, **spread)
        case Text(text):
            dispatcher.utter_message(text=text)
        case Buttons(text, buttons):
            written = [{"title": button.title, "payload": button.payload} for button in buttons]
            dispatcher.utter_message(text=text or None, buttons=written)
        case Image(src, alt):
            dispatcher.utter_message(text=alt or None, image=src)
        case Card(title, fields, link):
            rows = [list(row) for row in fields]
            card = {"title": title, "fields": rows, "link": link}
            dispatcher.utter_message(json_message={"card": card})
        case Sources(sources):
            lines = "\n".join(f"{source.title}: {source.url}" for source in sources)
            dispatcher.utter_message(text=lines)
        case _:
            assert_never(said)


def _events(fact: Fact) -> list[Json]:
    match fact:
        case SlotFilled(slot, value):
            return [SlotSet(slot, value)]
        case ItemsListed(slot, values):
            return [SlotSet(LISTED + slot, list(values))]
        case _:
            raise ValueError(f"an action may fill slots and list items, but not say {fact!r}")


@dataclass(frozen=True, slots=True)
class Allowed:
    """What an action may teach the conversation.

    Attributes:
        slots: Slots that it may fill or list values for.
        wordings: Wording keys that exist; None takes any.
    """

    slots: frozenset[str]
    wordings: frozenset[str] | None = None

    def slot(self, name: str) -> bool:
        """Tell whether a slot may be filled."""
        return name in self.slots and name.lower() not in _IDENTITY


def read_outcome(
    action: str, responses: Sequence[Json], events: Sequence[Json], allowed: Allowed
) -> ActionDone | ActionRejected:
    """Read what an action answered; anything that does not fit is left out."""
    said = tuple(
        part for response in responses[:_MAX_SAID] for part in _read_response(response, allowed)
    )
    reason = _rejection(events)
    if reason:
        return ActionRejected(action, reason, said)
    facts = tuple(fact for event in events for fact in _read_event(event, allowed))
    return ActionDone(action, said, facts)


def _rejection(events: Iterable[Json]) -> str:
    for event in events:
        if event.get("event") == "slot" and event.get("name") == REJECTED:
            reason = event.get("value")
            if isinstance(reason, str) and reason:
                return reason[:_MAX_CHARACTERS]
    return ""


def _read_event(event: Json, allowed: Allowed) -> Iterable[Fact]:
    if event.get("event") != "slot":
        return
    name, value = str(event.get("name", "")), event.get("value")
    if name == REJECTED or value is None:
        return
    if isinstance(value, list):
        slot = name.removeprefix(LISTED)
        if name.startswith(LISTED) and allowed.slot(_BESIDE.sub("", slot)):
            yield ItemsListed(slot, tuple(str(item) for item in value[:_MAX_LISTED]))
            return
    elif allowed.slot(name) and isinstance(value, str | int | float):
        text = str(value).lower() if isinstance(value, bool) else str(value)
        yield SlotFilled(name, text[:_MAX_CHARACTERS])
        return
    log_event(logger, "action_slot_ignored", reason="not a slot that an action may fill")


def _read_response(response: Json, allowed: Allowed) -> Iterable[Said]:
    buttons = _read_buttons(response.get("buttons"))
    image = _text(response.get("image"))
    text = _text(response.get("text"))
    wording = _text(response.get("response") or response.get("template"))
    if wording and (allowed.wordings is None or wording in allowed.wordings):
        values = {name: str(value) for name, value in response.items() if name not in _OWN_KEYS}
        yield ActionText(wording=wording, values=values)
        text = ""
    if is_link(image):
        yield Image(image, text)
    elif text and not buttons:
        yield ActionText(text=text)
    if buttons:
        yield Buttons("" if is_link(image) else text, buttons)
    yield from _read_elements(response.get("elements"))
    if attachment := _text(response.get("attachment")):
        yield ActionText(text=attachment)
    card = _read_card(response.get("custom"))
    if card is not None:
        yield card


def _read_buttons(raw: object) -> tuple[Button, ...]:
    if not isinstance(raw, list):
        return ()
    found = [
        Button(_text(item.get("title")), _text(item.get("payload")) or _text(item.get("title")))
        for item in raw[:_MAX_BUTTONS]
        if isinstance(item, dict)
    ]
    return tuple(button for button in found if button.title)


def _read_elements(raw: object) -> Iterable[Said]:
    if not isinstance(raw, list):
        return
    for element in raw[:_MAX_BUTTONS]:
        if not isinstance(element, dict):
            continue
        lines = [_text(element.get("title")), _text(element.get("subtitle"))]
        text = "\n".join(filter(None, lines))
        buttons = _read_buttons(element.get("buttons"))
        image = _text(element.get("image_url"))
        if is_link(image):
            yield Image(image, lines[0])
        if buttons:
            yield Buttons(text, buttons)
        elif text:
            yield ActionText(text=text)


def _read_card(custom: object) -> Card | None:
    raw = custom.get("card") if isinstance(custom, dict) else None
    if not isinstance(raw, dict) or not _text(raw.get("title")):
        return None
    rows = raw.get("fields")
    fields = tuple(
        (_text(row[0]), _text(row[1]))
        for row in (rows if isinstance(rows, list) else [])[:_MAX_BUTTONS]
        if isinstance(row, list | tuple) and len(row) == 2  # noqa: PLR2004 - a label and its value
    )
    link = _text(raw.get("link"))
    return Card(_text(raw.get("title")), fields, link if is_link(link) else "")


def _text(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return str(value)[:_MAX_CHARACTERS]


def is_link(text: str) -> bool:
    """Tell whether an address may be shown as a link or picture: a web address or a path of our own."""
    return text.startswith(("https://", "http://")) or (
        text.startswith("/") and not text.startswith("//")
    )
