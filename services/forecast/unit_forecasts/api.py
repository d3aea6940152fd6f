"""Route: what has been handed in to units."""

from uuid import UUID

from orgchart.viewer import CurrentViewer
from servicekit.web.problems import problems
from servicekit.web.router import CurrentSnapshot, Router
from services.forecast.cycles.rules.definition import CycleNotOpen
from services.forecast.rollup.actions.viewing import figures_of
from services.forecast.settings import CurrentPresent
from services.forecast.unit_forecasts import actions
from services.forecast.unit_forecasts.schemas import UnitForecastAnswer, UnitForecastsAnswer

router = Router(prefix="/v1/forecast-cycles", tags=["Forecasts"])


@router.get("/{cycle_id}/unit-forecasts", responses=problems(CycleNotOpen))
async def list_unit_forecasts(
    cycle_id: UUID, viewer: CurrentViewer, tx: CurrentSnapshot, present: CurrentPresent
) -> UnitForecastsAnswer:
    """List what each business unit of yours has been handed in, which tops are missing, and whether it is final."""
    cycle, units = await actions.unit_forecasts(tx, viewer, cycle_id, present.now)
    items = [UnitForecastAnswer.of(each, figures_of(cycle, each.totals), cycle.currency) for each in units]
    return UnitForecastsAnswer(cycle_id=cycle.id, items=items)
