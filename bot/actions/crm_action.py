"""What all our actions have in common: who is asking, what a change is, and that a no is explained."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import ClassVar

from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Action, ActionExecutionRejection, Tracker
from rasa_sdk.types import DomainDict

from bot.actions.asked import Asked, read_asked
from bot.actions.bridge import Json, write_outcome
from bot.actions.phrasing import for_people
from bot.domain.message import CustomerId
from bot.domain.outcome import ActionDone, ActionRejected, ActionText
from bot.domain.ports import Change, ChangeDone, ChangeOrder, ChangeRejected, Clock, CrmGateway
from bot.errors import CustomerNotFoundError

Answer = ActionDone | ActionRejected


@dataclass(frozen=True, slots=True)
class Desk:
    """What every action works with: the shop's records, its clock, its time zone."""

    crm: CrmGateway
    clock: Clock
    zone: tzinfo

    def now(self) -> datetime:
        """Return the present moment, aware UTC."""
        return self.clock.now()

    def today(self) -> date:
        """Return the shop's day."""
        return self.day_of(self.now())

    def day_of(self, moment: datetime) -> date:
        """Return a moment's day in the shop's time zone."""
        return moment.astimezone(self.zone).date()


class CrmAction(Action, ABC):
    """An action on the shop's records; one instance serves all calls."""

    def __init__(self, name: str, desk: Desk) -> None:
        self._name = name
        self._desk = desk

    def name(self) -> str:
        """Return the action's name."""
        return self._name

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[Json]:
        """Answer a call as rasa_sdk wants it."""
        return write_outcome(await self.answer(read_asked(tracker)), dispatcher)

    @abstractmethod
    async def answer(self, asked: Asked) -> Answer:
        """Answer a call."""

    def says(self, wording: str, /, **values: str) -> ActionDone:
        """Return an answer of one wording."""
        return ActionDone(self._name, (ActionText(wording, values),))

    def rejects(self, reason: str, wording: str, /, **values: str) -> ActionRejected:
        """Return a no with the wording that explains it."""
        return ActionRejected(self._name, reason, (ActionText(wording, values),))

    def no_such_order(self, number: str) -> ActionRejected:
        """Say that the customer has no order of this number, and nothing about whose it may be."""
        return self.rejects("unknown_order", "rejected_unknown_order", order_number=number)


class AccountAction(CrmAction):
    """An action on a customer's own records: only for the customer of a verified token."""

    async def answer(self, asked: Asked) -> Answer:
        """Answer the verified customer; refuse everybody else."""
        if asked.customer_id is None:
            return self.rejects("not_signed_in", "sign_in")
        try:
            return await self.answer_customer(asked.customer_id, asked)
        except CustomerNotFoundError:
            return self.rejects("unknown_customer", "rejected_unknown_customer")

    @abstractmethod
    async def answer_customer(self, customer_id: CustomerId, asked: Asked) -> Answer:
        """Answer a verified customer."""


class CrmChange(ABC):
    """A change to the records: how it is made, and how it is spoken about.

    Attributes:
        subject: Its wordings are ``<subject>_preview`` and ``<subject>_done``.
        slots: Slots that say what is changed.
        explained: Reasons with words of their own, ``<subject>_<reason>``; the others are ``rejected_<reason>``.
    """

    subject: ClassVar[str]
    slots: ClassVar[tuple[str, ...]]
    explained: ClassVar[frozenset[str]] = frozenset()

    @abstractmethod
    async def make(self, crm: CrmGateway, order: ChangeOrder, asked: Asked) -> Change:
        """Make the change, or only check it where ``order`` has no operation id."""

    def variant(self, asked: Asked) -> str:
        """Return what the wordings are called after; by default the subject."""
        return self.subject

    def preview(self, asked: Asked, values: dict[str, str]) -> str:
        """Return the wording that reads the change back."""
        return f"{self.variant(asked)}_preview"

    def done(self, asked: Asked, values: dict[str, str]) -> str:
        """Return the wording that says it is done."""
        return f"{self.variant(asked)}_done"


class ChangeAction(AccountAction):
    """Previews a change or makes it."""

    def __init__(self, name: str, desk: Desk, change: CrmChange, *, is_preview: bool) -> None:
        super().__init__(name, desk)
        self.change = change
        self.is_preview = is_preview

    async def answer_customer(self, customer_id: CustomerId, asked: Asked) -> Answer:
        """Check or make the change and say what came of it.

        Raises:
            ActionExecutionRejection: A change was called for without an operation id.
        """
        operation_id = None if self.is_preview else asked.operation_id
        if operation_id is None and not self.is_preview:
            raise ActionExecutionRejection(
                self._name, "a change needs latest_message.metadata.operation_id"
            )
        order = ChangeOrder(customer_id, operation_id, self._desk.now())
        return self.tell(await self.change.make(self._desk.crm, order, asked), asked)

    def tell(self, change: Change, asked: Asked) -> Answer:
        """Say what came of a change."""
        given = {name: asked.slot(name) for name in self.change.slots if asked.slot(name)}
        values = {**given, **for_people(change.values, self._desk.today())}
        match change:
            case ChangeDone() if self.is_preview:
                return self.says(self.change.preview(asked, values), **values)
            case ChangeDone():
                return self.says(self.change.done(asked, values), **values)
            case ChangeRejected(reason):
                explained = reason in self.change.explained
                prefix = self.change.subject if explained else "rejected"
                return self.rejects(reason, f"{prefix}_{reason}", **values)
