"""The CRM's tables. Times are kept as UTC, money as pence, words of the domain as text."""

from datetime import UTC, datetime
from typing import Final

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

SCHEMA_NUMBER: Final = 1

METADATA: Final = MetaData()


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment; SQLite keeps no zones, so it is stored as UTC and gets its zone back when read."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn a moment into UTC."""
        if value is None:
            return None
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give a stored moment its zone."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


def _customer_key(*, is_required: bool = True) -> Column[str]:
    return Column(
        "customer_id", String(32), ForeignKey("customers.customer_id"), nullable=not is_required
    )


def _order_key(*, is_required: bool = True) -> Column[str]:
    return Column("order_number", String(16), ForeignKey("orders.number"), nullable=not is_required)


CUSTOMERS: Final = Table(
    "customers",
    METADATA,
    Column("customer_id", String(32), primary_key=True),
    Column("name", String(120), nullable=False),
    Column("email", String(200), nullable=False),
    Column("phone", String(40), nullable=False),
    Column("joined_on", Date, nullable=False),
    Column("is_generated", Boolean, nullable=False),
)

ADDRESSES: Final = Table(
    "addresses",
    METADATA,
    Column("address_id", Integer, primary_key=True),
    _customer_key(),
    Column("street", String(120), nullable=False),
    Column("city", String(80), nullable=False),
    Column("postcode", String(16), nullable=False),
    Column("country", String(2), nullable=False),
    Column("is_main", Boolean, nullable=False),
    Index("addresses_of_customer", "customer_id"),
)

PRODUCTS: Final = Table(
    "products",
    METADATA,
    Column("product_id", String(16), primary_key=True),
    Column("name", String(120), nullable=False),
    Column("brand", String(60), nullable=False),
    Column("department", String(60), nullable=False),
    Column("price_cents", Integer, nullable=False),
    Column("stock", Integer, nullable=False),
    Column("is_returnable", Boolean, nullable=False),
    Column("is_bulky", Boolean, nullable=False),
    Column("restock_on", Date),
)

ORDERS: Final = Table(
    "orders",
    METADATA,
    Column("number", String(16), primary_key=True),
    _customer_key(),
    Column("status", String(24), nullable=False),
    Column("placed_at", UtcDateTime, nullable=False),
    Column("delivery_way", String(32), nullable=False),
    Column("delivery_cents", Integer, nullable=False),
    Column("total_cents", Integer, nullable=False),
    Column("payment_method", String(40), nullable=False),
    Column("street", String(120), nullable=False),
    Column("city", String(80), nullable=False),
    Column("postcode", String(16), nullable=False),
    Column("country", String(2), nullable=False),
    Index("orders_of_customer", "customer_id", "placed_at"),
)

ORDER_LINES: Final = Table(
    "order_lines",
    METADATA,
    Column("order_number", String(16), ForeignKey("orders.number"), primary_key=True),
    Column("line", Integer, primary_key=True),
    Column("product_id", String(16), ForeignKey("products.product_id"), nullable=False),
    Column("name", String(120), nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("price_cents", Integer, nullable=False),
    Column("is_returnable", Boolean, nullable=False),
)

SHIPMENTS: Final = Table(
    "shipments",
    METADATA,
    Column("tracking_number", String(32), primary_key=True),
    _order_key(),
    Column("carrier", String(60), nullable=False),
    Column("shipped_at", UtcDateTime, nullable=False),
    Column("expected_on", Date, nullable=False),
    Column("last_place", String(120), nullable=False),
    Column("last_seen_at", UtcDateTime, nullable=False),
    Column("delivered_at", UtcDateTime),
    Index("shipments_of_order", "order_number"),
)

RETURNS: Final = Table(
    "returns",
    METADATA,
    Column("return_number", String(16), primary_key=True),
    _order_key(),
    Column("reason", String(200), nullable=False),
    Column("status", String(24), nullable=False),
    Column("announced_at", UtcDateTime, nullable=False),
    Column("received_at", UtcDateTime),
    Index("returns_of_order", "order_number"),
)

RETURN_LINES: Final = Table(
    "return_lines",
    METADATA,
    Column("return_number", String(16), ForeignKey("returns.return_number"), primary_key=True),
    Column("order_number", String(16), nullable=False),
    Column("line", Integer, primary_key=True),
    ForeignKeyConstraint(
        ["order_number", "line"], ["order_lines.order_number", "order_lines.line"]
    ),
)

REFUNDS: Final = Table(
    "refunds",
    METADATA,
    Column("refund_id", Integer, primary_key=True),
    _order_key(),
    Column("amount_cents", Integer, nullable=False),
    Column("method", String(40), nullable=False),
    Column("reason", String(80), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("paid_at", UtcDateTime),
    Index("refunds_of_order", "order_number"),
)

LOYALTY_ENTRIES: Final = Table(
    "loyalty_entries",
    METADATA,
    Column("entry_id", Integer, primary_key=True),
    _customer_key(),
    Column("kind", String(24), nullable=False),
    Column("points", Integer, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("expires_on", Date),
    _order_key(is_required=False),
    Index("loyalty_of_customer", "customer_id"),
)

TICKETS: Final = Table(
    "tickets",
    METADATA,
    Column("number", String(16), primary_key=True),
    _customer_key(is_required=False),
    _order_key(is_required=False),
    Column("kind", String(24), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("text", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("is_open", Boolean, nullable=False),
    Index("tickets_of_customer", "customer_id", "kind"),
)

CONTACTS: Final = Table(
    "contacts",
    METADATA,
    Column("contact_id", Integer, primary_key=True),
    _customer_key(),
    _order_key(is_required=False),
    Column("kind", String(32), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("sent_at", UtcDateTime, nullable=False),
    Index("contacts_of_customer", "customer_id"),
)

CONSENTS: Final = Table(
    "consents",
    METADATA,
    Column("consent_id", Integer, primary_key=True),
    _customer_key(),
    Column("kind", String(24), nullable=False),
    Column("is_given", Boolean, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Index("consents_of_customer", "customer_id", "kind"),
)

SURVEYS: Final = Table(
    "surveys",
    METADATA,
    Column("survey_id", Integer, primary_key=True),
    _customer_key(),
    _order_key(is_required=False),
    Column("score", Integer, nullable=False),
    Column("comment", Text, nullable=False),
    Column("answered_at", UtcDateTime, nullable=False),
    Index("surveys_of_customer", "customer_id"),
)

OPERATIONS: Final = Table(
    "operations",
    METADATA,
    Column("operation_id", String(80), primary_key=True),
    Column("customer_id", String(32), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("outcome", Text, nullable=False),
    Column("done_at", UtcDateTime, nullable=False),
)

COUNTERS: Final = Table(
    "counters",
    METADATA,
    Column("name", String(24), primary_key=True),
    Column("value", Integer, nullable=False),
)

META: Final = Table(
    "crm_meta",
    METADATA,
    Column("key", String(40), primary_key=True),
    Column("value", String(200), nullable=False),
)
