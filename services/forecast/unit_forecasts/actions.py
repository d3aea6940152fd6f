"""Looking at what has been handed in to units."""

from datetime import datetime
from uuid import UUID

from orgchart.viewer import Viewer
from servicekit.data.transactions import Questions
from services.forecast.cycles.rules.definition import Cycle
from services.forecast.cycles.store.seats import SeatScope
from services.forecast.rollup.actions.working import open_cycle_of
from services.forecast.unit_forecasts import store
from services.forecast.unit_forecasts.rules import UnitForecast


async def unit_forecasts(
    tx: Questions, viewer: Viewer, cycle_id: UUID, now: datetime
) -> tuple[Cycle, list[UnitForecast]]:
    """Return what the units have been handed in that the viewer heads, or all of them by role."""
    cycle = await open_cycle_of(tx, cycle_id)
    return cycle, await store.units_of(tx, SeatScope(viewer, cycle.id), cycle.late_levels(now))
