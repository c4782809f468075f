"""Things that come back, and things that arrived damaged or not at all."""

from typing import Final

from bot.actions.asked import Asked
from bot.actions.choices import EXPLAINED
from bot.actions.crm_action import CrmChange
from bot.domain.ports import Change, ChangeOrder, CrmGateway

_FREE: Final = "£0.00"
_DAMAGED: Final = "damaged"
_MISSING: Final = "missing"


class StartReturn(CrmChange):
    """Announces a return of lines of an order."""

    subject = "return"
    slots = ("order_number", "lines", "return_reason")
    explained = EXPLAINED["return"]

    async def make(self, crm: CrmGateway, order: ChangeOrder, asked: Asked) -> Change:
        """Announce it, or ask whether it would be taken."""
        reason = asked.slot("return_reason") or "other"
        return await crm.start_return(order, asked.order_number, asked.lines, reason)

    def preview(self, asked: Asked, values: dict[str, str]) -> str:
        """Return the wording that reads the return back; from abroad it names what sending costs."""
        return "return_preview" if values.get("return_cost") == _FREE else "return_preview_abroad"

    def done(self, asked: Asked, values: dict[str, str]) -> str:
        """Return the wording that names the number and the label."""
        return "return_done" if values.get("return_cost") == _FREE else "return_done_abroad"


class ReportProblem(CrmChange):
    """Reports lines of an order as missing or damaged."""

    subject = "problem"
    slots = ("order_number", "lines", "kind", "description")
    explained = EXPLAINED["problem"]

    async def make(self, crm: CrmGateway, order: ChangeOrder, asked: Asked) -> Change:
        """Report it, or ask whether it is still in time."""
        kind = self._kind(asked)
        text = asked.slot("description") or asked.utterance
        return await crm.report_problem(order, asked.order_number, kind, asked.lines, text)

    def variant(self, asked: Asked) -> str:
        """Return which words speak about it."""
        return f"problem_{self._kind(asked)}"

    def _kind(self, asked: Asked) -> str:
        return _DAMAGED if asked.slot("kind") == _DAMAGED else _MISSING
