"""Schemes, evaluations and what was decided on them, kept for ever; and the latest evaluation of each customer."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Numeric,
    Table,
    Text,
    TypedColumns,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from servicekit.data.tables import append_only, audited
from servicekit.data.violations import register_violations
from services.customer.classification.rules.refusals import DayTaken, EvaluationDecided, SchemeStarted
from services.customer.customers import tables as _customers  # noqa: F401 (foreign keys refer to it)
from services.customer.metadata import metadata

TIERS = "tier IN ('strategic', 'key', 'growth', 'standard')"


class SchemeColumns(TypedColumns):
    """By what customers are classified; never changed, and in force from its start until that of another."""

    number = Column(Integer, Identity(start=2), primary_key=True)
    id: Column[UUID] = Column(nullable=False, unique=True, server_default=text("uuidv7()"))
    name: Column[str] = Column(Text, nullable=False)
    criteria: Column[list[dict[str, Any]]] = Column(JSONB, nullable=False)
    bands: Column[list[dict[str, Any]]] = Column(JSONB, nullable=False)
    outdated_after_days: Column[int] = Column(Integer, nullable=False)
    created_by: Column[UUID | None] = Column()
    on_behalf_of: Column[UUID | None] = Column()
    created_at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)


classification_scheme = audited(
    append_only(Table("classification_scheme", metadata, SchemeColumns)), "classification_scheme"
)


class SchemeStartColumns(TypedColumns):
    """From when a scheme is in force; one a day, and each scheme once."""

    scheme_number: Column[int] = Column(ForeignKey("classification_scheme.number"), primary_key=True)
    id: Column[UUID] = Column(nullable=False, unique=True, server_default=text("uuidv7()"))
    from_date: Column[date] = Column(Date, nullable=False)
    reason: Column[str | None] = Column(Text)
    decided_by: Column[UUID | None] = Column()
    on_behalf_of: Column[UUID | None] = Column()
    at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)


classification_scheme_start = audited(
    append_only(Table("classification_scheme_start", metadata, SchemeStartColumns, UniqueConstraint("from_date"))),
    "classification_scheme_start",
)


class EvaluationColumns(TypedColumns):
    """What somebody judged of a customer, and what it came to; superseded by the next, never changed.

    Scores are of 100. `tier` is null where what is not known leaves more than one possible.
    """

    id: Column[UUID] = Column(primary_key=True)
    customer_id: Column[UUID] = Column(ForeignKey("customer.id"), nullable=False)
    sequence: Column[int] = Column(Integer, nullable=False)
    scheme_number: Column[int] = Column(ForeignKey("classification_scheme.number"), nullable=False)
    judged: Column[list[dict[str, Any]]] = Column(JSONB, nullable=False)
    note: Column[str | None] = Column(Text)
    lowest_score: Column[Decimal] = Column(Numeric(5, 2), nullable=False)
    highest_score: Column[Decimal] = Column(Numeric(5, 2), nullable=False)
    tier: Column[str | None] = Column(Text)
    tier_before: Column[str | None] = Column(Text)
    evaluated_by: Column[UUID | None] = Column()
    on_behalf_of: Column[UUID | None] = Column()
    at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)


evaluation = audited(
    append_only(
        Table(
            "evaluation",
            metadata,
            EvaluationColumns,
            UniqueConstraint("customer_id", "sequence"),
            CheckConstraint(TIERS, name="tier_known"),
        )
    ),
    "evaluation",
)


class EvaluationDecisionColumns(TypedColumns):
    """What a superior said of an evaluation, once; `tier` is what the customer was placed in by it."""

    evaluation_id: Column[UUID] = Column(ForeignKey("evaluation.id"), primary_key=True)
    verdict: Column[str] = Column(Text, nullable=False)
    tier: Column[str | None] = Column(Text)
    reason: Column[str | None] = Column(Text)
    decided_by: Column[UUID | None] = Column()
    on_behalf_of: Column[UUID | None] = Column()
    at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)


evaluation_decision = audited(
    append_only(
        Table(
            "evaluation_decision",
            metadata,
            EvaluationDecisionColumns,
            CheckConstraint("verdict IN ('confirmed', 'overridden', 'returned')", name="verdict_known"),
            CheckConstraint("(verdict = 'returned') = (tier IS NULL)", name="tier_unless_returned"),
            CheckConstraint(TIERS, name="tier_known"),
        )
    ),
    "evaluation",
    id_column="evaluation_id",
)


class ClassificationColumns(TypedColumns):
    """The latest evaluation of a customer, for lists over the whole base; written with the customer locked.

    `profile` holds its values so that equal ones can be counted together (`rules.evaluating`).
    """

    customer_id: Column[UUID] = Column(ForeignKey("customer.id"), primary_key=True)
    evaluation_id: Column[UUID] = Column(ForeignKey("evaluation.id"), nullable=False)
    sequence: Column[int] = Column(Integer, nullable=False)
    scheme_number: Column[int] = Column(Integer, nullable=False)
    profile: Column[str] = Column(Text, nullable=False)
    tier: Column[str | None] = Column(Text)
    verdict: Column[str | None] = Column(Text)
    evaluated_at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)


classification = Table(
    "classification",
    metadata,
    ClassificationColumns,
    Index("ix_classification_open", "customer_id", postgresql_where=text("verdict IS NULL")),
    Index("ix_classification_evaluated_at", "evaluated_at"),
)

register_violations(
    {
        "pk_classification_scheme_start": SchemeStarted,
        "uq_classification_scheme_start_from_date": DayTaken,
        "pk_evaluation_decision": EvaluationDecided,
    }
)
