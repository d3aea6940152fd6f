"""The copy of customers that opportunities refer to."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    Column,
    DateTime,
    Table,
    Text,
    TypedColumns,
)

from services.opportunity.metadata import metadata


class CustomerCopyColumns(TypedColumns):
    """What this service knows of a customer, by event; `version` is the customer's."""

    id: Column[UUID] = Column(primary_key=True)
    version: Column[int] = Column(nullable=False)
    name: Column[str] = Column(Text, nullable=False)
    kind: Column[str] = Column(Text, nullable=False)
    tier: Column[str | None] = Column(Text)
    account_manager_id: Column[UUID | None] = Column(index=True)
    parent_id: Column[UUID | None] = Column()
    known_at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)


customer_copy = Table("customer_copy", metadata, CustomerCopyColumns)
