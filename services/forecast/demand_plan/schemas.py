"""Demand plans over the wire, as JSON and as CSV."""

import csv
import io
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, ClassVar, Self
from uuid import UUID

from pydantic import Field, model_validator

from servicekit.web.pages import ListQuery
from servicekit.web.schemas import DecimalString
from services.forecast.demand_plan.rules import neutralised
from services.forecast.demand_plan.store import DemandPlan, DemandPlanLine
from services.forecast.wire import InCurrency, QuantityString

COLUMNS = (
    "product_id",
    "product_code",
    "product_name",
    "product_line_id",
    "month",
    "place",
    "quantity",
    "unit",
    "amount",
    "currency",
    "change_quantity",
    "change_amount",
)


class DemandPlanLineAnswer(InCurrency):
    """Demand for an item in a month at a place; `change` is against the version before, a zero is said once."""

    amounts: ClassVar[tuple[str, ...]] = ("amount", "change_amount")
    id: UUID
    product_id: UUID | None
    product_code: str | None
    product_name: str | None
    product_line_id: UUID | None
    month: date
    place: str
    quantity: QuantityString
    unit: str | None
    amount: DecimalString
    change_quantity: QuantityString
    change_amount: DecimalString


class DemandPlanItem(InCurrency):
    """A version of a cycle's demand plan."""

    amounts: ClassVar[tuple[str, ...]] = ("total", "change")
    id: UUID
    cycle_id: UUID
    cycle_name: str
    version: int
    total: DecimalString
    change: DecimalString
    published_at: datetime
    published_by: UUID

    @model_validator(mode="before")
    @classmethod
    def _from_row(cls, value: Any) -> Any:
        return plan_fields(value) if isinstance(value, DemandPlan) else value


class DemandPlanAnswer(DemandPlanItem):
    """A version of a cycle's demand plan with all its lines, which add up to its total."""

    lines: list[DemandPlanLineAnswer]

    @classmethod
    def of(cls, plan: DemandPlan, lines: Sequence[DemandPlanLine]) -> Self:
        """Return the answer that tells of a plan."""
        return cls.model_validate(plan_fields(plan) | {"lines": lines})


def plan_fields(plan: DemandPlan) -> dict[str, Any]:
    """Return the fields of a plan, its number as its version."""
    fields = {name: getattr(plan, name) for name in DemandPlan.__dataclass_fields__}
    return fields | {"version": fields.pop("number")}


def as_csv(plan: DemandPlanAnswer) -> str:
    """Return a plan's lines as CSV, with a line of names first; no cell is taken for a formula."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for line in plan.lines:
        fields = line.model_dump(mode="json")
        writer.writerow([_cell(name, fields[name]) for name in COLUMNS])
    return text.getvalue()


def _cell(name: str, value: str | None) -> str:
    if value is None:
        return ""
    is_number = name in ("quantity", "amount", "change_quantity", "change_amount")
    return value if is_number else neutralised(value)


class DemandPlanQuery(ListQuery):
    """Which plans."""

    cycle_id: UUID | None = None


class DemandPlanLineQuery(ListQuery):
    """Which lines of a plan."""

    product_id: UUID | None = None
    product_line_id: UUID | None = None
    month: date | None = Field(default=None, description="The first of a month.")
    place: str | None = Field(default=None, max_length=400)
