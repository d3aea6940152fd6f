"""Who sees to a duty of an opportunity's checklist, and until when."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Column, Date, DateTime, ForeignKey, Index, Table, Text, TypedColumns, text

from servicekit.data.tables import audited
from services.opportunity.metadata import metadata

NO_DUE = date(1, 1, 1)
"""Stands for a day that is not set, where the order needs a value."""


class DutyColumns(TypedColumns):
    """A duty that somebody was given, perhaps with the last day to do it.

    `stage` is that whose checklist holds the duty in the version of the funnel that the opportunity runs on; null where
    that one has it no longer: then nobody is asked to do it. Lists walk along those that are in a checklist, not done
    and whose opportunity is not decided. The owner takes part in
    the opportunity; whoever leaves it leaves the duty to the principal owner.
    """

    id: Column[UUID] = Column(primary_key=True)
    opportunity_id: Column[UUID] = Column(ForeignKey("opportunity.id"), nullable=False)
    criterion: Column[str] = Column(Text, nullable=False)
    stage: Column[str | None] = Column(Text)
    owner_id: Column[UUID] = Column(nullable=False)
    due_on: Column[date | None] = Column(Date)
    assigned_at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)
    assigned_by: Column[UUID | None] = Column()
    is_done: Column[bool] = Column(nullable=False)
    is_decided: Column[bool] = Column(nullable=False)


_OPEN = text("NOT is_done AND NOT is_decided AND stage IS NOT NULL")
_DUE = text("coalesce(due_on, '0001-01-01'::date)")
duty = audited(
    Table(
        "duty",
        metadata,
        DutyColumns,
        Index("uq_duty_opportunity_id_criterion", "opportunity_id", "criterion", unique=True),
        Index("ix_duty_owner_due", "owner_id", text("(due_on IS NULL)"), _DUE, "id", postgresql_where=_OPEN),
        Index("ix_duty_due", text("(due_on IS NULL)"), _DUE, "id", postgresql_where=_OPEN),
        Index("ix_duty_due_down", text("(due_on IS NOT NULL)"), _DUE, "id", postgresql_where=_OPEN),
    ),
    "opportunity",
    id_column="opportunity_id",
)
