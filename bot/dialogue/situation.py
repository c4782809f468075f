"""What a rule looks at: the conversation, the understanding, the playbook and the time, with the usual questions."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from bot.dialogue.order_lines import Listing
from bot.dialogue.playbook import (
    EscalateRoute,
    Flow,
    FlowRoute,
    Playbook,
    Route,
    SearchRoute,
    SlotSpec,
    Thresholds,
)
from bot.domain.conversation import Conversation
from bot.domain.decision import Compared, Why
from bot.domain.understanding import Understanding

CHOOSE: Final = "choose"
"""Stands for the intent of a tapped button with a value: ``/choose{"order_number":"CP-104233"}``."""

REPEAT: Final = "repeat"
"""Stands for a wording: the assistant's last reply, once more."""

BUTTON: Final = "button"
"""The extractor of slot values that came with a button; ``slot`` is then the slot's own name."""


class Rule(StrEnum):
    """The rules of the policy, as a trace names them."""

    HANDED_OFF = "an agent has the conversation"
    PERSON = "a person was asked for"
    STRONG_ANGER = "strong anger"
    REPEATED_ANGER = "repeated anger"
    CLARIFIED = "the open question was answered"
    NOT_CLARIFIED = "none of the offered intents"
    SIGN_IN = "account data without sign-in"
    LEFT = "the task was left"
    CONFIRMED = "the change was confirmed"
    DECLINED = "the change was declined"
    CORRECTED = "a value was corrected"
    FILLED = "a value was given"
    UNFIT = "a value did not do"
    REFUSED = "a value was refused"
    ASKED_IN_VAIN = "asked in vain too often"
    IN_BETWEEN = "a question in between"
    SWITCHED = "another task instead"
    AGAIN = "the same task again"
    SMALL_TALK = "small talk"
    NOT_UNDERSTOOD = "not understood during a task"
    COMPARED = "two products compared"
    REFERRED_BACK = "carries on the last subject"
    LEANT_ON = "unclear, taken for more about the last subject"
    OUTDATED = "a button without its task"
    INTENT = "confident intent"
    LIKELY = "likely intent that does no harm"
    CLARIFY = "two close intents"
    KNOWLEDGE = "no confident intent"
    OUT_OF_SCOPE = "out of scope"


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything a decision rests on."""

    conversation: Conversation
    understanding: Understanding
    playbook: Playbook
    now: datetime

    @property
    def text(self) -> str:
        """Return what the customer wrote."""
        return self.understanding.utterance

    @property
    def thresholds(self) -> Thresholds:
        """Return the release's thresholds."""
        return self.playbook.thresholds

    @property
    def is_guest(self) -> bool:
        """Tell whether nobody is verified."""
        return self.conversation.customer_id is None

    @property
    def is_tapped(self) -> bool:
        """Tell whether the message is a button's payload."""
        return self.understanding.chosen_intent is not None

    @property
    def is_accepted(self) -> bool:
        """Tell whether the best intent may take its route."""
        if self.is_tapped:
            return self.understanding.chosen_intent != CHOOSE
        is_in_scope = self.understanding.out_of_scope_probability < self.thresholds.out_of_scope
        return (
            bool(self.understanding.intents)
            and is_in_scope
            and self.understanding.confidence >= self.thresholds.accept
        )

    @property
    def route(self) -> Route | None:
        """Return the route of the best intent where it is accepted; else None."""
        return self.route_of(self.understanding.intent) if self.is_accepted else None

    def route_of(self, intent: str) -> Route:
        """Return an intent's route; one without is searched."""
        return self.playbook.routes.get(intent, SearchRoute())

    @property
    def flow(self) -> Flow | None:
        """Return the flow that runs; None where none does, or the release does not know it."""
        running = self.conversation.flow
        return self.playbook.flows.get(running.name) if running is not None else None

    @property
    def asked(self) -> SlotSpec | None:
        """Return the slot that was asked for last; None while nothing or a confirmation is asked for."""
        running, flow = self.conversation.flow, self.flow
        if running is None or flow is None or running.is_confirming:
            return None
        return flow.slot(running.asked_slot)

    def listing(self, slot: str) -> Listing:
        """Return what was last listed for a slot."""
        listed = self.conversation.listed
        names, days = listed.get(f"{slot}_names", ()), listed.get(f"{slot}_days", ())
        return Listing(listed.get(slot, ()), names, days)

    def why(self, rule: Rule, *compared: Compared) -> Why:
        """Return the reason for a decision: the rule, and the numbers it compared."""
        return Why(rule.value, compared)

    @property
    def needed(self) -> float:
        """Return the probability that a passage needs: the less, the surer it is that the articles are asked."""
        limits, understanding = self.thresholds, self.understanding
        is_out = understanding.out_of_scope_probability >= limits.out_of_scope
        if is_out or not isinstance(self.route_of(understanding.intent), SearchRoute):
            return limits.answer
        share = min(1.0, understanding.confidence / limits.accept) if limits.accept else 1.0
        return limits.answer + share * (limits.answer_in_scope - limits.answer)

    @property
    def is_sure(self) -> bool:
        """Tell whether the best intent is accepted by a wide margin."""
        least = (1.0 + self.thresholds.accept) / 2
        return self.is_accepted and self.understanding.confidence >= least

    @property
    def is_sure_of_topic(self) -> bool:
        """Tell whether the best intents, those of one topic together, are accepted by a wide margin."""
        best = self.route_of(self.understanding.intent)
        share = sum(
            intent.probability
            for intent in self.understanding.intents
            if self.route_of(intent.name) == best and isinstance(best, SearchRoute)
        )
        share *= 1.0 - self.understanding.out_of_scope_probability
        return self.is_sure or (self.is_accepted and share >= (1.0 + self.thresholds.accept) / 2)

    def subject(self, intent: str) -> str:
        """Return what an intent is about, in a few plain words; "" where nothing says so."""
        return self.playbook.titles.get(intent, "")

    def scores(self) -> tuple[Compared, ...]:
        """Return the best intent's numbers beside their thresholds."""
        understanding = self.understanding
        return (
            Compared("confidence", understanding.confidence, self.thresholds.accept),
            Compared(
                "out_of_scope",
                understanding.out_of_scope_probability,
                self.thresholds.out_of_scope,
            ),
        )


def intent_of_flow(playbook: Playbook, flow: str) -> str:
    """Return the intent that starts a flow; "" where none does."""
    leading = (
        intent
        for intent, route in playbook.routes.items()
        if route == FlowRoute(flow) and intent != CHOOSE
    )
    return next(leading, "")


def person_intent(playbook: Playbook) -> str:
    """Return the intent that asks for a person; "" where none does."""
    asking = (name for name, route in playbook.routes.items() if isinstance(route, EscalateRoute))
    return next(asking, "")


def needs_customer(playbook: Playbook, action: str) -> bool:
    """Tell whether an action belongs to a flow that only a verified customer may use; no action does not."""
    return bool(action) and any(
        flow.needs_customer
        for flow in playbook.flows.values()
        if action in {flow.action, flow.preview} or any(s.choose_from == action for s in flow.slots)
    )
