"""Routes of the files of a published plan."""

from typing import IO, Any
from urllib.parse import quote
from uuid import UUID

from fastapi.responses import StreamingResponse

from orgchart.viewer import CurrentViewer
from servicekit.data.transactions import Snapshot
from servicekit.web.router import CurrentSnapshot, Router
from services.forecast.demand_plan import store as plans
from services.forecast.demand_plan.store import DemandPlan
from services.forecast.erp.rules.files import MEDIA_TYPES, PlanFile, file_name
from services.forecast.erp.schemas import lines, writing
from services.forecast.erp.store import demand

router = Router(prefix="/v1/demand-plans", tags=["Demand plans"], scopes="demand_plans")
BINARY = {"schema": {"type": "string", "format": "binary"}}
FILES: dict[int | str, dict[str, Any]] = {
    200: {"description": "The file.", "content": dict.fromkeys(sorted(set(MEDIA_TYPES.values())), BINARY)}
}


@router.get("/{plan_id}/files/{form}", response_class=StreamingResponse, responses=FILES)
async def get_demand_plan_file(
    plan_id: UUID, form: PlanFile, viewer: CurrentViewer, tx: CurrentSnapshot
) -> StreamingResponse:
    """Take a version of a plan as a file."""
    plan = await plans.get(tx, viewer, plan_id)
    content = writing.scratch()
    try:
        await _write(tx, plan, form, content)
    except BaseException:
        content.close()
        raise
    name = quote(file_name(form, plan.cycle_name, plan.number))
    headers = {"content-disposition": f"attachment; filename*=UTF-8''{name}"}
    return StreamingResponse(writing.pieces(content), media_type=MEDIA_TYPES[form], headers=headers)


async def _write(tx: Snapshot, plan: DemandPlan, form: PlanFile, content: IO[bytes]) -> None:
    rows = lines.rows_of(demand.each_line(tx, plan.id))
    if form is PlanFile.CSV:
        await writing.as_csv(lines.HEADING, rows, content)
    else:
        await writing.as_xlsx({"demand plan": (lines.HEADING, rows)}, content)
