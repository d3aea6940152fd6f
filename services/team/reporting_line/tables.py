"""The dated reporting line, and the decisions it came from."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, Date, DateTime, ForeignKey, Index, Table, Text, TypedColumns, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint

from servicekit.data.tables import append_only, audited
from services.team.metadata import metadata


class SuperiorChangeColumns(TypedColumns):
    """A decision on who is somebody's superior from a day on; nobody makes them the top of a line."""

    id: Column[UUID] = Column(primary_key=True)
    person_id: Column[UUID] = Column(ForeignKey("person.id"), nullable=False)
    superior_id: Column[UUID | None] = Column(ForeignKey("person.id"))
    from_date: Column[date] = Column(Date, nullable=False)
    reason: Column[str] = Column(Text, nullable=False)
    decided_by: Column[UUID | None] = Column()
    decided_at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)


superior_change = append_only(
    audited(
        Table(
            "superior_change",
            metadata,
            SuperiorChangeColumns,
            Index("ix_superior_change_person_id", "person_id", "decided_at", "id"),
        ),
        "person",
        id_column="person_id",
    )
)


class ReportingEdgeColumns(TypedColumns):
    """Who reports to whom from a day and until (not including) another: what the decisions come to."""

    person_id: Column[UUID] = Column(ForeignKey("person.id"), primary_key=True)
    from_date: Column[date] = Column(Date, primary_key=True)
    until_date: Column[date | None] = Column(Date)
    superior_id: Column[UUID] = Column(ForeignKey("person.id"), nullable=False)


reporting_edge = audited(
    Table(
        "reporting_edge",
        metadata,
        ReportingEdgeColumns,
        CheckConstraint("until_date > from_date", name="span_not_empty"),
        CheckConstraint("superior_id <> person_id", name="superior_is_another"),
        ExcludeConstraint(
            ("person_id", "="),
            (text("daterange(from_date, until_date)"), "&&"),
            name="ex_reporting_edge_one_superior",
            using="gist",
        ),
        Index("ix_reporting_edge_superior_id", "superior_id"),
    ),
    "person",
    id_column="person_id",
)
