"""What an agent should know when a conversation comes to them, and what the customer hears meanwhile."""

from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bot.dialogue.playbook import Flow, Playbook
from bot.dialogue.wording import Key, render
from bot.domain.conversation import Conversation
from bot.domain.entries import MessageReceived, TurnClosed
from bot.domain.facts import FlowEnd, FlowEnded
from bot.domain.reply import HandoffRequest, Sources

_DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MAX_LAST_MESSAGES: Final = 3
_MAX_MESSAGE_CHARACTERS: Final = 200
_SEARCHED_DAYS: Final = 14
_REASONS: Final = {
    "asked": "asked for a person",
    "anger": "is angry",
    "failures": "was not understood, or no answer was found",
    "action_failed": "the records could not be reached",
    "action_unclear": "a change may or may not have gone through: please check before repeating it",
    "interrupted": "the assistant was interrupted before it could answer",
}
_ENDS: Final = {
    FlowEnd.DONE: "done",
    FlowEnd.LEFT: "left by the customer",
    FlowEnd.REJECTED: "refused by a rule",
    FlowEnd.FAILED: "failed",
    FlowEnd.REPLACED: "given up for something else",
}


def request_handoff(conversation: Conversation, playbook: Playbook, reason: str) -> HandoffRequest:
    """Compose the handoff: the reason, and a short summary from what the conversation holds."""
    customer = conversation.customer_id
    lines = [
        f"Who: customer {customer}" if customer is not None else "Who: a guest, not signed in",
        f"Why: {_REASONS.get(reason, reason)}",
        f"Wanted: {_wanted(conversation, playbook)}",
        _labelled("Tried", _tried(conversation, playbook)),
        _labelled("Known", _known(conversation)),
        f"Mood: {_mood(conversation)}",
        _labelled("Last messages", _last_messages(conversation)),
    ]
    return HandoffRequest(reason, "\n".join(line for line in lines if line))


def _labelled(label: str, items: list[str]) -> str:
    return f"{label}: {'; '.join(items)}" if items else ""


def _wanted(conversation: Conversation, playbook: Playbook) -> str:
    running = conversation.flow
    if running is not None:
        flow = playbook.flows.get(running.name)
        return f"{_title(running.name, flow)} ({_waits_for(running.asked_slot)})"
    intent = conversation.last_intent
    return playbook.titles.get(intent, intent) or "not clear yet"


def _title(name: str, flow: Flow | None) -> str:
    return flow.title if flow is not None else name.replace("_", " ")


def _waits_for(slot: str) -> str:
    return f"was asked for {slot.replace('_', ' ')}" if slot else "not finished"


def _tried(conversation: Conversation, playbook: Playbook) -> list[str]:
    tried: list[str] = []
    for entry in conversation.entries:
        if not isinstance(entry, TurnClosed):
            continue
        for fact in entry.reply.facts:
            if isinstance(fact, FlowEnded):
                title = _title(fact.flow, playbook.flows.get(fact.flow))
                tried.append(f"{title} ({_ENDS[fact.how]})")
        sources = (part.sources for part in entry.reply.parts if isinstance(part, Sources))
        tried += [f"help article “{cited[0].title}”" for cited in sources if cited]
    return [*dict.fromkeys(tried)]


def _known(conversation: Conversation) -> list[str]:
    return [f"{name.replace('_', ' ')} {value}" for name, value in conversation.slots.items()]


def _mood(conversation: Conversation) -> str:
    if conversation.angers:
        times = "once" if conversation.angers == 1 else f"{conversation.angers} messages in a row"
        return f"angry ({times})"
    return "calm"


def _last_messages(conversation: Conversation) -> list[str]:
    texts = [entry.text for entry in conversation.entries if isinstance(entry, MessageReceived)]
    return [f"“{_shortened(text)}”" for text in texts[-_MAX_LAST_MESSAGES:]]


def _shortened(text: str) -> str:
    flat = " ".join(text.split())
    if len(flat) <= _MAX_MESSAGE_CHARACTERS:
        return flat
    return f"{flat[: _MAX_MESSAGE_CHARACTERS - 1]}…"


def announce_handoff(playbook: Playbook, reason: str, now: datetime, turn: int) -> str:
    """Say that a person takes over, and when: at once within service hours, else when they begin again."""
    own = f"{Key.HANDOFF}_{reason}"
    key = own if own in playbook.wording.texts else Key.HANDOFF.value
    first = render(playbook.wording, key, playbook.shop, turn)
    opening = next_opening(playbook, now)
    if not opening:
        return f"{first} {render(playbook.wording, Key.HANDOFF_OPEN, playbook.shop, turn)}"
    values = {**playbook.shop, "next_opening": opening}
    return f"{first} {render(playbook.wording, Key.HANDOFF_CLOSED, values, turn)}"


def next_opening(playbook: Playbook, now: datetime) -> str:
    """Return when service begins again, such as "tomorrow at 8:00"; "" while it is open, or hours are not known."""
    local = now.astimezone(ZoneInfo(playbook.shop.get("time_zone") or "UTC"))
    for days in range(_SEARCHED_DAYS):
        day = local + timedelta(days=days)
        hours = _hours(playbook, day)
        if hours is None:
            continue
        opens, closes = hours
        if days == 0 and opens <= local.time() < closes:
            return ""
        if days == 0 and local.time() >= closes:
            continue
        return f"{_day_word(days, day)} at {opens.hour}:{opens.minute:02}"
    return ""


def _hours(playbook: Playbook, day: datetime) -> tuple[time, time] | None:
    if day.date().isoformat() in playbook.shop.get("bank_holidays", "").split():
        return None
    opens, _, closes = playbook.shop.get(f"open_{_DAYS[day.weekday()]}", "").partition("-")
    try:
        return time.fromisoformat(opens.strip()), time.fromisoformat(closes.strip())
    except ValueError:
        return None


def _day_word(days: int, day: datetime) -> str:
    if days == 0:
        return "today"
    return "tomorrow" if days == 1 else f"on {_DAYS[day.weekday()].title()}"
