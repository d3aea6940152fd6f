"""What was merged into what, by whom, and what it changed: all that an undoing needs."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, ForeignKey, Index, Table, Text, TypedColumns, text
from sqlalchemy.dialects.postgresql import JSONB

from servicekit.data.tables import audited
from servicekit.data.violations import register_violations
from services.customer.customers import tables as _customers  # noqa: F401 (foreign keys refer to it)
from services.customer.merging.rules import SameCustomer
from services.customer.metadata import metadata
from services.customer.relationships import tables as _relationships  # noqa: F401 (foreign keys refer to it)


class CustomerMergeColumns(TypedColumns):
    """A merge: from `at` until `undone_at` the merged one stands for the survivor.

    The survivor may be merged in turn: `customer.merged_into_id` leads to the last one. `settled` holds, for each
    decision that the merge changed of the survivor's, the values before and after.
    """

    id: Column[UUID] = Column(primary_key=True)
    merged_id: Column[UUID] = Column(ForeignKey("customer.id"), nullable=False)
    survivor_id: Column[UUID] = Column(ForeignKey("customer.id"), nullable=False)
    settled: Column[dict[str, Any]] = Column(JSONB, nullable=False)
    reason: Column[str] = Column(Text, nullable=False)
    at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)
    decided_by: Column[UUID | None] = Column()
    on_behalf_of: Column[UUID | None] = Column()
    undone_at: Column[datetime | None] = Column(DateTime(timezone=True))
    undone_by: Column[UUID | None] = Column()
    undone_on_behalf_of: Column[UUID | None] = Column()
    undone_reason: Column[str | None] = Column(Text)


customer_merge = audited(
    Table(
        "customer_merge",
        metadata,
        CustomerMergeColumns,
        CheckConstraint("merged_id <> survivor_id", name="two_customers"),
        Index("uq_customer_merge_merged_id", "merged_id", unique=True, postgresql_where=text("undone_at IS NULL")),
        Index("ix_customer_merge_merged_id", "merged_id", "at", "id"),
        Index("ix_customer_merge_survivor_id", "survivor_id", "at", "id"),
    ),
    "customer",
    id_column="survivor_id",
)


class ContactMergeColumns(TypedColumns):
    """Two contacts that a merge found to be one person, by their e-mail address, as long as that holds.

    A step leads from one that stood for itself to another that did, so that no steps lead back. An undoing takes away
    those between customers that are two again; `contact.merged_into_id`, which the trail shows, follows from the rest.
    """

    merge_id: Column[UUID] = Column(ForeignKey("customer_merge.id"), primary_key=True)
    merged_id: Column[UUID] = Column(ForeignKey("contact.id"), primary_key=True)
    survivor_id: Column[UUID] = Column(ForeignKey("contact.id"), nullable=False)


contact_merge = Table("contact_merge", metadata, ContactMergeColumns)

register_violations({"uq_customer_merge_merged_id": SameCustomer})
