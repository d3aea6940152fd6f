"""How healthy each stage was when it was looked at last, what was said of it, and how far today's look has come."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Column, Date, DateTime, Index, Integer, Numeric, Table, Text, TypedColumns

from servicekit.data.tables import append_only
from services.opportunity.metadata import metadata


class HealthStateColumns(TypedColumns):
    """What a look has found last of a stage of a version of the funnel; it is carried on to later versions.

    It can be found anew from the facts, so it has no history and is not audited.
    """

    scope_kind: Column[str] = Column(Text, primary_key=True)
    person_id: Column[UUID] = Column(primary_key=True)
    funnel_version: Column[int] = Column(Integer, primary_key=True, autoincrement=False)
    stage: Column[str] = Column(Text, primary_key=True)
    state: Column[str] = Column(Text, nullable=False)
    condition: Column[str] = Column(Text, nullable=False)
    since: Column[date] = Column(Date, nullable=False)


health_state = Table("health_state", metadata, HealthStateColumns)


class HealthNoticeColumns(TypedColumns):
    """What was told to the owner and the superior: a stage of a person's funnel has turned worse on a day."""

    id: Column[UUID] = Column(primary_key=True)
    day: Column[date] = Column(Date, nullable=False)
    scope_kind: Column[str] = Column(Text, nullable=False)
    person_id: Column[UUID] = Column(nullable=False)
    superior_id: Column[UUID | None] = Column()
    stage: Column[str] = Column(Text, nullable=False)
    kind: Column[str] = Column(Text, nullable=False)
    state: Column[str] = Column(Text, nullable=False)
    state_before: Column[str] = Column(Text, nullable=False)
    health: Column[Decimal | None] = Column(Numeric(20, 2))
    health_before: Column[Decimal | None] = Column(Numeric(20, 2))
    at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)


health_notice = append_only(
    Table(
        "health_notice",
        metadata,
        HealthNoticeColumns,
        Index("uq_health_notice_once_a_day", "person_id", "scope_kind", "stage", "day", unique=True),
        Index("ix_health_notice_person_id", "person_id", "at", "id"),
        Index("ix_health_notice_at", "at", "id"),
    )
)


class HealthRunColumns(TypedColumns):
    """One row: the day that is looked at, up to which person, and until when one process does so alone."""

    id: Column[int] = Column(Integer, primary_key=True, autoincrement=False)
    day: Column[date] = Column(Date, nullable=False)
    after: Column[UUID | None] = Column()
    is_done: Column[bool] = Column(nullable=False)
    holder: Column[UUID | None] = Column()
    held_until: Column[datetime | None] = Column(DateTime(timezone=True))


health_run = Table("health_run", metadata, HealthRunColumns)
