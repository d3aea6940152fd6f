"""Intakes as they came, what each check and decision made of them, and where they stand."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    TypedColumns,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from servicekit.data.tables import append_only, audited
from servicekit.data.violations import register_violations
from services.customer.intakes.rules.refusals import IntakeTaken
from services.customer.metadata import metadata


class IntakeColumns(TypedColumns):
    """An intake, for ever as it came: `content` is what was sent, without what is personal."""

    id: Column[UUID] = Column(primary_key=True)
    source: Column[str] = Column(Text, nullable=False)
    channel_id: Column[UUID | None] = Column(ForeignKey("customer.id"))
    legal_name: Column[str] = Column(Text, nullable=False)
    country: Column[str] = Column(Text, nullable=False)
    content: Column[dict[str, Any]] = Column(JSONB, nullable=False)
    received_on: Column[date] = Column(Date, nullable=False)
    external_system: Column[str | None] = Column(Text)
    external_id: Column[str | None] = Column(Text)
    entered_by: Column[UUID | None] = Column()
    on_behalf_of: Column[UUID | None] = Column()
    at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)


intake = append_only(
    Table(
        "intake",
        metadata,
        IntakeColumns,
        UniqueConstraint("external_system", "external_id"),
        CheckConstraint(
            "source IN ('marketing_activity', 'channel_partner', 'online_sales', 'web_form', 'service_repair', "
            "'purchased_list', 'referral', 'import')",
            name="source_known",
        ),
        CheckConstraint("(source = 'channel_partner') = (channel_id IS NOT NULL)", name="channel_is_source"),
    )
)


class IntakePersonalColumns(TypedColumns):
    """What an intake says of people; it can be erased, and then only that it was there is left."""

    intake_id: Column[UUID] = Column(ForeignKey("intake.id"), primary_key=True)
    content: Column[dict[str, Any] | None] = Column(JSONB)
    personal_salt: Column[str] = Column(Text, nullable=False)
    erased_at: Column[datetime | None] = Column(DateTime(timezone=True))


intake_personal = audited(
    Table("intake_personal", metadata, IntakePersonalColumns), "intake", id_column="intake_id", personal=("content",)
)


class IntakeStandingColumns(TypedColumns):
    """Where an intake stands: the one row of it that changes. `round` is the number of its latest check."""

    intake_id: Column[UUID] = Column(ForeignKey("intake.id"), primary_key=True)
    version: Column[int] = Column(BigInteger, nullable=False, server_default=text("1"))
    outcome: Column[str] = Column(Text, nullable=False)
    round: Column[int] = Column(Integer, nullable=False)
    customer_id: Column[UUID | None] = Column(ForeignKey("customer.id"))
    source: Column[str] = Column(Text, nullable=False)
    acting_for: Column[UUID | None] = Column()
    at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)


intake_standing = audited(
    Table(
        "intake_standing",
        metadata,
        IntakeStandingColumns,
        CheckConstraint("outcome IN ('matched', 'new', 'review', 'dismissed')", name="outcome_known"),
        CheckConstraint("(customer_id IS NOT NULL) = (outcome IN ('matched', 'new'))", name="customer_fits_outcome"),
        Index("ix_intake_standing_at", "at", "intake_id"),
        Index("ix_intake_standing_acting_for", "acting_for", "at", "intake_id"),
        Index("ix_intake_standing_customer_id", "customer_id", "at", "intake_id"),
        Index("ix_intake_standing_review", "at", "intake_id", postgresql_where=text("outcome = 'review'")),
        Index("ix_intake_standing_source", "source", "at", "intake_id"),
    ),
    "intake",
    id_column="intake_id",
)


class IntakeCandidateColumns(TypedColumns):
    """A customer that an intake may have been of, by one of its checks; `version` is the customer's at that moment."""

    id: Column[UUID] = Column(primary_key=True)
    intake_id: Column[UUID] = Column(ForeignKey("intake.id"), nullable=False)
    round: Column[int] = Column(Integer, nullable=False)
    place: Column[int] = Column(Integer, nullable=False)
    customer_id: Column[UUID] = Column(ForeignKey("customer.id"), nullable=False)
    version: Column[int] = Column(BigInteger, nullable=False)
    score: Column[int] = Column(Integer, nullable=False)
    agreed: Column[list[str]] = Column(ARRAY(Text), nullable=False)
    contradicts: Column[list[str]] = Column(ARRAY(Text), nullable=False)


intake_candidate = append_only(
    Table(
        "intake_candidate",
        metadata,
        IntakeCandidateColumns,
        UniqueConstraint("intake_id", "round", "place"),
        Index("ix_intake_candidate_customer_id", "customer_id"),
    )
)


class IntakeOutcomeColumns(TypedColumns):
    """What became of an intake, in the order in which it did: first of the check, then of each decision."""

    id: Column[UUID] = Column(primary_key=True)
    intake_id: Column[UUID] = Column(ForeignKey("intake.id"), nullable=False)
    version: Column[int] = Column(BigInteger, nullable=False)
    outcome: Column[str] = Column(Text, nullable=False)
    decision: Column[str | None] = Column(Text)
    customer_id: Column[UUID | None] = Column(ForeignKey("customer.id"))
    reason: Column[str | None] = Column(Text)
    at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)
    decided_by: Column[UUID | None] = Column()
    on_behalf_of: Column[UUID | None] = Column()


intake_outcome = append_only(
    Table(
        "intake_outcome",
        metadata,
        IntakeOutcomeColumns,
        UniqueConstraint("intake_id", "version"),
        CheckConstraint("outcome IN ('matched', 'new', 'review', 'dismissed')", name="outcome_known"),
        CheckConstraint("decision IN ('same', 'new', 'site', 'not_a_company')", name="decision_known"),
    )
)

register_violations({"uq_intake_external_system_external_id": IntakeTaken})
