"""The shares of those who take part."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, ForeignKey, Index, Numeric, Table, TypedColumns

from servicekit.data.tables import append_only, audited, guarded
from services.opportunity.metadata import metadata


class SplitColumns(TypedColumns):
    """A settlement of shares, in force from an instant until the next one."""

    id: Column[UUID] = Column(primary_key=True)
    opportunity_id: Column[UUID] = Column(ForeignKey("opportunity.id"), nullable=False)
    at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)
    actor_id: Column[UUID | None] = Column()
    on_behalf_of: Column[UUID | None] = Column()


split = audited(
    append_only(
        guarded(
            Table(
                "split",
                metadata,
                SplitColumns,
                Index("ix_split_opportunity_id_at_id", "opportunity_id", "at", "id"),
            ),
            "shares_are_whole",
        )
    ),
    "opportunity",
    id_column="opportunity_id",
)


class SplitShareColumns(TypedColumns):
    """One person's share; those of a settlement sum to 1 when it is committed (trigger `shares_are_whole`)."""

    split_id: Column[UUID] = Column(ForeignKey("split.id"), primary_key=True)
    person_id: Column[UUID] = Column(primary_key=True)
    place: Column[int] = Column(nullable=False)
    opportunity_id: Column[UUID] = Column(nullable=False)
    share: Column[Decimal] = Column(Numeric(9, 8), nullable=False)


split_share = audited(
    append_only(
        guarded(
            Table(
                "split_share",
                metadata,
                SplitShareColumns,
                CheckConstraint("share > 0 AND share <= 1", name="share_part"),
            ),
            "shares_are_whole",
        )
    ),
    "opportunity",
    id_column="opportunity_id",
)
