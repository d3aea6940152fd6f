"""How often customers are to be visited, in versions."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    TypedColumns,
    text,
)

from servicekit.data.tables import append_only, audited
from services.customer.metadata import metadata


class FrequenciesColumns(TypedColumns):
    """In force from a day until a later version's; of one day, the one decided last. Null: no visits are expected."""

    number = Column(Integer, Identity(always=True), primary_key=True)
    id: Column[UUID] = Column(nullable=False, unique=True, server_default=text("uuidv7()"))
    from_date: Column[date] = Column(Date, nullable=False)
    strategic_days: Column[int | None] = Column(Integer)
    key_days: Column[int | None] = Column(Integer)
    growth_days: Column[int | None] = Column(Integer)
    standard_days: Column[int | None] = Column(Integer)
    reason: Column[str] = Column(Text, nullable=False)
    decided_by: Column[UUID | None] = Column()
    on_behalf_of: Column[UUID | None] = Column()
    decided_at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)


visit_frequencies = audited(
    append_only(
        Table(
            "visit_frequencies",
            metadata,
            FrequenciesColumns,
            CheckConstraint("least(strategic_days, key_days, growth_days, standard_days) > 0", name="days_positive"),
            Index("ix_visit_frequencies_from_date", "from_date", "number"),
        )
    ),
    "visit_frequencies",
)
