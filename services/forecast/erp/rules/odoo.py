"""Odoo with the modules `stock_demand_estimate` and `mrp_multi_level_estimate`: a row for each estimate.

The `id` is ours and stays the same from version to version, so that a file taken in again updates. Both dates are
within the period; what Odoo computes is never sent. Estimates of several cycles for one period add up there.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID, uuid5

from services.forecast.erp.rules.demand import Demand, Handed
from services.forecast.erp.rules.periods import last_day

HEADING = (
    "id",
    "product_id/id",
    "location_id/id",
    "product_uom/id",
    "product_uom_qty",
    "manual_date_from",
    "manual_date_to",
)


def external_id(cycle_id: UUID, demand: Demand) -> str:
    """Return the id by which Odoo knows the estimate again."""
    subject = f"{demand.location}\n{demand.item}\n{demand.period.isoformat()}"
    return f"keyaccount.demand_{uuid5(cycle_id, subject).hex}"


def row(handed: Handed, demand: Demand) -> Sequence[str | Decimal | date | None]:
    """Return the row of an estimate; without a code of the unit, it counts in the product's own."""
    return (
        external_id(handed.cycle_id, demand),
        demand.item,
        demand.location,
        demand.unit_code,
        demand.quantity.normalize(),
        demand.period,
        last_day(handed.horizon.kind, demand.period),
    )
