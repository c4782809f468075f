from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.dialogue.handoff import announce_handoff, next_opening, request_handoff
from bot.dialogue.mood import read_mood
from bot.dialogue.phrases import is_leave, is_no, is_question, is_refusal, is_yes
from bot.domain.facts import AngerNoticed, FlowStarted, SlotAsked, SlotFilled
from tests.builders import (
    NIGHT,
    NOON,
    THRESHOLDS,
    Talk,
    a_conversation,
    a_match,
    a_playbook,
    an_understanding,
)

YES = [
    "yes",
    "YES PLEASE DO THAT",
    "yep",
    "k",
    "ok go on then",
    "that's fine",
    "👍",
    "spot on",
    "no problem, go ahead",
    "alright",
    "sure thing",
]
NO = ["no", "nah", "NO NOT THAT", "no thank you", "please do not go ahead", "I'd rather not", "👎"]
NEITHER = ["", "?", "yes?", "yes and no", "the tent", "yes but later", "no idea what a tent costs"]


@pytest.mark.parametrize("text", YES)
def test_yes_is_yes_and_not_no(text: str) -> None:
    assert is_yes(text)
    assert not is_no(text)


@pytest.mark.parametrize("text", NO)
def test_no_is_no_and_not_yes(text: str) -> None:
    assert is_no(text)
    assert not is_yes(text)


@pytest.mark.parametrize("text", NEITHER)
def test_what_is_neither_yes_nor_no_is_neither(text: str) -> None:
    assert not is_yes(text)
    assert not is_no(text)


def test_naming_the_task_is_a_yes_to_it_alone() -> None:
    assert is_yes("please cancel it", "cancel")
    assert is_yes("please go ahead and cancel it", "cancel")
    assert is_yes("yes, return both", "return")
    assert not is_yes("please cancel it", "return")
    assert is_leave("cancel that", "return")
    assert not is_leave("cancel it", "cancel")
    assert is_no("don't cancel it", "cancel")


@pytest.mark.parametrize(
    "text", ["I don't know", "no clue", "can't find it", "skip", "I'd rather not say"]
)
def test_a_refusal_is_read(text: str) -> None:
    assert is_refusal(text)


@pytest.mark.parametrize("text", ["it's CP-104233", "the tent", "ok"])
def test_an_answer_is_no_refusal(text: str) -> None:
    assert not is_refusal(text)


@pytest.mark.parametrize("text", ["how long does it take", "and is that free", "really?"])
def test_a_question_is_read(text: str) -> None:
    assert is_question(text)


@pytest.mark.parametrize(
    ("text", "negative", "is_angry", "is_strongly_angry"),
    [
        ("my tent is broken", 0.99, False, False),
        ("this is ridiculous", 0.7, True, False),
        ("this is ridiculous", 0.5, False, False),
        ("WHERE IS MY PARCEL", 0.7, True, False),
        ("where is it!!", 0.7, True, False),
        ("you bloody idiots", 0.9, True, True),
        ("you bloody idiots", 0.7, True, False),
        ("I will go to trading standards", 0.85, True, True),
        ("CP-104233", 0.9, False, False),
    ],
)
def test_anger_is_a_bad_mood_in_heated_words(
    text: str, negative: float, *, is_angry: bool, is_strongly_angry: bool
) -> None:
    mood = read_mood(an_understanding(text, negative=negative), THRESHOLDS)

    assert (mood.is_angry, mood.is_strongly_angry) == (is_angry, is_strongly_angry)


@pytest.mark.parametrize(
    ("moment", "opening"),
    [
        (NOON, ""),
        (NIGHT, "tomorrow at 9:00"),
        (datetime(2026, 11, 20, 7, 30, tzinfo=UTC), "today at 8:00"),
        (datetime(2026, 11, 21, 18, 0, tzinfo=UTC), "on Monday at 8:00"),
        (datetime(2026, 12, 24, 22, 0, tzinfo=UTC), "on Saturday at 9:00"),
        (datetime(2026, 7, 20, 18, 59, tzinfo=UTC), ""),
        (datetime(2026, 7, 20, 19, 0, tzinfo=UTC), "tomorrow at 8:00"),
    ],
)
def test_the_next_opening_follows_hours_holidays_and_summer_time(
    moment: datetime, opening: str
) -> None:
    assert next_opening(a_playbook(), moment) == opening


def test_a_handoff_at_night_says_when_somebody_is_back() -> None:
    text = announce_handoff(a_playbook(), "asked", NIGHT, 0)

    assert "tomorrow at 9:00" in text
    assert "Monday to Friday 8:00-20:00" in text


def test_a_handoff_within_service_hours_promises_somebody_soon() -> None:
    text = announce_handoff(a_playbook(), "a reason without words of its own", NOON, 0)

    assert "colleague" in text
    assert "back" not in text


def test_unknown_service_hours_promise_no_time() -> None:
    assert next_opening(replace(a_playbook(), shop={}), NIGHT) == ""


def test_the_summary_tells_the_agent_who_what_and_how() -> None:
    talk = Talk(matches=(a_match(),))
    talk.says(an_understanding("how do returns work", "how_to_send_back"))
    talk.says(an_understanding("cancel my order", "cancel_order"))
    talk.says(an_understanding("ridiculous, get me a person!!", "talk_to_person", negative=0.7))

    assert talk.reply.handoff is not None
    assert talk.reply.handoff.summary == (
        "Who: customer C-1001\n"
        "Why: asked for a person\n"
        "Wanted: cancel an order (was asked for order number)\n"
        "Tried: help article “Return policy”\n"
        "Mood: angry (once)\n"
        "Last messages: “how do returns work”; “cancel my order”; “ridiculous, get me a person!!”"
    )


def test_the_summary_of_a_guest_says_so_and_what_is_known() -> None:
    conversation = a_conversation(
        FlowStarted("product_price", 1),
        SlotAsked("product"),
        SlotFilled("order_number", "CP-104233"),
        AngerNoticed(0.7),
        AngerNoticed(0.7),
        customer=None,
        text="x" * 500,
    )

    summary = request_handoff(conversation, a_playbook(), "failures").summary

    assert "a guest" in summary
    assert "Known: order number CP-104233" in summary
    assert "2 messages in a row" in summary
    assert len(summary) < 600
