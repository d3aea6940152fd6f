"""Routes that trace the figures of plans."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from orgchart.viewer import CurrentViewer
from servicekit.web.pages import CurrentPages, Page
from servicekit.web.problems import problems
from servicekit.web.router import CurrentSnapshot, Router
from services.forecast.tracing import actions
from services.forecast.tracing.rules import TraceTooLong
from services.forecast.tracing.schemas import DemandPlanTraceAnswer, TracedPartAnswer, TracedPartQuery
from services.forecast.tracing.store import parts

router = Router(prefix="/v1/demand-plans", tags=["Demand plans"], scopes="demand_plans")


@router.get("/{plan_id}/lines/{plan_line_id}/trace", responses=problems(TraceTooLong))
async def trace_demand_plan_line(
    plan_id: UUID, plan_line_id: UUID, viewer: CurrentViewer, tx: CurrentSnapshot
) -> DemandPlanTraceAnswer:
    """Read of what a figure of a plan consists: the confirmed opportunities and the adjustments at each level."""
    return DemandPlanTraceAnswer.of(await actions.trace(tx, viewer, plan_id, plan_line_id))


@router.get("/{plan_id}/lines/{plan_line_id}/parts")
async def list_demand_plan_line_parts(  # noqa: PLR0917 (two ids of the path)
    plan_id: UUID,
    plan_line_id: UUID,
    query: Annotated[TracedPartQuery, Query()],
    viewer: CurrentViewer,
    tx: CurrentSnapshot,
    pages: CurrentPages,
) -> Page[TracedPartAnswer]:
    """List the parts of a figure of a plan, which add up to it: for figures with more of them than a trace takes."""
    traced = await actions.traced_line(tx, viewer, plan_id, plan_line_id)
    found = await parts.list_parts(tx, traced, pages.window(query, *parts.PARTS.sorting), query.filters())
    items = [TracedPartAnswer.of(row.as_part(), traced) for row in found.items]
    return pages.answered(query, found, items, TracedPartAnswer)
