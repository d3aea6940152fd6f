"""Portfolio plans, how their targets are shared out, and the coverage that they have become."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
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
    func,
    literal_column,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, ExcludeConstraint

from servicekit.data.tables import append_only, audited
from servicekit.data.types import amount_type
from servicekit.data.violations import register_violations
from services.customer.customers import tables as _customers  # noqa: F401 (a foreign key refers to it)
from services.customer.metadata import metadata
from services.customer.portfolio_plans.rules import PortfolioOverlaps


class PortfolioColumns(TypedColumns):
    """A plan of somebody for all customers of their people, from a day and until (not including) another.

    `allocation` numbers how the targets were shared out last; None where they have changed since. `ends_on` is when a
    revision takes its place, `until_date` before that.
    """

    id: Column[UUID] = Column(primary_key=True)
    version: Column[int] = Column(BigInteger, nullable=False, server_default=text("1"))
    name: Column[str] = Column(Text, nullable=False)
    owner_id: Column[UUID] = Column(nullable=False)
    from_date: Column[date] = Column(Date, nullable=False)
    until_date: Column[date] = Column(Date, nullable=False)
    currency: Column[str] = Column(Text, nullable=False)
    targets: Column[list[dict[str, Any]]] = Column(JSONB, nullable=False)
    state: Column[str] = Column(Text, nullable=False)
    allocation: Column[int | None] = Column(Integer)
    allocations_made: Column[int] = Column(Integer, nullable=False, server_default=text("0"))
    revises_id: Column[UUID | None] = Column(ForeignKey("portfolio_plan.id"))
    reason: Column[str | None] = Column(Text)
    written_by: Column[UUID | None] = Column()
    in_force_from: Column[date | None] = Column(Date)
    ends_on: Column[date | None] = Column(Date)
    approved_at: Column[datetime | None] = Column(DateTime(timezone=True))
    approved_by: Column[UUID | None] = Column()
    approved_for: Column[UUID | None] = Column()
    created_at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)
    updated_at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)


portfolio_plan = audited(
    Table(
        "portfolio_plan",
        metadata,
        PortfolioColumns,
        CheckConstraint("state IN ('draft', 'approved', 'superseded')", name="state_known"),
        CheckConstraint("until_date > from_date", name="days_not_empty"),
        CheckConstraint("(revises_id IS NULL) = (reason IS NULL)", name="revised_with_reason"),
        CheckConstraint("(state = 'draft') = (approved_at IS NULL)", name="approved_at_an_instant"),
        CheckConstraint(
            "state = 'draft' OR (allocation IS NOT NULL AND in_force_from IS NOT NULL)", name="approved_whole"
        ),
        ExcludeConstraint(
            (literal_column("owner_id"), "="),
            (func.daterange(literal_column("in_force_from"), literal_column("ends_on")), "&&"),
            where=text("state = 'approved'"),
            name="ex_portfolio_plan_one_in_force",
        ),
        Index("ix_portfolio_plan_owner", "owner_id", "created_at", "id"),
        Index("ix_portfolio_plan_created_at", "created_at", "id"),
    ),
    "portfolio_plan",
)


class AllocationColumns(TypedColumns):
    """A customer's part of a plan, in one sharing out of it; what was shared out before stays."""

    plan_id: Column[UUID] = Column(ForeignKey("portfolio_plan.id"), primary_key=True)
    number: Column[int] = Column(Integer, primary_key=True)
    customer_id: Column[UUID] = Column(ForeignKey("customer.id"), primary_key=True)
    tier: Column[str] = Column(Text, nullable=False)
    account_manager_id: Column[UUID] = Column(nullable=False)
    amount: Column[Decimal] = Column(amount_type(), nullable=False)
    coverage: Column[int] = Column(Integer, nullable=False)
    fixed: Column[bool] = Column(Boolean, nullable=False)


portfolio_allocation = append_only(
    Table(
        "portfolio_allocation",
        metadata,
        AllocationColumns,
        CheckConstraint("amount >= 0 AND coverage >= 0", name="not_negative"),
        Index("ix_portfolio_allocation_customer", "customer_id", "plan_id", "number"),
    )
)


class CoverageColumns(TypedColumns):
    """That a customer's part of an approved plan becomes planned activities; `planned_at` says that it has."""

    plan_id: Column[UUID] = Column(ForeignKey("portfolio_plan.id"), primary_key=True)
    customer_id: Column[UUID] = Column(ForeignKey("customer.id"), primary_key=True)
    planned_at: Column[datetime | None] = Column(DateTime(timezone=True))
    activities: Column[int] = Column(Integer, nullable=False, server_default=text("0"))


portfolio_coverage = Table(
    "portfolio_coverage",
    metadata,
    CoverageColumns,
    Index("ix_portfolio_coverage_due", "plan_id", "customer_id", postgresql_where=text("planned_at IS NULL")),
)

register_violations({"ex_portfolio_plan_one_in_force": PortfolioOverlaps})
