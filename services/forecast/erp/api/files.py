"""Routes of the files of a published plan."""

from functools import partial
from typing import Annotated, Any
from urllib.parse import quote
from uuid import UUID

from fastapi import Query
from fastapi.responses import StreamingResponse

from orgchart.viewer import CurrentViewer
from servicekit.web.problems import problems
from servicekit.web.router import CurrentSnapshot, Router
from services.forecast.demand_plan import store as plans
from services.forecast.demand_plan.store import DemandPlan
from services.forecast.erp.actions import handing
from services.forecast.erp.rules import files
from services.forecast.erp.rules.files import Asked, PlanFile
from services.forecast.erp.rules.references import ReferencesMissing, UnitsMixed
from services.forecast.erp.rules.systems import ErpSettingMissing, UnknownErpSystem
from services.forecast.erp.schemas import erp_files, lines, writing
from services.forecast.erp.schemas.asking import ErpReadinessQuery, PlanFileQuery
from services.forecast.erp.schemas.readiness import ErpReadinessAnswer
from services.forecast.erp.store import demand
from services.forecast.settings import CurrentPresent

router = Router(prefix="/v1/demand-plans", tags=["Demand plans"], scopes="demand_plans")
BINARY = {"schema": {"type": "string", "format": "binary"}}
LEFT_OUT = "keyaccount-in-money-only"
FILES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The file.",
        "content": dict.fromkeys(sorted({files.media_type(form) for form in PlanFile}), BINARY),
        "headers": {
            LEFT_OUT: {
                "description": "How many lines an ERP's file lacks for want of a quantity: of a table of ours 0.",
                "schema": {"type": "integer"},
            }
        },
    }
}


@router.get(
    "/{plan_id}/files/{form}",
    response_class=StreamingResponse,
    responses=problems(ErpSettingMissing, ReferencesMissing, UnitsMixed, UnknownErpSystem) | FILES,
)
async def get_demand_plan_file(
    plan_id: UUID,
    form: PlanFile,
    *,
    viewer: CurrentViewer,
    tx: CurrentSnapshot,
    present: CurrentPresent,
    query: Annotated[PlanFileQuery, Query()],
) -> StreamingResponse:
    """Take a version of a plan as a file: a table of ours, or what an ERP system imports.

    A file for an ERP names things by the codes of `/v1/erp-references`. For ERPNext it is net of confirmed orders.
    """
    plan = await plans.get(tx, viewer, plan_id)
    content = writing.scratch()
    headers = {"content-disposition": _attachment(form, plan), LEFT_OUT: "0"}
    try:
        if form in files.TAKEN_BY:
            handed = await handing.handed_over(tx, plan, Asked(form, query.system, query.unmapped), present.now)
            await erp_files.write(form, handed, partial(demand.each_demand, tx, handed), content)
            headers[LEFT_OUT] = str(len(handed.in_money_only))
        else:
            await lines.write(form, demand.each_line(tx, plan.id), content)
    except BaseException:
        content.close()
        raise
    return StreamingResponse(writing.pieces(content), media_type=files.media_type(form), headers=headers)


@router.get("/{plan_id}/erp-readiness", responses=problems(UnknownErpSystem))
async def get_erp_readiness(
    plan_id: UUID,
    query: Annotated[ErpReadinessQuery, Query()],
    *,
    viewer: CurrentViewer,
    tx: CurrentSnapshot,
) -> ErpReadinessAnswer:
    """Read whether an ERP system has a code for all that a plan names, and what it could not take."""
    plan = await plans.get(tx, viewer, plan_id)
    return ErpReadinessAnswer.model_validate(await handing.readiness(tx, plan, query.system))


def _attachment(form: PlanFile, plan: DemandPlan) -> str:
    name = quote(files.file_name(form, plan.cycle_name, plan.number))
    return f"attachment; filename*=UTF-8''{name}"
