"""Routes of demand plans."""

from typing import Annotated
from uuid import UUID

from fastapi import Header, Query, Response

from orgchart.viewer import CurrentViewer
from servicekit.web.pages import CurrentPages, Page
from servicekit.web.problems import problems
from servicekit.web.router import CurrentReading, CurrentSnapshot, CurrentWriting, Router
from services.forecast.comparison.rules.deciding import LinesUndecided
from services.forecast.cycles.rules.definition import CycleNotOpen
from services.forecast.demand_plan import actions, rules, store
from services.forecast.demand_plan.schemas import (
    DemandPlanAnswer,
    DemandPlanItem,
    DemandPlanLineAnswer,
    DemandPlanLineQuery,
    DemandPlanQuery,
    as_csv,
)

cycles_router = Router(prefix="/v1/forecast-cycles", tags=["Demand plans"])
router = Router(prefix="/v1/demand-plans", tags=["Demand plans"], scopes="demand_plans")
CSV = "text/csv"
MOST_TOLD = 1000
"""Lines that publishing answers with."""


@cycles_router.post(
    "/{cycle_id}/demand-plans",
    status_code=201,
    responses=problems(actions.MayNotPublish, CycleNotOpen, rules.TopsNotApproved, LinesUndecided, rules.PlanUnchanged),
)
async def publish_demand_plan(cycle_id: UUID, viewer: CurrentViewer, tx: CurrentWriting) -> DemandPlanAnswer:
    """Publish what the approved forecasts at the top say, as a new version of the cycle's demand plan.

    Of a large plan the answer has the first 1,000 lines; `GET …/lines` pages through all.
    """
    plan_id = await actions.publish(tx, viewer, cycle_id)
    lines = await store.lines_of(tx, plan_id, MOST_TOLD)
    return DemandPlanAnswer.of(await store.get(tx, viewer, plan_id), lines, await store.count_lines(tx, plan_id))


@router.get("")
async def list_demand_plans(
    query: Annotated[DemandPlanQuery, Query()], viewer: CurrentViewer, tx: CurrentReading, pages: CurrentPages
) -> Page[DemandPlanItem]:
    """List published plans, the latest first."""
    window = pages.window(query, *store.PLANS.sorting)
    return pages.page(query, await store.list_plans(tx, viewer, window, query.filters()), DemandPlanItem)


@router.get(
    "/{plan_id}",
    response_model=DemandPlanAnswer,
    responses={200: {"content": {CSV: {"schema": {"type": "string"}}}}},
)
async def get_demand_plan(
    plan_id: UUID,
    viewer: CurrentViewer,
    tx: CurrentSnapshot,
    accept: Annotated[str, Header(description="`application/json`, or `text/csv` for a table.")] = "application/json",
) -> DemandPlanAnswer | Response:
    """Read a plan with all its lines, as JSON or as CSV."""
    plan = DemandPlanAnswer.of(await store.get(tx, viewer, plan_id), await store.lines_of(tx, plan_id))
    if CSV not in accept:
        return plan
    name = f"demand-plan-{plan.version}.csv"
    return Response(as_csv(plan), media_type=CSV, headers={"content-disposition": f'attachment; filename="{name}"'})


@router.get("/{plan_id}/lines")
async def list_demand_plan_lines(
    plan_id: UUID,
    query: Annotated[DemandPlanLineQuery, Query()],
    viewer: CurrentViewer,
    tx: CurrentReading,
    pages: CurrentPages,
) -> Page[DemandPlanLineAnswer]:
    """List the lines of a plan."""
    plan = await store.get(tx, viewer, plan_id)
    window = pages.window(query, *store.LINES.sorting)
    return pages.page(query, await store.list_lines(tx, plan.id, window, query.filters()), DemandPlanLineAnswer)
