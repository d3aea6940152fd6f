"""Proposed changes, confirmations, and how old what is known of each customer is."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Table,
    Text,
    TypedColumns,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from servicekit.data.tables import append_only, audited
from services.customer.metadata import metadata


class ProposedChangeColumns(TypedColumns):
    """A value that contradicts the present one; `present` is what the proposal saw, `digest` the proposed value's."""

    id: Column[UUID] = Column(primary_key=True)
    version: Column[int] = Column(BigInteger, nullable=False, server_default=text("1"))
    customer_id: Column[UUID] = Column(ForeignKey("customer.id"), nullable=False)
    field: Column[str] = Column(Text, nullable=False)
    present: Column[Any | None] = Column(JSONB)
    proposed: Column[Any] = Column(JSONB, nullable=False)
    digest: Column[str] = Column(Text, nullable=False)
    source: Column[str] = Column(Text, nullable=False)
    source_id: Column[str | None] = Column(Text)
    state: Column[str] = Column(Text, nullable=False)
    proposed_by: Column[UUID | None] = Column()
    proposed_at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)
    decided_by: Column[UUID | None] = Column()
    on_behalf_of: Column[UUID | None] = Column()
    decided_at: Column[datetime | None] = Column(DateTime(timezone=True))
    reason: Column[str | None] = Column(Text)


proposed_change = audited(
    Table(
        "proposed_change",
        metadata,
        ProposedChangeColumns,
        CheckConstraint("state IN ('open', 'accepted', 'rejected')", name="state_known"),
        CheckConstraint("(state = 'open') = (decided_at IS NULL)", name="decided_has_time"),
        Index(
            "uq_proposed_change_customer_id_field_digest",
            "customer_id",
            "field",
            "digest",
            unique=True,
            postgresql_where=text("state = 'open'"),
        ),
        Index("ix_proposed_change_customer_id", "customer_id", "proposed_at", "id"),
        Index("ix_proposed_change_open", "proposed_at", "id", postgresql_where=text("state = 'open'")),
        Index("ix_proposed_change_proposed_at", "proposed_at", "id"),
    ),
    "customer",
    id_column="customer_id",
)


class FieldConfirmationColumns(TypedColumns):
    """Somebody looked, and what is known still holds."""

    id: Column[UUID] = Column(primary_key=True)
    customer_id: Column[UUID] = Column(ForeignKey("customer.id"), nullable=False)
    fields: Column[list[str]] = Column(ARRAY(Text), nullable=False)
    source: Column[str] = Column(Text, nullable=False)
    source_id: Column[str | None] = Column(Text)
    at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)
    confirmed_by: Column[UUID | None] = Column()
    on_behalf_of: Column[UUID | None] = Column()


field_confirmation = audited(
    append_only(
        Table(
            "field_confirmation",
            metadata,
            FieldConfirmationColumns,
            Index("ix_field_confirmation_customer_id", "customer_id", "at"),
        )
    ),
    "customer",
    id_column="customer_id",
)


class CustomerAgeColumns(TypedColumns):
    """When each field of a customer was last written or confirmed, and the oldest of these instants.

    Kept up by the trigger `aged` of the table `customer`, so that whoever writes a customer need not think of it.
    """

    customer_id: Column[UUID] = Column(ForeignKey("customer.id"), primary_key=True)
    confirmed: Column[dict[str, str]] = Column(JSONB, nullable=False)
    oldest_at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)


customer_age = Table(
    "customer_age",
    metadata,
    CustomerAgeColumns,
    Index("ix_customer_age_oldest_at", "oldest_at", "customer_id"),
)
