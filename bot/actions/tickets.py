"""Matters written down for colleagues."""

from typing import Final

from bot.actions.asked import Asked
from bot.actions.crm_action import CrmChange
from bot.domain.ports import Change, ChangeOrder, CrmGateway

_MAX_SUBJECT: Final = 80


class OpenTicket(CrmChange):
    """Writes a matter down for colleagues."""

    subject = "ticket"
    slots = ("subject",)

    async def make(self, crm: CrmGateway, order: ChangeOrder, asked: Asked) -> Change:
        """Write it down."""
        text = asked.slot("subject") or asked.utterance
        line = " ".join(text.split())
        subject = line if len(line) <= _MAX_SUBJECT else f"{line[: _MAX_SUBJECT - 1]}…"
        return await crm.open_ticket(order, subject, text)
