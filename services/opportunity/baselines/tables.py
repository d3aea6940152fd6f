"""Baselines set by hand, in the order in which they were set."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, Date, DateTime, Index, Integer, Numeric, Table, Text, TypedColumns

from servicekit.data.tables import append_only, audited
from servicekit.data.violations import register_violations
from services.opportunity.baselines.rules import BaselineSuperseded
from services.opportunity.metadata import metadata


class BaselineColumns(TypedColumns):
    """What a stage of a scope is compared with from a day on, until a later row's; with no value, with its history.

    `scope_id` is the person, customer or product line, and zero for everything. What was said last of the same scope,
    stage and basis has the highest number, and nobody can give the same number twice.
    """

    id: Column[UUID] = Column(primary_key=True)
    number: Column[int] = Column(Integer, nullable=False)
    scope_kind: Column[str] = Column(Text, nullable=False)
    scope_id: Column[UUID] = Column(nullable=False)
    funnel_version: Column[int] = Column(Integer, nullable=False)
    stage: Column[str] = Column(Text, nullable=False)
    basis: Column[str] = Column(Text, nullable=False)
    value: Column[Decimal | None] = Column(Numeric(20, 4))
    currency: Column[str | None] = Column(Text)
    from_date: Column[date] = Column(Date, nullable=False)
    reason: Column[str] = Column(Text, nullable=False)
    decided_by: Column[UUID | None] = Column()
    on_behalf_of: Column[UUID | None] = Column()
    decided_at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)


baseline = audited(
    append_only(
        Table(
            "baseline",
            metadata,
            BaselineColumns,
            CheckConstraint("value >= 0", name="value_not_negative"),
            CheckConstraint("(currency IS NOT NULL) = (basis = 'amount' AND value IS NOT NULL)", name="money_has_one"),
            Index(
                "uq_baseline_number",
                *("scope_kind", "scope_id", "basis", "stage", "funnel_version", "number"),
                unique=True,
            ),
        )
    ),
    "baseline",
)
register_violations({"uq_baseline_number": BaselineSuperseded})
