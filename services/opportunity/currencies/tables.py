"""Dated exchange rates."""

import datetime as dt
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, Date, DateTime, Numeric, Table, Text, TypedColumns, UniqueConstraint

from servicekit.data.tables import audited
from services.opportunity.metadata import metadata


class ExchangeRateColumns(TypedColumns):
    """How much of `to_currency` one unit of `from_currency` is worth from a date on."""

    id: Column[UUID] = Column(primary_key=True)
    from_currency: Column[str] = Column(Text, nullable=False)
    to_currency: Column[str] = Column(Text, nullable=False)
    date: Column[dt.date] = Column(Date, nullable=False)
    rate: Column[Decimal] = Column(Numeric(24, 12), nullable=False)
    recorded_at: Column[dt.datetime] = Column(DateTime(timezone=True), nullable=False)


exchange_rate = audited(
    Table(
        "exchange_rate",
        metadata,
        ExchangeRateColumns,
        UniqueConstraint("from_currency", "to_currency", "date"),
        CheckConstraint("rate > 0", name="rate_positive"),
        CheckConstraint("from_currency <> to_currency", name="two_currencies"),
    ),
    "exchange_rate",
)
