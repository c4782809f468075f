"""What to do about a message, and why."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from bot.domain.facts import Fact
from bot.domain.understanding import Understanding


class Quoting(StrEnum):
    """What an answer may quote, given what the last reply quoted."""

    ANYTHING = "anything"
    NEW_FIRST = "new passages first"
    NEW_ONLY = "new passages only"


@dataclass(frozen=True, slots=True)
class Compared:
    """A number that a rule compared with a threshold."""

    name: str
    value: float
    threshold: float


@dataclass(frozen=True, slots=True)
class Why:
    """The rule that made a decision, and the numbers it compared."""

    rule: str
    compared: tuple[Compared, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reasoned:
    why: Why
    facts: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True)
class LookUp(_Reasoned):
    """Ask the knowledge base. Inside a flow, the flow is resumed after the answer.

    Attributes:
        question: In the customer's words.
        topic: A hint; "" for none.
        threshold: The probability that a passage needs to be quoted.
        if_nothing: Wording key for when no passage reaches it.
        guesses: Intents to ask about when no passage reaches it, best first.
        instead: What is asked when the question itself finds nothing: the subject in plain words; "" for nothing.
        quoting: What may be quoted of what the last reply quoted already.
    """

    question: str
    topic: str = ""
    threshold: float = 0.5
    if_nothing: str = "nothing_found"
    guesses: tuple[str, ...] = ()
    instead: str = ""
    quoting: Quoting = Quoting.ANYTHING


@dataclass(frozen=True, slots=True)
class RunAction(_Reasoned):
    """Run an action with the slots as they are then.

    Attributes:
        action: Its name, such as ``action_order_status``.
        slots: What the action is given.
        reads_only: It changes nothing; else the call carries an operation id.
        ends_flow: The flow whose action it is; "" outside flows.
    """

    action: str
    slots: Mapping[str, str] = field(default_factory=dict)
    reads_only: bool = True
    ends_flow: str = ""


@dataclass(frozen=True, slots=True)
class AskFor(_Reasoned):
    """Ask for a slot; ``options`` is an action that lists what to choose from, where the flow names one.

    ``problem`` is a wording key that says why the last value did not do ("" when asked for the first time). ``heard``
    is the message where it may have named one of the options already: then the question is not asked.
    """

    slot: str
    flow: str
    options: RunAction | None = None
    problem: str = ""
    heard: Understanding | None = None


@dataclass(frozen=True, slots=True)
class Confirm(_Reasoned):
    """Read a change back and ask whether to carry it out; ``preview`` checks the rules first and says what will happen."""

    flow: str
    preview: RunAction


@dataclass(frozen=True, slots=True)
class Clarify(_Reasoned):
    """Ask which of these intents is meant."""

    intents: tuple[str, ...]
    utterance: str


@dataclass(frozen=True, slots=True)
class Say(_Reasoned):
    """Say something that needs no look-up; ``wording`` is its key."""

    wording: str
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SignIn(_Reasoned):
    """Account data are wanted but nobody is verified: say how to sign in."""

    intent: str


@dataclass(frozen=True, slots=True)
class Escalate(_Reasoned):
    """Give the conversation to an agent; ``reason`` is a stable word: ``asked``, ``anger``, ``failures``, ``interrupted`` …."""

    reason: str


@dataclass(frozen=True, slots=True)
class LeaveFlow(_Reasoned):
    """The customer does not want to go on with the flow."""

    flow: str


@dataclass(frozen=True, slots=True)
class StaySilent(_Reasoned):
    """An agent has the conversation."""


Decision = (
    LookUp
    | RunAction
    | AskFor
    | Confirm
    | Clarify
    | Say
    | SignIn
    | Escalate
    | LeaveFlow
    | StaySilent
)
