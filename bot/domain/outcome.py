"""What came of acting on a decision."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.domain.facts import Fact
from bot.domain.reply import Part
from knowledge_base.passage import Match


@dataclass(frozen=True, slots=True)
class Matches:
    """Passages found, best first."""

    matches: tuple[Match, ...]


@dataclass(frozen=True, slots=True)
class ActionText:
    """What an action wants said: a wording key with values, or plain text of a foreign action."""

    wording: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    text: str = ""


Said = ActionText | Part


@dataclass(frozen=True, slots=True)
class ActionDone:
    """The action did what it should.

    Attributes:
        said: What to tell the customer, in order.
        facts: Slots it set, records it listed.
    """

    action: str
    said: tuple[Said, ...] = ()
    facts: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True)
class ActionRejected:
    """A rule of the shop says no; ``reason`` is a stable word, ``said`` explains it."""

    action: str
    reason: str
    said: tuple[Said, ...] = ()


@dataclass(frozen=True, slots=True)
class ActionFailed:
    """The action did not happen: it failed, or a read took too long."""

    action: str
    problem: str


@dataclass(frozen=True, slots=True)
class ActionUnclear:
    """A changing action did not answer, and nobody knows whether it happened."""

    action: str
    problem: str


@dataclass(frozen=True, slots=True)
class Nothing:
    """Nothing had to be done."""


Outcome = Matches | ActionDone | ActionRejected | ActionFailed | ActionUnclear | Nothing
