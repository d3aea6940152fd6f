"""What is known of opportunities, what their principals confirmed, and the one live line of each in a cycle."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    Numeric,
    Table,
    Text,
    TypedColumns,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

from servicekit.data.tables import append_only, audited
from servicekit.data.types import amount_type
from servicekit.data.violations import register_violations
from servicekit.values.errors import Conflict
from services.forecast.cycles.tables import forecast_cycle, seat
from services.forecast.metadata import metadata


class InAnotherForecast(Conflict):
    """The opportunity stands in somebody else's live forecast of the cycle."""

    code = "in_another_forecast"


class KnownOpportunityColumns(TypedColumns):
    """The highest version seen of an opportunity; the row that a confirmation locks."""

    id = Column(Uuid, primary_key=True)
    version: Column[int] = Column(Integer, nullable=False)
    name: Column[str] = Column(Text, nullable=False)
    principal_id: Column[UUID] = Column(Uuid, nullable=False)
    customer_id: Column[UUID | None] = Column(Uuid)
    stage: Column[str] = Column(Text, nullable=False)
    state: Column[str] = Column(Text, nullable=False)
    amount: Column[Decimal | None] = Column(amount_type())
    currency: Column[str] = Column(Text, nullable=False)
    expected_close: Column[date | None] = Column(Date)
    decided_on: Column[date | None] = Column(Date)
    probability: Column[Decimal | None] = Column(Numeric(7, 6))
    is_simulated: Column[bool] = Column(Boolean, nullable=False)
    lines: Column[list[dict[str, Any]]] = Column(JSONB, nullable=False)
    seen_at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)


known_opportunity = Table(
    "known_opportunity",
    metadata,
    KnownOpportunityColumns,
    CheckConstraint("state IN ('open', 'won', 'lost')", "state"),
    Index(None, "principal_id", "expected_close"),
    Index(None, "decided_on", postgresql_where=Column("state", Text) == "won"),
    Index(None, "principal_id", "decided_on", postgresql_where=Column("state", Text) == "won"),
)


class KnownProductColumns(TypedColumns):
    """What a line needs to know of a product of the catalogue."""

    id = Column(Uuid, primary_key=True)
    code: Column[str] = Column(Text, nullable=False)
    name: Column[str] = Column(Text, nullable=False)
    product_line_id: Column[UUID | None] = Column(Uuid)
    unit: Column[str] = Column(Text, nullable=False)
    unit_is_whole: Column[bool] = Column(Boolean, nullable=False)
    version: Column[int] = Column(Integer, nullable=False)


known_product = Table("known_product", metadata, KnownProductColumns, Index(None, "product_line_id"))


class KnownCustomerColumns(TypedColumns):
    """What a customer is called, its tier, where it is delivered to, and whom it stands for if it was merged."""

    customer_id = Column(Uuid, primary_key=True)
    name: Column[str] = Column(Text, nullable=False)
    tier: Column[str | None] = Column(Text)
    place: Column[str | None] = Column(Text)
    merged_into_id: Column[UUID | None] = Column(Uuid)
    version: Column[int] = Column(Integer, nullable=False)


known_customer = Table("known_customer", metadata, KnownCustomerColumns)


class ConfirmationColumns(TypedColumns):
    """What was said of an opportunity in a cycle, and what it counts for in the cycle's currency."""

    id = Column(Uuid, primary_key=True)
    cycle_id: Column[UUID] = Column(Uuid, ForeignKey(forecast_cycle.c.id), nullable=False)
    seat_id: Column[UUID] = Column(Uuid, ForeignKey(seat.c.id), nullable=False)
    opportunity_id: Column[UUID] = Column(Uuid, nullable=False)
    opportunity_version: Column[int] = Column(Integer, nullable=False)
    opportunity_name: Column[str] = Column(Text, nullable=False)
    customer_id: Column[UUID | None] = Column(Uuid)
    is_simulated: Column[bool] = Column(Boolean, nullable=False)
    principal_id: Column[UUID] = Column(Uuid, nullable=False)
    category: Column[str] = Column(Text, nullable=False)
    stated_amount: Column[Decimal] = Column(amount_type(), nullable=False)
    stated_currency: Column[str] = Column(Text, nullable=False)
    rate: Column[Decimal] = Column(Numeric(30, 15), nullable=False)
    probability: Column[Decimal] = Column(Numeric(7, 6), nullable=False)
    amount: Column[Decimal] = Column(amount_type(), nullable=False)
    closes_on: Column[date] = Column(Date, nullable=False)
    at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)


confirmation = audited(
    append_only(
        Table(
            "confirmation",
            metadata,
            ConfirmationColumns,
            CheckConstraint("category IN ('closed', 'commit', 'best_case', 'pipeline', 'omitted')", "category"),
            CheckConstraint("amount >= 0 AND stated_amount >= 0", "amount"),
            UniqueConstraint("id", "seat_id", "opportunity_id"),
            Index(None, "cycle_id", "opportunity_id", "at"),
            Index(None, "customer_id"),
        )
    ),
    "seat",
    "seat_id",
)


class ConfirmationLineColumns(TypedColumns):
    """A part of a confirmation: what, when, where (None: where the customer is delivered to), how much."""

    confirmation_id = Column(Uuid, ForeignKey(confirmation.c.id), primary_key=True)
    place_in_list = Column(Integer, primary_key=True, autoincrement=False)
    product_id: Column[UUID | None] = Column(Uuid)
    product_line_id: Column[UUID | None] = Column(Uuid)
    unit: Column[str | None] = Column(Text)
    unit_is_whole: Column[bool] = Column(Boolean, nullable=False)
    month: Column[date] = Column(Date, nullable=False)
    place: Column[str | None] = Column(Text)
    quantity: Column[Decimal | None] = Column(Numeric(20, 4))
    amount: Column[Decimal] = Column(amount_type(), nullable=False)
    week: Column[date | None] = Column(Date)


confirmation_line = append_only(
    Table(
        "confirmation_line",
        metadata,
        ConfirmationLineColumns,
        CheckConstraint("(unit IS NULL) = (quantity IS NULL)", "counted"),
        CheckConstraint("date_part('day', month) = 1", "month"),
    )
)


class LiveLineColumns(TypedColumns):
    """The one place of an opportunity in the live forecasts of a cycle; beside what is submitted, and mutable."""

    cycle_id = Column(Uuid, ForeignKey(forecast_cycle.c.id), primary_key=True)
    opportunity_id = Column(Uuid, primary_key=True)
    seat_id: Column[UUID] = Column(Uuid, ForeignKey(seat.c.id), nullable=False)
    confirmation_id: Column[UUID] = Column(Uuid, nullable=False)


live_line = audited(
    Table(
        "live_line",
        metadata,
        LiveLineColumns,
        ForeignKeyConstraint(
            ["confirmation_id", "seat_id", "opportunity_id"],
            [confirmation.c.id, confirmation.c.seat_id, confirmation.c.opportunity_id],
        ),
        Index(None, "seat_id"),
        Index(None, "opportunity_id"),
    ),
    "seat",
    "seat_id",
)

register_violations(
    {
        "pk_live_line": lambda: InAnotherForecast(
            "This opportunity stands in another live forecast of the cycle: an opportunity counts once."
        )
    }
)
