"""frePPLe: a `forecast` for each item, location and customer, and its `forecastplan` by period, gross.

It takes orders off itself. It knows a figure by item, location, customer and start alone: where several cycles expect
something of one period, the figure is what their latest plans say together. 0 is a figure, -1 would mean none.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from services.forecast.erp.rules.demand import Demand, Handed
from services.forecast.erp.rules.periods import following

FORECAST = ("name", "item", "location", "customer", "method", "discrete", "planned")
FORECAST_PLAN = ("item", "location", "customer", "startdate", "enddate", "forecastoverride")
METHOD = "manual"
"""No statistics: the figures are the plan's."""


def forecast_row(handed: Handed, demand: Demand) -> Sequence[str | bool | None]:
    """Return the row of the forecast that a figure belongs to."""
    customer = handed.system.customer
    name = f"{demand.item} @ {demand.location} @ {customer}"
    return (name, demand.item, demand.location, customer, METHOD, demand.is_whole, True)


def plan_row(handed: Handed, demand: Demand) -> Sequence[str | date | Decimal | None]:
    """Return the row of a figure; a period ends where the next one begins."""
    end = following(handed.horizon.kind, demand.period)
    customer = handed.system.customer
    return (demand.item, demand.location, customer, demand.period, end, demand.standing.normalize())


def detail(handed: Handed, demand: Demand) -> dict[str, Any]:
    """Return a figure as `forecast/detail/` takes it."""
    values = plan_row(handed, demand)
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in zip(FORECAST_PLAN, values, strict=True)
    }
