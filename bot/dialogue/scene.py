"""Words and questions in the light of a conversation: what a reply is put together from."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final

from bot.dialogue.payload import read_payload, write_payload
from bot.dialogue.playbook import Flow, Playbook, SlotSpec
from bot.dialogue.situation import CHOOSE, person_intent
from bot.dialogue.wording import Key, render, render_action_text
from bot.domain.conversation import Conversation
from bot.domain.entries import TurnClosed
from bot.domain.facts import ConfirmationAsked, FlowStarted, ItemsListed
from bot.domain.outcome import ActionText, Said
from bot.domain.reply import Button, Buttons, Part, Text, part_as_text

_NO_VALUES: Final[Mapping[str, str]] = MappingProxyType({})
YES_PAYLOAD: Final = "yes"
NO_PAYLOAD: Final = "no"
NEITHER_PAYLOAD: Final = "none of these"


@dataclass(frozen=True, slots=True)
class Scene:
    """Where a reply is made: the conversation with the decision's facts, the playbook, the time."""

    conversation: Conversation
    playbook: Playbook
    now: datetime

    @property
    def turn(self) -> int:
        """Return the number that picks a wording's variant."""
        return len(self.conversation.entries)

    @property
    def is_guest(self) -> bool:
        """Tell whether nobody is verified."""
        return self.conversation.customer_id is None

    @property
    def flow(self) -> Flow | None:
        """Return the running flow."""
        running = self.conversation.flow
        return self.playbook.flows.get(running.name) if running is not None else None

    def words(self, key: str, values: Mapping[str, str] = _NO_VALUES) -> str:
        """Render a wording; slots and the shop's facts may be used in it."""
        known = {**self.playbook.shop, **self.conversation.slots, **values}
        return render(self.playbook.wording, key, known, self.turn)

    def parts(self, said: Iterable[Said]) -> tuple[Part, ...]:
        """Render what an action wants said."""
        return tuple(self._part(one) for one in said)

    def _part(self, said: Said) -> Part:
        if not isinstance(said, ActionText):
            return said
        shop, wording = self.playbook.shop, self.playbook.wording
        return Text(render_action_text(wording, said, shop, self.turn))

    def question(self, spec: SlotSpec, lead: str = "", options: Sequence[Part] = ()) -> list[Part]:
        """Ask for a slot.

        Args:
            spec: The slot.
            lead: What comes before the question, such as what was wrong with the last value.
            options: What there is to choose from; buttons without words of their own take the question.
        """
        text = " ".join(filter(None, [lead, self.words(spec.ask)]))
        if not options and spec.choices:
            buttons = (Button(c.title, choose_payload(spec.name, c.value)) for c in spec.choices)
            return [Buttons(text, tuple(buttons))]
        for place, part in enumerate(options):
            if isinstance(part, Buttons) and not part.text:
                return [*options[:place], Buttons(text, part.buttons), *options[place + 1 :]]
        return [Text(text), *options]

    def confirmation(self, key: str = Key.CONFIRM, lead: str = "") -> Buttons:
        """Ask for a yes; the buttons send the words themselves, as if the customer had typed them."""
        text = " ".join(filter(None, [lead, self.words(key)]))
        yes = Button(self.words(Key.CONFIRM_YES), YES_PAYLOAD)
        return Buttons(text, (yes, Button(self.words(Key.CONFIRM_NO), NO_PAYLOAD)))

    def resumption(self) -> list[Part]:
        """Ask again what the running task waits for; nothing where none runs."""
        running, flow = self.conversation.flow, self.flow
        if running is None or flow is None:
            return []
        lead = self.words(Key.RESUME, {"title": flow.title})
        if running.is_confirming:
            return [Text(f"{lead} {self.read_back()}".strip()), self.confirmation()]
        spec = flow.slot(running.asked_slot)
        return self.question(spec, lead, self.shown_options(spec)) if spec is not None else []

    def read_back(self) -> str:
        """Return the words in which the running task's change was read back; "" where it was not."""
        for entry in reversed(self.conversation.entries):
            if not isinstance(entry, TurnClosed):
                continue
            if any(isinstance(fact, ConfirmationAsked) for fact in entry.reply.facts):
                texts = [part.text for part in entry.reply.parts if isinstance(part, Text)]
                return texts[-1] if texts else ""
        return ""

    def last_said(self) -> str:
        """Return the words of the assistant's last reply; "" before the first."""
        last = self.conversation.last_reply
        return "\n".join(part_as_text(part) for part in last.parts) if last is not None else ""

    def shown_options(self, spec: SlotSpec) -> tuple[Part, ...]:
        """Return the choice that the running task showed last for a slot; nothing where it never showed one."""
        for entry in reversed(self.conversation.entries):
            if not isinstance(entry, TurnClosed):
                continue
            for part in reversed(entry.reply.parts):
                if isinstance(part, Buttons) and any(_fills(b, spec.name) for b in part.buttons):
                    return (Buttons("", part.buttons),)
            if any(isinstance(fact, FlowStarted) for fact in entry.reply.facts):
                return ()
        return ()

    def listed_again(self) -> tuple[ItemsListed, ...]:
        """Return what the task's question lists, so that "the second one" means it whatever was listed in between."""
        running, flow = self.conversation.flow, self.flow
        spec = flow.slot(running.asked_slot) if running is not None and flow is not None else None
        if spec is None or not self.shown_options(spec):
            return ()
        listed = self.conversation.listed
        names = (spec.name, f"{spec.name}_names", f"{spec.name}_days")
        return tuple(ItemsListed(name, listed[name]) for name in names if name in listed)

    def intent_buttons(self, intents: Sequence[str]) -> list[Button]:
        """Offer intents by their titles."""
        titles = {name: self.playbook.titles.get(name, name.replace("_", " ")) for name in intents}
        return [Button(title[:1].upper() + title[1:], f"/{name}") for name, title in titles.items()]

    def with_person(self, text: str) -> Part:
        """Say something, with a button that asks for a person."""
        intent = person_intent(self.playbook)
        if not intent:
            return Text(text)
        return Buttons(text, (Button(self.words(Key.PERSON_BUTTON), f"/{intent}"),))


def _fills(button: Button, slot: str) -> bool:
    payload = read_payload(button.payload)
    return payload is not None and payload.intent == CHOOSE and slot in payload.slots


def choose_payload(slot: str, value: str) -> str:
    """Return a button's payload that fills a slot."""
    return write_payload(CHOOSE, {slot: value})
