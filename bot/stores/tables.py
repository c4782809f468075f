"""Tables of conversations, releases, colleagues and the audit log."""

from typing import Final

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

from bot.sql import make_tables
from bot.sql_work import SqlConnection

metadata: Final = MetaData()

# Moments are seconds since 1970 (UTC), which every database compares and stores alike.
conversation: Final = Table(
    "conversation",
    metadata,
    Column("id", String(128), primary_key=True),
    Column("secret_hash", String(64)),
    Column("customer_id", String(128)),
    Column("status", String(16), nullable=False),
    Column("agent_id", String(128)),
    Column("next_number", Integer, nullable=False),
    Column("lease_holder", String(64), nullable=False),
    Column("lease_fence", Integer, nullable=False),
    Column("lease_until", Float, nullable=False),
    Column(
        "waiting", Integer
    ),  # number of the oldest message without a reply; NULL where there is none
    Column("attempts", Integer, nullable=False),  # how often that one was taken up
    Column("started_at", Float, nullable=False),  # tells it from an erased one of the same id
    Column("updated_at", Float, nullable=False),
    Index("conversation_by_status", "status", "updated_at"),
    Index("conversation_by_customer", "customer_id"),
    Index("conversation_by_waiting", "waiting"),
)

entry: Final = Table(
    "entry",
    metadata,
    Column("conversation_id", ForeignKey("conversation.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("body", Text, nullable=False),
)

colleague: Final = Table(
    "colleague",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("name", String(128), nullable=False),
    Column("password_hash", String(256), nullable=False),
    Column("roles", String(64), nullable=False),
    Column("is_active", Boolean, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("locked_until", Float, nullable=False),
)

audit: Final = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", Float, nullable=False),
    Column("what", String(64), nullable=False),
    Column("who", String(128), nullable=False),
    Column("detail", Text, nullable=False),
)

blob: Final = Table(
    "blob",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("bytes", LargeBinary, nullable=False),
)

release: Final = Table(
    "release",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),  # 0 is the draft
    Column("manifest", Text, nullable=False),
)

live: Final = Table(
    "live",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),  # always 1
    Column("number", Integer, nullable=False),
)


async def create_tables(connection: SqlConnection) -> None:
    """Make the tables that are not there yet."""
    await make_tables(connection, metadata)
