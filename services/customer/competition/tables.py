"""Competitive assessments, superseded and never changed, and versions of the competitive strategy."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
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
)
from sqlalchemy.dialects.postgresql import JSONB

from servicekit.data.tables import append_only, audited
from services.customer.customers import tables as _customers  # noqa: F401 (a foreign key refers to it)
from services.customer.metadata import metadata


class AssessmentColumns(TypedColumns):
    """How strong we and a competitor are at a customer; the latest against a competitor is the present one."""

    id: Column[UUID] = Column(primary_key=True)
    customer_id: Column[UUID] = Column(ForeignKey("customer.id"), nullable=False)
    competitor_id: Column[UUID] = Column(ForeignKey("customer.id"), nullable=False)
    supersedes_id: Column[UUID | None] = Column(ForeignKey("competitive_assessment.id"))
    assessed_on: Column[date] = Column(Date, nullable=False)
    criteria: Column[list[dict[str, Any]]] = Column(JSONB, nullable=False)
    at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)
    assessed_by: Column[UUID | None] = Column()
    on_behalf_of: Column[UUID | None] = Column()


competitive_assessment = append_only(
    audited(
        Table(
            "competitive_assessment",
            metadata,
            AssessmentColumns,
            UniqueConstraint("supersedes_id"),
            CheckConstraint("competitor_id <> customer_id", name="of_another"),
            Index("ix_competitive_assessment_customer", "customer_id", "at", "id"),
            Index("ix_competitive_assessment_pair", "customer_id", "competitor_id", "at", "id"),
        ),
        "competitive_assessment",
    )
)


class StrategyColumns(TypedColumns):
    """A version of what we mean to do about the competition at a customer."""

    id: Column[UUID] = Column(primary_key=True)
    customer_id: Column[UUID] = Column(ForeignKey("customer.id"), nullable=False)
    number: Column[int] = Column(Integer, nullable=False)
    stance: Column[str] = Column(Text, nullable=False)
    strategy: Column[str] = Column(Text, nullable=False)
    competitor_ids: Column[list[str]] = Column(JSONB, nullable=False)
    at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)
    written_by: Column[UUID | None] = Column()
    on_behalf_of: Column[UUID | None] = Column()


competitive_strategy = append_only(
    audited(
        Table(
            "competitive_strategy",
            metadata,
            StrategyColumns,
            UniqueConstraint("customer_id", "number"),
            CheckConstraint("stance IN ('attack', 'defend', 'contain', 'cooperate', 'withdraw')", name="stance_known"),
        ),
        "competitive_strategy",
    )
)
