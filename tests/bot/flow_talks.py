"""Talks in which a task is running."""

from bot.domain.understanding import Understanding
from tests.builders import (
    Talk,
    a_match,
    an_understanding,
    done,
    lines_to_choose,
    orders_to_choose,
)

TWO_ORDERS = orders_to_choose("CP-104233", "CP-104299", names=("Skarv 2 tent", "Norfell boots"))

FIRST, SECOND = "CP-104233", "CP-104299"


def an_order(text: str, number: str, intent: str = "", confidence: float = 0.9) -> Understanding:
    return an_understanding(text, intent, confidence, values={"order_number": number})


def a_talk(intent: str = "cancel_order", text: str = "I want to cancel my order") -> Talk:
    """Return a talk in which a task has begun and asks for the order."""
    talk = Talk(
        outcomes={
            "action_choose_order": TWO_ORDERS,
            "action_choose_lines": lines_to_choose("Skarv 2 tent", "2 × Norfell wool socks"),
            "action_preview_cancel_order": done("CP will be cancelled."),
        },
        matches=(a_match("Refunds take 5 working days."),),
    )
    talk.says(an_understanding(text, intent))
    return talk


def a_confirming_talk() -> Talk:
    talk = a_talk()
    talk.says(an_order(FIRST, FIRST))
    assert talk.is_confirming
    return talk


def a_return_talk() -> Talk:
    """Return a talk that asks which lines come back."""
    talk = a_talk("start_return", "I want to return something")
    talk.says(an_order(FIRST, FIRST))
    return talk
