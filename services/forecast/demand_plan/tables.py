"""Published demand plans: never altered, a later version says what changed."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Boolean, Column, Date, DateTime, ForeignKey, Index, Integer, Table, Text, TypedColumns, Uuid

from servicekit.data.tables import append_only, audited
from servicekit.data.types import amount_type
from services.forecast.comparison.tables import comparison_decision
from services.forecast.cycles.tables import forecast_cycle
from services.forecast.metadata import metadata
from services.forecast.rollup.tables import QUANTITY, submission


class DemandPlanColumns(TypedColumns):
    """A version of what production is to prepare."""

    id = Column(Uuid, primary_key=True)
    cycle_id: Column[UUID] = Column(Uuid, ForeignKey(forecast_cycle.c.id), nullable=False)
    number: Column[int] = Column(Integer, nullable=False)
    currency: Column[str] = Column(Text, nullable=False)
    total: Column[Decimal] = Column(amount_type(), nullable=False)
    change: Column[Decimal] = Column(amount_type(), nullable=False)
    published_at: Column[datetime] = Column(DateTime(timezone=True), nullable=False)
    published_by: Column[UUID] = Column(Uuid, nullable=False)


demand_plan = audited(
    append_only(
        Table(
            "demand_plan",
            metadata,
            DemandPlanColumns,
            Index("uq_demand_plan_cycle_id_number", "cycle_id", "number", unique=True),
        )
    ),
    "demand_plan",
)


class DemandPlanSourceColumns(TypedColumns):
    """An approved record at the top of a line that went into a plan."""

    plan_id = Column(Uuid, ForeignKey(demand_plan.c.id), primary_key=True)
    forecast_id = Column(Uuid, ForeignKey(submission.c.forecast_id), primary_key=True)


demand_plan_source = append_only(Table("demand_plan_source", metadata, DemandPlanSourceColumns))


class DemandPlanLineColumns(TypedColumns):
    """Demand for an item in a month (or week) at a place, as named then, and the change since the version before."""

    id = Column(Uuid, primary_key=True)
    plan_id: Column[UUID] = Column(Uuid, ForeignKey(demand_plan.c.id), nullable=False)
    product_id: Column[UUID | None] = Column(Uuid)
    product_code: Column[str | None] = Column(Text)
    product_name: Column[str | None] = Column(Text)
    product_line_id: Column[UUID | None] = Column(Uuid)
    unit: Column[str | None] = Column(Text)
    unit_is_whole: Column[bool] = Column(Boolean, nullable=False)
    month: Column[date] = Column(Date, nullable=False)
    place: Column[str] = Column(Text, nullable=False)
    quantity: Column[Decimal] = Column(QUANTITY, nullable=False)
    amount: Column[Decimal] = Column(amount_type(), nullable=False)
    change_quantity: Column[Decimal] = Column(QUANTITY, nullable=False)
    change_amount: Column[Decimal] = Column(amount_type(), nullable=False)
    week: Column[date | None] = Column(Date)


demand_plan_line = append_only(
    Table("demand_plan_line", metadata, DemandPlanLineColumns, Index(None, "plan_id", "id", unique=True))
)


class DemandPlanDecisionColumns(TypedColumns):
    """By how much a decision on a comparison changed a line from what sales said."""

    line_id = Column(Uuid, ForeignKey(demand_plan_line.c.id), primary_key=True)
    decision_id = Column(Uuid, ForeignKey(comparison_decision.c.id), primary_key=True)
    quantity: Column[Decimal] = Column(QUANTITY, nullable=False)
    amount: Column[Decimal] = Column(amount_type(), nullable=False)


demand_plan_decision = append_only(Table("demand_plan_decision", metadata, DemandPlanDecisionColumns))


class DemandPlanPartColumns(TypedColumns):
    """What was decided for a place, put down while a plan is being published; no transaction leaves a row behind."""

    plan_id = Column(Uuid, primary_key=True)
    number = Column(Integer, primary_key=True)
    product_id: Column[UUID | None] = Column(Uuid)
    product_line_id: Column[UUID | None] = Column(Uuid)
    unit: Column[str | None] = Column(Text)
    unit_is_whole: Column[bool] = Column(Boolean, nullable=False)
    month: Column[date] = Column(Date, nullable=False)
    week: Column[date | None] = Column(Date)
    place: Column[str] = Column(Text, nullable=False)
    quantity: Column[Decimal] = Column(QUANTITY, nullable=False)
    amount: Column[Decimal] = Column(amount_type(), nullable=False)
    sales_quantity: Column[Decimal] = Column(QUANTITY, nullable=False)
    sales_amount: Column[Decimal] = Column(amount_type(), nullable=False)
    decision_id: Column[UUID | None] = Column(Uuid)


demand_plan_part = Table("demand_plan_part", metadata, DemandPlanPartColumns, prefixes=["UNLOGGED"])
