"""Account plans, their submissions, decisions and measures, and by when they are due."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    TypedColumns,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from servicekit.data.tables import append_only, audited
from servicekit.data.violations import register_violations
from services.customer.account_plans.rules import PlanExists, PlanNotSubmitted
from services.customer.customers import tables as _customers  # noqa: F401 (a foreign key refers to it)
from services.customer.metadata import metadata


class PlanColumns(TypedColumns):
    """A plan for a customer and a year: `content` is what is being written, or what was submitted last.

    `submission` numbers what was submitted, 0 before the first; `in_force` is the number that was approved last.
    """

    id: Column[UUID] = Column(primary_key=True)
    version: Column[int] = Column(BigInteger, nullable=False, server_default=text("1"))
    customer_id: Column[UUID] = Column(ForeignKey("customer.id"), nullable=False)
    year: Column[int] = Column(Integer, nullable=False)
    state: Column[str] = Column(Text, nullable=False)
    content: Column[dict[str, Any]] = Column(JSONB, nullable=False)
    submission: Column[int] = Column(Integer, nullable=False, server_default=text("0"))
    submitted_by: Column[UUID | None] = Column()
    submitted_for: Column[UUID | None] = Column()
    in_force: Column[int | None] = Column(Integer)
    created_at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)
    updated_at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)


account_plan = audited(
    Table(
        "account_plan",
        metadata,
        PlanColumns,
        UniqueConstraint("customer_id", "year"),
        CheckConstraint("state IN ('draft', 'submitted', 'returned', 'approved')", name="state_known"),
        CheckConstraint("state <> 'approved' OR in_force = submission", name="approved_is_in_force"),
        CheckConstraint("state IN ('draft', 'approved') OR submission > 0", name="submitted_has_number"),
        Index("ix_account_plan_created_at", "created_at", "id"),
        Index("ix_account_plan_year", "year", "created_at", "id"),
    ),
    "account_plan",
)


class SubmissionColumns(TypedColumns):
    """A plan as it was submitted."""

    id: Column[UUID] = Column(primary_key=True)
    plan_id: Column[UUID] = Column(ForeignKey("account_plan.id"), nullable=False)
    number: Column[int] = Column(Integer, nullable=False)
    content: Column[dict[str, Any]] = Column(JSONB, nullable=False)
    at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)
    submitted_by: Column[UUID | None] = Column()
    on_behalf_of: Column[UUID | None] = Column()


account_plan_submission = append_only(
    Table("account_plan_submission", metadata, SubmissionColumns, UniqueConstraint("plan_id", "number"))
)


class DecisionColumns(TypedColumns):
    """What a superior made of a submission: one decision on each."""

    id: Column[UUID] = Column(primary_key=True)
    plan_id: Column[UUID] = Column(ForeignKey("account_plan.id"), nullable=False)
    number: Column[int] = Column(Integer, nullable=False)
    decision: Column[str] = Column(Text, nullable=False)
    comment: Column[str | None] = Column(Text)
    at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)
    decided_by: Column[UUID | None] = Column()
    on_behalf_of: Column[UUID | None] = Column()


account_plan_decision = append_only(
    Table(
        "account_plan_decision",
        metadata,
        DecisionColumns,
        UniqueConstraint("plan_id", "number"),
        CheckConstraint("decision IN ('approved', 'returned')", name="decision_known"),
        CheckConstraint("decision = 'approved' OR comment IS NOT NULL", name="returned_with_comment"),
    )
)


class MeasureColumns(TypedColumns):
    """A measure of a plan that is, or was, in force; one that a later version leaves out stays, not `is_in_force`."""

    plan_id: Column[UUID] = Column(ForeignKey("account_plan.id"), primary_key=True)
    id: Column[UUID] = Column(primary_key=True)
    what: Column[str] = Column(Text, nullable=False)
    due_on: Column[date] = Column(Date, nullable=False)
    owner_id: Column[UUID] = Column(nullable=False)
    is_in_force: Column[bool] = Column(Boolean, nullable=False)
    done_on: Column[date | None] = Column(Date)
    note: Column[str | None] = Column(Text)


account_plan_measure = audited(
    Table(
        "account_plan_measure",
        metadata,
        MeasureColumns,
        Index("ix_account_plan_measure_plan", "plan_id", "due_on", "id"),
    ),
    "account_plan",
    id_column="plan_id",
)


class YearColumns(TypedColumns):
    """By when the plans of a year are due, and of customers of which tiers; what was said last counts."""

    id: Column[UUID] = Column(primary_key=True)
    year: Column[int] = Column(Integer, nullable=False)
    due_on: Column[date] = Column(Date, nullable=False)
    tiers: Column[list[str]] = Column(ARRAY(Text), nullable=False)
    at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)
    decided_by: Column[UUID | None] = Column()
    on_behalf_of: Column[UUID | None] = Column()


account_plan_year = append_only(
    audited(
        Table("account_plan_year", metadata, YearColumns, Index("ix_account_plan_year_year", "year", "id")),
        "account_plan_year",
    )
)

register_violations(
    {
        "uq_account_plan_customer_id_year": PlanExists,
        "uq_account_plan_decision_plan_id_number": PlanNotSubmitted,
    }
)
