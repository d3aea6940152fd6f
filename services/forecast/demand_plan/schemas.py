"""Demand plans over the wire, as JSON and as CSV."""

import csv
import io
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, ClassVar, Self
from uuid import UUID

from pydantic import Field, model_validator

from servicekit.web.pages import ListQuery
from servicekit.web.schemas import DecimalString, Output
from services.forecast.demand_plan.rules import COLUMNS, ChangeKind, neutralised
from services.forecast.demand_plan.store import DemandPlan, DemandPlanLine
from services.forecast.wire import InCurrency, QuantityString

NUMBERS = tuple(name for name in COLUMNS if name.endswith(("quantity", "amount")))


class PlanDaysAnswer(Output):
    """From the first day to the last, both included."""

    first: date
    last: date


class DemandPlanLineAnswer(InCurrency):
    """Demand for an item in a month (or week) at a place, and how it differs from the version before."""

    amounts: ClassVar[tuple[str, ...]] = ("amount", "change_amount", "previous_amount")
    id: UUID
    product_id: UUID | None
    product_code: str | None
    product_name: str | None
    product_line_id: UUID | None
    month: date
    week: date | None = Field(description="Its first day in the month; null in a cycle by months.")
    days: PlanDaysAnswer = Field(description="When it is needed: the month, or the days of the week in the month.")
    place: str
    quantity: QuantityString
    unit: str | None
    amount: DecimalString
    change_quantity: QuantityString
    change_amount: DecimalString
    change_kind: ChangeKind = Field(
        description="By its quantity; where that is the same, by its amount. In a first version all is `added`."
    )
    previous_quantity: QuantityString
    previous_amount: DecimalString
    is_explicit_zero: bool = Field(
        description="An earlier version had something here and this one has nothing; said in every later version."
    )

    @model_validator(mode="before")
    @classmethod
    def _from_row(cls, value: Any) -> Any:
        return line_fields(value) if isinstance(value, DemandPlanLine) else value


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
    """A version of a cycle's demand plan with its lines, which add up to its total."""

    line_count: int = Field(description="How many lines it has.")
    lines: list[DemandPlanLineAnswer] = Field(description="All of them; when it is published, the first 1,000.")

    @classmethod
    def of(cls, plan: DemandPlan, lines: Sequence[DemandPlanLine], line_count: int | None = None) -> Self:
        """Return the answer that tells of a plan, with all its lines or the first of so many."""
        count = len(lines) if line_count is None else line_count
        return cls.model_validate(plan_fields(plan) | {"line_count": count, "lines": lines})


def plan_fields(plan: DemandPlan) -> dict[str, Any]:
    """Return the fields of a plan, its number as its version."""
    fields = {name: getattr(plan, name) for name in DemandPlan.__dataclass_fields__}
    return fields | {"version": fields.pop("number")}


def line_fields(line: DemandPlanLine) -> dict[str, Any]:
    """Return the fields of a line, with what it was before."""
    fields = {name: getattr(line, name) for name in DemandPlanLineAnswer.model_fields if hasattr(line, name)}
    said = line.said
    days = said.place.days
    return fields | {
        "days": {"first": days.start, "last": days.last_day},
        "change_kind": said.change_kind,
        "previous_quantity": said.before.quantity,
        "previous_amount": said.before.amount,
        "is_explicit_zero": said.is_explicit_zero,
    }


def as_csv(plan: DemandPlanAnswer) -> str:
    """Return a plan's lines as CSV, with a line of names first; no cell is taken for a formula."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for line in plan.lines:
        fields = line.model_dump(mode="json")
        writer.writerow([_cell(name, fields[name]) for name in COLUMNS])
    return text.getvalue()


def _cell(name: str, value: str | bool | None) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if name in NUMBERS else neutralised(value)


class DemandPlanQuery(ListQuery):
    """Which plans."""

    cycle_id: UUID | None = None


class DemandPlanLineQuery(ListQuery):
    """Which lines of a plan."""

    product_id: UUID | None = None
    product_line_id: UUID | None = None
    month: date | None = Field(default=None, description="The first of a month.")
    week: date | None = Field(default=None, description="The first day of a week in its month.")
    place: str | None = Field(default=None, max_length=400)
    changed: bool | None = Field(
        default=None, description="Only what differs from the version before, or only the rest."
    )
