"""Leads, and what they became."""

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
    LargeBinary,
    Table,
    Text,
    TypedColumns,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from servicekit.data.tables import audited
from services.customer.customers import tables as _customers  # noqa: F401 (a foreign key refers to it)
from services.customer.metadata import metadata


class LeadColumns(TypedColumns):
    """What was heard of a need.

    While it is converting, `hand_over` says what the opportunity is to be and in whose name, and `try_at` when the next
    attempt is due. `hand_over_key` is of the request that handed a customer over: what comes again finds its lead.
    `refusal` is why the last attempt failed.
    """

    id: Column[UUID] = Column(primary_key=True)
    version: Column[int] = Column(BigInteger, nullable=False, server_default=text("1"))
    customer_id: Column[UUID | None] = Column(ForeignKey("customer.id"))
    company_name: Column[str | None] = Column(Text)
    heard: Column[str] = Column(Text, nullable=False)
    source: Column[str] = Column(Text, nullable=False)
    owner_id: Column[UUID] = Column(nullable=False)
    state: Column[str] = Column(Text, nullable=False)
    drop_reason: Column[str | None] = Column(Text)
    opportunity_id: Column[UUID | None] = Column()
    hand_over: Column[dict[str, Any] | None] = Column(JSONB)
    hand_over_key: Column[bytes | None] = Column(LargeBinary)
    refusal: Column[str | None] = Column(Text)
    try_at: Column[datetime | None] = Column(DateTime(timezone=True))
    created_by: Column[UUID | None] = Column()
    created_at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)
    updated_at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)


lead = audited(
    Table(
        "lead",
        metadata,
        LeadColumns,
        UniqueConstraint("opportunity_id"),
        UniqueConstraint("hand_over_key"),
        CheckConstraint("state IN ('open', 'converting', 'converted', 'dropped')", name="state_known"),
        CheckConstraint("customer_id IS NOT NULL OR company_name IS NOT NULL", name="of_somebody"),
        CheckConstraint("(state = 'dropped') = (drop_reason IS NOT NULL)", name="dropped_with_reason"),
        CheckConstraint("(state = 'converted') = (opportunity_id IS NOT NULL)", name="converted_has_opportunity"),
        CheckConstraint("(state = 'converting') = (try_at IS NOT NULL)", name="converting_is_tried"),
        CheckConstraint("state <> 'converting' OR hand_over IS NOT NULL", name="converting_says_what"),
        Index("ix_lead_created_at", "created_at", "id"),
        Index("ix_lead_owner", "owner_id", "created_at", "id"),
        Index("ix_lead_customer", "customer_id", "created_at", "id"),
        Index("ix_lead_state", "state", "created_at", "id"),
        Index("ix_lead_try_at", "try_at", postgresql_where=text("state = 'converting'")),
    ),
    "lead",
)
