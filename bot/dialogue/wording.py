"""Renders what the assistant says from a release's wording."""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from bot.dialogue.playbook import Wording
from bot.domain.outcome import ActionText

_PLACEHOLDER: Final = re.compile(r"\{(\w+)\}")
_LAST_RESORT: Final = "Sorry, something went wrong on our side. Please try again in a moment."


class Key(StrEnum):
    """Wording that the dialogue itself needs; every release must have it."""

    NOTHING_FOUND = "nothing_found"
    NOTHING_FOUND_IN_FLOW = "nothing_found_in_flow"
    OUT_OF_SCOPE = "out_of_scope"
    DID_YOU_MEAN = "did_you_mean"
    CLARIFY = "clarify"
    CLARIFY_NEITHER = "clarify_neither"
    REWORD = "reword"
    TROUBLE = "trouble"
    BUTTON_OUTDATED = "button_outdated"
    NOTHING_TO_LEAVE = "nothing_to_leave"
    NOTHING_TO_REPEAT = "nothing_to_repeat"
    YES_TO_WHAT = "yes_to_what"
    NO_TO_WHAT = "no_to_what"
    SIGN_IN = "sign_in"
    PERSON_BUTTON = "person_button"
    SORRY_ANGRY = "sorry_angry"
    HANDOFF = "handoff"
    HANDOFF_ASKED = "handoff_asked"
    HANDOFF_ANGER = "handoff_anger"
    HANDOFF_FAILURES = "handoff_failures"
    HANDOFF_ACTION_FAILED = "handoff_action_failed"
    HANDOFF_ACTION_UNCLEAR = "handoff_action_unclear"
    HANDOFF_INTERRUPTED = "handoff_interrupted"
    HANDOFF_OPEN = "handoff_open"
    HANDOFF_CLOSED = "handoff_closed"
    RESUME = "resume"
    SWITCH = "switch"
    LEFT = "left"
    NOT_DONE = "not_done"
    CONFIRM = "confirm"
    CONFIRM_AGAIN = "confirm_again"
    CONFIRM_YES = "confirm_yes"
    CONFIRM_NO = "confirm_no"
    REFUSED = "refused"
    PROBLEM_ORDER_NUMBER = "problem_order_number"
    PROBLEM_ORDER_LINES = "problem_order_lines"
    PROBLEM_PRODUCT = "problem_product"
    PROBLEM_EMAIL = "problem_email"
    PROBLEM_DATE = "problem_date"
    PROBLEM_AMOUNT = "problem_amount"
    PROBLEM_POSTCODE = "problem_postcode"
    PROBLEM_ADDRESS = "problem_address"
    PROBLEM_ADDRESS_POSTCODE = "problem_address_postcode"
    PROBLEM_CHOICE = "problem_choice"
    PROBLEM_TEXT = "problem_text"


VALUES_OF: Final[Mapping[Key, frozenset[str]]] = {
    Key.SWITCH: frozenset({"title"}),
    Key.RESUME: frozenset({"title"}),
    Key.LEFT: frozenset({"title"}),
    Key.NOT_DONE: frozenset({"title"}),
    Key.HANDOFF_CLOSED: frozenset({"next_opening"}),
}
"""Values that a wording may use besides the shop's own."""


def placeholders(text: str) -> frozenset[str]:
    """Return the names of the values that a text wants."""
    return frozenset(_PLACEHOLDER.findall(text))


def render(wording: Wording, key: str, values: Mapping[str, str], turn: int) -> str:
    """Render a wording.

    Args:
        wording: The release's wording.
        key: Which one.
        values: What ``{name}`` stands for.
        turn: Picks the variant, so that two turns in a row do not sound the same, yet the same turn always does.

    Returns:
        The text. A missing value takes a variant that does without it, or leaves a gap; a missing key gives the
        wording ``trouble``: a customer never sees an error.
    """
    texts = wording.texts.get(key) or wording.texts.get(Key.TROUBLE) or (_LAST_RESORT,)
    complete = [text for text in texts if placeholders(text) <= values.keys()]
    chosen = (complete or texts)[turn % len(complete or texts)]
    return _fill(chosen, values)


def render_action_text(
    wording: Wording, said: ActionText, shop: Mapping[str, str], turn: int
) -> str:
    """Render what an action wants said; a foreign action's plain text is taken as it is."""
    if said.text:
        return said.text
    return render(wording, said.wording, {**shop, **said.values}, turn)


def _fill(text: str, values: Mapping[str, str]) -> str:
    missing = placeholders(text) - values.keys()
    filled = _PLACEHOLDER.sub(lambda found: values.get(found[1], ""), text)
    return re.sub(r"[ \t]{2,}", " ", filled).strip() if missing else filled
