"""How a release talks: routes, flows, wording and thresholds, as frozen values; read by the policy."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from bot.domain.conversation import Conversation
from bot.domain.understanding import Understanding
from knowledge_base.passage import Retriever


class DialogueAct(StrEnum):
    """What an intent means for the running dialogue, whatever its name."""

    AFFIRM = "affirm"
    DENY = "deny"
    LEAVE = "leave"
    REPEAT = "repeat"


@dataclass(frozen=True, slots=True)
class SearchRoute:
    """Answer from the help articles; ``topic`` is a hint ("" for none)."""

    topic: str = ""


@dataclass(frozen=True, slots=True)
class FlowRoute:
    """Start a flow."""

    flow: str


@dataclass(frozen=True, slots=True)
class SayRoute:
    """Say a wording."""

    wording: str


@dataclass(frozen=True, slots=True)
class EscalateRoute:
    """Hand over to an agent."""

    reason: str


@dataclass(frozen=True, slots=True)
class ActRoute:
    """Steer the running dialogue."""

    act: DialogueAct


Route = SearchRoute | FlowRoute | SayRoute | EscalateRoute | ActRoute


class SlotKind(StrEnum):
    """What values a slot takes; ``slots.py`` holds a validator for each."""

    ORDER_NUMBER = "order_number"
    ORDER_LINES = "order_lines"
    PRODUCT = "product"
    EMAIL = "email"
    DATE = "date"
    AMOUNT = "amount"
    POSTCODE = "postcode"
    ADDRESS = "address"
    CHOICE = "choice"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a choice: what is stored, what the button says, and words that mean it."""

    value: str
    title: str
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SlotSpec:
    """A slot that a flow fills.

    Attributes:
        name: Name in the conversation, such as ``order_number``.
        ask: Wording key of the question.
        choose_from: A reads-only action that lists what there is to choose from; "" for none.
        is_kept: The value outlives the flow ("that order" later on).
        is_required: The flow asks for it; else it is only taken when given.
        if_refused: Taken when the customer would rather not say; "" for a slot that is needed.
    """

    name: str
    kind: SlotKind
    ask: str
    choose_from: str = ""
    choices: tuple[Choice, ...] = ()
    is_kept: bool = False
    is_required: bool = True
    if_refused: str = ""


@dataclass(frozen=True, slots=True)
class Flow:
    """A multi-step task.

    Attributes:
        title: What the customer reads when asked which one they mean ("cancel an order").
        slots: In the order they are asked for.
        preview: Reads-only action that checks the rules and reads the change back; "" for flows that only read.
        action: The action that does it.
        reads_only: The action changes nothing: no preview, no confirmation.
        needs_customer: Only for a verified customer.
        constants: Values that the actions get besides the slots, such as ``kind``: ``missing``.
        asks_again: Reason of a rejection to the slot that is asked for again, instead of ending the flow.
    """

    name: str
    title: str
    slots: tuple[SlotSpec, ...]
    action: str
    preview: str = ""
    reads_only: bool = False
    needs_customer: bool = True
    constants: Mapping[str, str] = field(default_factory=dict)
    asks_again: Mapping[str, str] = field(default_factory=dict)

    @property
    def verb(self) -> str:
        """Return the first word of the title, "cancel"; "" where there is none."""
        return self.title.split()[0].lower() if self.title else ""

    def slot(self, name: str) -> SlotSpec | None:
        """Return a slot by its name; None when the flow has no such slot."""
        return next((spec for spec in self.slots if spec.name == name), None)


@dataclass(frozen=True, slots=True)
class Wording:
    """Texts by key; several variants are taken in turn. ``{name}`` is replaced by a value."""

    texts: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Where the policy draws its lines; chosen from data at build, kept in the manifest.

    Attributes:
        accept: At or above this confidence an intent takes its route.
        clarify: Below ``accept`` but at or above this, two close intents are asked about.
        clarify_ratio: Two intents are close when second / first is at least this.
        out_of_scope: At or above this out-of-scope probability nothing is accepted.
        answer: A passage's probability to be quoted as an answer.
        answer_in_scope: The same when a knowledge intent was understood with confidence (lower).
        anger: Negative probability that counts as anger.
        strong_anger: Negative probability that, with angry words, escalates at once.
        false_accept_rate: The rate on out-of-scope utterances that ``accept`` was chosen for.
    """

    accept: float
    clarify: float
    clarify_ratio: float
    out_of_scope: float
    answer: float
    answer_in_scope: float
    anger: float
    strong_anger: float
    false_accept_rate: float


@dataclass(frozen=True, slots=True)
class Playbook:
    """How a release talks.

    Attributes:
        routes: By intent name; an intent without a route is searched.
        titles: Intent name to what a clarifying button says.
        max_failures: Failures in a row that lead to a handoff.
        max_angers: Angry messages in a row that lead to a handoff.
        shop: Facts of the shop that any wording may use, and its opening hours (``handoff.py`` reads them).
    """

    release: int
    routes: Mapping[str, Route]
    flows: Mapping[str, Flow]
    titles: Mapping[str, str]
    wording: Wording
    thresholds: Thresholds
    max_failures: int = 2
    max_angers: int = 2
    shop: Mapping[str, str] = field(default_factory=dict)


class AnsweringRelease(Protocol):
    """What the assistant needs of a release."""

    @property
    def number(self) -> int:
        """Return its number."""
        ...

    @property
    def playbook(self) -> Playbook:
        """Return how it talks."""
        ...

    @property
    def retriever(self) -> Retriever:
        """Return its search."""
        ...

    async def understand(self, text: str, *, chosen_intent: str | None = None) -> Understanding:
        """Understand an utterance; ``chosen_intent`` is that of an accepted ``/intent`` payload."""
        ...


class ReleaseShelf(Protocol):
    """Where the assistant takes its release from."""

    def live(self) -> AnsweringRelease:
        """Return the release that most turns take, without a look at anything."""
        ...

    async def for_turn(self, conversation: Conversation) -> AnsweringRelease:
        """Return the live release, or the one that the conversation's running flow began on."""
        ...
