"""Suggestions of a cycle, each made at once for everybody, and their figures, which never change."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
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
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

from servicekit.data.tables import append_only, audited
from servicekit.data.types import amount_type
from services.forecast.cycles.tables import forecast_cycle, seat
from services.forecast.metadata import metadata

RATIO = Numeric(20, 6)


class SuggestionColumns(TypedColumns):
    """What a job of the same id makes; there once it is finished. `as_of` is the day before which wins count.

    `without_rate` opportunities are won in currencies that the cycle has no rate for: they count nowhere.
    """

    id = Column(Uuid, primary_key=True)
    cycle_id: Column[UUID] = Column(Uuid, ForeignKey(forecast_cycle.c.id), nullable=False)
    as_of: Column[date] = Column(Date, nullable=False)
    asked_at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)
    asked_by: Column[UUID | None] = Column(Uuid)
    on_behalf_of: Column[UUID | None] = Column(Uuid)
    without_rate: Column[int] = Column(Integer, nullable=False)
    finished_at: Column[datetime | None] = Column(DateTime(timezone=True))


suggestion = audited(
    Table("suggestion", metadata, SuggestionColumns, Index(None, "cycle_id", "asked_at", "id")),
    "forecast_cycle",
    "cycle_id",
)


class SuggestedFigureColumns(TypedColumns):
    """A figure of a seat and month: of its person alone (`own`) or with everybody below (`line`), in total or a part.

    `tried` is what was suggested and won in past months: `[[months before the period, suggested, won], …]`.
    """

    id = Column(Uuid, primary_key=True)
    suggestion_id: Column[UUID] = Column(Uuid, ForeignKey(suggestion.c.id), nullable=False)
    seat_id: Column[UUID] = Column(Uuid, ForeignKey(seat.c.id), nullable=False)
    scope: Column[str] = Column(Text, nullable=False)
    month: Column[date] = Column(Date, nullable=False)
    is_total: Column[bool] = Column(Boolean, nullable=False)
    customer_group: Column[str | None] = Column(Text)
    product_line_id: Column[UUID | None] = Column(Uuid)
    amount: Column[Decimal | None] = Column(amount_type())
    lower: Column[Decimal | None] = Column(amount_type())
    upper: Column[Decimal | None] = Column(amount_type())
    coverage: Column[Decimal | None] = Column(RATIO)
    wape: Column[Decimal | None] = Column(RATIO)
    bias: Column[Decimal | None] = Column(RATIO)
    periods: Column[int] = Column(Integer, nullable=False)
    lacking: Column[str | None] = Column(Text)
    tried: Column[list[Any]] = Column(JSONB, nullable=False)


suggested_figure = append_only(
    Table(
        "suggested_figure",
        metadata,
        SuggestedFigureColumns,
        CheckConstraint("scope IN ('own', 'line')", "scope"),
        CheckConstraint("(amount IS NULL) = (lacking IS NOT NULL)", "lacking"),
        CheckConstraint("amount IS NULL OR (lower <= amount AND amount <= upper AND periods > 0)", "interval"),
        CheckConstraint("NOT is_total OR (customer_group IS NULL AND product_line_id IS NULL)", "total"),
        Index(
            "uq_suggested_figure_once",
            "suggestion_id",
            "seat_id",
            "scope",
            "month",
            "is_total",
            "customer_group",
            "product_line_id",
            unique=True,
            postgresql_nulls_not_distinct=True,
        ),
        Index(None, "suggestion_id", "month", "id"),
    )
)
