"""What an action is asked: read from rasa_sdk's tracker, in the first line that meets it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rasa_sdk.interfaces import Tracker

from bot.domain.message import CustomerId, OperationId


@dataclass(frozen=True, slots=True)
class Asked:
    """A call of an action.

    Attributes:
        customer_id: Verified by whoever made the tracker; None is a guest.
        slots: Values that are there, as text.
        operation_id: Of a changing call; None for others.
        utterance: The message in the customer's words.
    """

    customer_id: CustomerId | None = None
    slots: Mapping[str, str] = field(default_factory=dict)
    operation_id: OperationId | None = None
    utterance: str = ""

    def slot(self, name: str) -> str:
        """Return a slot's value; "" where it has none."""
        return self.slots.get(name, "").strip()

    @property
    def order_number(self) -> str:
        """Return the order number asked about, in its one spelling; "" for none."""
        value = self.slot("order_number").upper().lstrip("#")
        digits = value.removeprefix("CP").lstrip("- ")
        return f"CP-{digits}" if digits.isdecimal() else value

    @property
    def lines(self) -> tuple[int, ...]:
        """Return the line numbers asked about, in order; empty for none (0 stands for what is no number)."""
        parts = [part.strip() for part in self.slot("lines").split(",") if part.strip()]
        return tuple(sorted({int(part) if part.isdecimal() else 0 for part in parts}))


def read_asked(tracker: Tracker) -> Asked:
    """Read a call. Only ``tracker.user_id`` says who is asking: slots and the sender id prove nothing."""
    latest = tracker.latest_message if isinstance(tracker.latest_message, dict) else {}
    metadata = latest.get("metadata")
    given = metadata.get("operation_id") if isinstance(metadata, dict) else None
    utterance = latest.get("text")
    return Asked(
        customer_id=CustomerId(tracker.user_id) if tracker.user_id else None,
        slots=slots_as_text(tracker.slots),
        operation_id=OperationId(given) if isinstance(given, str) and given else None,
        utterance=utterance if isinstance(utterance, str) else "",
    )


# Slots come out of JSON, so they may hold anything.
def slots_as_text(slots: Mapping[str, Any]) -> dict[str, str]:
    """Write slot values as text: ``true``, ``3``, ``1,3``; leave out what is empty or no plain value."""
    return {name: text for name, value in slots.items() if (text := _as_text(value))}


def _as_text(value: object) -> str:
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case int() | float():
            return str(value)
        case list():
            return ",".join(filter(None, (_as_text(part) for part in value)))
        case _:
            return ""
