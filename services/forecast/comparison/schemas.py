"""Comparisons, their lines and decisions over the wire."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, ClassVar, Self
from uuid import UUID

from pydantic import Field, StringConstraints

from servicekit.values.money import round_money
from servicekit.web.pages import ListQuery
from servicekit.web.schemas import DecimalString, Input, Output, Prose
from services.forecast.comparison.rules.comparing import (
    ComparedLine,
    Difference,
    Figure,
    Key,
    NoDifference,
    amounts_differ,
    quantities_differ,
)
from services.forecast.comparison.rules.deciding import Choice, Weight, Wish
from services.forecast.comparison.store.comparisons import ComparisonView
from services.forecast.comparison.store.lines import Decision, LineRow
from services.forecast.confirmation.rules.lines import first_of_month
from services.forecast.wire import InCurrency, QuantityString

MOST_DECISIONS = 500
NO_TERRITORY = "Territories are not kept yet: always null."
Share = Annotated[str, StringConstraints(pattern=r"^\d{1,9}(/[1-9]\d{0,8}|\.\d{1,9})?$")]
"""An exact share, as a decimal or a fraction: 0.25, 1/3."""


class ComparisonRequest(Input):
    """Which unit's forecast is compared, in which cycle."""

    cycle_id: UUID
    business_unit_id: UUID


class BlendWeightField(Input):
    """What share of a side goes into a blend."""

    source_id: UUID | None = Field(default=None, description="A source; null: sales.")
    weight: Share = Field(examples=["1/3"])


class LineDecisionField(Input):
    """What is decided on a line, and why."""

    product_line_id: UUID | None = Field(description="Null where sales know of no product line.")
    month: date = Field(description="Any day of the month.")
    territory_id: None = Field(default=None, description=NO_TERRITORY)
    choice: Choice = Field(description="Whose figure counts: sales, a source, a blend of them, or one by hand.")
    source_id: UUID | None = Field(default=None, description="With `source`.")
    weights: list[BlendWeightField] = Field(default=[], max_length=50, description="With `blend`; they add up to 1.")
    amount: Annotated[DecimalString, Field(ge=0, max_digits=20, decimal_places=4)] | None = Field(
        default=None, description="With `by_hand`, in the cycle's currency."
    )
    quantity: Annotated[DecimalString, Field(ge=0, max_digits=20, decimal_places=4)] | None = Field(
        default=None, description="With `by_hand`; left out, quantities follow the amounts."
    )
    reason: Prose

    def wish(self) -> Wish:
        """Return the plain value."""
        return Wish(
            key=Key(self.product_line_id, first_of_month(self.month)),
            choice=self.choice,
            reason=self.reason,
            source_id=self.source_id,
            weights=[Weight(each.source_id, Fraction(each.weight)) for each in self.weights],
            amount=self.amount,
            quantity=self.quantity,
        )


class ComparisonDecisionsRequest(Input):
    """Decisions on lines of a comparison as it was read: all of them are taken, or none."""

    version: int = Field(ge=1, le=9_000_000_000_000_000_000, description="The comparison's, as it was read.")
    decisions: list[LineDecisionField] = Field(min_length=1, max_length=MOST_DECISIONS)

    def wishes(self) -> Sequence[Wish]:
        """Return the plain values."""
        return [each.wish() for each in self.decisions]


class ComparisonToleranceRequest(Input):
    """By how much a source may differ from sales without a decision, as a share of what sales say."""

    version: int = Field(ge=1, le=9_000_000_000_000_000_000, description="The comparison's, as it was read.")
    tolerance: Annotated[DecimalString, Field(ge=0, le=100, decimal_places=6)] = Field(examples=["0.2"])
    is_for_unit: bool = Field(
        default=False, description="Whether it holds in every cycle for which the unit says nothing else."
    )
    reason: Prose


class ForecastComparisonItem(Output):
    """A unit's comparison in a cycle."""

    id: UUID
    version: int
    cycle_id: UUID
    business_unit_id: UUID
    tolerance: DecimalString
    gathered_at: datetime
    gathered_by: UUID


class ForecastComparisonAnswer(ForecastComparisonItem):
    """A unit's comparison in a cycle, and how far it is decided."""

    is_stale: bool = Field(description="Sales or a source has changed since: gather again.")
    top_ids: list[UUID] = Field(description="The forecasts at the top of the unit's lines that it has gathered.")
    channel_forecast_ids: list[UUID] = Field(description="What the sources said that it has gathered.")
    lines: int
    beyond_tolerance: int
    need_decision: int
    stale_decisions: int

    @classmethod
    def of(cls, view: ComparisonView) -> Self:
        """Return the answer that tells of a comparison."""
        names = [*ForecastComparisonItem.model_fields, "top_ids", "channel_forecast_ids"]
        counts = {name: getattr(view.counts, name) for name in type(view.counts).__dataclass_fields__}
        fields = {name: getattr(view.comparison, name) for name in names}
        return cls.model_validate(fields | counts | {"is_stale": view.is_stale})


class ForecastComparisonQuery(ListQuery):
    """Filters of the list of comparisons."""

    cycle_id: UUID | None = None
    business_unit_id: UUID | None = None


class SideAnswer(Output):
    """What a side says of a line; null was not stated, or is not counted in one unit."""

    amount: DecimalString | None
    quantity: QuantityString | None
    unit: str | None


class SourceSideAnswer(SideAnswer):
    """What a source says of a line, and how that differs from sales: source − sales, source ÷ sales."""

    source_id: UUID
    amount_difference: DecimalString | None
    amount_ratio: DecimalString | None
    amount_null_because: NoDifference | None
    quantity_difference: QuantityString | None
    quantity_ratio: DecimalString | None
    quantity_null_because: NoDifference | None


class StandingDecisionAnswer(Output):
    """The decision that counts on a line."""

    id: UUID
    choice: Choice
    amount: DecimalString
    quantity: QuantityString | None
    is_stale: bool = Field(description="Sales or a source says something else now: decide again.")


class ComparedLineAnswer(Output):
    """A line of a comparison: what sales and the sources say, and what was decided."""

    id: UUID
    product_line_id: UUID | None
    month: date
    territory_id: None = Field(description=NO_TERRITORY)
    currency: str
    sales: SideAnswer | None = Field(description="Null where sales do not know the line.")
    sources: list[SourceSideAnswer]
    is_beyond: bool = Field(description="A source differs by more than the tolerance, or one side alone knows it.")
    needs_decision: bool
    decision: StandingDecisionAnswer | None

    @classmethod
    def of(cls, row: LineRow) -> Self:
        """Return the answer that tells of a line."""
        line, currency = row.line, row.currency
        return cls.model_validate(
            {
                "id": row.id,
                "product_line_id": row.product_line_id,
                "month": row.month,
                "territory_id": None,
                "currency": currency,
                "sales": _side(line.sales, currency) if line.sales else None,
                "sources": [_source(line, source_id, currency) for source_id in line.sources],
                "is_beyond": row.is_beyond,
                "needs_decision": row.needs_decision,
                "decision": _standing(row),
            }
        )


class ComparedLineQuery(ListQuery):
    """Filters of the lines of a comparison."""

    product_line_id: UUID | None = None
    month: date | None = Field(default=None, description="The first of a month.")
    is_beyond: bool | None = None
    needs_decision: bool | None = None


class PartOfDecisionAnswer(Output):
    """What a side gave to the amount decided; without a source it is sales."""

    source_id: UUID | None
    amount: DecimalString


class WeightAnswer(Output):
    """The exact share of a side in a blend; without a source it is sales."""

    source_id: UUID | None
    weight: str


class ComparisonDecisionAnswer(InCurrency):
    """A decision on a line, by whom and why; `parts` add up to the amount, `basis` is what it was taken on."""

    amounts: ClassVar[tuple[str, ...]] = ("amount",)
    id: UUID
    comparison_id: UUID
    product_line_id: UUID | None
    month: date
    territory_id: None = Field(description=NO_TERRITORY)
    number: int
    choice: Choice
    source_id: UUID | None
    weights: list[WeightAnswer]
    parts: list[PartOfDecisionAnswer]
    sales: SideAnswer | None = Field(description="What sales said when this was decided.")
    amount: DecimalString
    quantity: QuantityString | None
    unit: str | None
    reason: str
    decided_by: UUID
    on_behalf_of: UUID | None
    decided_at: datetime

    @classmethod
    def of(cls, decision: Decision) -> Self:
        """Return the answer that tells of a decision."""
        fields: dict[str, Any] = {name: getattr(decision, name) for name in Decision.__dataclass_fields__}
        sales = fields.pop("basis")["sales"]
        side = _side(Figure.of_told(sales), decision.currency) if sales else None
        return cls.model_validate(fields | {"sales": side, "territory_id": None})


class ComparisonDecisionQuery(ListQuery):
    """Filters of what was decided in a comparison."""

    product_line_id: UUID | None = None
    month: date | None = Field(default=None, description="The first of a month.")


def _money(amount: Decimal | None, currency: str) -> Decimal | None:
    return None if amount is None else round_money(amount, currency)


def _side(figure: Figure, currency: str) -> dict[str, Any]:
    return {"amount": _money(figure.amount, currency), "quantity": figure.quantity, "unit": figure.unit}


def _source(line: ComparedLine, source_id: UUID, currency: str) -> dict[str, Any]:
    figure = line.sources[source_id]
    money, count = amounts_differ(figure, line.sales), quantities_differ(figure, line.sales)
    in_money = Difference(_money(money.difference, currency), money.ratio, money.because)
    told = _side(figure, currency) | {"source_id": source_id}
    for name, differing in (("amount", in_money), ("quantity", count)):
        told |= {
            f"{name}_difference": differing.difference,
            f"{name}_ratio": differing.ratio,
            f"{name}_null_because": differing.because,
        }
    return told


def _standing(row: LineRow) -> dict[str, Any] | None:
    if row.decision_id is None:
        return None
    return {
        "id": row.decision_id,
        "choice": row.choice,
        "amount": _money(row.decided_amount, row.currency),
        "quantity": row.decided_quantity,
        "is_stale": row.decision_is_stale,
    }
