"""What was reminded of, once each turn."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, ForeignKey, Index, Integer, Table, TypedColumns, text

from servicekit.data.tables import append_only
from services.forecast.cycles.tables import forecast_cycle, seat
from services.forecast.metadata import metadata


class ForecastReminderColumns(TypedColumns):
    """Who held a seat, and who was above, when it was reminded `days` after its deadline (before it: negative)."""

    id: Column[UUID] = Column(primary_key=True, server_default=text("uuidv7()"))
    cycle_id: Column[UUID] = Column(ForeignKey(forecast_cycle.c.id), nullable=False)
    seat_id: Column[UUID] = Column(ForeignKey(seat.c.id), nullable=False)
    due_at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)
    days: Column[int] = Column(Integer, nullable=False)
    level: Column[int] = Column(Integer, nullable=False)
    holder_id: Column[UUID] = Column(nullable=False)
    superior_id: Column[UUID | None] = Column()
    at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)


forecast_reminder = append_only(
    Table(
        "forecast_reminder",
        metadata,
        ForecastReminderColumns,
        CheckConstraint("days >= 0 OR superior_id IS NULL", "superior"),
        Index("uq_forecast_reminder_once_a_turn", "seat_id", "due_at", "days", unique=True),
        Index(None, "cycle_id", "at", "id"),
    )
)
