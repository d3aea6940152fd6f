"""Comparisons, their lines as they were gathered, and the decisions on them, which are only ever added to."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    Numeric,
    Table,
    Text,
    TypedColumns,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

from servicekit.data.tables import append_only, audited
from servicekit.data.types import amount_type
from services.forecast.channels.tables import forecast_source
from services.forecast.cycles.tables import forecast_cycle
from services.forecast.metadata import metadata

QUANTITY = Numeric(20, 4)
TOLERANCE = Numeric(9, 6)


class ComparisonColumns(TypedColumns):
    """A unit's comparison in a cycle: which top records and which sources' forecasts it has gathered."""

    id = Column(Uuid, primary_key=True)
    version: Column[int] = Column(Integer, nullable=False)
    cycle_id: Column[UUID] = Column(Uuid, ForeignKey(forecast_cycle.c.id), nullable=False)
    business_unit_id: Column[UUID] = Column(Uuid, nullable=False)
    tolerance: Column[Decimal] = Column(TOLERANCE, nullable=False)
    top_ids: Column[list[UUID]] = Column(ARRAY(Uuid), nullable=False)
    channel_forecast_ids: Column[list[UUID]] = Column(ARRAY(Uuid), nullable=False)
    gathered_at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)
    gathered_by: Column[UUID] = Column(Uuid, nullable=False)


forecast_comparison = audited(
    Table(
        "forecast_comparison",
        metadata,
        ComparisonColumns,
        CheckConstraint("tolerance >= 0", "tolerance"),
        Index("uq_forecast_comparison_cycle_id_business_unit_id", "cycle_id", "business_unit_id", unique=True),
        Index(None, "business_unit_id"),
    ),
    "forecast_comparison",
)


class ComparisonToleranceColumns(TypedColumns):
    """By how much sources may differ: in a cycle, or (without one) wherever the unit says nothing else."""

    id = Column(Uuid, primary_key=True)
    comparison_id: Column[UUID] = Column(Uuid, ForeignKey(forecast_comparison.c.id), nullable=False)
    business_unit_id: Column[UUID] = Column(Uuid, nullable=False)
    cycle_id: Column[UUID | None] = Column(Uuid)
    tolerance: Column[Decimal] = Column(TOLERANCE, nullable=False)
    reason: Column[str] = Column(Text, nullable=False)
    set_by: Column[UUID] = Column(Uuid, nullable=False)
    set_at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)


comparison_tolerance = audited(
    append_only(
        Table(
            "comparison_tolerance",
            metadata,
            ComparisonToleranceColumns,
            CheckConstraint("tolerance >= 0", "tolerance"),
            Index(None, "business_unit_id", "set_at"),
        )
    ),
    "forecast_comparison",
    "comparison_id",
)


class ComparisonDecisionColumns(TypedColumns):
    """What was decided on a line, on which figures (`basis`), and what it came to; the latest number counts."""

    id = Column(Uuid, primary_key=True)
    comparison_id: Column[UUID] = Column(Uuid, ForeignKey(forecast_comparison.c.id), nullable=False)
    product_line_id: Column[UUID | None] = Column(Uuid)
    month: Column[date] = Column(Date, nullable=False)
    number: Column[int] = Column(Integer, nullable=False)
    choice: Column[str] = Column(Text, nullable=False)
    source_id: Column[UUID | None] = Column(Uuid, ForeignKey(forecast_source.c.id))
    weights: Column[list[dict[str, Any]]] = Column(JSONB, nullable=False)
    parts: Column[list[dict[str, Any]]] = Column(JSONB, nullable=False)
    basis: Column[dict[str, Any]] = Column(JSONB, nullable=False)
    amount: Column[Decimal] = Column(amount_type(), nullable=False)
    quantity: Column[Decimal | None] = Column(QUANTITY)
    unit: Column[str | None] = Column(Text)
    unit_is_whole: Column[bool] = Column(Boolean, nullable=False)
    reason: Column[str] = Column(Text, nullable=False)
    decided_by: Column[UUID] = Column(Uuid, nullable=False)
    on_behalf_of: Column[UUID | None] = Column(Uuid)
    decided_at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)


comparison_decision = audited(
    append_only(
        Table(
            "comparison_decision",
            metadata,
            ComparisonDecisionColumns,
            CheckConstraint("choice IN ('sales', 'source', 'blend', 'by_hand')", "choice"),
            CheckConstraint("(choice = 'source') = (source_id IS NOT NULL)", "source"),
            CheckConstraint("amount >= 0 AND quantity >= 0", "not_negative"),
            UniqueConstraint(
                "comparison_id",
                "product_line_id",
                "month",
                "number",
                name="uq_comparison_decision_line_number",
                postgresql_nulls_not_distinct=True,
            ),
        )
    ),
    "forecast_comparison",
    "comparison_id",
)


class ComparisonLineColumns(TypedColumns):
    """A line as it was gathered, and the decision that counts; made anew with each gathering."""

    id = Column(Uuid, primary_key=True)
    comparison_id: Column[UUID] = Column(Uuid, ForeignKey(forecast_comparison.c.id), nullable=False)
    product_line_id: Column[UUID | None] = Column(Uuid)
    month: Column[date] = Column(Date, nullable=False)
    basis: Column[dict[str, Any]] = Column(JSONB, nullable=False)
    is_beyond: Column[bool] = Column(Boolean, nullable=False)
    needs_decision: Column[bool] = Column(Boolean, nullable=False)
    decision_id: Column[UUID | None] = Column(Uuid, ForeignKey(comparison_decision.c.id))
    decision_is_stale: Column[bool] = Column(Boolean, nullable=False)


comparison_line = Table(
    "comparison_line",
    metadata,
    ComparisonLineColumns,
    UniqueConstraint(
        "comparison_id",
        "product_line_id",
        "month",
        name="uq_comparison_line_key",
        postgresql_nulls_not_distinct=True,
    ),
)
