"""Sources, and what each forecast for a cycle: never altered, a later one supersedes it."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    Numeric,
    Table,
    Text,
    TypedColumns,
    UniqueConstraint,
    Uuid,
    func,
)

from servicekit.data.tables import append_only, audited
from servicekit.data.types import amount_type
from servicekit.data.violations import register_violations
from services.forecast.channels.rules.sources import SourceKind, SourceNameTaken, SourceReferenceTaken
from services.forecast.cycles.tables import forecast_cycle
from services.forecast.metadata import metadata

_KINDS = ", ".join(f"'{kind.value}'" for kind in SourceKind)


class ForecastSourceColumns(TypedColumns):
    """A named source of a business unit, and who answers for its figures."""

    id = Column(Uuid, primary_key=True)
    version: Column[int] = Column(Integer, nullable=False)
    business_unit_id: Column[UUID] = Column(Uuid, nullable=False)
    name: Column[str] = Column(Text, nullable=False)
    kind: Column[str] = Column(Text, nullable=False)
    responsible_id: Column[UUID | None] = Column(Uuid)
    external_system: Column[str | None] = Column(Text)
    external_id: Column[str | None] = Column(Text)
    created_at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)
    closed_at: Column[datetime | None] = Column(DateTime(timezone=True))


forecast_source = audited(
    Table(
        "forecast_source",
        metadata,
        ForecastSourceColumns,
        CheckConstraint(f"kind IN ({_KINDS})", "kind"),
        CheckConstraint("(external_system IS NULL) = (external_id IS NULL)", "reference"),
        UniqueConstraint("external_system", "external_id"),
        Index(None, "responsible_id"),
    ),
    "forecast_source",
)
Index(
    "uq_forecast_source_business_unit_id_name",
    forecast_source.c.business_unit_id,
    func.lower(forecast_source.c.name),
    unique=True,
    postgresql_where=forecast_source.c.closed_at.is_(None),
)


class ChannelForecastColumns(TypedColumns):
    """What a source said for a cycle, once; `total` and `currency` are the cycle's."""

    id = Column(Uuid, primary_key=True)
    source_id: Column[UUID] = Column(Uuid, ForeignKey(forecast_source.c.id), nullable=False)
    cycle_id: Column[UUID] = Column(Uuid, ForeignKey(forecast_cycle.c.id), nullable=False)
    number: Column[int] = Column(Integer, nullable=False)
    currency: Column[str] = Column(Text, nullable=False)
    total: Column[Decimal] = Column(amount_type(), nullable=False)
    note: Column[str | None] = Column(Text)
    submitted_by: Column[UUID] = Column(Uuid, nullable=False)
    on_behalf_of: Column[UUID | None] = Column(Uuid)
    submitted_at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)


channel_forecast = audited(
    append_only(
        Table(
            "channel_forecast",
            metadata,
            ChannelForecastColumns,
            Index("uq_channel_forecast_cycle_id_source_id_number", "cycle_id", "source_id", "number", unique=True),
            Index(None, "source_id"),
        )
    ),
    "forecast_source",
    "source_id",
)


class ChannelForecastLineColumns(TypedColumns):
    """A figure of a source: stated as it was entered, `amount` in the cycle's currency; None was not stated."""

    id = Column(Uuid, primary_key=True)
    channel_forecast_id: Column[UUID] = Column(Uuid, ForeignKey(channel_forecast.c.id), nullable=False)
    product_line_id: Column[UUID] = Column(Uuid, nullable=False)
    unit: Column[str | None] = Column(Text)
    unit_is_whole: Column[bool] = Column(Boolean, nullable=False)
    month: Column[date] = Column(Date, nullable=False)
    place: Column[str | None] = Column(Text)
    quantity: Column[Decimal | None] = Column(Numeric(20, 4))
    stated_amount: Column[Decimal | None] = Column(amount_type())
    stated_currency: Column[str | None] = Column(Text)
    amount: Column[Decimal | None] = Column(amount_type())


channel_forecast_line = append_only(
    Table(
        "channel_forecast_line",
        metadata,
        ChannelForecastLineColumns,
        CheckConstraint("quantity IS NOT NULL OR amount IS NOT NULL", "said"),
        CheckConstraint("(stated_amount IS NULL) = (amount IS NULL)", "amount"),
        CheckConstraint("quantity >= 0 AND amount >= 0", "not_negative"),
        CheckConstraint("date_part('day', month) = 1", "month"),
        Index(None, "channel_forecast_id", "id", unique=True),
        UniqueConstraint(
            "channel_forecast_id",
            "product_line_id",
            "month",
            "place",
            "unit",
            name="uq_channel_forecast_line_where",
            postgresql_nulls_not_distinct=True,
        ),
    )
)

register_violations(
    {
        "uq_forecast_source_business_unit_id_name": SourceNameTaken,
        "uq_forecast_source_external_system_external_id": SourceReferenceTaken,
    }
)
