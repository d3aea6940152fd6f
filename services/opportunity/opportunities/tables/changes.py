"""What every funnel figure rests on: of each change of an opportunity what it was before and after, by day.

Both tables are derived from the histories (`stage_change`, `terms_change`, `principal_history`) and can be rebuilt.
A change appends one row to `funnel_delta`, in its own transaction. The relay takes the rows from there, adds them to
the counters, days and checkpoints of the funnel, and moves them on to the log `funnel_change`.
"""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    DateTime,
    Identity,
    Index,
    Numeric,
    PrimaryKeyConstraint,
    Table,
    Text,
    TypedColumns,
    text,
)

from servicekit.data.types import amount_type
from services.opportunity.metadata import metadata


class _ChangedColumns(TypedColumns):
    """A change: when it happened, and what the opportunity was before and after.

    `day` is the business date of `at`. `before_…` is null for the beginning; `…_stage` is the stage also of what was
    decided, `…_state` is `open`, `won` or `lost`; `…_amount` is null where unknown, `…_manual_probability` where the
    stage says the probability. `simulated` says of the opportunity that its data are made up.
    """

    opportunity_id: Column[UUID] = Column(nullable=False)
    at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)
    day: Column[date] = Column(Date, nullable=False)
    simulated: Column[bool] = Column(nullable=False)
    before_principal_id: Column[UUID | None] = Column()
    before_funnel_version: Column[int | None] = Column()
    before_stage: Column[str | None] = Column(Text)
    before_state: Column[str | None] = Column(Text)
    before_decided_on: Column[date | None] = Column(Date)
    before_currency: Column[str | None] = Column(Text)
    before_amount: Column[Decimal | None] = Column(amount_type())
    before_expected_close: Column[date | None] = Column(Date)
    before_customer_id: Column[UUID | None] = Column()
    before_manual_probability: Column[Decimal | None] = Column(Numeric(5, 4))
    after_principal_id: Column[UUID | None] = Column()
    after_funnel_version: Column[int | None] = Column()
    after_stage: Column[str | None] = Column(Text)
    after_state: Column[str | None] = Column(Text)
    after_decided_on: Column[date | None] = Column(Date)
    after_currency: Column[str | None] = Column(Text)
    after_amount: Column[Decimal | None] = Column(amount_type())
    after_expected_close: Column[date | None] = Column(Date)
    after_customer_id: Column[UUID | None] = Column()
    after_manual_probability: Column[Decimal | None] = Column(Numeric(5, 4))


class FunnelDeltaColumns(_ChangedColumns):
    """A change on its way to the counters and the log: taken out of the place it was in, added to the one it is in.

    `logged` is false of what only corrects the counters (`before_…` and `after_…` of an earlier row, the other way
    round) or was corrected itself: a change that is dated before others of its opportunity replaces those by what
    they are now, and what they had added is taken back.
    """

    id = Column(BigInteger, Identity(always=True), primary_key=True)
    logged: Column[bool] = Column(nullable=False)


funnel_delta = Table("funnel_delta", metadata, FunnelDeltaColumns)


class FunnelChangeColumns(_ChangedColumns):
    """The log: every change of every opportunity by (`opportunity_id`, `at`, `id`), as is known of it now.

    Equal instants are in the order of `id`. Each row begins with what the one before it ended with, so that of a
    window of days the first row's `before_…` and the last row's `after_…` are the states at its two ends. Together with
    the rows of `funnel_delta` that are `logged` it is complete at every instant. The row of the beginning has
    `before_principal_id` null. What concerns lines alone is not in it.
    """

    id: Column[int] = Column(BigInteger, nullable=False)


funnel_change = Table(
    "funnel_change",
    metadata,
    FunnelChangeColumns,
    PrimaryKeyConstraint("opportunity_id", "at", "id"),
    Index("ix_funnel_change_day", "day"),
    Index("ix_funnel_change_person", "after_principal_id", "day"),
    Index(
        "ix_funnel_change_former",
        "before_principal_id",
        "day",
        postgresql_where=text("before_principal_id <> after_principal_id"),
    ),
)
