"""Traces over the wire."""

from datetime import date, datetime
from typing import Any, ClassVar, Self
from uuid import UUID

from pydantic import Field

from servicekit.values.money import round_money
from servicekit.web.pages import ListQuery
from servicekit.web.schemas import DecimalString, MoneyAnswer, Output
from services.forecast.comparison.rules.deciding import Choice
from services.forecast.cycles.rules.definition import Category
from services.forecast.rollup.rules.adjustments import Mode
from services.forecast.rollup.rules.cells import Figures
from services.forecast.tracing.rules import (
    PartKind,
    TracedAdjustment,
    TracedDecision,
    TracedOpportunity,
    TracedPart,
    TracedRecord,
)
from services.forecast.tracing.store.reaching import TracedLine
from services.forecast.tracing.store.records import Trace
from services.forecast.wire import InCurrency, QuantityString

HIDDEN = "Null for who sees the plan but not the forecasts that it came from."


class TracedOpportunityAnswer(Output):
    """What the principal confirmed of an opportunity, as it was when it was submitted."""

    id: UUID
    version: int
    name: str
    customer_id: UUID | None
    principal_id: UUID
    confirmation_id: UUID
    confirmed_at: datetime
    expected_close: date
    stated: MoneyAnswer = Field(description="All of what was stated; the part is what of it falls into this line.")
    rate: DecimalString = Field(description="Frozen with the cycle, into its currency.")
    probability: DecimalString = Field(description="1 unless the cycle is weighted.")
    is_simulated: bool


class TracedAdjustmentAnswer(InCurrency):
    """The judgement of which the part is a share, by largest remainder over the lines below."""

    amounts: ClassVar[tuple[str, ...]] = ("base", "delta")
    id: UUID
    mode: Mode
    value: DecimalString
    category: Category | None
    report_seat_id: UUID | None
    base: DecimalString = Field(description="The figure that was judged.")
    delta: DecimalString = Field(description="What it added in all, over all lines.")
    reason: str
    made_by: UUID
    made_at: datetime


class TracedDecisionAnswer(InCurrency):
    """The unit's decision on the product line and month, of which the part is the difference from what sales said."""

    amounts: ClassVar[tuple[str, ...]] = ("amount",)
    id: UUID
    choice: Choice
    amount: DecimalString = Field(description="What was decided in all, over all items and places.")
    quantity: QuantityString | None
    unit: str | None
    reason: str
    decided_by: UUID
    decided_at: datetime


class TracedPartAnswer(InCurrency):
    """A part of a figure of the plan."""

    amounts: ClassVar[tuple[str, ...]] = ("amount",)
    kind: PartKind = Field(
        description="A confirmed line of an opportunity, a share of an adjustment, by how much a decision of a "
        "comparison differs from what sales said, or `unattributed`: what was submitted before shares were kept."
    )
    category: Category | None = Field(description="Null for what was decided: that is of the plan figure.")
    quantity: QuantityString
    amount: DecimalString
    depth: int = Field(description="How far below the top it came in; 0 is the top itself.")
    forecast_id: UUID | None = Field(description=f"The record in which it came in. {HIDDEN}")
    opportunity: TracedOpportunityAnswer | None = Field(description=HIDDEN)
    adjustment: TracedAdjustmentAnswer | None = Field(description=HIDDEN)
    decision: TracedDecisionAnswer | None = Field(description=HIDDEN)

    @classmethod
    def of(cls, part: TracedPart, traced: TracedLine) -> Self:
        """Return the answer that tells of a part of a line; whose it is only if the reader may see that."""
        return cls.model_validate(_part_fields(part, traced.plan.currency, is_shown=traced.has_details))


class TracedRecordAnswer(InCurrency):
    """What a submitted forecast on the way says for this line: own + gathered + adjustment = what it hands on."""

    amounts: ClassVar[tuple[str, ...]] = ("own_amount", "gathered_amount", "adjustment_amount", "amount")
    forecast_id: UUID | None = Field(description=HIDDEN)
    gathered_by: UUID | None = Field(description=f"The record above; null at the top. {HIDDEN}")
    depth: int
    seat_id: UUID | None = Field(description=HIDDEN)
    person_id: UUID | None = Field(description=HIDDEN)
    person_name: str | None = Field(description=HIDDEN)
    revision: int
    submitted_at: datetime
    own_quantity: QuantityString
    own_amount: DecimalString
    gathered_quantity: QuantityString
    gathered_amount: DecimalString
    adjustment_quantity: QuantityString
    adjustment_amount: DecimalString
    quantity: QuantityString
    amount: DecimalString


class TracedPartQuery(ListQuery):
    """Which parts of a figure."""

    kind: PartKind | None = None


class DemandPlanTraceAnswer(InCurrency):
    """A figure of a plan with all its parts, which add up to it, and the forecasts that it came through."""

    amounts: ClassVar[tuple[str, ...]] = ("amount",)
    plan_id: UUID
    line_id: UUID
    quantity: QuantityString
    amount: DecimalString
    has_details: bool = Field(
        description="Whether you see whose the parts are: who sees the forecasts does; else only kinds and figures."
    )
    parts: list[TracedPartAnswer]
    records: list[TracedRecordAnswer]

    @classmethod
    def of(cls, trace: Trace) -> Self:
        """Return the answer that tells of a trace."""
        currency, shown = trace.of.plan.currency, trace.of.has_details
        return cls.model_validate(
            {
                "plan_id": trace.of.plan.id,
                "line_id": trace.of.line.id,
                **_figures(trace.of.line.said.figures),
                "currency": currency,
                "has_details": shown,
                "parts": [_part_fields(part, currency, is_shown=shown) for part in trace.parts],
                "records": [_record_fields(record, currency, is_shown=shown) for record in trace.records],
            }
        )


def _part_fields(part: TracedPart, currency: str, *, is_shown: bool) -> dict[str, Any]:
    return {
        "kind": part.kind,
        "category": part.category,
        **_figures(part.figures),
        "currency": currency,
        "depth": part.depth,
        "forecast_id": part.forecast_id if is_shown else None,
        "opportunity": _opportunity_fields(part.opportunity) if part.opportunity and is_shown else None,
        "adjustment": _fields(part.adjustment, currency) if part.adjustment and is_shown else None,
        "decision": _fields(part.decision, currency) if part.decision and is_shown else None,
    }


def _opportunity_fields(told: TracedOpportunity) -> dict[str, Any]:
    same = {name: getattr(told, name) for name in TracedOpportunityAnswer.model_fields if name != "stated"}
    stated = round_money(told.stated_amount, told.stated_currency)
    return same | {"stated": {"amount": stated, "currency": told.stated_currency}}


def _fields(told: TracedAdjustment | TracedDecision, currency: str) -> dict[str, Any]:
    return {name: getattr(told, name) for name in told.__dataclass_fields__} | {"currency": currency}


def _record_fields(record: TracedRecord, currency: str, *, is_shown: bool) -> dict[str, Any]:
    named = ("forecast_id", "gathered_by", "seat_id", "person_id", "person_name")
    return {
        **{name: getattr(record, name) if is_shown else None for name in named},
        "depth": record.depth,
        "revision": record.revision,
        "submitted_at": record.submitted_at,
        **_figures(record.own, "own_"),
        **_figures(record.gathered, "gathered_"),
        **_figures(record.adjustment, "adjustment_"),
        **_figures(record.result),
        "currency": currency,
    }


def _figures(figures: Figures, side: str = "") -> dict[str, Any]:
    return {f"{side}quantity": figures.quantity, f"{side}amount": figures.amount}
