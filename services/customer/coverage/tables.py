"""The lines of the coverage plan."""

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
    Integer,
    Table,
    TypedColumns,
    text,
)

from servicekit.data.tables import audited
from servicekit.data.violations import register_violations
from services.customer.coverage.rules import CoverageExists
from services.customer.metadata import metadata
from services.customer.relationships import tables as _relationships  # noqa: F401 (a foreign key refers to it)


class CoverageColumns(TypedColumns):
    """One of ours who meets a contact every so many days, from a day until (not including) another."""

    id: Column[UUID] = Column(primary_key=True)
    version: Column[int] = Column(BigInteger, nullable=False, server_default=text("1"))
    customer_id: Column[UUID] = Column(ForeignKey("customer.id"), nullable=False)
    contact_id: Column[UUID] = Column(ForeignKey("contact.id"), nullable=False)
    person_id: Column[UUID] = Column(nullable=False)
    every_days: Column[int] = Column(Integer, nullable=False)
    from_date: Column[date] = Column(Date, nullable=False)
    until_date: Column[date | None] = Column(Date)
    created_by: Column[UUID | None] = Column()
    created_at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)


coverage = audited(
    Table(
        "coverage",
        metadata,
        CoverageColumns,
        CheckConstraint("every_days > 0", name="every_days_positive"),
        CheckConstraint("until_date >= from_date", name="ends_after_beginning"),
        Index(
            "uq_coverage_contact_id_person_id",
            "contact_id",
            "person_id",
            unique=True,
            postgresql_where=text("until_date IS NULL"),
        ),
        Index("ix_coverage_customer_id", "customer_id", "created_at", "id"),
        Index("ix_coverage_created_at", "created_at", "id"),
        Index("ix_coverage_person_id", "person_id", "created_at", "id"),
    ),
    "coverage",
)

register_violations({"uq_coverage_contact_id_person_id": CoverageExists})
