"""The names of our actions, and the instances behind them."""

from collections.abc import Mapping
from datetime import tzinfo
from types import MappingProxyType
from typing import Final

from bot.actions.account import DeleteMyData, LoyaltyBalance, Newsletter
from bot.actions.choices import ChooseLines, ChooseOrder
from bot.actions.crm_action import ChangeAction, CrmAction, CrmChange, Desk
from bot.actions.order_changes import CancelOrder, ChangeAddress, SendInvoice
from bot.actions.orders import ListOrdersAction, OrderStatusAction, TrackParcelAction
from bot.actions.products import ProductAvailability, ProductPrice
from bot.actions.ranges import ChooseProduct, CompareProducts
from bot.actions.refunds import RefundStatus
from bot.actions.returns import ReportProblem, StartReturn
from bot.actions.tickets import OpenTicket
from bot.domain.ports import Clock, CrmGateway

_READS: Final[Mapping[str, type[CrmAction]]] = MappingProxyType(
    {
        "action_order_status": OrderStatusAction,
        "action_track_parcel": TrackParcelAction,
        "action_list_orders": ListOrdersAction,
        "action_refund_status": RefundStatus,
        "action_loyalty_balance": LoyaltyBalance,
        "action_product_availability": ProductAvailability,
        "action_product_price": ProductPrice,
        "action_choose_order": ChooseOrder,
        "action_choose_lines": ChooseLines,
        "action_choose_product": ChooseProduct,
        "action_compare_products": CompareProducts,
    }
)
# What previews a change, what makes it, and the change.
_CHANGES: Final[tuple[tuple[str, str, CrmChange], ...]] = (
    ("action_preview_cancel_order", "action_cancel_order", CancelOrder()),
    ("action_preview_change_address", "action_change_delivery_address", ChangeAddress()),
    ("action_preview_start_return", "action_start_return", StartReturn()),
    ("action_preview_report_problem", "action_report_problem", ReportProblem()),
    ("action_preview_send_invoice", "action_send_invoice", SendInvoice()),
    ("action_preview_open_ticket", "action_open_ticket", OpenTicket()),
    ("action_preview_newsletter", "action_newsletter", Newsletter()),
    ("action_preview_delete_data", "action_delete_my_data", DeleteMyData()),
)

READING_NAMES: Final = frozenset(_READS) | {preview for preview, _, _ in _CHANGES}
CHANGING_NAMES: Final = frozenset(name for _, name, _ in _CHANGES)


def local_actions(crm: CrmGateway, clock: Clock, zone: tzinfo) -> tuple[CrmAction, ...]:
    """Make one instance of every action of ours.

    Args:
        crm: The shop's records.
        clock: Tells the time.
        zone: The shop's time zone.
    """
    desk = Desk(crm, clock, zone)
    reads = [make(name, desk) for name, make in _READS.items()]
    previews = [
        ChangeAction(preview, desk, change, is_preview=True) for preview, _, change in _CHANGES
    ]
    changes = [ChangeAction(name, desk, change, is_preview=False) for _, name, change in _CHANGES]
    return (*reads, *previews, *changes)


def slots_of_change(name: str) -> tuple[str, ...] | None:
    """Return the slots that say what one of our changes is about; None for other actions."""
    return next((change.slots for _, action, change in _CHANGES if action == name), None)
