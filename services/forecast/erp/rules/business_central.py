"""Business Central: an entry of the production forecast for each item, location and period.

Entries of one name, item, location and date add up there and carry no key of ours: those of the dates and items in
the file are deleted first. As one name holds the demand of all cycles, so does a figure.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from services.forecast.erp.rules.demand import Demand, Handed

HEADING = (
    "Production Forecast Name",
    "Item No.",
    "Location Code",
    "Variant Code",
    "Forecast Date",
    "Forecast Quantity",
    "Unit of Measure Code",
    "Component Forecast",
)


def row(handed: Handed, demand: Demand) -> Sequence[str | Decimal | date | bool | None]:
    """Return the row of an entry, of goods that are sold and not of components."""
    unit, quantity = demand.unit_code, demand.standing.normalize()
    name = handed.system.forecast_name
    return (name, demand.item, demand.location, None, demand.period, quantity, unit, False)
