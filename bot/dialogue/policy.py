"""Decides what to do about a message and judges what came of it: pure functions, rules in order.

Read ``_RULES`` from top to bottom: the first rule that has a say decides. ``running.py`` holds the rules of a running
task in the same way, ``subjects.py`` those of a new subject, ``judging.py`` what is made of an outcome.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Final

from bot.dialogue import leaning, phrases, referring, subjects
from bot.dialogue.at_hand import show_last_order
from bot.dialogue.comparing import compare
from bot.dialogue.homonyms import without_homonyms
from bot.dialogue.judging import compose_reply
from bot.dialogue.likely import take_goods, take_likely
from bot.dialogue.mood import Mood, read_mood
from bot.dialogue.offering import offer_after_yes
from bot.dialogue.playbook import EscalateRoute, Playbook
from bot.dialogue.running import continue_flow
from bot.dialogue.scene import Scene
from bot.dialogue.situation import Rule, Situation
from bot.dialogue.starting import ending
from bot.domain.conversation import Conversation, ConversationStatus
from bot.domain.decision import Compared, Decision, Escalate, StaySilent
from bot.domain.facts import (
    AngerCalmed,
    AngerNoticed,
    ClarificationClosed,
    Fact,
    FlowEnd,
    FlowEnded,
)
from bot.domain.outcome import Outcome
from bot.domain.reply import Reply
from bot.domain.understanding import Understanding


def decide(
    conversation: Conversation, understanding: Understanding, playbook: Playbook, now: datetime
) -> Decision:
    """Decide what to do about a message.

    Args:
        conversation: With this message; its ``customer_id`` is verified on this very message.
        understanding: Of the message, or of one wish of it.
        playbook: How the release talks.
        now: Aware UTC.

    Returns:
        The decision with its reason, and what the message itself teaches the conversation.
    """
    lost = _lost_flow(conversation, playbook)
    read = without_homonyms(understanding, playbook)
    situation = Situation(conversation.learning(lost), read, playbook, now)
    if conversation.status is ConversationStatus.HANDED_OFF:
        return StaySilent(why=situation.why(Rule.HANDED_OFF))
    noticed = (*lost, *_noticed(situation))
    for rule in _RULES:
        decision = rule(situation)
        if decision is not None:
            return _with_facts(decision, noticed)
    return _with_facts(subjects.ask_knowledge_base(situation), noticed)


def judge(
    conversation: Conversation,
    decision: Decision,
    outcome: Outcome,
    playbook: Playbook,
    now: datetime,
) -> Reply:
    """Judge what came of a decision.

    Args:
        conversation: With the decision's facts.
        decision: What was done.
        outcome: What came of it.
        playbook: How the release talks.
        now: Aware UTC.

    Returns:
        The reply; its facts come on top of the decision's.
    """
    return compose_reply(Scene(conversation, playbook, now), decision, outcome)


def waits_for_customer(conversation: Conversation) -> bool:
    """Tell whether the next word is the customer's: then further wishes of theirs have to wait."""
    return (
        conversation.flow is not None
        or conversation.clarification is not None
        or conversation.status is not ConversationStatus.OPEN
    )


def goes_on(conversation: Conversation) -> bool:
    """Tell whether a task has just been given a value by an action: then it goes on with the same message."""
    flow = conversation.flow
    return flow is not None and not flow.asked_slot and not flow.is_confirming


def _lost_flow(conversation: Conversation, playbook: Playbook) -> tuple[Fact, ...]:
    """Return the end of a flow that this release does not know; none where all is well."""
    running = conversation.flow
    if running is None or running.name in playbook.flows:
        return ()
    return (FlowEnded(running.name, FlowEnd.FAILED),)


def _noticed(situation: Situation) -> tuple[Fact, ...]:
    """Return what every message teaches: its mood, once, and that an open "which one?" is over."""
    conversation = situation.conversation
    facts: list[Fact] = []
    mood = _mood(situation)
    if mood.is_angry and not conversation.is_mood_noticed:
        facts.append(AngerNoticed(mood.strength))
    elif conversation.angers and not conversation.is_mood_noticed:
        facts.append(AngerCalmed())
    if conversation.clarification is not None:
        facts.append(ClarificationClosed())
    return tuple(facts)


def _mood(situation: Situation) -> Mood:
    return read_mood(situation.understanding, situation.thresholds)


def _with_facts(decision: Decision, facts: tuple[Fact, ...]) -> Decision:
    return replace(decision, facts=(*facts, *decision.facts))


def _grant_person(situation: Situation) -> Decision | None:
    route = situation.route
    if isinstance(route, EscalateRoute):
        return Escalate(route.reason, why=situation.why(Rule.PERSON, *situation.scores()))
    if not situation.is_tapped and phrases.asks_for_person(situation.text):
        return Escalate("asked", why=situation.why(Rule.PERSON))
    return None


def _escalate_anger(situation: Situation) -> Decision | None:
    mood, limits = _mood(situation), situation.thresholds
    if situation.conversation.is_mood_noticed or not mood.is_angry:
        return None
    strength = Compared("negative", mood.strength, limits.anger)
    if mood.is_strongly_angry:
        strong = Compared("negative", mood.strength, limits.strong_anger)
        return Escalate("anger", why=situation.why(Rule.STRONG_ANGER, strong))
    angers = Compared("angers", situation.conversation.angers + 1, situation.playbook.max_angers)
    if angers.value >= angers.threshold:
        return Escalate("anger", why=situation.why(Rule.REPEATED_ANGER, strength, angers))
    return None


def _leave_passed_over(situation: Situation) -> Decision | None:
    """Drop a look-up whose question the customer went past, and take the message for itself."""
    ended = ending(situation, FlowEnd.LEFT)
    if not ended:
        return None
    free = replace(situation, conversation=situation.conversation.learning(ended))
    for rule in _RULES_OF_SUBJECTS:
        decision = rule(free)
        if decision is not None:
            return _with_facts(decision, tuple(ended))
    return _with_facts(subjects.ask_knowledge_base(free), tuple(ended))


_RULES_OF_SUBJECTS: Final[tuple[Callable[[Situation], Decision | None], ...]] = (
    offer_after_yes,
    show_last_order,
    compare,
    referring.refer_back,
    leaning.follow_up,
    take_goods,
    subjects.take_intent,
    take_likely,
    leaning.carry_on,
    subjects.clarify,
)
_RULES: Final[tuple[Callable[[Situation], Decision | None], ...]] = (
    _grant_person,
    _escalate_anger,
    subjects.answer_clarification,
    continue_flow,
    _leave_passed_over,
    *_RULES_OF_SUBJECTS,
)
