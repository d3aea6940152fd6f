"""Business units."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Table,
    Text,
    TypedColumns,
    UniqueConstraint,
)

from servicekit.data.tables import audited
from servicekit.data.violations import register_violations
from services.team.business_units.rules import UnitInItself, UnitReferenceTaken, UnknownHead, UnknownUnit
from services.team.metadata import metadata


class BusinessUnitColumns(TypedColumns):
    """A part of the enterprise; `search_text` is its name as it is searched."""

    id: Column[UUID] = Column(primary_key=True)
    version: Column[int] = Column(BigInteger, nullable=False)
    name: Column[str] = Column(Text, nullable=False)
    search_text: Column[str] = Column(Text, nullable=False)
    parent_id: Column[UUID | None] = Column(ForeignKey("business_unit.id"))
    head_id: Column[UUID | None] = Column(ForeignKey("person.id", name="fk_business_unit_head_id", use_alter=True))
    external_system: Column[str | None] = Column(Text)
    external_id: Column[str | None] = Column(Text)
    created_at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)
    updated_at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)


business_unit = audited(
    Table(
        "business_unit",
        metadata,
        BusinessUnitColumns,
        UniqueConstraint("external_system", "external_id"),
        CheckConstraint("(external_system IS NULL) = (external_id IS NULL)", name="reference_whole"),
        CheckConstraint("parent_id <> id", name="parent_is_another"),
        Index("ix_business_unit_name", "name", "id"),
        Index("ix_business_unit_created_at", "created_at", "id"),
        Index("ix_business_unit_parent_id", "parent_id", "name", "id"),
    ),
    "business_unit",
)

register_violations(
    {
        "uq_business_unit_external_system_external_id": UnitReferenceTaken,
        "ck_business_unit_parent_is_another": UnitInItself,
        "fk_business_unit_parent_id": lambda: UnknownUnit("/parent_id"),
        "fk_business_unit_head_id": UnknownHead,
    }
)
