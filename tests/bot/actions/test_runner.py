"""Actions in this process: time-outs, failures, what came of a change."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Action, ActionExecutionRejection, Tracker
from rasa_sdk.types import DomainDict
from ruamel.yaml import YAML

from bot.actions.registry import CHANGING_NAMES, READING_NAMES, local_actions
from bot.actions.runner import LocalActionRunner
from bot.crm.gateway import LONDON
from bot.domain.customer import OrderStatus
from bot.domain.decision import RunAction, Why
from bot.domain.message import Caller, CustomerId
from bot.domain.outcome import ActionDone, ActionFailed, ActionRejected, ActionText, ActionUnclear
from bot.domain.ports import Change, ChangeOrder
from bot.errors import CrmUnavailableError
from tests.bot.actions.counter import (
    CATALOGUE,
    MESSAGE,
    NOW,
    Counter,
    a_talk,
    an_action,
    in_words,
    story_shop,
)
from tests.fakes import SetClock
from tests.memory_crm import MemoryCrm

MAYA = Caller(CustomerId("C-1001"))
CANCEL = an_action("action_cancel_order", order_number="CP-200101")


class TroubledCrm(MemoryCrm):
    """Cancels in a way that a test chooses."""

    def __init__(self) -> None:
        super().__init__(story_shop())
        self.troubles: list[str] = []
        self.tries = 0

    async def cancel_order(self, change: ChangeOrder, number: str) -> Change:
        self.tries += 1
        match self.troubles.pop(0) if self.troubles else "":
            case "slow":
                await asyncio.sleep(30)
            case "slow after it is done":
                await super().cancel_order(change, number)
                await asyncio.sleep(30)
            case "down":
                raise CrmUnavailableError("no connection")
            case "down after it is done":
                await super().cancel_order(change, number)
                raise CrmUnavailableError("connection lost")
            case "down for good":
                self.is_down = True
                raise CrmUnavailableError("no connection")
            case "broken":
                raise RuntimeError("a bug")
            case _:
                pass
        return await super().cancel_order(change, number)


@pytest.fixture
def crm() -> TroubledCrm:
    return TroubledCrm()


@pytest.fixture
def runner(crm: TroubledCrm) -> LocalActionRunner:
    return LocalActionRunner(local_actions(crm, SetClock(NOW), LONDON), crm, timeout_s=0.05)


@pytest.mark.parametrize("trouble", ["slow after it is done", "down after it is done"])
async def test_a_change_that_was_made_is_told_as_usual(
    crm: TroubledCrm, runner: LocalActionRunner, trouble: str
) -> None:
    crm.troubles = [trouble]

    outcome = await runner.run(CANCEL, a_talk(), MAYA, MESSAGE)

    assert isinstance(outcome, ActionDone)
    assert "order CP-200101 is cancelled" in in_words(outcome)
    assert crm.tries == 1


async def test_a_change_that_timed_out_is_unclear_and_not_tried_again(
    crm: TroubledCrm, runner: LocalActionRunner
) -> None:
    crm.troubles = ["slow"]

    outcome = await runner.run(CANCEL, a_talk(), MAYA, MESSAGE)

    assert outcome == ActionUnclear("action_cancel_order", "TimeoutError")
    assert crm.tries == 1


async def test_a_change_that_did_not_reach_the_records_is_tried_again(
    crm: TroubledCrm, runner: LocalActionRunner
) -> None:
    crm.troubles = ["down"]

    outcome = await runner.run(CANCEL, a_talk(), MAYA, MESSAGE)

    assert isinstance(outcome, ActionDone)
    assert crm.tries == 2
    assert crm.stored_orders["CP-200101"].status is OrderStatus.CANCELLED


@pytest.mark.parametrize("troubles", [["down for good"], ["down", "down"]])
async def test_a_change_while_the_records_are_down_is_unclear(
    crm: TroubledCrm, runner: LocalActionRunner, troubles: list[str]
) -> None:
    crm.troubles = troubles

    outcome = await runner.run(CANCEL, a_talk(), MAYA, MESSAGE)

    assert isinstance(outcome, ActionUnclear)


async def test_a_bug_before_the_change_is_a_failure(
    crm: TroubledCrm, runner: LocalActionRunner
) -> None:
    crm.troubles = ["broken"]

    outcome = await runner.run(CANCEL, a_talk(), MAYA, MESSAGE)

    assert outcome == ActionFailed("action_cancel_order", "RuntimeError")


async def test_a_rejection_that_was_stored_is_told_as_usual(
    crm: TroubledCrm, runner: LocalActionRunner
) -> None:
    crm.troubles = ["down after it is done"]
    shipped = an_action("action_cancel_order", order_number="CP-200102")

    outcome = await runner.run(shipped, a_talk(), MAYA, MESSAGE)

    assert isinstance(outcome, ActionRejected)
    assert outcome.reason == "already_shipped"


async def test_a_read_is_tried_twice_and_then_fails() -> None:
    counter = Counter()
    counter.crm.is_down = True

    outcome = await counter.ask("action_list_orders")

    assert outcome == ActionFailed("action_list_orders", "CrmUnavailableError")


async def test_a_change_called_for_as_a_read_is_refused() -> None:
    counter = Counter()
    disguised = RunAction(
        "action_cancel_order", {"order_number": "CP-200101"}, reads_only=True, why=Why("t")
    )

    outcome = await counter.runner.run(disguised, a_talk(), MAYA, MESSAGE)

    assert isinstance(outcome, ActionRejected)
    assert outcome.reason == "refused"
    assert counter.crm.stored_orders["CP-200101"].status is OrderStatus.PLACED


async def test_an_action_that_there_is_not_fails() -> None:
    outcome = await Counter().ask("action_make_tea")

    assert isinstance(outcome, ActionFailed)


Events = list[dict[str, Any]]  # what others' actions return may hold anything


class OthersAction(Action):
    """An action that is not ours."""

    def __init__(self, behave: Callable[[CollectingDispatcher], Events]) -> None:
        self._behave = behave
        self.tries = 0

    def name(self) -> str:
        return "action_others"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> Events:
        self.tries += 1
        return self._behave(dispatcher)


def _others(behave: Callable[[CollectingDispatcher], Events]) -> LocalActionRunner:
    return LocalActionRunner([OthersAction(behave)], MemoryCrm(story_shop()), timeout_s=1)


async def test_others_actions_run_beside_ours() -> None:
    def behave(dispatcher: CollectingDispatcher) -> Events:
        dispatcher.utter_message(text="<b>Tea</b> is ready")
        return [{"event": "slot", "name": "user_id", "value": "C-1002"}]

    outcome = await _others(behave).run(an_action("action_others"), a_talk(), MAYA, MESSAGE)

    assert outcome == ActionDone("action_others", (ActionText(text="<b>Tea</b> is ready"),))


async def test_whatever_others_raise_is_a_failure() -> None:
    def behave(dispatcher: CollectingDispatcher) -> Events:
        raise KeyError("customer text")

    outcome = await _others(behave).run(an_action("action_others"), a_talk(), MAYA, MESSAGE)

    assert outcome == ActionFailed("action_others", "KeyError")


async def test_a_refusal_by_rasas_exception_is_a_rejection() -> None:
    def behave(dispatcher: CollectingDispatcher) -> Events:
        raise ActionExecutionRejection("action_others")

    outcome = await _others(behave).run(an_action("action_others"), a_talk(), MAYA, MESSAGE)

    assert isinstance(outcome, ActionRejected)
    assert in_words(outcome) == "I'm afraid that isn't possible here."


def test_every_action_of_the_flows_is_registered() -> None:
    flows = YAML(typ="safe").load((CATALOGUE / "flows.yml").read_text("utf-8"))["flows"].values()
    wanted = {flow[key] for flow in flows for key in ("action", "preview") if key in flow}
    wanted |= {slot["choose_from"] for f in flows for slot in f["slots"] if "choose_from" in slot}
    changing = {flow["action"] for flow in flows if not flow.get("reads_only")}

    assert wanted == Counter().runner.names
    assert wanted == CHANGING_NAMES | READING_NAMES
    assert changing == CHANGING_NAMES
