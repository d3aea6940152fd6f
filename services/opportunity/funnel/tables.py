"""Done criteria, and the counts that people look at all day."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import BigInteger, Column, Date, ForeignKey, Index, Integer, Numeric, Table, Text, TypedColumns, text

from servicekit.data.tables import audited
from servicekit.data.types import amount_type
from services.opportunity.metadata import metadata

EVERYTHING = UUID(int=0)
"""Stands in the counters for the whole house."""


class CriterionDoneColumns(TypedColumns):
    """A duty of the checklist that is done; `evidence` says by what that can be seen."""

    id: Column[UUID] = Column(primary_key=True)
    opportunity_id: Column[UUID] = Column(ForeignKey("opportunity.id"), nullable=False)
    criterion: Column[str] = Column(Text, nullable=False)
    done_on: Column[date] = Column(Date, nullable=False)
    done_by: Column[UUID | None] = Column()
    note: Column[str | None] = Column(Text)
    evidence: Column[str | None] = Column(Text)


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


class _FigureColumns(TypedColumns):
    """What is summed of the opportunities in a place: an open stage, or `won` or `lost` by the quarter of the decision.

    `amount` sums the known amounts; `manual_amount` those of open ones whose probability somebody has set by hand, and
    `manual_weighted` the same times that probability: the weighted pipeline of a stage is
    (amount - manual_amount) x probability of the stage + manual_weighted.
    """

    count: Column[int] = Column(Integer, nullable=False)
    amount: Column[Decimal] = Column(amount_type(), nullable=False)
    unknown_amount: Column[int] = Column(Integer, nullable=False)
    simulated: Column[int] = Column(Integer, nullable=False)
    manual_amount: Column[Decimal] = Column(amount_type(), nullable=False)
    manual_weighted: Column[Decimal] = Column(Numeric(28, 8), nullable=False)


class FunnelCounterColumns(_FigureColumns):
    """All folded changes: a person's own (`reach` = own), with everybody below (subtree), or the whole house's."""

    person_id: Column[UUID] = Column(primary_key=True)
    reach: Column[str] = Column(Text, primary_key=True)
    funnel_version: Column[int] = Column(primary_key=True)
    place: Column[str] = Column(Text, primary_key=True)
    quarter: Column[date] = Column(Date, primary_key=True)
    currency: Column[str] = Column(Text, primary_key=True)


funnel_counter = Table("funnel_counter", metadata, FunnelCounterColumns)


class FunnelDayColumns(_FigureColumns):
    """What the folded changes of one day add, in the whole house (a person's are summed from `funnel_change`)."""

    day: Column[date] = Column(Date, primary_key=True)
    funnel_version: Column[int] = Column(primary_key=True)
    place: Column[str] = Column(Text, primary_key=True)
    quarter: Column[date] = Column(Date, primary_key=True)
    currency: Column[str] = Column(Text, primary_key=True)


funnel_day = Table("funnel_day", metadata, FunnelDayColumns)


class FunnelCheckpointColumns(_FigureColumns):
    """All folded changes before the first day of a month: each person's own, and the whole house's.

    Of the quarters of decisions only the one that the month is in is told apart.
    """

    start: Column[date] = Column(Date, primary_key=True)
    person_id: Column[UUID] = Column(primary_key=True)
    funnel_version: Column[int] = Column(primary_key=True)
    place: Column[str] = Column(Text, primary_key=True)
    quarter: Column[date] = Column(Date, primary_key=True)
    currency: Column[str] = Column(Text, primary_key=True)


funnel_checkpoint = Table("funnel_checkpoint", metadata, FunnelCheckpointColumns)


class FunnelMonthColumns(TypedColumns):
    """A month that has a checkpoint, without gaps from the first to the last that anything happened in.

    `revision` counts what was ever folded of it: by it a memory of the past knows whether it still holds.
    """

    start: Column[date] = Column(Date, primary_key=True)
    revision: Column[int] = Column(BigInteger, nullable=False, server_default=text("0"))


funnel_month = Table("funnel_month", metadata, FunnelMonthColumns)


class FunnelFoldColumns(TypedColumns):
    """One row: who locks it folds, moves subtrees or rebuilds.

    `time_zone` is where the business days of changes are counted; null until everything was counted for the first time.
    """

    id: Column[int] = Column(primary_key=True, autoincrement=False)
    time_zone: Column[str | None] = Column(Text)


funnel_fold = Table("funnel_fold", metadata, FunnelFoldColumns)
