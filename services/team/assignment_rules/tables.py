"""Versions of the assignment rules, and whose turn it is."""

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
    Identity,
    Index,
    Integer,
    Table,
    Text,
    TypedColumns,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from servicekit.data.tables import audited
from services.team.metadata import metadata


class RuleVersionColumns(TypedColumns):
    """The rules in their order, as one value that is never changed; a draft until it is put into force from a date.

    In force on a day is the version whose `from_date` is the latest up to it; of one date, what was decided last.
    """

    id: Column[UUID] = Column(primary_key=True)
    version: Column[int] = Column(BigInteger, nullable=False, server_default=text("1"))
    number: Column[int] = Column(BigInteger, Identity(always=True), nullable=False)
    rules: Column[list[dict[str, Any]]] = Column(JSONB, nullable=False)
    note: Column[str | None] = Column(Text)
    drafted_by: Column[UUID | None] = Column()
    drafted_at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)
    from_date: Column[date | None] = Column(Date)
    reason: Column[str | None] = Column(Text)
    decided_by: Column[UUID | None] = Column()
    on_behalf_of: Column[UUID | None] = Column()
    decided_at: Column[datetime | None] = Column(DateTime(timezone=True))


assignment_rules = audited(
    Table(
        "assignment_rules",
        metadata,
        RuleVersionColumns,
        UniqueConstraint("number"),
        CheckConstraint("(from_date IS NULL) = (decided_at IS NULL)", name="decided_from_a_date"),
        Index("ix_assignment_rules_from_date", "from_date", "decided_at", "id"),
    ),
    "assignment_rules",
)


class TurnColumns(TypedColumns):
    """How many turns the people of a rule have taken, by its place in its version from 0."""

    rules_id: Column[UUID] = Column(ForeignKey("assignment_rules.id"), primary_key=True)
    place = Column(Integer, primary_key=True, autoincrement=False)
    taken: Column[int] = Column(BigInteger, nullable=False)


assignment_turn = Table("assignment_turn", metadata, TurnColumns)
