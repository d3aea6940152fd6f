"""Copies of what `opportunity` tells: opportunities as they are now, products and their lines, exchange rates."""

import datetime as dt
from decimal import Decimal
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Index,
    Integer,
    Numeric,
    Table,
    Text,
    TypedColumns,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from servicekit.data.types import amount_type
from services.customer.metadata import metadata


class OpportunityFactColumns(TypedColumns):
    """An opportunity as it was last told of; `version` is the opportunity's, and the highest one stays.

    `probability` is a ratio in [0, 1]. `amount` is null where unknown, which is not 0. `stage_since` is null where
    nobody told since when it is in its stage. `product_line_ids` are the lines of its products, each once, by the
    catalogue as it is now. No foreign key: its event may name a customer that this base does not know.
    """

    opportunity_id: Column[UUID] = Column(primary_key=True)
    version: Column[int] = Column(BigInteger, nullable=False)
    name: Column[str] = Column(Text, nullable=False)
    customer_id: Column[UUID | None] = Column()
    principal_id: Column[UUID] = Column(nullable=False)
    state: Column[str] = Column(Text, nullable=False)
    stage: Column[str] = Column(Text, nullable=False)
    stage_since: Column[dt.datetime | None] = Column(DateTime(timezone=True))
    amount: Column[Decimal | None] = Column(amount_type())
    currency: Column[str] = Column(Text, nullable=False)
    probability: Column[Decimal] = Column(Numeric(5, 4), nullable=False)
    opened_at: Column[dt.datetime] = Column(DateTime(timezone=True), nullable=False)
    expected_close: Column[dt.date | None] = Column(Date)
    decided_on: Column[dt.date | None] = Column(Date)
    contract_until: Column[dt.date | None] = Column(Date)
    is_simulated: Column[bool] = Column(Boolean, nullable=False)
    product_ids: Column[list[UUID]] = Column(ARRAY(Uuid), nullable=False)
    product_line_ids: Column[list[UUID]] = Column(ARRAY(Uuid), nullable=False)


opportunity_fact = Table(
    "opportunity_fact",
    metadata,
    OpportunityFactColumns,
    CheckConstraint("state IN ('open', 'won', 'lost')", name="state_known"),
    Index("ix_opportunity_fact_customer", "customer_id", "state", "opportunity_id"),
    Index("ix_opportunity_fact_won", "decided_on", postgresql_where=text("state = 'won'")),
    Index("ix_opportunity_fact_product_ids", "product_ids", postgresql_using="gin"),
)


class ProductCopyColumns(TypedColumns):
    """A product and the line that it belongs to; `version` is the product's."""

    id: Column[UUID] = Column(primary_key=True)
    version: Column[int] = Column(BigInteger, nullable=False)
    product_line_id: Column[UUID] = Column(nullable=False)


product_copy = Table("product_copy", metadata, ProductCopyColumns)


class ProductLineCopyColumns(TypedColumns):
    """A branch of the catalogue; `version` is the line's."""

    id: Column[UUID] = Column(primary_key=True)
    version: Column[int] = Column(BigInteger, nullable=False)
    name: Column[str] = Column(Text, nullable=False)
    parent_id: Column[UUID | None] = Column()


product_line_copy = Table("product_line_copy", metadata, ProductLineCopyColumns)


class ExchangeRateCopyColumns(TypedColumns):
    """How much of `to_currency` one unit of `from_currency` is worth from a date on; the one recorded last stays."""

    id: Column[UUID] = Column(primary_key=True)
    from_currency: Column[str] = Column(Text, nullable=False)
    to_currency: Column[str] = Column(Text, nullable=False)
    date: Column[dt.date] = Column(Date, nullable=False)
    rate: Column[Decimal] = Column(Numeric(24, 12), nullable=False)
    recorded_at: Column[dt.datetime] = Column(DateTime(timezone=True), nullable=False)


exchange_rate_copy = Table(
    "exchange_rate_copy",
    metadata,
    ExchangeRateCopyColumns,
    UniqueConstraint("from_currency", "to_currency", "date"),
)


class FactRecallColumns(TypedColumns):
    """One row where the base is older than its facts: how far the peer's feed has been read again for them."""

    id = Column(Integer, primary_key=True, autoincrement=False)
    position: Column[int] = Column(BigInteger, nullable=False)
    finished: Column[bool] = Column(Boolean, nullable=False)


fact_recall = Table("fact_recall", metadata, FactRecallColumns)
