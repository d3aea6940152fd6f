"""The copy of customers that opportunities refer to."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    Column,
    DateTime,
    Index,
    Table,
    Text,
    TypedColumns,
    text,
)

from services.opportunity.metadata import metadata


class CustomerCopyColumns(TypedColumns):
    """What this service knows of a customer, by event; `version` is the customer's.

    `merged_into_id` is the survivor that it stands for; opportunities go on naming whom they were made for.
    """

    id: Column[UUID] = Column(primary_key=True)
    version: Column[int] = Column(nullable=False)
    name: Column[str] = Column(Text, nullable=False)
    kind: Column[str] = Column(Text, nullable=False)
    tier: Column[str | None] = Column(Text)
    account_manager_id: Column[UUID | None] = Column(index=True)
    parent_id: Column[UUID | None] = Column()
    merged_into_id: Column[UUID | None] = Column()
    known_at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)


customer_copy = Table(
    "customer_copy",
    metadata,
    CustomerCopyColumns,
    Index("ix_customer_copy_survivor", text("coalesce(merged_into_id, id)")),
    Index("ix_customer_copy_parent_id", "parent_id"),
)
