"""Makes a reply of what came of a decision: an answer, a question, a change confirmed, an apology, a handoff."""

from collections.abc import Sequence
from dataclasses import replace

from bot.dialogue.answering import compose_answer
from bot.dialogue.flows import MAX_TIMES_ASKED, named_option
from bot.dialogue.handoff import announce_handoff, request_handoff
from bot.dialogue.playbook import Flow, SlotKind, SlotSpec
from bot.dialogue.scene import NEITHER_PAYLOAD, Scene
from bot.dialogue.situation import REPEAT, Situation, intent_of_flow, needs_customer
from bot.dialogue.starting import end_of_flow
from bot.dialogue.wording import Key
from bot.domain.decision import (
    AskFor,
    Clarify,
    Confirm,
    Decision,
    Escalate,
    LeaveFlow,
    LookUp,
    Quoting,
    RunAction,
    Say,
    SignIn,
    StaySilent,
)
from bot.domain.facts import (
    AngerNoticed,
    ButtonsOffered,
    ClarificationAsked,
    ConfirmationAsked,
    Fact,
    FlowEnd,
    FlowEnded,
    IntentTaken,
    ItemsListed,
    RewordingAsked,
    SlotAsked,
    SlotEmptied,
    SlotFilled,
    Succeeded,
)
from bot.domain.outcome import (
    ActionDone,
    ActionFailed,
    ActionRejected,
    ActionUnclear,
    Matches,
    Outcome,
)
from bot.domain.reply import Button, Buttons, Part, Reply, Text, part_as_text


def compose_reply(scene: Scene, decision: Decision, outcome: Outcome) -> Reply:
    """Compose the reply, with a word of regret or of leaving something ahead of it where that is due."""
    if isinstance(decision, StaySilent):
        return Reply()
    reply = _reply(scene, decision, outcome)
    ahead = [] if reply.handoff is not None else _ahead(scene, decision, reply)
    parts = (*ahead, *reply.parts)
    payloads = tuple(b.payload for p in parts if isinstance(p, Buttons) for b in p.buttons)
    offered = (ButtonsOffered(payloads),) if payloads else ()
    return replace(reply, parts=parts, facts=(*reply.facts, *offered))


def _ahead(scene: Scene, decision: Decision, reply: Reply) -> list[Part]:
    ahead: list[Part] = []
    said = [*(part_as_text(part) for part in reply.parts[:1]), scene.last_said()]
    is_sorry = any("sorry" in text.lower() for text in said)
    if any(isinstance(fact, AngerNoticed) for fact in decision.facts) and not is_sorry:
        ahead.append(Text(scene.words(Key.SORRY_ANGRY)))
    for fact in decision.facts:
        if isinstance(fact, FlowEnded) and fact.how is FlowEnd.REPLACED:
            flow = scene.playbook.flows.get(fact.flow)
            if flow is not None and flow.reads_only:  # a look-up is left without a word
                continue
            title = flow.title if flow is not None else fact.flow
            ahead.append(Text(scene.words(Key.SWITCH, {"title": title})))
    return ahead


def _reply(scene: Scene, decision: Decision, outcome: Outcome) -> Reply:
    if isinstance(outcome, ActionFailed):
        return hand_over(scene, "action_failed", FlowEnd.FAILED)
    if isinstance(outcome, ActionUnclear):
        return hand_over(scene, "action_unclear", FlowEnd.FAILED)
    match decision:
        case LookUp():
            return _looked_up(scene, decision, outcome)
        case RunAction() | AskFor() | Confirm():
            return _acted(scene, decision, outcome)
        case Clarify() | Say() | SignIn() | Escalate() | LeaveFlow() | StaySilent():
            return _spoken(scene, decision)


def _spoken(
    scene: Scene, decision: Clarify | Say | SignIn | Escalate | LeaveFlow | StaySilent
) -> Reply:
    match decision:
        case Clarify(intents, utterance):
            return _clarify(scene, intents, utterance)
        case Say():
            return _say(scene, decision)
        case SignIn():
            return _sign_in(scene)
        case Escalate(reason):
            return hand_over(scene, reason, FlowEnd.LEFT)
        case LeaveFlow():
            return _leave(scene)
        case StaySilent():
            return Reply()


def hand_over(scene: Scene, reason: str, how: FlowEnd) -> Reply:
    """Hand over to a person: say so, and tell them what they should know."""
    said = announce_handoff(scene.playbook, reason, scene.now, scene.turn)
    facts = end_of_flow(scene.conversation, scene.flow, how)
    handoff = request_handoff(scene.conversation, scene.playbook, reason)
    return Reply((Text(said),), tuple(facts), handoff)


def _looked_up(scene: Scene, decision: LookUp, outcome: Outcome) -> Reply:
    matches = outcome.matches if isinstance(outcome, Matches) else ()
    said = scene.last_said() if decision.quoting is not Quoting.ANYTHING else ""
    answer = compose_answer(matches, decision.threshold, decision.quoting, said)
    if answer is not None:
        parts = (Text(answer.text), answer.sources, *scene.resumption())
        return Reply(parts, (Succeeded(),))
    if scene.conversation.failures + 1 >= scene.playbook.max_failures:
        return hand_over(scene, "failures", FlowEnd.LEFT)
    if decision.guesses and scene.flow is None:
        asked = _offer(scene, decision.guesses, scene.words(Key.DID_YOU_MEAN))
        facts: tuple[Fact, ...] = (ClarificationAsked(decision.guesses, decision.question),)
        return Reply((asked,), (RewordingAsked(), *facts))
    text = scene.words(decision.if_nothing)
    if decision.if_nothing == Key.OUT_OF_SCOPE:
        return Reply((scene.with_person(text), *scene.resumption()))
    return Reply((Text(text), *scene.resumption()), (RewordingAsked(),))


def _offer(scene: Scene, intents: tuple[str, ...], text: str) -> Buttons:
    neither = Button(scene.words(Key.CLARIFY_NEITHER), NEITHER_PAYLOAD)
    return Buttons(text, (*scene.intent_buttons(intents), neither))


def _clarify(scene: Scene, intents: tuple[str, ...], utterance: str) -> Reply:
    key = Key.CLARIFY if len(intents) > 1 else Key.DID_YOU_MEAN
    asked = _offer(scene, intents, scene.words(key))
    return Reply((asked,), (ClarificationAsked(intents, utterance),))


def _say(scene: Scene, decision: Say) -> Reply:
    if decision.wording != REPEAT:
        text = Text(scene.words(decision.wording, decision.values))
        return Reply((text, *scene.resumption()))
    last = scene.conversation.last_reply
    if last is None:
        return Reply((Text(scene.words(Key.NOTHING_TO_REPEAT)),))
    return Reply(last.parts)


def _sign_in(scene: Scene) -> Reply:
    return Reply((scene.with_person(scene.words(Key.SIGN_IN)), *scene.resumption()))


def _leave(scene: Scene) -> Reply:
    running, flow = scene.conversation.flow, scene.flow
    is_declined = running is not None and running.is_confirming
    title = flow.title if flow is not None else ""
    text = scene.words(Key.NOT_DONE if is_declined else Key.LEFT, {"title": title})
    facts = end_of_flow(scene.conversation, flow, FlowEnd.LEFT)
    return Reply((Text(text),), (*facts, Succeeded()))


def _acted(scene: Scene, decision: RunAction | AskFor | Confirm, outcome: Outcome) -> Reply:
    """Judge an action; a guest never sees what one for customers says, however it came to run."""
    action = _action_of(decision)
    if scene.is_guest and needs_customer(scene.playbook, action):
        facts = end_of_flow(scene.conversation, scene.flow, FlowEnd.LEFT)
        return Reply((scene.with_person(scene.words(Key.SIGN_IN)),), tuple(facts))
    if isinstance(outcome, ActionRejected):
        return _rejected(scene, _flow_of(scene, decision), outcome)
    match decision:
        case AskFor():
            return _ask(scene, decision, outcome)
        case Confirm():
            return _confirm(scene, decision, outcome)
        case RunAction():
            return _done(scene, decision, outcome)


def _action_of(decision: RunAction | AskFor | Confirm) -> str:
    match decision:
        case RunAction(action=action):
            return action
        case Confirm(preview=preview):
            return preview.action
        case AskFor(options=options):
            return options.action if options is not None else ""


def _flow_of(scene: Scene, decision: RunAction | AskFor | Confirm) -> Flow | None:
    name = decision.ends_flow if isinstance(decision, RunAction) else decision.flow
    return scene.playbook.flows.get(name)


def _done(scene: Scene, decision: RunAction, outcome: Outcome) -> Reply:
    if not isinstance(outcome, ActionDone):
        return hand_over(scene, "action_failed", FlowEnd.FAILED)
    parts = scene.parts(outcome.said) or (Text(scene.words(Key.YES_TO_WHAT)),)
    if not decision.ends_flow:
        facts = (*outcome.facts, *scene.listed_again(), Succeeded())
        return Reply((*parts, *scene.resumption()), facts)
    after = scene.conversation.learning(outcome.facts)
    ended = end_of_flow(after, scene.flow, FlowEnd.DONE)
    intent = intent_of_flow(scene.playbook, decision.ends_flow)
    taken = (IntentTaken(intent),) if intent else ()
    return Reply(parts, (*outcome.facts, *ended, *taken, Succeeded()))


def _rejected(scene: Scene, flow: Flow | None, outcome: ActionRejected) -> Reply:
    """Explain why a rule says no; where another value would do, ask for it, else the task is over."""
    said = scene.parts(outcome.said) or (Text(scene.words(Key.TROUBLE)),)
    running = scene.conversation.flow
    if flow is None or running is None or running.name != flow.name:
        return Reply((*said, *scene.resumption()), (Succeeded(),))
    spec = flow.slot(flow.asks_again.get(outcome.reason, ""))
    if spec is None:
        facts = end_of_flow(scene.conversation, flow, FlowEnd.REJECTED)
        intent = intent_of_flow(scene.playbook, flow.name)
        taken = (IntentTaken(intent),) if intent else ()
        return Reply(said, (*facts, *taken, Succeeded()))
    is_again = running.asked_slot == spec.name
    if spec.choose_from and spec.is_required and not is_again:
        # SlotAsked(""): the task goes on at once and shows what there is to choose from
        return Reply(said, (SlotEmptied(spec.name), SlotAsked("")))
    if is_again and running.times_asked >= MAX_TIMES_ASKED:
        over = hand_over(scene, "failures", FlowEnd.LEFT)
        return replace(over, parts=(*said, *over.parts))
    again = (SlotEmptied(spec.name), SlotAsked(spec.name))
    return Reply((*said, *scene.question(spec, options=scene.shown_options(spec))), again)


def _confirm(scene: Scene, decision: Confirm, outcome: Outcome) -> Reply:
    if not isinstance(outcome, ActionDone):
        return hand_over(scene, "action_failed", FlowEnd.FAILED)
    running = scene.conversation.flow
    is_changed = any(isinstance(fact, SlotFilled | SlotEmptied) for fact in decision.facts)
    facts = (*outcome.facts, ConfirmationAsked())
    if running is not None and running.is_confirming and not is_changed:
        return Reply((*scene.parts(outcome.said), scene.confirmation(Key.CONFIRM_AGAIN)), facts)
    return Reply((*scene.parts(outcome.said), scene.confirmation()), facts)


def _ask(scene: Scene, decision: AskFor, outcome: Outcome) -> Reply:
    flow = scene.playbook.flows.get(decision.flow)
    spec = flow.slot(decision.slot) if flow is not None else None
    if spec is None:
        return hand_over(scene, "failures", FlowEnd.FAILED)
    is_listed = isinstance(outcome, ActionDone)
    options = scene.parts(outcome.said) if isinstance(outcome, ActionDone) else ()
    listed = outcome.facts if isinstance(outcome, ActionDone) else ()
    if decision.options is not None and not is_listed:
        return hand_over(scene, "action_failed", FlowEnd.FAILED)
    if named := _named(scene, spec, decision, listed) or _only_one(spec, decision, listed):
        # SlotAsked("") takes an older question back: nothing waits for the customer, the task goes on
        return Reply((), (*listed, SlotFilled(spec.name, named), SlotAsked("")))
    if not spec.is_required and decision.heard is not None:
        return Reply((), (SlotAsked(""),))
    lead = scene.words(decision.problem) if decision.problem else ""
    helped = () if decision.problem else (Succeeded(),)
    facts = (*listed, SlotAsked(decision.slot), *helped)
    return Reply(tuple(scene.question(spec, lead, options)), facts)


def _only_one(spec: SlotSpec, decision: AskFor, listed: Sequence[Fact]) -> str:
    """Return the one line of an order, or the one product of a kind: there is nothing to choose; "" for several."""
    options = decision.options
    is_product = (
        spec.kind is SlotKind.PRODUCT
        and options is not None
        and {"product_type", "among"} & options.slots.keys()
    )
    if not is_product and spec.kind is not SlotKind.ORDER_LINES:
        return ""
    values = [f.values for f in listed if isinstance(f, ItemsListed) and f.slot == spec.name]
    return values[0][0] if values and len(values[0]) == 1 else ""


def _named(scene: Scene, spec: SlotSpec, decision: AskFor, listed: Sequence[Fact]) -> str:
    """Return the value that the message named before it was listed; "" for none: then it is asked for."""
    if decision.heard is None or not listed:
        return ""
    known = scene.conversation.learning(listed)
    return named_option(Situation(known, decision.heard, scene.playbook, scene.now), spec)
