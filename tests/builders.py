"""Short ways to make the values that tests talk about."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from bot.dialogue.playbook import Playbook, Thresholds
from bot.dialogue.policy import decide, judge
from bot.dialogue.reading import read_playbook
from bot.domain.conversation import Conversation
from bot.domain.decision import (
    AskFor,
    Confirm,
    Decision,
    LookUp,
    RunAction,
)
from bot.domain.entries import MessageReceived, TurnClosed
from bot.domain.facts import Fact, ItemsListed
from bot.domain.message import ConversationId, CustomerId, MessageId
from bot.domain.outcome import ActionDone, ActionText, Matches, Nothing, Outcome
from bot.domain.reply import Button, Buttons, Reply, part_as_text
from bot.domain.trace import Trace
from bot.domain.understanding import RankedIntent, Sentiment, SlotValue, Understanding
from knowledge_base.passage import Match, Passage

CATALOGUE = Path(__file__).parents[1] / "intents" / "catalogue"
NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)  # a Friday, within service hours
NIGHT = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
ANNA = CustomerId("C-1001")
THRESHOLDS = Thresholds(
    accept=0.5,
    clarify=0.25,
    clarify_ratio=0.6,
    out_of_scope=0.5,
    answer=0.6,
    answer_in_scope=0.4,
    anger=0.6,
    strong_anger=0.8,
    false_accept_rate=0.05,
)


def catalogue_documents() -> dict[str, str]:
    """Return the seed's routes, flows and wording as they are read."""
    names = ("routes", "flows", "wording")
    return {f"catalogue/{n}.yml": (CATALOGUE / f"{n}.yml").read_text("utf-8") for n in names}


@cache
def a_playbook() -> Playbook:
    """Return the seed's playbook with round thresholds."""
    return read_playbook(catalogue_documents(), THRESHOLDS, release=1)


def a_value(text: str, slot: str, written: str, value: str = "") -> SlotValue:
    """Return a slot value found where ``written`` stands in ``text``."""
    start = text.index(written)
    return SlotValue(slot, value or written, start, start + len(written), extractor="rule")


def an_understanding(  # noqa: PLR0913 - a builder: every part has a default
    text: str,
    intent: str = "",
    confidence: float = 0.9,
    *,
    values: Mapping[str, tuple[str, str] | str] | None = None,
    out_of_scope: float = 0.0,
    negative: float = 0.1,
    ranking: tuple[tuple[str, float], ...] = (),
    chosen: str | None = None,
) -> Understanding:
    """Return an understanding; ``values``: slot to what is written, or to (written, value)."""
    found = []
    for slot, written in (values or {}).items():
        raw, value = written if isinstance(written, tuple) else (written, written)
        found.append(a_value(text, slot, raw, value))
    ranked = ranking or (((intent, confidence),) if intent else ())
    return Understanding(
        utterance=text,
        intents=tuple(RankedIntent(name, probability) for name, probability in ranked),
        out_of_scope_probability=out_of_scope,
        sentiment=Sentiment(negative, 1.0 - negative, 0.0),
        slot_values=tuple(found),
        chosen_intent=chosen,
    )


def a_tap(slot: str, value: str) -> Understanding:
    """Return the understanding of a tapped button that fills a slot."""
    text = f'/choose{{"{slot}": "{value}"}}'
    button = SlotValue(slot, value, 0, len(text), extractor="button")
    return replace(an_understanding(text, chosen="choose"), slot_values=(button,))


def a_conversation(
    *facts: Fact, customer: CustomerId | None = ANNA, text: str = "hello"
) -> Conversation:
    """Return a conversation with one message that has learnt these facts."""
    entry = MessageReceived(
        number=1,
        at=NOON,
        message_id=MessageId("m1"),
        text=text,
        channel="api",
        customer_id=customer,
    )
    return Conversation.of(ConversationId("c1"), [entry]).learning(facts)


def a_match(
    text: str = "Returns are free for 60 days.",
    probability: float = 0.9,
    passage_id: str = "return-policy#0",
    heading: str = "",
) -> Match:
    """Return a passage found."""
    slug = passage_id.partition("#")[0]
    title = slug.replace("-", " ").capitalize()
    passage = Passage(passage_id, slug, title, heading, "returns", text)
    return Match(passage, score=probability, probability=probability)


def orders_to_choose(*numbers: str, names: tuple[str, ...] = ()) -> ActionDone:
    """Return what ``action_choose_order`` says."""
    buttons = tuple(Button(n, f'/choose{{"order_number": "{n}"}}') for n in numbers)
    facts = [ItemsListed("order_number", numbers)]
    if names:
        facts.append(ItemsListed("order_number_names", names))
    return ActionDone("action_choose_order", (Buttons("", buttons),), tuple(facts))


def lines_to_choose(*names: str) -> ActionDone:
    """Return what ``action_choose_lines`` says: lines 1, 2, … of these names."""
    numbers = tuple(str(place) for place in range(1, len(names) + 1))
    buttons = tuple(
        Button(name, f'/choose{{"lines": "{number}"}}')
        for number, name in zip(numbers, names, strict=True)
    )
    facts = (ItemsListed("lines", numbers), ItemsListed("lines_names", names))
    return ActionDone("action_choose_lines", (Buttons("", buttons),), facts)


def done(text: str = "Done.", *facts: Fact) -> ActionDone:
    """Return an action that went well."""
    return ActionDone("action", (ActionText(text=text),), facts)


@dataclass
class Talk:
    """A conversation played with the policy alone; outcomes are given, or harmless ones are taken.

    Attributes:
        customer: Who is verified on every message.
        outcomes: Action name to what comes of it.
        matches: What every search finds.
    """

    customer: CustomerId | None = ANNA
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    matches: tuple[Match, ...] = ()
    playbook: Playbook = field(default_factory=a_playbook)
    now: datetime = NOON
    decision: Decision | None = None
    reply: Reply = field(default_factory=Reply)
    ran: list[RunAction] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.conversation = Conversation.of(ConversationId("c1"))

    def says(self, understanding: Understanding) -> Decision:
        """Play one turn and return its decision."""
        number = self.conversation.next_number
        entry = MessageReceived(
            number=number,
            at=self.now,
            message_id=MessageId(f"m{number}"),
            text=understanding.utterance,
            channel="api",
            customer_id=self.customer,
        )
        before = replace(self.conversation.after(entry), customer_id=self.customer)
        decision = decide(before, understanding, self.playbook, self.now)
        learnt = before.learning(decision.facts)
        reply = judge(learnt, decision, self._act(decision), self.playbook, self.now)
        self.decision, self.reply = decision, reply
        whole = replace(reply, facts=(*decision.facts, *reply.facts))
        closed = TurnClosed(
            number=number + 1, at=self.now, message_id=entry.message_id, reply=whole, trace=Trace(1)
        )
        self.conversation = before.after(closed)
        return decision

    def _act(self, decision: Decision) -> Outcome:
        match decision:
            case LookUp():
                return Matches(self.matches)
            case RunAction() as action:
                return self._run(action)
            case Confirm(preview=action):
                return self._run(action)
            case AskFor(options=RunAction() as action):
                return self._run(action)
            case _:
                return Nothing()

    def _run(self, action: RunAction) -> Outcome:
        self.ran.append(action)
        return self.outcomes.get(action.action, done())

    @property
    def said(self) -> str:
        """Return the last reply as text."""
        return "\n".join(part_as_text(part) for part in self.reply.parts)

    @property
    def running(self) -> str:
        """Return the running flow's name; "" for none."""
        return self.conversation.flow.name if self.conversation.flow is not None else ""

    @property
    def is_confirming(self) -> bool:
        """Tell whether a change was read back and waits for a yes."""
        return self.conversation.flow is not None and self.conversation.flow.is_confirming


def decided(understanding: Understanding, **talk: object) -> Decision:
    """Return what is decided about the first message of a talk; ``talk`` is what a ``Talk`` takes."""
    return Talk(**talk).says(understanding)  # type: ignore[arg-type]  # passed on as they are
