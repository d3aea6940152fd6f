"""Activities, each with the contacts that it is, or was, with."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Table,
    Text,
    TypedColumns,
    text,
)

from servicekit.data.tables import audited
from servicekit.data.violations import register_violations
from services.customer.activities.rules import UnknownContact
from services.customer.metadata import metadata
from services.customer.relationships import tables as _relationships  # noqa: F401 (a foreign key refers to it)


class ActivityColumns(TypedColumns):
    """Something planned or done with a customer.

    `planned_on` is null for what was done without a plan; `day` is when it was done, else when it is planned.
    No foreign key to the opportunity: it is another service's.
    """

    id: Column[UUID] = Column(primary_key=True)
    version: Column[int] = Column(BigInteger, nullable=False, server_default=text("1"))
    customer_id: Column[UUID] = Column(ForeignKey("customer.id"), nullable=False)
    opportunity_id: Column[UUID | None] = Column()
    kind: Column[str] = Column(Text, nullable=False)
    subject: Column[str] = Column(Text, nullable=False)
    planned_on: Column[date | None] = Column(Date)
    done_on: Column[date | None] = Column(Date)
    cancelled_on: Column[date | None] = Column(Date)
    cancel_reason: Column[str | None] = Column(Text)
    outcome: Column[str | None] = Column(Text)
    owner_id: Column[UUID] = Column(nullable=False)
    day: Column[date] = Column(Date, nullable=False)
    created_by: Column[UUID | None] = Column()
    created_at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)
    updated_at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)


activity = audited(
    Table(
        "activity",
        metadata,
        ActivityColumns,
        CheckConstraint("kind IN ('visit', 'call', 'meeting', 'mail', 'event', 'sample', 'other')", name="kind_known"),
        CheckConstraint("day = coalesce(done_on, planned_on)", name="day_is_its"),
        CheckConstraint("done_on IS NULL OR cancelled_on IS NULL", name="done_or_cancelled"),
        CheckConstraint("(cancelled_on IS NULL) = (cancel_reason IS NULL)", name="cancelled_with_reason"),
        Index("ix_activity_day", "day", "id"),
        Index("ix_activity_customer_day", "customer_id", "day", "id"),
        Index("ix_activity_owner_day", "owner_id", "day", "id"),
        Index("ix_activity_open_day", "day", "id", postgresql_where=text("done_on IS NULL AND cancelled_on IS NULL")),
        Index("ix_activity_customer_done", "customer_id", "done_on", postgresql_where=text("done_on IS NOT NULL")),
        Index(
            "ix_activity_opportunity_day",
            "opportunity_id",
            "day",
            "id",
            postgresql_where=text("opportunity_id IS NOT NULL"),
        ),
    ),
    "activity",
)


class ActivityContactColumns(TypedColumns):
    """A contact whom an activity is with."""

    activity_id: Column[UUID] = Column(ForeignKey("activity.id"), primary_key=True)
    contact_id: Column[UUID] = Column(ForeignKey("contact.id"), primary_key=True)


activity_contact = audited(
    Table(
        "activity_contact",
        metadata,
        ActivityContactColumns,
        Index("ix_activity_contact_contact_id", "contact_id", "activity_id"),
    ),
    "activity",
    id_column="activity_id",
)

register_violations({"fk_activity_contact_contact_id": UnknownContact})
