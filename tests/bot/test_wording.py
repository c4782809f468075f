import pytest

from bot.dialogue.playbook import Wording
from bot.dialogue.wording import placeholders, render, render_action_text
from bot.domain.outcome import ActionText

WORDING = Wording(
    {
        "hello": ("Hello {name}!", "Hi {name}!"),
        "order": ("Your order {order_number} is here.", "It is here."),
        "gap": ("Order {order_number} is here.",),
        "trouble": ("Something went wrong.",),
    }
)


def test_values_stand_where_their_names_stood() -> None:
    assert render(WORDING, "hello", {"name": "Anna"}, 0) == "Hello Anna!"


def test_two_turns_do_not_sound_the_same_and_one_turn_always_does() -> None:
    values = {"name": "Anna"}

    first, second = render(WORDING, "hello", values, 1), render(WORDING, "hello", values, 2)

    assert first != second
    assert render(WORDING, "hello", values, 1) == first


def test_a_missing_value_takes_a_text_that_does_without() -> None:
    assert {render(WORDING, "order", {}, turn) for turn in range(4)} == {"It is here."}


def test_a_missing_value_without_such_a_text_leaves_a_gap_and_no_braces() -> None:
    assert render(WORDING, "gap", {}, 0) == "Order is here."


@pytest.mark.parametrize("wording", [WORDING, Wording({})])
def test_a_missing_wording_apologises(wording: Wording) -> None:
    text = render(wording, "no_such_key", {}, 3)

    assert "went wrong" in text


def test_braces_in_a_value_are_left_alone() -> None:
    assert render(WORDING, "hello", {"name": "{order_number}"}, 0) == "Hello {order_number}!"


def test_an_actions_text_is_rendered_with_the_shops_facts() -> None:
    said = ActionText("hello", {"name": "Anna"})

    assert render_action_text(WORDING, said, {"name": "the shop"}, 0) == "Hello Anna!"
    assert render_action_text(WORDING, ActionText("hello"), {"name": "shop"}, 0) == "Hello shop!"


def test_a_foreign_actions_text_is_taken_as_it_is() -> None:
    assert render_action_text(WORDING, ActionText(text="{as} it is"), {}, 0) == "{as} it is"


def test_placeholders_are_names_in_braces() -> None:
    assert placeholders("{a} and {b}, {a} but not {} or {c d}") == {"a", "b"}
