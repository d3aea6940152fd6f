"""How far off the forecasts of a period were: in all, by level, unit, person and product."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, ClassVar, Self
from uuid import UUID

from pydantic import Field

from servicekit.web.pages import ListQuery
from servicekit.web.schemas import DecimalString, Input, Output
from services.forecast.accuracy.rules.actuals import Actuals
from services.forecast.accuracy.rules.measuring import Accuracy, Sums, accuracy_of
from services.forecast.accuracy.rules.parts import HandedIn
from services.forecast.accuracy.rules.report import AccuracyReport
from services.forecast.accuracy.rules.versions import Basis, NoBasis, Version
from services.forecast.accuracy.schemas.measured import (
    Bias,
    MeasuredAnswer,
    PartAccuracyAnswer,
    Reason,
    TotalWape,
    Wape,
    measured_fields,
    part_fields,
)
from services.forecast.accuracy.store.seats import SeatAccuracyRow
from services.forecast.wire import InCurrency, QuantityString

SeatChosen = Annotated[
    UUID | None, Field(description="A seat of the cycle: it and those below. Left out: all you see.")
]


class AccuracyQuery(Input):
    """Which version, of which part of the line."""

    version: Version = Version.DEADLINE
    seat_id: SeatChosen = None
    actuals: Actuals = Field(
        default=Actuals.WON, description="`orders`: `ordered` is told as well, of the whole line (no `seat_id`)."
    )


class AccuracyListQuery(ListQuery):
    """Which version, of which part of the line, in pages."""

    version: Version = Version.DEADLINE
    seat_id: SeatChosen = None

    def chosen(self) -> dict[str, Any]:
        """Return the filters of the list itself."""
        return {name: value for name, value in self.filters().items() if name not in ("version", "seat_id", "actuals")}


class SeatAccuracyQuery(AccuracyListQuery):
    """Which seats of the part."""

    depth: int | None = Field(default=None, ge=0, description="How many seats are above; 0 is the top.")
    handed_in: HandedIn | None = None


class BasisAnswer(Output):
    """The cycle that a version rests on; of one with a longer period, the months that count."""

    cycle_id: UUID
    name: str
    period_start: date
    period_end: date = Field(description="The first day after the period.")
    months_start: date | None = Field(description="Only lines sold from this month on count; null: all.")
    months_end: date | None = Field(description="The first day after the months that count.")

    @classmethod
    def of(cls, basis: Basis) -> Self:
        """Return the answer that tells of a basis."""
        cycle, months = basis.cycle, basis.months
        return cls(
            cycle_id=cycle.id,
            name=cycle.name,
            period_start=cycle.period_start,
            period_end=cycle.period_end,
            months_start=months.start if months else None,
            months_end=months.end if months else None,
        )


class LevelAccuracyAnswer(PartAccuracyAnswer):
    """The accuracy of a level: all seats as far below the top."""

    depth: int = Field(description="How many seats are above; 0 is the top.")


class UnitAccuracyAnswer(PartAccuracyAnswer):
    """The accuracy of the tops that are handed in to a business unit."""

    business_unit_id: UUID | None


class OrderedAccuracyAnswer(Output):
    """How far forecast quantities of a unit lay from what was ordered; orders have no seat: of the whole line."""

    unit: str
    count: int
    forecast_quantity: QuantityString
    actual_quantity: QuantityString
    wape: Wape
    bias: Bias
    total_wape: TotalWape
    reason: Reason

    @classmethod
    def of(cls, unit: str, found: Accuracy) -> Self:
        """Return the answer that tells of a unit."""
        ratios = {name: getattr(found, name) for name in ("count", "wape", "bias", "total_wape", "reason")}
        quantities = {"forecast_quantity": found.forecast, "actual_quantity": found.actual}
        return cls.model_validate({"unit": unit} | quantities | ratios)


class AccuracyAnswer(Output):
    """How far off a period's forecast was, in the version asked for, as far as you may see it."""

    cycle_id: UUID
    version: Version
    currency: str
    is_over: bool = Field(description="Whether the period is over; before, nothing is measured.")
    basis: BasisAnswer | None
    no_basis: NoBasis | None = Field(description="Why there is no such version.")
    total: PartAccuracyAnswer = Field(description="The highest seats that you see.")
    levels: list[LevelAccuracyAnswer]
    units: list[UnitAccuracyAnswer]
    products: MeasuredAnswer = Field(description="By product and month, of the highest seats that were in time.")
    ordered: list[OrderedAccuracyAnswer] | None = Field(
        description="By unit, product × month of the period in quantity against orders; null unless asked for."
    )
    uncounted: int = Field(description="Won in the period, but without amount, rate or entry: in no figure.")

    @classmethod
    def of(cls, report: AccuracyReport) -> Self:
        """Return the answer that tells of a report."""
        currency = (report.basis.cycle if report.basis else report.cycle).currency
        levels = [part_fields(part, currency) | {"depth": depth} for depth, part in report.levels.items()]
        units = [part_fields(part, currency) | {"business_unit_id": unit} for unit, part in report.units.items()]
        return cls(
            cycle_id=report.cycle.id,
            version=report.version,
            currency=currency,
            is_over=report.is_over,
            basis=BasisAnswer.of(report.basis) if report.basis else None,
            no_basis=report.no_basis,
            total=PartAccuracyAnswer.model_validate(part_fields(report.total, currency)),
            levels=[LevelAccuracyAnswer.model_validate(each) for each in levels],
            units=[UnitAccuracyAnswer.model_validate(each) for each in units],
            products=MeasuredAnswer.model_validate(measured_fields(report.products, currency)),
            ordered=None if report.ordered is None else _ordered(report.ordered),
            uncounted=report.uncounted,
        )


def _ordered(ordered: Mapping[str, Accuracy]) -> list[OrderedAccuracyAnswer]:
    return [OrderedAccuracyAnswer.of(unit, found) for unit, found in ordered.items()]


class SeatAccuracyAnswer(InCurrency):
    """How far off a seat's forecast was; null where none was handed in in time, which is not 0."""

    amounts: ClassVar[tuple[str, ...]] = ("forecast", "actual", "error")
    id: UUID
    person_id: UUID
    holder_id: UUID
    name: str
    superior_seat_id: UUID | None
    business_unit_id: UUID | None
    depth: int
    handed_in: HandedIn
    forecast_id: UUID | None
    submitted_at: datetime | None
    due_at: datetime | None
    forecast: DecimalString | None
    actual: DecimalString
    error: DecimalString | None = Field(description="|forecast − actual|.")
    wape: Wape
    bias: Bias
    reason: Reason

    @classmethod
    def of(cls, row: SeatAccuracyRow, *, is_over: bool) -> Self:
        """Return the answer that tells of a seat."""
        sums = Sums() if row.forecast is None or row.error is None else Sums(row.forecast, row.actual, row.error, 1)
        found = accuracy_of(sums, is_over=is_over)
        fields = {name: getattr(row, name) for name in SeatAccuracyRow.__dataclass_fields__}
        return cls.model_validate(fields | {"wape": found.wape, "bias": found.bias, "reason": found.reason})
