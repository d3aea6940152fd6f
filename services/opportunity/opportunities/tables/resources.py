"""Sales resources that are asked for, for an opportunity, and what became of each request."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Numeric,
    Table,
    Text,
    TypedColumns,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from servicekit.data.tables import append_only, audited
from servicekit.data.types import amount_type
from services.opportunity.metadata import metadata


class ResourceRequestColumns(TypedColumns):
    """A request as it is now: what, how much in money or in units, when and why.

    `line_from_id` is from whom the reporting line goes up to those who approve: who asked, or the principal owner where
    that one stands above who asked. While it waits, the next superior of `waits_below_id` decides.
    """

    id: Column[UUID] = Column(primary_key=True)
    version: Column[int] = Column(nullable=False, server_default=text("1"))
    opportunity_id: Column[UUID] = Column(ForeignKey("opportunity.id"), nullable=False)
    what: Column[str] = Column(Text, nullable=False)
    amount: Column[Decimal | None] = Column(amount_type())
    currency: Column[str | None] = Column(Text)
    quantity: Column[Decimal | None] = Column(Numeric(18, 4))
    unit: Column[str | None] = Column(Text)
    needed_on: Column[date] = Column(Date, nullable=False)
    why: Column[str] = Column(Text, nullable=False)
    state: Column[str] = Column(Text, nullable=False)
    requested_by: Column[UUID] = Column(nullable=False)
    requested_at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)
    filed_by: Column[UUID] = Column(nullable=False)
    line_from_id: Column[UUID] = Column(nullable=False)
    waits_below_id: Column[UUID | None] = Column()
    decided_at: Column[datetime | None] = Column(DateTime(timezone=True))


resource_request = audited(
    Table(
        "resource_request",
        metadata,
        ResourceRequestColumns,
        CheckConstraint("amount > 0", name="amount_positive"),
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("(amount IS NULL) = (currency IS NULL)", name="amount_has_currency"),
        CheckConstraint("(quantity IS NULL) = (unit IS NULL)", name="quantity_has_unit"),
        CheckConstraint("amount IS NOT NULL OR quantity IS NOT NULL", name="says_how_much"),
        CheckConstraint("state IN ('requested', 'approved', 'returned', 'rejected', 'withdrawn')", name="state_known"),
        CheckConstraint("(state = 'requested') = (waits_below_id IS NOT NULL)", name="waits_for_somebody"),
        Index("ix_resource_request_opportunity", "opportunity_id", "requested_at", "id"),
        Index("ix_resource_request_requested_by", "requested_by", "requested_at", "id"),
        Index(
            "ix_resource_request_waiting",
            "waits_below_id",
            "requested_at",
            "id",
            postgresql_where=text("waits_below_id IS NOT NULL"),
        ),
    ),
    "opportunity",
    id_column="opportunity_id",
)


class ResourceRequestStepColumns(TypedColumns):
    """What was done with a request: by whom, when, with which comment, by which org chart.

    `told` holds what was asked for when it was asked, the first time and again.
    """

    id = Column(BigInteger, Identity(always=True), primary_key=True)
    request_id: Column[UUID] = Column(ForeignKey("resource_request.id"), nullable=False)
    at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)
    step: Column[str] = Column(Text, nullable=False)
    actor_id: Column[UUID] = Column(nullable=False)
    on_behalf_of: Column[UUID | None] = Column()
    comment: Column[str | None] = Column(Text)
    chart_version: Column[int | None] = Column()
    told: Column[dict[str, Any] | None] = Column(JSONB)


resource_request_step = append_only(
    Table(
        "resource_request_step",
        metadata,
        ResourceRequestStepColumns,
        CheckConstraint(
            "step IN ('requested', 'passed_up', 'approved', 'returned', 'rejected', 'withdrawn')", name="step_known"
        ),
        Index("ix_resource_request_step_request_id", "request_id", "id"),
    )
)
