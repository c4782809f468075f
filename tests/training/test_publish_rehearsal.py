"""Scripts are played with a release, and every promise that is broken is told."""

from pathlib import Path

import pytest

from bot.scripts import read_scripts
from tests.training.tiny_release import (
    House,
    tiny_documents,
)
from training.errors import DatasetError
from training.evaluation.release_files import measure_files
from training.regression import play_regression

FILE = "conversations/a.yml"


@pytest.fixture
async def house(house: House) -> House:
    """A house whose draft is live."""
    await house.publish()
    return house


async def strays_of(house: House, text: str) -> list[str]:
    release = await house.loader.load(await house.releases.manifest(1))
    return [str(stray) for stray in await play_regression(release, read_scripts({FILE: text}))]


async def test_promises_are_kept_or_told(house: House) -> None:
    kept = """
- name: order status
  customer: C-1001
  turns:
    - says: order status please CP-200103
      intent: order_status
      decision: RunAction
      action: action_order_status
      outcome: ActionDone
      status: open
      handoff: none
      replies: [{contains: [cp-200103, boots]}, {not_contains: CP-200101}]
- name: thinks better of it
  customer: C-1001
  turns:
    - says: please cancel CP-200101
      decision: Confirm
      replies: [{buttons: ["yes", "no"]}]
    - taps: "no"
      replies: [{not_contains: cancelled}]
"""
    broken = (
        kept.replace("intent: order_status", "intent: greet")
        .replace("decision: RunAction", "decision: LookUp")
        .replace("action: action_order_status", "action: action_cancel_order")
        .replace("outcome: ActionDone", "outcome: ActionFailed")
        .replace("status: open", "status: resolved")
        .replace("handoff: none", "handoff: anger")
        .replace("[cp-200103, boots]", "unheard of")
        .replace("not_contains: CP-200101", "not_contains: CP-200103")
        .replace('buttons: ["yes", "no"]', "buttons: [sing]")
    )

    assert await strays_of(house, kept) == []
    told = "\n".join(await strays_of(house, broken))
    for problem in (
        "intent greet is wanted",
        "decision LookUp is wanted",
        "action action_cancel_order is wanted",
        "outcome ActionFailed is wanted",
        "wanted resolved",
        "handoff is none, wanted anger",
        "the reply lacks 'unheard of'",
        "must not hold 'CP-200103'",
        "no button begins with 'sing'",
    ):
        assert problem in told
    assert f"{FILE}:5" in told


async def test_a_button_that_nobody_offered_cannot_be_tapped(house: House) -> None:
    text = "- name: a\n  turns:\n    - says: hello\n    - taps: Yes\n"

    (told,) = await strays_of(house, text)

    assert "no button begins with 'Yes'" in told


async def test_every_script_finds_the_records_untouched(house: House) -> None:
    script = """
- name: {name}
  customer: C-1001
  turns:
    - says: order status please CP-200101
      replies: [{{contains: "Status: placed"}}]
"""

    assert await strays_of(house, script.format(name="a") + script.format(name="b")) == []


async def test_a_release_is_measured_on_files(house: House, tmp_path: Path) -> None:
    release = await house.loader.load(await house.releases.manifest(1))
    nlu, questions = tmp_path / "nlu.yml", tmp_path / "questions.yml"
    nlu.write_text(tiny_documents()["catalogue/nlu.yml"])
    questions.write_text(
        "- {question: years of warranty, article: warranty-period}\n"
        "- {question: tell me a joke, article: null}\n"
    )

    found = measure_files(release, [nlu, questions])

    assert [score.kind for score in found] == ["nlu", "retrieval"]
    assert [score.items for score in found] == [30, 2]
    assert found[0].numbers["accuracy"] == 1.0
    assert found[1].numbers["recall@10"] == 1.0


@pytest.mark.parametrize("content", ["just: words\n", "- {query: x}\n", "a: [\n"])
async def test_a_file_of_another_kind_is_refused(
    house: House, tmp_path: Path, content: str
) -> None:
    release = await house.loader.load(await house.releases.manifest(1))
    file = tmp_path / "x.yml"
    file.write_text(content)

    with pytest.raises(DatasetError, match=r"x\.yml"):
        measure_files(release, [file])


async def test_a_file_of_rows_is_refused_with_the_command_that_reads_it(
    house: House, tmp_path: Path
) -> None:
    release = await house.loader.load(await house.releases.manifest(1))
    file = tmp_path / "rows.csv"
    file.write_text("text,intent\nwhere is it,track_order\n")

    with pytest.raises(DatasetError, match=r"kefu evaluate nlu --data .*rows\.csv"):
        measure_files(release, [file])
