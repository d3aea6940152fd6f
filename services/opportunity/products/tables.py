"""Product lines and products."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, ForeignKey, Table, Text, TypedColumns, UniqueConstraint, text

from servicekit.data.tables import audited
from servicekit.data.types import amount_type
from servicekit.data.violations import register_violations
from services.opportunity.metadata import metadata
from services.opportunity.products.rules import ProductCodeTaken, ProductLineNameTaken, UnknownProductLine
from services.opportunity.refusals import ReferenceTaken


class ProductLineColumns(TypedColumns):
    """A branch of the catalogue."""

    id: Column[UUID] = Column(primary_key=True)
    version: Column[int] = Column(nullable=False, server_default=text("1"))
    name: Column[str] = Column(Text, nullable=False)
    parent_id: Column[UUID | None] = Column(ForeignKey("product_line.id"), index=True)
    external_system: Column[str | None] = Column(Text)
    external_id: Column[str | None] = Column(Text)
    created_at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)


product_line = audited(
    Table(
        "product_line",
        metadata,
        ProductLineColumns,
        UniqueConstraint("external_system", "external_id"),
        UniqueConstraint("parent_id", "name", postgresql_nulls_not_distinct=True),
    ),
    "product_line",
)


class ProductColumns(TypedColumns):
    """Something that can be sold, in a unit that may be whole, at a list price if it has one."""

    id: Column[UUID] = Column(primary_key=True)
    version: Column[int] = Column(nullable=False, server_default=text("1"))
    code: Column[str] = Column(Text, nullable=False, unique=True)
    name: Column[str] = Column(Text, nullable=False)
    product_line_id: Column[UUID] = Column(ForeignKey("product_line.id"), nullable=False, index=True)
    unit: Column[str] = Column(Text, nullable=False)
    unit_is_whole: Column[bool] = Column(nullable=False)
    list_price: Column[Decimal | None] = Column(amount_type())
    list_price_currency: Column[str | None] = Column(Text)
    external_system: Column[str | None] = Column(Text)
    external_id: Column[str | None] = Column(Text)
    created_at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)


product = audited(
    Table(
        "product",
        metadata,
        ProductColumns,
        UniqueConstraint("external_system", "external_id"),
        CheckConstraint("list_price >= 0", name="list_price_not_negative"),
        CheckConstraint("(list_price IS NULL) = (list_price_currency IS NULL)", name="list_price_has_currency"),
    ),
    "product",
)

register_violations(
    {
        "uq_product_code": ProductCodeTaken,
        "uq_product_external_system_external_id": ReferenceTaken,
        "uq_product_line_external_system_external_id": ReferenceTaken,
        "uq_product_line_parent_id_name": ProductLineNameTaken,
        "fk_product_product_line_id": UnknownProductLine,
        "fk_product_line_parent_id": lambda: UnknownProductLine("/parent_id"),
    }
)
