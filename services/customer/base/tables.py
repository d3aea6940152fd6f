"""Segments of the base that people have saved."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, DateTime, Table, Text, TypedColumns, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB

from servicekit.data.tables import audited
from servicekit.data.violations import register_violations
from services.customer.base.rules import SegmentNameTaken
from services.customer.metadata import metadata


class SegmentColumns(TypedColumns):
    """Filters of customers that somebody has given a name; nobody else's."""

    id: Column[UUID] = Column(primary_key=True)
    owner_id: Column[UUID] = Column(nullable=False)
    name: Column[str] = Column(Text, nullable=False)
    filters: Column[dict[str, Any]] = Column(JSONB, nullable=False)
    created_at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)


customer_segment = audited(
    Table("customer_segment", metadata, SegmentColumns, UniqueConstraint("owner_id", "name")), "customer_segment"
)

register_violations({"uq_customer_segment_owner_id_name": SegmentNameTaken})
