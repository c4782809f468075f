"""Scripts are read strictly: a check that nobody makes would be worse than none."""

import pytest

from bot.errors import ReleaseInvalidError
from bot.scripts import read_scripts
from bot.seed import seed_documents

FILE = "conversations/a.yml"


def test_a_script_is_read_with_its_checks_and_lines() -> None:
    text = """
- name: cancels an order
  customer: C-1001
  turns:
    - says: stop it
      intent: cancel_order
      replies: [{contains: CP-200101}, {buttons: ["Yes", "No"]}]
    - taps: "Yes"
      customer: guest
      silent: true
      status: handed_off
"""

    (script,) = read_scripts({FILE: text})

    first, second = script.turns
    assert (script.name, script.line) == ("cancels an order", 2)
    assert (first.says, first.customer, first.line) == ("stop it", "C-1001", 5)
    assert first.reply.contains == ("CP-200101",)
    assert first.reply.buttons == ("Yes", "No")
    assert first.checks.intent == ("cancel_order",)
    assert (second.taps, second.customer, second.line) == ("Yes", None, 8)
    assert (second.checks.silent, second.checks.status) == (True, "handed_off")


@pytest.mark.parametrize(
    ("text", "place", "problem"),
    [
        ("- name: a\n  turns:\n    - says: 'x\n", f"{FILE}:", "not YAML"),
        ("name: a\n", f"{FILE}:1", "a list"),
        ("- name: a\n", f"{FILE}:1", "a name and turns"),
        ("- turns: [{says: x}]\n", f"{FILE}:1", "a name and turns"),
        ("- name: a\n  tunrs: []\n", f"{FILE}:2", "'tunrs'"),
        ("- name: a\n  turns:\n    - says: x\n      taps: y\n", f"{FILE}:3", "either says"),
        ("- name: a\n  turns:\n    - status: open\n", f"{FILE}:3", "either says"),
        ("- name: a\n  turns:\n    - says: x\n      repliez: []\n", f"{FILE}:4", "'repliez'"),
        ("- name: a\n  turns:\n    - says: x\n      replies: hello\n", f"{FILE}:3", "a list"),
        ("- name: a\n  turns:\n    - says: x\n      replies: [hello]\n", f"{FILE}:3", "contains"),
        ("- name: a\n  turns:\n    - says: x\n      replies: [{holds: y}]\n", f"{FILE}:4", "holds"),
        ("- name: a\n  turns:\n    - says: x\n      intent: []\n", f"{FILE}:3", "empty"),
    ],
)
def test_what_is_wrong_is_told_with_file_and_line(text: str, place: str, problem: str) -> None:
    with pytest.raises(ReleaseInvalidError) as told:
        read_scripts({FILE: text})

    assert str(told.value).startswith(place)
    assert problem in str(told.value)


def test_the_seed_has_conversations_of_every_kind() -> None:
    documents = {p: t for p, t in seed_documents().items() if p.startswith("conversations/")}

    scripts = read_scripts(documents)

    assert len(scripts) >= 8
    decisions = {d for script in scripts for turn in script.turns for d in turn.checks.decision}
    assert {"LookUp", "Confirm", "SignIn", "Escalate"} <= decisions
