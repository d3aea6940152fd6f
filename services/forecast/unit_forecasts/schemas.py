"""What has been handed in to units, over the wire."""

from typing import ClassVar, Self
from uuid import UUID

from pydantic import Field

from servicekit.web.schemas import DecimalString, Output
from services.forecast.rollup.store.views import Figures
from services.forecast.unit_forecasts.rules import Tops, UnitForecast, UnitState
from services.forecast.wire import FIGURES, CategoryFigures, InCurrency


class UnitForecastAnswer(InCurrency):
    """What the tops of a business unit say that are handed in and still hold; tops = handed_in + stale + missing."""

    amounts: ClassVar[tuple[str, ...]] = FIGURES
    unit_id: UUID | None = Field(description="Null: lines whose top belongs to no unit.")
    name: str | None
    head_id: UUID | None
    state: UnitState = Field(description="`missing` tops, all `handed_in`, or `final`: all are approved and hold.")
    tops: int
    handed_in: int = Field(description="Handed in, and still true.")
    stale: int
    missing: int
    late: int = Field(description="Missing after the deadline of their level.")
    approved: int
    own: DecimalString
    gathered: DecimalString
    adjustment: DecimalString
    result: DecimalString
    by_category: list[CategoryFigures]

    @classmethod
    def of(cls, unit: UnitForecast, figures: Figures, currency: str) -> Self:
        """Return the answer that tells of a unit."""
        told = {name: getattr(unit, name) for name in ("unit_id", "name", "head_id", "state")}
        counts = {name: getattr(unit.tops, name) for name in Tops.__dataclass_fields__}
        totals = {name: getattr(figures, name) for name in (*FIGURES, "by_category")}
        return cls.model_validate(told | counts | totals | {"currency": currency})


class UnitForecastsAnswer(Output):
    """What has been handed in to each business unit that you may see."""

    cycle_id: UUID
    items: list[UnitForecastAnswer]
