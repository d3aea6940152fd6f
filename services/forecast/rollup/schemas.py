"""Records, adjustments and the roll-up over the wire."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Annotated, Any, ClassVar, Self
from uuid import UUID

from pydantic import Field, model_validator

from servicekit.web.pages import ListQuery
from servicekit.web.schemas import DecimalString, Input, Line, Output, Prose
from services.forecast.cycles.rules.definition import Category
from services.forecast.rollup.rules.adjustments import Mode
from services.forecast.rollup.rules.quota import ForecastQuotaStatus, beside_quota
from services.forecast.rollup.rules.states import RecordState, ShownState
from services.forecast.rollup.store.views import RecordView
from services.forecast.wire import FIGURES, CategoryFigures, InCurrency, QuantityString


class GatheringRequest(Input):
    """Which seat gathers; left out: your own."""

    seat_id: UUID | None = None


class AdjustmentPlaceField(Input):
    """Where an adjustment belongs that has no line below: product or product line, month and place."""

    product_id: UUID | None = None
    product_line_id: UUID | None = None
    month: date = Field(description="Any day of the month; by week it is spread evenly over its working days.")
    place: Line
    quantity: Annotated[DecimalString, Field(ge=0)] | None = Field(default=None, description="With a product.")

    @model_validator(mode="after")
    def _names_one(self) -> Self:
        if (self.product_id is None) == (self.product_line_id is None):
            raise ValueError("name either a product or a product line")
        return self


class AdjustmentRequest(Input):
    """A revision of what came from below; it replaces an earlier one on the same category, report and line."""

    mode: Mode = Field(description="`delta` adds, `absolute` sets the figure, `ratio` multiplies it.")
    value: Annotated[DecimalString, Field(max_digits=30, decimal_places=10)] = Field(examples=["-10.00"])
    category: Category | None = Field(default=None, description="Left out: the figure that counts.")
    report_id: UUID | None = Field(default=None, description="A direct report; left out: all of them.")
    line: AdjustmentPlaceField | None = Field(default=None, description="Needed where there is no line below.")
    reason: Prose


class ReturnRequest(Input):
    """Why a forecast is sent back."""

    comment: Prose


class ApprovalRequest(Input):
    """A forecast is approved, perhaps with a word."""

    comment: Prose | None = None


class ReportAnswer(Output):
    """A direct report: how their forecast stands, whether it is gathered, and what was gathered of it."""

    seat_id: UUID
    person_id: UUID
    name: str
    level: int
    state: ShownState
    is_gathered: bool
    is_late: bool
    result: DecimalString | None


class AdjustmentAnswer(Output):
    """An adjustment in force: what it was made of, and what it comes to now."""

    id: UUID
    mode: Mode
    value: DecimalString
    category: Category | None
    report_seat_id: UUID | None
    reason: str
    made_by: UUID
    at: datetime
    base: DecimalString
    delta: DecimalString
    result: DecimalString
    is_flagged: bool = Field(description="What lies below has changed: confirm, replace or withdraw it.")
    needs_figure: bool = Field(description="It gives a figure that cannot be: give a new one.")


class DecisionAnswer(Output):
    """A superior's word on a submitted forecast."""

    kind: str
    comment: str | None
    decided_by: UUID
    on_behalf_of: UUID | None
    at: datetime


class StandingAnswer(InCurrency):
    """How a seat's forecast stands; figures are null where there are none that you may see.

    result = own + gathered + adjustment, of the figure that counts; the categories stand beside it.
    """

    amounts: ClassVar[tuple[str, ...]] = (*FIGURES, "quota", "quota_gap")
    seat_id: UUID
    person_id: UUID
    name: str
    level: int
    state: ShownState
    stale_reason: str | None
    own: DecimalString | None
    gathered: DecimalString | None
    adjustment: DecimalString | None
    result: DecimalString | None
    by_category: list[CategoryFigures]
    quota: DecimalString | None
    quota_status: ForecastQuotaStatus = Field(description="Why there is no quota; `no_quotas`: nobody sets any yet.")
    quota_attainment: DecimalString | None = Field(description="The figure that counts ÷ quota.")
    quota_gap: DecimalString | None = Field(description="Quota − the figure that counts.")
    submitted_at: datetime | None
    due_at: datetime | None
    is_late: bool

    @model_validator(mode="before")
    @classmethod
    def _from_view(cls, view: Any) -> Any:
        return view if isinstance(view, dict) else _standing_fields(view, cls.model_fields)


def _standing_fields(view: Any, names: Iterable[str]) -> dict[str, Any]:
    """Return the fields of a view, its figures laid flat."""
    fields = {name: getattr(view, name) for name in names if hasattr(view, name)}
    totals = {name: getattr(view.figures, name) if view.figures else None for name in FIGURES}
    beside = beside_quota(totals["result"], None)
    quota = {"quota": beside.quota, "quota_attainment": beside.attainment, "quota_gap": beside.gap}
    by_category = view.figures.by_category if view.figures else []
    return fields | totals | quota | {"quota_status": beside.status, "by_category": by_category}


class ForecastAnswer(StandingAnswer):
    """A revision of a seat's forecast, with what it rests on."""

    id: UUID
    cycle_id: UUID
    revision: int
    missing: int = Field(description="How many direct reports are not gathered.")
    reports: list[ReportAnswer]
    adjustments: list[AdjustmentAnswer]
    decisions: list[DecisionAnswer]
    gathered_at: datetime

    @classmethod
    def of(cls, view: RecordView) -> Self:
        """Return the answer that tells of a record."""
        missing = sum(not report.is_gathered for report in view.reports)
        return cls.model_validate(_standing_fields(view, cls.model_fields) | {"missing": missing})


class PartBelowAnswer(Output):
    """How far the whole part below a seat has come, down to the lowest level."""

    seats: int = Field(description="`handed_in` + `missing`.")
    handed_in: int
    stale: int = Field(description="Handed in, and resting on something that has changed.")
    missing: int
    late: int = Field(description="Missing after the deadline of their level.")


class LevelAnswer(StandingAnswer):
    """A seat in the roll-up of a cycle."""

    superior_seat_id: UUID | None
    forecast_id: UUID | None
    revision: int | None
    below: PartBelowAnswer


class RollUpAnswer(Output):
    """The roll-up of a cycle as far as you may see it, from the top down, everybody after those above them."""

    cycle_id: UUID
    name: str
    currency: str
    levels: list[LevelAnswer]


class ForecastItem(Output):
    """A revision of a seat's forecast in a list."""

    id: UUID
    cycle_id: UUID
    seat_id: UUID
    revision: int
    state: RecordState
    gathered_at: datetime
    submitted_at: datetime | None


class TopQuery(ListQuery):
    """Which tops."""

    unit_id: UUID | None = Field(default=None, description="Only the tops of this business unit.")


class ForecastQuery(ListQuery):
    """Which forecasts."""

    cycle_id: UUID = Field(description="The cycle they are of.")
    person_id: UUID | None = Field(default=None, description="Who holds the seat.")
    seat_id: UUID | None = None
    state: RecordState | None = None

    def chosen(self) -> dict[str, Any]:
        """Return the filters of the list itself."""
        return {name: value for name, value in self.filters().items() if name != "cycle_id"}


class ForecastLineAnswer(InCurrency):
    """A submitted forecast's figures for an item, month (or week) and place: own, gathered and adjustment apart."""

    amounts: ClassVar[tuple[str, ...]] = ("own_amount", "gathered_amount", "adjustment_amount")
    id: UUID
    category: Category
    product_id: UUID | None
    product_line_id: UUID | None
    unit: str | None
    month: date
    week: date | None = Field(description="Its first day in the month; null in a cycle by months.")
    place: str
    own_quantity: QuantityString
    own_amount: DecimalString
    gathered_quantity: QuantityString
    gathered_amount: DecimalString
    adjustment_quantity: QuantityString
    adjustment_amount: DecimalString


class ForecastLineQuery(ListQuery):
    """Which lines of a submitted forecast."""

    category: Category | None = None
    product_id: UUID | None = None
    month: date | None = None
    week: date | None = None
    place: str | None = Field(default=None, max_length=400)
