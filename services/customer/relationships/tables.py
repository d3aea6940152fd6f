"""Contacts of a customer."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Table,
    Text,
    TypedColumns,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from servicekit.data.tables import audited
from servicekit.data.violations import register_violations
from services.customer.customers.rules.refusals import ReferenceTaken
from services.customer.metadata import metadata
from services.customer.relationships.rules import ContactExists


class ContactColumns(TypedColumns):
    """A person at a customer. What is personal appears in the audit trail as a digest salted with `personal_salt`.

    `merged_into_id` says which contact this one stands for while their customers are merged: both are one person.
    After an erasure values and salt are empty: the digests say nothing of anybody any more.
    """

    id: Column[UUID] = Column(primary_key=True)
    version: Column[int] = Column(BigInteger, nullable=False, server_default=text("1"))
    customer_id: Column[UUID] = Column(ForeignKey("customer.id"), nullable=False)
    name: Column[str] = Column(Text, nullable=False)
    email: Column[str | None] = Column(Text)
    email_key: Column[str | None] = Column(Text)
    phone: Column[str | None] = Column(Text)
    department: Column[str | None] = Column(Text)
    title: Column[str | None] = Column(Text)
    reports_to_id: Column[UUID | None] = Column(ForeignKey("contact.id"), index=True)
    merged_into_id: Column[UUID | None] = Column(ForeignKey("contact.id"), index=True)
    decision_role: Column[str | None] = Column(Text)
    attitude: Column[str | None] = Column(Text)
    closeness: Column[str | None] = Column(Text)
    influences_ids: Column[list[UUID]] = Column(ARRAY(Uuid), nullable=False, server_default=text("'{}'"))
    known_by_ids: Column[list[UUID]] = Column(ARRAY(Uuid), nullable=False, server_default=text("'{}'"))
    has_left: Column[bool] = Column(Boolean, nullable=False, server_default=text("false"))
    search_text: Column[str] = Column(Text, nullable=False)
    personal_salt: Column[str] = Column(Text, nullable=False)
    external_system: Column[str | None] = Column(Text)
    external_id: Column[str | None] = Column(Text)
    erased_at: Column[datetime | None] = Column(DateTime(timezone=True))
    created_at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)
    updated_at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)


PERSONAL = (
    *("name", "email", "email_key", "phone", "department", "title", "search_text"),
    *("decision_role", "attitude", "closeness"),
)

contact = audited(
    Table(
        "contact",
        metadata,
        ContactColumns,
        UniqueConstraint("external_system", "external_id"),
        CheckConstraint("merged_into_id <> id", name="survivor_is_another"),
        CheckConstraint(
            "decision_role IN ('decision_maker', 'approver', 'influencer', 'user', 'gatekeeper', 'coach')",
            name="decision_role_known",
        ),
        CheckConstraint("attitude IN ('supports', 'neutral', 'opposes')", name="attitude_known"),
        CheckConstraint("closeness IN ('close', 'known', 'distant')", name="closeness_known"),
        Index(
            "uq_contact_customer_id_email_key",
            "customer_id",
            "email_key",
            unique=True,
            postgresql_where=text("email_key IS NOT NULL"),
        ),
        Index("ix_contact_customer_id", "customer_id", "name", "id"),
        Index("ix_contact_name", "name", "id"),
        Index(
            "ix_contact_search_text",
            "search_text",
            postgresql_using="gin",
            postgresql_ops={"search_text": "gin_trgm_ops"},
        ),
    ),
    "contact",
    personal=PERSONAL,
)

register_violations(
    {
        "uq_contact_customer_id_email_key": ContactExists,
        "uq_contact_external_system_external_id": ReferenceTaken,
    }
)
