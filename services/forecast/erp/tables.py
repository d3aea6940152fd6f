"""ERP systems, their codes for what is ours, and the orders that they have confirmed."""

from datetime import date, datetime
from decimal import Decimal
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
    Uuid,
    text,
)

from servicekit.data.tables import audited
from servicekit.data.types import amount_type
from servicekit.data.violations import register_violations
from services.forecast.erp.rules.orders import OrderTaken
from services.forecast.erp.rules.references import ErpReferenceTaken
from services.forecast.erp.rules.systems import ErpSystemTaken
from services.forecast.metadata import metadata
from services.forecast.rollup.tables import QUANTITY


class ErpSystemColumns(TypedColumns):
    """An ERP system that plans are handed over to."""

    id = Column(Uuid, primary_key=True)
    version: Column[int] = Column(Integer, nullable=False, server_default=text("1"))
    name: Column[str] = Column(Text, nullable=False, unique=True)
    kind: Column[str] = Column(Text, nullable=False)
    company: Column[str | None] = Column(Text)
    customer: Column[str | None] = Column(Text)
    forecast_name: Column[str | None] = Column(Text)
    created_at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)


erp_system = audited(
    Table(
        "erp_system",
        metadata,
        ErpSystemColumns,
        CheckConstraint("kind IN ('erpnext', 'odoo', 'frepple', 'business_central', 'other')", "kind"),
    ),
    "erp_system",
)


class ErpReferenceColumns(TypedColumns):
    """What an ERP system calls a product, product line, place or unit; `subject` is its id or text."""

    id = Column(Uuid, primary_key=True)
    version: Column[int] = Column(Integer, nullable=False, server_default=text("1"))
    system: Column[str] = Column(Text, ForeignKey("erp_system.name"), nullable=False)
    kind: Column[str] = Column(Text, nullable=False)
    subject: Column[str] = Column(Text, nullable=False)
    code: Column[str] = Column(Text, nullable=False)
    created_at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)


erp_reference = audited(
    Table(
        "erp_reference",
        metadata,
        ErpReferenceColumns,
        CheckConstraint("kind IN ('product', 'product_line', 'place', 'unit')", "kind"),
        UniqueConstraint("system", "kind", "subject"),
        Index(None, "system", "kind", "code"),
    ),
    "erp_reference",
)


class ConfirmedOrderColumns(TypedColumns):
    """A line of an order that an ERP system has confirmed, known by its reference there."""

    id = Column(Uuid, primary_key=True)
    version: Column[int] = Column(Integer, nullable=False, server_default=text("1"))
    external_system: Column[str] = Column(Text, nullable=False)
    external_id: Column[str] = Column(Text, nullable=False)
    order_number: Column[str] = Column(Text, nullable=False)
    line_number: Column[str | None] = Column(Text)
    product_id: Column[UUID] = Column(Uuid, nullable=False)
    place: Column[str] = Column(Text, nullable=False)
    due_on: Column[date] = Column(Date, nullable=False)
    quantity: Column[Decimal] = Column(QUANTITY, nullable=False)
    unit: Column[str] = Column(Text, nullable=False)
    amount: Column[Decimal | None] = Column(amount_type())
    currency: Column[str | None] = Column(Text)
    opportunity_id: Column[UUID | None] = Column(Uuid)
    state: Column[str] = Column(Text, nullable=False)
    created_at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)
    changed_at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)


confirmed_order = audited(
    Table(
        "confirmed_order",
        metadata,
        ConfirmedOrderColumns,
        CheckConstraint("state IN ('confirmed', 'delivered', 'cancelled')", "state"),
        CheckConstraint("quantity >= 0", "quantity"),
        CheckConstraint("(amount IS NULL) = (currency IS NULL)", "amount"),
        UniqueConstraint("external_system", "external_id"),
        Index(None, "product_id", "due_on"),
        Index(None, "due_on", "id"),
        Index(None, "opportunity_id"),
    ),
    "confirmed_order",
)

register_violations(
    {
        "uq_erp_system_name": ErpSystemTaken,
        "uq_erp_reference_system_kind_subject": ErpReferenceTaken,
        "uq_confirmed_order_external_system_external_id": OrderTaken,
    }
)
