"""Routes of comparisons: gather, look, set the tolerance, decide."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from orgchart.viewer import CurrentViewer
from servicekit.values.errors import Stale
from servicekit.web.pages import CurrentPages, Page
from servicekit.web.problems import problems
from servicekit.web.router import CurrentReading, CurrentSnapshot, CurrentWriting, Router
from services.forecast.channels.rules.forecasts import UnitNotInCycle
from services.forecast.comparison.actions import gathering, looking, settling
from services.forecast.comparison.rules import deciding
from services.forecast.comparison.schemas import (
    ComparedLineAnswer,
    ComparedLineQuery,
    ComparisonDecisionAnswer,
    ComparisonDecisionQuery,
    ComparisonDecisionsRequest,
    ComparisonRequest,
    ComparisonToleranceRequest,
    ForecastComparisonAnswer,
    ForecastComparisonItem,
    ForecastComparisonQuery,
)
from services.forecast.comparison.store import comparisons, lines
from services.forecast.cycles.rules.definition import CycleNotOpen
from services.forecast.rollup.rules.states import OwnMatter

router = Router(prefix="/v1/forecast-comparisons", tags=["Forecast comparisons"])


@router.get("")
async def list_forecast_comparisons(
    query: Annotated[ForecastComparisonQuery, Query()], viewer: CurrentViewer, tx: CurrentReading, pages: CurrentPages
) -> Page[ForecastComparisonItem]:
    """List the comparisons of the units whose forecast you work on, the latest gathered first."""
    window = pages.window(query, *comparisons.COMPARISONS.sorting)
    found = await comparisons.list_comparisons(tx, viewer, window, query.filters())
    return pages.page(query, found, ForecastComparisonItem)


@router.post(
    "",
    status_code=201,
    responses=problems(CycleNotOpen, UnitNotInCycle, deciding.MayNotDecide, deciding.SalesForecastNotReady),
)
async def gather_forecast_comparison(
    body: ComparisonRequest, viewer: CurrentViewer, tx: CurrentWriting
) -> ForecastComparisonAnswer:
    """Compare what a unit's lines have handed in with what its sources say, or do so again after a change."""
    gathered = await gathering.gather(tx, viewer, body.cycle_id, body.business_unit_id)
    return ForecastComparisonAnswer.of(await looking.view(tx, viewer, gathered.id))


@router.get("/{comparison_id}")
async def get_forecast_comparison(
    comparison_id: UUID, viewer: CurrentViewer, tx: CurrentSnapshot
) -> ForecastComparisonAnswer:
    """Read a comparison: whether it still holds, and how many lines wait for a decision."""
    return ForecastComparisonAnswer.of(await looking.view(tx, viewer, comparison_id))


@router.get("/{comparison_id}/lines")
async def list_compared_lines(
    comparison_id: UUID,
    query: Annotated[ComparedLineQuery, Query()],
    viewer: CurrentViewer,
    tx: CurrentReading,
    pages: CurrentPages,
) -> Page[ComparedLineAnswer]:
    """List sales beside each source by product line and month, and what was decided."""
    found = await comparisons.get(tx, viewer, comparison_id)
    window = pages.window(query, *lines.LINES.sorting)
    rows = await lines.list_lines(tx, found.id, window, query.filters())
    return pages.answered(query, rows, [ComparedLineAnswer.of(row) for row in rows.items], ComparedLineAnswer)


@router.post(
    "/{comparison_id}/decisions",
    status_code=201,
    responses=problems(
        Stale,
        OwnMatter,
        deciding.MayNotDecide,
        deciding.ComparisonStale,
        deciding.ComparedLineUnknown,
        deciding.DecisionUnclear,
        deciding.WeightsNotWhole,
        deciding.FigureMissing,
    ),
)
async def decide_compared_lines(
    comparison_id: UUID, body: ComparisonDecisionsRequest, viewer: CurrentViewer, tx: CurrentWriting
) -> ForecastComparisonAnswer:
    """Decide lines, each with a reason: sales, a source, a blend, or by hand; decided anew, the last counts."""
    decided = await settling.decide(tx, viewer, comparison_id, body.version, body.wishes())
    return ForecastComparisonAnswer.of(await looking.view(tx, viewer, decided.id))


@router.get("/{comparison_id}/decisions")
async def list_comparison_decisions(
    comparison_id: UUID,
    query: Annotated[ComparisonDecisionQuery, Query()],
    viewer: CurrentViewer,
    tx: CurrentReading,
    pages: CurrentPages,
) -> Page[ComparisonDecisionAnswer]:
    """List what was decided, by whom and why, the latest first; what counts no more too."""
    found = await comparisons.get(tx, viewer, comparison_id)
    window = pages.window(query, *lines.DECISIONS.sorting)
    rows = await lines.list_decisions(tx, found.id, window, query.filters())
    items = [ComparisonDecisionAnswer.of(each) for each in rows.items]
    return pages.answered(query, rows, items, ComparisonDecisionAnswer)


@router.post("/{comparison_id}/tolerances", status_code=201, responses=problems(Stale, deciding.MayNotDecide))
async def set_comparison_tolerance(
    comparison_id: UUID, body: ComparisonToleranceRequest, viewer: CurrentViewer, tx: CurrentWriting
) -> ForecastComparisonAnswer:
    """Say by how much sources may differ from sales without a decision: in this cycle, or for the unit."""
    wanted = settling.Tolerance(body.tolerance, body.reason, body.is_for_unit)
    changed = await settling.set_tolerance(tx, viewer, comparison_id, body.version, wanted)
    return ForecastComparisonAnswer.of(await looking.view(tx, viewer, changed.id))
