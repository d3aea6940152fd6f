"""Tables that every service keeps beside its own: outbox, feed, idempotency, audit.

No table names a schema: each service's login role finds its own by its search path.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TypedColumns,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

NAMING = {
    "pk": "pk_%(table_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
}


def service_metadata() -> MetaData:
    """Return an empty collection of tables with the names of constraints by convention."""
    return MetaData(naming_convention=NAMING)


@dataclass(frozen=True, slots=True)
class Audited:
    """That the database writes each change of a table into the audit trail."""

    aggregate: str
    id_column: str
    personal: tuple[str, ...]


def audited(table: Table, aggregate: str, id_column: str = "id", personal: tuple[str, ...] = ()) -> Table:
    """Declare that changes of the table belong to the audit trail of `aggregate`, found by `id_column`.

    Columns named `personal` appear there as a digest salted with the row's `personal_salt` only.
    A migration installs what is declared here (`servicekit.data.installing`); a test compares the two.
    """
    table.info["audited"] = Audited(aggregate, id_column, personal)
    return table


def append_only(table: Table) -> Table:
    """Declare that rows of the table are never changed or deleted (by privilege and by trigger)."""
    table.info["append_only"] = True
    return table


def guarded(table: Table, *triggers: str) -> Table:
    """Declare triggers of the table that its feature's migration installs by itself."""
    table.info["triggers"] = triggers
    return table


metadata = service_metadata()


class OutboxColumns(TypedColumns):
    """An event on its way to the feed."""

    id = Column(BigInteger, Identity(always=True), primary_key=True)
    event_id: Column[UUID]
    type: Column[str] = Column(Text, nullable=False)
    aggregate_id: Column[UUID]
    at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)
    actor: Column[str] = Column(Text, nullable=False)
    data: Column[dict[str, Any]] = Column(JSONB, nullable=False)


outbox = Table("outbox", metadata, OutboxColumns)


class FeedColumns(TypedColumns):
    """An event at its place in the order of commits."""

    position = Column(BigInteger, primary_key=True, autoincrement=False)
    event_id: Column[UUID]
    type: Column[str] = Column(Text, nullable=False)
    aggregate_id: Column[UUID]
    at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)
    actor: Column[str] = Column(Text, nullable=False)
    data: Column[dict[str, Any]] = Column(JSONB, nullable=False)


feed = Table("feed", metadata, FeedColumns)


class RelayColumns(TypedColumns):
    """One row: who locks it is the relay, and it holds the last position given out."""

    id = Column(Integer, primary_key=True, autoincrement=False)
    last_position: Column[int] = Column(BigInteger, nullable=False, server_default=text("0"))


relay = Table("relay", metadata, RelayColumns)


class ConsumerCursorColumns(TypedColumns):
    """How far a peer's feed has been applied."""

    peer = Column(Text, primary_key=True)
    position: Column[int] = Column(BigInteger, nullable=False)


consumer_cursor = Table("consumer_cursor", metadata, ConsumerCursorColumns)


class IdempotencyColumns(TypedColumns):
    """The answer to a request that carried an Idempotency-Key; null while it runs."""

    digest = Column(LargeBinary, primary_key=True)
    request_digest: Column[bytes] = Column(LargeBinary, nullable=False)
    at: Column[datetime] = Column(DateTime(timezone=True), nullable=False, server_default=text("now()"))
    status: Column[int | None] = Column(Integer)
    headers: Column[dict[str, str] | None] = Column(JSONB)
    body: Column[bytes | None] = Column(LargeBinary)


idempotency = Table("idempotency", metadata, IdempotencyColumns, Index(None, "at"))


class AuditColumns(TypedColumns):
    """One change: who, when, what before and after, chained per aggregate by digest."""

    id = Column(BigInteger, Identity(always=True), primary_key=True)
    aggregate: Column[str] = Column(Text, nullable=False)
    aggregate_id: Column[UUID]
    sequence: Column[int] = Column(BigInteger, nullable=False)
    at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)
    actor: Column[str] = Column(Text, nullable=False)
    on_behalf_of: Column[str | None] = Column(Text)
    request_id: Column[str | None] = Column(Text)
    operation: Column[str] = Column(Text, nullable=False)
    table_name: Column[str] = Column(Text, nullable=False)
    before: Column[dict[str, Any] | None] = Column(JSONB)
    after: Column[dict[str, Any] | None] = Column(JSONB)
    previous_digest: Column[bytes | None] = Column(LargeBinary)
    digest: Column[bytes] = Column(LargeBinary, nullable=False)


audit = append_only(
    Table("audit", metadata, AuditColumns, Index(None, "aggregate", "aggregate_id", "sequence", unique=True))
)


class AuditHeadColumns(TypedColumns):
    """The last link of each aggregate's chain."""

    aggregate = Column(Text, primary_key=True)
    aggregate_id = Column("aggregate_id", audit.c.aggregate_id.type, primary_key=True)
    sequence: Column[int] = Column(BigInteger, nullable=False)
    digest: Column[bytes] = Column(LargeBinary, nullable=False)


audit_head = Table("audit_head", metadata, AuditHeadColumns)


class AuditCheckpointColumns(TypedColumns):
    """A signed statement of the audit rows up to an id (see `servicekit.data.checkpoints`)."""

    number = Column(BigInteger, primary_key=True, autoincrement=False)
    until: Column[int] = Column(BigInteger, nullable=False)
    at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)
    rows: Column[int] = Column(BigInteger, nullable=False)
    chains: Column[int] = Column(BigInteger, nullable=False)
    root: Column[bytes] = Column(LargeBinary, nullable=False)
    previous: Column[bytes] = Column(LargeBinary, nullable=False)
    digest: Column[bytes] = Column(LargeBinary, nullable=False)
    key_id: Column[str] = Column(Text, nullable=False)
    signature: Column[bytes] = Column(LargeBinary, nullable=False)


audit_checkpoint = append_only(Table("audit_checkpoint", metadata, AuditCheckpointColumns))


class AuditCheckpointEntryColumns(TypedColumns):
    """The rows that one chain gained since the checkpoint before; `digests` are theirs, one after the other."""

    checkpoint = Column(BigInteger, primary_key=True, autoincrement=False)
    aggregate = Column(Text, primary_key=True)
    aggregate_id = Column("aggregate_id", audit.c.aggregate_id.type, primary_key=True)
    first_sequence: Column[int] = Column(BigInteger, nullable=False)
    ids: Column[list[int]] = Column(ARRAY(BigInteger), nullable=False)
    digests: Column[bytes] = Column(LargeBinary, nullable=False)


audit_checkpoint_entry = append_only(Table("audit_checkpoint_entry", metadata, AuditCheckpointEntryColumns))
