"""Who may act for whom, and when."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, Date, DateTime, ForeignKey, Index, Table, TypedColumns, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint

from servicekit.data.tables import audited
from servicekit.data.violations import register_violations
from services.team.metadata import metadata
from services.team.stand_ins.rules import StandInOverlaps


class StandInColumns(TypedColumns):
    """Who may act for whom from a day and until (not including) another."""

    id: Column[UUID] = Column(primary_key=True)
    person_id: Column[UUID] = Column(ForeignKey("person.id"), nullable=False)
    stand_in_id: Column[UUID] = Column(ForeignKey("person.id"), nullable=False)
    from_date: Column[date] = Column(Date, nullable=False)
    until_date: Column[date] = Column(Date, nullable=False)
    agreed_by: Column[UUID | None] = Column()
    agreed_at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)


stand_in = audited(
    Table(
        "stand_in",
        metadata,
        StandInColumns,
        CheckConstraint("until_date >= from_date", name="span_forwards"),
        CheckConstraint("stand_in_id <> person_id", name="stand_in_is_another"),
        ExcludeConstraint(
            ("person_id", "="),
            ("stand_in_id", "="),
            (text("daterange(from_date, until_date)"), "&&"),
            name="ex_stand_in_once",
            using="gist",
        ),
        Index("ix_stand_in_person_id", "person_id", "from_date", "id"),
        Index("ix_stand_in_stand_in_id", "stand_in_id", "from_date", "id"),
    ),
    "person",
    id_column="person_id",
)

register_violations({"ex_stand_in_once": StandInOverlaps})
