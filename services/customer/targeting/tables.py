"""Target customers by period, need assessments, and proposals of key customers."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    Numeric,
    Table,
    Text,
    TypedColumns,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from servicekit.data.tables import append_only, audited
from servicekit.data.types import amount_type
from servicekit.data.violations import register_violations
from services.customer.customers import tables as _customers  # noqa: F401 (a foreign key refers to it)
from services.customer.metadata import metadata
from services.customer.targeting.rules import AlreadyTarget


class TargetColumns(TypedColumns):
    """That a customer is, or was, in the target set of a period, why, and what its potential was then."""

    id: Column[UUID] = Column(primary_key=True)
    customer_id: Column[UUID] = Column(ForeignKey("customer.id"), nullable=False)
    period: Column[str] = Column(Text, nullable=False)
    why: Column[str] = Column(Text, nullable=False)
    potential: Column[Decimal | None] = Column(Numeric(4, 1))
    chosen_at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)
    chosen_by: Column[UUID | None] = Column()
    on_behalf_of: Column[UUID | None] = Column()
    ended_at: Column[datetime | None] = Column(DateTime(timezone=True))
    end_reason: Column[str | None] = Column(Text)


customer_target = audited(
    Table(
        "customer_target",
        metadata,
        TargetColumns,
        CheckConstraint("(ended_at IS NULL) = (end_reason IS NULL)", name="ended_with_reason"),
        Index(
            "uq_customer_target_customer_id_period",
            "customer_id",
            "period",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_customer_target_customer", "customer_id", "chosen_at", "id"),
        Index("ix_customer_target_period", "period", "chosen_at", "id"),
        Index("ix_customer_target_chosen_at", "chosen_at", "id"),
    ),
    "customer_target",
)


class NeedColumns(TypedColumns):
    """What a customer needs, as it was assessed on a day: a later assessment stands beside it."""

    id: Column[UUID] = Column(primary_key=True)
    customer_id: Column[UUID] = Column(ForeignKey("customer.id"), nullable=False)
    assessed_on: Column[date] = Column(Date, nullable=False)
    what: Column[str] = Column(Text, nullable=False)
    quantity: Column[Decimal | None] = Column(Numeric(20, 4))
    unit: Column[str | None] = Column(Text)
    worth_amount: Column[Decimal | None] = Column(amount_type())
    worth_currency: Column[str | None] = Column(Text)
    needed_by: Column[date | None] = Column(Date)
    fit: Column[int] = Column(Integer, nullable=False)
    fit_reason: Column[str] = Column(Text, nullable=False)
    at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)
    assessed_by: Column[UUID | None] = Column()
    on_behalf_of: Column[UUID | None] = Column()


need_assessment = append_only(
    audited(
        Table(
            "need_assessment",
            metadata,
            NeedColumns,
            CheckConstraint("fit BETWEEN 1 AND 5", name="fit_in_range"),
            CheckConstraint("(worth_amount IS NULL) = (worth_currency IS NULL)", name="worth_has_currency"),
            Index("ix_need_assessment_customer", "customer_id", "at", "id"),
        ),
        "need_assessment",
    )
)


class ProposalColumns(TypedColumns):
    """That a need proposes its customer as a key customer, and what the superior made of it."""

    id: Column[UUID] = Column(primary_key=True)
    customer_id: Column[UUID] = Column(ForeignKey("customer.id"), nullable=False)
    need_assessment_id: Column[UUID] = Column(ForeignKey("need_assessment.id"), nullable=False)
    reasons: Column[list[str]] = Column(JSONB, nullable=False)
    state: Column[str] = Column(Text, nullable=False)
    proposed_at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)
    proposed_by: Column[UUID | None] = Column()
    proposed_for: Column[UUID | None] = Column()
    reason: Column[str | None] = Column(Text)
    decided_at: Column[datetime | None] = Column(DateTime(timezone=True))
    decided_by: Column[UUID | None] = Column()
    decided_for: Column[UUID | None] = Column()


key_proposal = audited(
    Table(
        "key_proposal",
        metadata,
        ProposalColumns,
        CheckConstraint("state IN ('proposed', 'accepted', 'rejected')", name="state_known"),
        CheckConstraint("(state = 'proposed') = (decided_at IS NULL)", name="decided_at_an_instant"),
        Index("uq_key_proposal_customer_id", "customer_id", unique=True, postgresql_where=text("state = 'proposed'")),
        Index("ix_key_proposal_customer", "customer_id", "proposed_at", "id"),
        Index("ix_key_proposal_proposed_at", "proposed_at", "id"),
        Index("ix_key_proposal_state", "state", "proposed_at", "id"),
    ),
    "key_proposal",
)

register_violations({"uq_customer_target_customer_id_period": AlreadyTarget})
