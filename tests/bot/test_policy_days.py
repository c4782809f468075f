"""An order is known by its day: the one from last Tuesday, what came yesterday."""

import pytest

from bot.domain.decision import AskFor, Confirm
from bot.domain.facts import ItemsListed
from bot.domain.outcome import ActionDone
from tests.builders import Talk, an_understanding, done, orders_to_choose

NEW, OLD, OLDEST = "CP-104233", "CP-104299", "CP-100777"
DAYS = ("2026-11-19", "2026-11-10 2026-11-13", "2026-11-10 2026-11-12")


def a_talk() -> Talk:
    """Return a talk before its first word; orders were placed on these days and delivered on those."""
    listed = orders_to_choose(NEW, OLD, OLDEST, names=("Tent", "Boots", "Socks"))
    facts = (*listed.facts, ItemsListed("order_number_days", DAYS))
    return Talk(
        outcomes={
            "action_choose_order": ActionDone(listed.action, listed.said, facts),
            "action_preview_cancel_order": done("It will be cancelled."),
        }
    )


def asked() -> Talk:
    """Return a talk that was asked which order to cancel."""
    talk = a_talk()
    talk.says(an_understanding("I want to cancel my order", "cancel_order"))
    return talk


@pytest.mark.parametrize(
    ("text", "slot", "written", "value", "number"),
    [
        ("yesterday", "date", "yesterday", "2026-11-19", NEW),
        ("the one I placed yesterday", "date", "yesterday", "2026-11-19", NEW),
        ("the one that came last Friday", "date", "last Friday", "2026-11-13", OLD),
        ("this week's", "period", "this week", "2026-11-16/2026-11-22", NEW),
        ("it was delivered on Thursday", "date", "on Thursday", "2026-11-12", OLDEST),
    ],
)
def test_the_order_of_a_day_is_taken(
    text: str, slot: str, written: str, value: str, number: str
) -> None:
    talk = asked()

    decision = talk.says(an_understanding(text, values={slot: (written, value)}))

    assert isinstance(decision, Confirm)
    assert talk.conversation.slots["order_number"] == number


@pytest.mark.parametrize(
    ("text", "slot", "written", "value"),
    [
        ("the one from last week", "period", "last week", "2026-11-09/2026-11-15"),
        ("the one I ordered on Monday", "date", "on Monday", "2026-11-16"),
        ("I told you so yesterday on the phone", "date", "yesterday", "2026-11-19"),
    ],
)
def test_a_day_of_several_orders_of_none_or_of_something_else_is_asked_about(
    text: str, slot: str, written: str, value: str
) -> None:
    talk = asked()

    decision = talk.says(an_understanding(text, values={slot: (written, value)}))

    assert isinstance(decision, AskFor)
    assert "order_number" not in talk.conversation.slots


def test_a_day_in_the_wish_itself_picks_the_order_before_anything_is_asked() -> None:
    talk = a_talk()
    text = "cancel the order I placed yesterday"

    talk.says(an_understanding(text, "cancel_order", values={"date": ("yesterday", "2026-11-19")}))

    assert talk.conversation.slots["order_number"] == NEW
    assert talk.reply.parts == ()


@pytest.mark.parametrize(
    ("text", "is_taken"),
    [
        ("please cancel my order", True),
        ("cancel that last order", True),
        ("I want to cancel one of my orders", False),
        ("cancel something", False),
    ],
)
def test_my_order_means_the_only_one_that_there_is_to_choose(text: str, *, is_taken: bool) -> None:
    talk = a_talk()
    talk.outcomes["action_choose_order"] = orders_to_choose(NEW, names=("Tent",))

    talk.says(an_understanding(text, "cancel_order"))

    assert (talk.conversation.slots.get("order_number") == NEW) == is_taken
