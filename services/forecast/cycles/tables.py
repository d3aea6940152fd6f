"""Cycles, their frozen rates and seats, and beside each seat what changes about it."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
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
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from servicekit.data.tables import append_only, audited
from servicekit.data.violations import register_violations
from services.forecast.cycles.rules.seats import HasSeatAlready
from services.forecast.metadata import metadata


class CycleColumns(TypedColumns):
    """A forecast cycle; what it is about cannot change once it is open."""

    id = Column(Uuid, primary_key=True)
    name: Column[str] = Column(Text, nullable=False)
    period_kind: Column[str] = Column(Text, nullable=False)
    period_start: Column[date] = Column(Date, nullable=False)
    period_end: Column[date] = Column(Date, nullable=False)
    currency: Column[str] = Column(Text, nullable=False)
    amount_basis: Column[str] = Column(Text, nullable=False)
    granularity: Column[str] = Column(Text, nullable=False)
    plan_period: Column[str] = Column(Text, nullable=False, server_default="month")
    confirmable_stages: Column[list[str]] = Column(ARRAY(Text), nullable=False)
    plan_categories: Column[list[str]] = Column(ARRAY(Text), nullable=False)
    head_ids: Column[list[UUID]] = Column(ARRAY(Uuid), nullable=False)
    deadlines: Column[list[dict[str, Any]]] = Column(JSONB, nullable=False)
    remind_before_days: Column[list[int]] = Column(ARRAY(Integer), nullable=False, server_default=text("'{2,1}'"))
    remind_after_days: Column[list[int]] = Column(ARRAY(Integer), nullable=False, server_default=text("'{0,2,5}'"))
    state: Column[str] = Column(Text, nullable=False)
    opened_at: Column[datetime | None] = Column(DateTime(timezone=True))
    rates_on: Column[date | None] = Column(Date)
    created_at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)
    version: Column[int] = Column(Integer, nullable=False)


forecast_cycle = audited(
    Table(
        "forecast_cycle",
        metadata,
        CycleColumns,
        CheckConstraint("period_start < period_end", "period"),
        CheckConstraint("state IN ('draft', 'open')", "state"),
        CheckConstraint("plan_period IN ('month', 'week')", "plan_period"),
        CheckConstraint("(state = 'open') = (opened_at IS NOT NULL AND rates_on IS NOT NULL)", "opened"),
        Index(None, "period_start"),
    ),
    "forecast_cycle",
)


class FrozenRateColumns(TypedColumns):
    """What one unit of a currency was worth in the cycle's when it opened."""

    cycle_id = Column(Uuid, ForeignKey(forecast_cycle.c.id), primary_key=True)
    currency = Column(Text, primary_key=True)
    rate: Column[Decimal] = Column(Numeric(30, 15), nullable=False)
    rate_date: Column[date] = Column(Date, nullable=False)


frozen_rate = append_only(Table("frozen_rate", metadata, FrozenRateColumns, CheckConstraint("rate > 0", "rate")))


class SeatColumns(TypedColumns):
    """A person's place in the frozen reporting line; `line` is this seat and those above it, nearest first."""

    id = Column(Uuid, primary_key=True)
    cycle_id: Column[UUID] = Column(Uuid, ForeignKey(forecast_cycle.c.id), nullable=False)
    person_id: Column[UUID] = Column(Uuid, nullable=False)
    superior_seat_id: Column[UUID | None] = Column(Uuid, ForeignKey("seat.id"))
    line: Column[list[UUID]] = Column(ARRAY(Uuid), nullable=False)
    business_unit_id: Column[UUID | None] = Column(Uuid)


seat = append_only(
    Table(
        "seat",
        metadata,
        SeatColumns,
        Index("uq_seat_cycle_id_person_id", "cycle_id", "person_id", unique=True),
        Index(None, "superior_seat_id"),
        Index(None, "line", postgresql_using="gin"),
    )
)


class StandingColumns(TypedColumns):
    """What changes about a seat: who holds it, its level, which record stands, and whether it still holds.

    Whoever changes figures of a seat locks this row; several are locked in the order of their ids.
    """

    seat_id = Column(Uuid, ForeignKey(seat.c.id), primary_key=True)
    cycle_id: Column[UUID] = Column(Uuid, ForeignKey(forecast_cycle.c.id), nullable=False)
    holder_id: Column[UUID] = Column(Uuid, nullable=False)
    level: Column[int] = Column(Integer, nullable=False)
    draft_id: Column[UUID | None] = Column(Uuid)
    handed_in_id: Column[UUID | None] = Column(Uuid)
    stale_since: Column[datetime | None] = Column(DateTime(timezone=True))
    stale_reason: Column[str | None] = Column(Text)


standing = audited(
    Table(
        "standing",
        metadata,
        StandingColumns,
        Index(None, "holder_id", "cycle_id"),
        Index(None, "cycle_id"),
        Index("ix_standing_missing", "cycle_id", "level", "seat_id", postgresql_where=text("handed_in_id IS NULL")),
    ),
    "seat",
    "seat_id",
)


class SeatChangeColumns(TypedColumns):
    """A recorded decision: a person joined, or a seat passed on."""

    id = Column(Uuid, primary_key=True)
    cycle_id: Column[UUID] = Column(Uuid, ForeignKey(forecast_cycle.c.id), nullable=False)
    seat_id: Column[UUID] = Column(Uuid, ForeignKey(seat.c.id), nullable=False)
    kind: Column[str] = Column(Text, nullable=False)
    from_holder_id: Column[UUID | None] = Column(Uuid)
    to_holder_id: Column[UUID] = Column(Uuid, nullable=False)
    reason: Column[str] = Column(Text, nullable=False)
    decided_by: Column[UUID] = Column(Uuid, nullable=False)
    at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)


seat_change = audited(
    append_only(
        Table(
            "seat_change",
            metadata,
            SeatChangeColumns,
            CheckConstraint("kind IN ('joined', 'passed')", "kind"),
            Index(None, "cycle_id"),
        )
    ),
    "seat",
    "seat_id",
)

register_violations(
    {"uq_seat_cycle_id_person_id": lambda: HasSeatAlready("This person has a seat in the cycle already.")}
)
