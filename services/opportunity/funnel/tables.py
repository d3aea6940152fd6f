"""Done criteria, and the counts that people look at all day."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import BigInteger, Column, Date, ForeignKey, Index, Integer, Table, Text, TypedColumns, text

from servicekit.data.tables import audited
from servicekit.data.types import amount_type
from services.opportunity.metadata import metadata

EVERYTHING = UUID(int=0)
"""Stands in the counters for the whole house."""


class CriterionDoneColumns(TypedColumns):
    """A duty of the checklist that is done."""

    id: Column[UUID] = Column(primary_key=True)
    opportunity_id: Column[UUID] = Column(ForeignKey("opportunity.id"), nullable=False)
    criterion: Column[str] = Column(Text, nullable=False)
    done_on: Column[date] = Column(Date, nullable=False)
    done_by: Column[UUID | None] = Column()
    note: Column[str | None] = Column(Text)


criterion_done = audited(
    Table(
        "criterion_done",
        metadata,
        CriterionDoneColumns,
        Index("uq_criterion_done_opportunity_id_criterion", "opportunity_id", "criterion", unique=True),
    ),
    "opportunity",
    id_column="opportunity_id",
)


class FunnelCounterColumns(TypedColumns):
    """The folded deltas: a person's own (`reach` = own), with everybody below (subtree), or the whole house's."""

    person_id: Column[UUID] = Column(primary_key=True)
    reach: Column[str] = Column(Text, primary_key=True)
    place: Column[str] = Column(Text, primary_key=True)
    quarter: Column[date] = Column(Date, primary_key=True)
    currency: Column[str] = Column(Text, primary_key=True)
    count: Column[int] = Column(Integer, nullable=False)
    amount: Column[Decimal] = Column(amount_type(), nullable=False)
    unknown_amount: Column[int] = Column(Integer, nullable=False)
    simulated: Column[int] = Column(Integer, nullable=False)


funnel_counter = Table("funnel_counter", metadata, FunnelCounterColumns)


class FunnelFoldColumns(TypedColumns):
    """One row: who locks it folds or moves subtrees; and how often something was added to the past."""

    id: Column[int] = Column(primary_key=True, autoincrement=False)
    past_revision: Column[int] = Column(BigInteger, nullable=False, server_default=text("0"))


funnel_fold = Table("funnel_fold", metadata, FunnelFoldColumns)
