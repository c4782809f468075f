"""rasa_sdk's dicts and the domain's words, both ways."""

from typing import Any

import pytest
from rasa_sdk.executor import CollectingDispatcher

from bot.actions.bridge import Allowed, choice, read_outcome, write_outcome
from bot.dialogue.payload import write_payload
from bot.domain.facts import ItemsListed, SlotFilled, Succeeded
from bot.domain.outcome import ActionDone, ActionRejected, ActionText, Said
from bot.domain.reply import Button, Buttons, Card, Image

ALLOWED = Allowed(frozenset({"order_number", "lines", "customer_id"}), frozenset({"greet"}))


def _response(**given: object) -> dict[str, Any]:  # anything, as from a foreign server
    empty = dict.fromkeys(("text", "template", "response", "image", "attachment"))
    return {**empty, "buttons": [], "elements": [], "custom": {}, **given}


def _slot(name: str, value: object) -> dict[str, Any]:  # as above
    return {"event": "slot", "timestamp": None, "name": name, "value": value}


def _said(**given: object) -> tuple[Said, ...]:
    return read_outcome("a", [_response(**given)], [], ALLOWED).said


@pytest.mark.parametrize(
    "outcome",
    [
        ActionDone("a"),
        ActionDone("a", (ActionText("greet", {"name": "Maya"}), ActionText(text="Plain."))),
        ActionDone("a", (Buttons("Which one?", (Button("One", "/choose"),)),)),
        ActionDone("a", (Buttons("", (Button("One", "/choose"),)),)),
        ActionDone("a", (Image("https://x.example/y.png", "A tent"),)),
        ActionDone("a", (Card("Order", (("Status", "placed"),), "/help/orders"),)),
        ActionDone(
            "a",
            (),
            (
                SlotFilled("order_number", "CP-1"),
                ItemsListed("lines", ("1", "2")),
                ItemsListed("lines_names", ("Tent", "Socks")),
            ),
        ),
        ActionRejected("a", "already_packed", (ActionText("greet"),)),
    ],
)
def test_what_is_written_is_read_again(outcome: ActionDone | ActionRejected) -> None:
    dispatcher = CollectingDispatcher()

    events = write_outcome(outcome, dispatcher)

    assert read_outcome("a", dispatcher.messages, events, ALLOWED) == outcome


def test_an_action_cannot_say_what_is_the_dialogues_to_say() -> None:
    with pytest.raises(ValueError, match="fill slots and list items"):
        write_outcome(ActionDone("a", (), (Succeeded(),)), CollectingDispatcher())


def test_nobody_learns_who_is_asking_from_an_action() -> None:
    events = [
        _slot("customer_id", "C-1002"),
        _slot("user_id", "C-1002"),
        _slot("customerToken", "x"),
        _slot("listed_customer_id", ["C-1002"]),
        _slot("mood", "fine"),
        _slot("order_number", None),
        {"event": "reminder"},
    ]

    assert read_outcome("a", [], events, ALLOWED) == ActionDone("a")


def test_numbers_and_truths_become_text() -> None:
    events = [_slot("lines", 3), _slot("order_number", True)]  # noqa: FBT003 - a JSON value

    facts = read_outcome("a", [], events, ALLOWED)

    assert facts == ActionDone(
        "a", (), (SlotFilled("lines", "3"), SlotFilled("order_number", "true"))
    )


def test_foreign_markup_stays_plain_text() -> None:
    text = "<img src=x onerror=alert(1)> [a](javascript:b)"

    assert _said(text=text) == (ActionText(text=text),)


def test_a_wording_that_we_do_not_have_falls_back_to_the_text() -> None:
    assert _said(response="utter_theirs", text="Theirs.") == (ActionText(text="Theirs."),)
    assert _said(response="utter_theirs") == ()
    assert _said(response="greet", text="Theirs.", name=3) == (ActionText("greet", {"name": "3"}),)


@pytest.mark.parametrize("src", ["javascript:alert(1)", "data:text/html,x", "//evil.example/x", ""])
def test_only_web_addresses_are_pictures_and_links(src: str) -> None:
    card = {"card": {"title": "T", "fields": [["a", "b"], ["c"], 3], "link": src}}

    assert _said(image=src, text="Look") == (ActionText(text="Look"),)
    assert _said(custom=card) == (Card("T", (("a", "b"),), ""),)


def test_carousels_become_text_pictures_and_buttons() -> None:
    elements = [
        {"title": "Tent", "subtitle": "For two", "image_url": "https://x.example/t.png"},
        {"title": "Mat", "buttons": [{"title": "Buy", "payload": "/buy"}, {"payload": "x"}]},
        "nonsense",
    ]

    assert _said(elements=elements, attachment="https://x.example/a.pdf") == (
        Image("https://x.example/t.png", "Tent"),
        ActionText(text="Tent\nFor two"),
        Buttons("Mat", (Button("Buy", "/buy"),)),
        ActionText(text="https://x.example/a.pdf"),
    )


@pytest.mark.parametrize(
    "given", [{"buttons": "x"}, {"elements": 3}, {"custom": [1]}, {"text": {"a": 1}}, {"image": []}]
)
def test_nonsense_is_left_out(given: dict[str, Any]) -> None:
    assert _said(**given) == ()


def test_too_much_is_cut() -> None:
    outcome = read_outcome("a", [_response(text="x" * 9999)] * 99, [], ALLOWED)

    assert len(outcome.said) == 20
    assert all(isinstance(s, ActionText) and len(s.text) == 4000 for s in outcome.said)


def test_payloads_are_those_of_the_dialogue() -> None:
    slots = {"order_number": "CP-104233"}

    assert choice(slots) == write_payload("choose", slots)
