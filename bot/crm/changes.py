"""The changes: ask the rules, and unless it is a check only, write. Each runs inside the caller's transaction."""

from collections.abc import Sequence
from datetime import tzinfo

from bot.crm import outcomes, rules, writing
from bot.crm.reading import read_customer, read_open_deletion, read_order
from bot.crm.records import NEWSLETTER, Consent, Contact, FiledTicket, TicketKind
from bot.domain.customer import Address, Ticket
from bot.domain.ports import Change, ChangeDone, ChangeOrder
from bot.sql_work import SqlConnection

PROBLEM_KINDS = {"missing": TicketKind.MISSING, "damaged": TicketKind.DAMAGED}


async def cancel_order(
    connection: SqlConnection, change: ChangeOrder, number: str, zone: tzinfo
) -> Change:
    """Cancel an order that is still *placed*."""
    order = await read_order(connection, change.customer_id, number)
    if order is None:
        return rules.unknown_order(number)
    rejected = rules.reject_unless_placed(order, zone)
    if rejected is not None:
        return rejected
    if change.operation_id is not None:
        await writing.write_cancellation(connection, order)
        await _tell(connection, change, "order_cancelled", f"Order {number} is cancelled", number)
    return ChangeDone(outcomes.cancelled(order))


async def change_address(
    connection: SqlConnection, change: ChangeOrder, number: str, address: Address, zone: tzinfo
) -> Change:
    """Send an order that is still *placed* somewhere else."""
    order = await read_order(connection, change.customer_id, number)
    if order is None:
        return rules.unknown_order(number)
    rejected = rules.reject_address(order, address, zone)
    if rejected is not None:
        return rejected
    if change.operation_id is not None:
        await writing.write_address(connection, number, address)
        subject = f"Order {number} has a new delivery address"
        await _tell(connection, change, "address_changed", subject, number)
    return ChangeDone(outcomes.readdressed(order, address))


async def start_return(
    connection: SqlConnection,
    change: ChangeOrder,
    number: str,
    wish: tuple[Sequence[int], str],
    zone: tzinfo,
) -> Change:
    """Announce a return; ``wish`` is the lines (none is all that can go back) and the reason."""
    numbers, reason = wish
    order = await read_order(connection, change.customer_id, number)
    if order is None:
        return rules.unknown_order(number)
    rejected = rules.reject_return(order, numbers, reason, change.now, zone)
    if rejected is not None:
        return rejected
    customer = await read_customer(connection, change.customer_id)
    lines = rules.returnable_lines(order, numbers, reason)
    values = outcomes.return_announced(order, lines, customer.email, change.now, zone)
    if change.operation_id is not None:
        case = await writing.write_return(connection, order, lines, reason, change.now)
        values["return_number"] = case
        await _tell(connection, change, "return_label", f"Your label for return {case}", number)
    return ChangeDone(values)


async def report_problem(
    connection: SqlConnection,
    change: ChangeOrder,
    number: str,
    report: tuple[str, Sequence[int], str],
    zone: tzinfo,
) -> Change:
    """Report lines; ``report`` is ``missing`` or ``damaged``, the lines, and the customer's words."""
    kind, numbers, text = report
    order = await read_order(connection, change.customer_id, number)
    if order is None:
        return rules.unknown_order(number)
    rejected = rules.reject_problem(order, numbers, change.now, zone)
    if rejected is not None:
        return rejected
    lines = rules.named_lines(order, numbers)
    values = outcomes.problem_reported(order, kind, lines)
    if change.operation_id is not None:
        subject = f"{kind.capitalize()} in {number}: {values['items']}"
        values["ticket"] = await _file(
            connection, change, PROBLEM_KINDS[kind], (subject, text), number
        )
    return ChangeDone(values)


async def send_invoice(connection: SqlConnection, change: ChangeOrder, number: str) -> Change:
    """Send an order's VAT invoice to the account's e-mail address."""
    order = await read_order(connection, change.customer_id, number)
    if order is None:
        return rules.unknown_order(number)
    rejected = rules.reject_invoice(order)
    if rejected is not None:
        return rejected
    customer = await read_customer(connection, change.customer_id)
    values = outcomes.invoice_sent(order, customer)
    if change.operation_id is not None:
        subject = f"Your invoice {values['invoice_number']}"
        await _tell(connection, change, "invoice", subject, number)
    return ChangeDone(values)


async def open_ticket(
    connection: SqlConnection, change: ChangeOrder, subject: str, text: str
) -> Change:
    """Write a matter down for colleagues."""
    await read_customer(connection, change.customer_id)
    if change.operation_id is None:
        return ChangeDone()
    number = await _file(connection, change, TicketKind.QUESTION, (subject, text), None)
    return ChangeDone({"ticket": number})


async def set_newsletter(
    connection: SqlConnection, change: ChangeOrder, *, is_subscribed: bool
) -> Change:
    """Subscribe to or leave the newsletter."""
    customer = await read_customer(connection, change.customer_id)
    rejected = rules.reject_newsletter(
        customer.email, is_subscribed=customer.is_subscribed, is_wanted=is_subscribed
    )
    if rejected is not None:
        return rejected
    if change.operation_id is not None:
        consent = Consent(change.customer_id, NEWSLETTER, is_subscribed, change.now)
        await writing.write_consent(connection, consent)
    return ChangeDone({"email": customer.email})


async def request_deletion(connection: SqlConnection, change: ChangeOrder, zone: tzinfo) -> Change:
    """Ask for the account's data to be deleted."""
    customer = await read_customer(connection, change.customer_id)
    waiting = await read_open_deletion(connection, change.customer_id)
    if waiting is not None:
        return rules.deletion_waits(waiting, zone)
    values = {**outcomes.deletion_requested(change.now, zone), "email": customer.email}
    if change.operation_id is not None:
        words = ("Delete the account's data", "Asked for in the chat.")
        values["ticket"] = await _file(connection, change, TicketKind.DELETION, words, None)
    return ChangeDone(values)


async def _tell(
    connection: SqlConnection, change: ChangeOrder, kind: str, subject: str, number: str
) -> None:
    contact = Contact(change.customer_id, kind, subject, change.now, number)
    await writing.write_contact(connection, contact)


async def _file(
    connection: SqlConnection,
    change: ChangeOrder,
    kind: TicketKind,
    words: tuple[str, str],
    order_number: str | None,
) -> str:
    number = await writing.next_number(connection, writing.TICKET_COUNTER)
    ticket = Ticket(number, change.customer_id, *words, created_at=change.now, is_open=True)
    await writing.write_ticket(connection, FiledTicket(ticket, kind, order_number))
    return number
