"""A counter to ask actions at: the story customers' records in memory, and what is said in words."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

from ruamel.yaml import YAML

from bot.actions.registry import CHANGING_NAMES, local_actions
from bot.actions.runner import LocalActionRunner
from bot.crm.demo.range import demo_products
from bot.crm.demo.stories import story_records
from bot.crm.gateway import LONDON
from bot.crm.records import ShopRecords
from bot.dialogue.playbook import Wording
from bot.dialogue.wording import placeholders, render_action_text
from bot.domain.conversation import Conversation
from bot.domain.decision import RunAction, Why
from bot.domain.entries import MessageReceived
from bot.domain.message import Caller, ConversationId, CustomerId, MessageId
from bot.domain.outcome import ActionDone, ActionRejected, ActionText, Outcome
from bot.domain.reply import Button, Buttons, Card, part_as_text
from tests.fakes import SetClock
from tests.memory_crm import MemoryCrm

ANCHOR = date(2026, 11, 20)
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
MESSAGE = MessageId("m1")
CATALOGUE = Path(__file__).parents[3] / "intents" / "catalogue"


@cache
def shop_words() -> tuple[Wording, dict[str, str]]:
    """Return the seed's wording and the shop's values."""
    read = YAML(typ="safe").load((CATALOGUE / "wording.yml").read_text("utf-8"))
    texts = {
        key: (text,) if isinstance(text, str) else tuple(text)
        for key, text in read["texts"].items()
    }
    return Wording(texts), dict(read["shop"])


def story_shop() -> ShopRecords:
    """Return the story customers' records and the whole range."""
    return story_records(ANCHOR).joined(ShopRecords(products=demo_products(1, ANCHOR)))


def a_talk(text: str = "please", message_id: MessageId = MESSAGE) -> Conversation:
    """Return a conversation with one message."""
    entry = MessageReceived(number=1, at=NOW, message_id=message_id, text=text, channel="api")
    return Conversation.of(ConversationId("c1"), [entry])


def an_action(name: str, **slots: str) -> RunAction:
    """Return a decision to run an action; ours change nothing unless their name is a change's."""
    reads_only = name not in CHANGING_NAMES and not name.startswith("action_change_of_others")
    return RunAction(name, slots, reads_only, why=Why("test"))


def in_words(outcome: Outcome) -> str:
    """Return what an outcome says, as the customer reads it; every wording must have all its values."""
    assert isinstance(outcome, ActionDone | ActionRejected), outcome
    wording, shop = shop_words()
    lines = []
    for said in outcome.said:
        if isinstance(said, ActionText):
            known = {**shop, **said.values}
            variants = wording.texts.get(said.wording, ()) if said.wording else (said.text,)
            assert any(placeholders(text) <= known.keys() for text in variants), said
            lines.append(render_action_text(wording, said, shop, 0))
        else:
            lines.append(part_as_text(said))
    return "\n".join(lines)


def buttons_of(outcome: Outcome) -> tuple[Button, ...]:
    """Return the buttons that an outcome offers."""
    assert isinstance(outcome, ActionDone), outcome
    return tuple(b for part in outcome.said if isinstance(part, Buttons) for b in part.buttons)


def card_of(outcome: Outcome) -> dict[str, str]:
    """Return the rows of the card that an outcome shows."""
    assert isinstance(outcome, ActionDone), outcome
    return dict(next(part for part in outcome.said if isinstance(part, Card)).fields)


def reason_of(outcome: Outcome) -> str:
    """Return why an action was rejected."""
    assert isinstance(outcome, ActionRejected), outcome
    return outcome.reason


@dataclass
class Counter:
    """Where customers ask.

    Attributes:
        customer: Who is verified; None is a guest.
    """

    customer: str | None = "C-1001"
    records: ShopRecords = field(default_factory=story_shop)
    clock: SetClock = field(default_factory=lambda: SetClock(NOW))

    def __post_init__(self) -> None:
        self.crm = MemoryCrm(self.records)
        actions = local_actions(self.crm, self.clock, LONDON)
        self.runner = LocalActionRunner(actions, self.crm, timeout_s=5.0)

    async def ask(self, action: str, message_id: MessageId = MESSAGE, /, **slots: str) -> Outcome:
        """Run an action for the customer."""
        caller = Caller(CustomerId(self.customer) if self.customer else None)
        talk = a_talk(message_id=message_id)
        return await self.runner.run(an_action(action, **slots), talk, caller, message_id)
