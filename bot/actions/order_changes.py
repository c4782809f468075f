"""Changes to an order: cancelled, sent somewhere else, its invoice sent again."""

from bot.actions.addresses import read_address
from bot.actions.asked import Asked
from bot.actions.crm_action import CrmChange
from bot.crm.rules import unknown_order
from bot.domain.ports import Change, ChangeOrder, ChangeRejected, CrmGateway


class CancelOrder(CrmChange):
    """Cancels an order that is still *placed*."""

    subject = "cancel"
    slots = ("order_number",)
    explained = frozenset(
        {"already_packed", "already_shipped", "already_delivered", "already_cancelled"}
    )

    async def make(self, crm: CrmGateway, order: ChangeOrder, asked: Asked) -> Change:
        """Cancel it, or ask whether it could be."""
        return await crm.cancel_order(order, asked.order_number)


class ChangeAddress(CrmChange):
    """Sends an order that is still *placed* somewhere else."""

    subject = "address"
    slots = ("order_number", "address")
    explained = frozenset(
        {
            "already_packed",
            "already_shipped",
            "already_delivered",
            "already_cancelled",
            "click_and_collect",
            "other_country",
        }
    )

    async def make(self, crm: CrmGateway, order: ChangeOrder, asked: Asked) -> Change:
        """Change it, or ask whether it could be."""
        found = await crm.find_order(order.customer_id, asked.order_number)
        if found is None:
            return unknown_order(asked.order_number)
        address = read_address(asked.slot("address"), found.address.country)
        if address is None:
            return ChangeRejected("address_invalid")
        return await crm.change_address(order, asked.order_number, address)


class SendInvoice(CrmChange):
    """Sends the VAT invoice of an order again."""

    subject = "invoice"
    slots = ("order_number",)
    explained = frozenset({"already_cancelled"})

    async def make(self, crm: CrmGateway, order: ChangeOrder, asked: Asked) -> Change:
        """Send it, or ask whether there is one."""
        return await crm.send_invoice(order, asked.order_number)
