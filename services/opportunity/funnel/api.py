"""Routes that move an opportunity through the funnel."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response

from orgchart.viewer import CurrentViewer
from servicekit.web.pages import CurrentPages, Page
from servicekit.web.pictures import as_data, as_picture, forms, wants_picture
from servicekit.web.problems import problems
from servicekit.web.router import CurrentReading, CurrentSnapshot, CurrentWriting, Router
from services.opportunity.definitions.rules import UnknownStage
from services.opportunity.definitions.store import up_to_date
from services.opportunity.funnel import actions, store
from services.opportunity.funnel.actions import reporting
from services.opportunity.funnel.actions.reporting import Asked
from services.opportunity.funnel.rules import refusals
from services.opportunity.funnel.rules.drawing import draw, names_of
from services.opportunity.funnel.rules.report import AsOfInFuture
from services.opportunity.funnel.schemas import (
    ContractChangeRequest,
    FunnelAnswer,
    FunnelQuery,
    HistoryQuery,
    OutcomeRequest,
    ReopeningRequest,
    StageChangeAnswer,
    StageChangeRequest,
    funnel_answer,
)
from services.opportunity.opportunities import store as opportunities
from services.opportunity.scopes.actions import authorise, whose
from services.opportunity.scopes.rules import ScopeIncomplete
from services.opportunity.scopes.seeing import CurrentReach
from services.opportunity.settings import CurrentHouse
from services.opportunity.wire import OpportunityAnswer

router = Router(prefix="/v1/opportunities", tags=["Funnel"])
reports_router = Router(prefix="/v1/funnel", tags=["Funnel"])


@router.post(
    "/{opportunity_id}/stage-changes",
    status_code=201,
    responses=problems(
        UnknownStage,
        refusals.ExitCriteriaUnmet,
        refusals.OpportunityClosed,
        refusals.AlreadyInStage,
        refusals.NotFromThePast,
    ),
)
async def create_stage_change(
    opportunity_id: UUID, body: StageChangeRequest, viewer: CurrentViewer, tx: CurrentWriting
) -> OpportunityAnswer:
    """Move the opportunity to another stage of its funnel."""
    moved = await actions.change_stage(tx, viewer, opportunity_id, body.as_move())
    return OpportunityAnswer.model_validate(moved)


@router.post(
    "/{opportunity_id}/outcomes",
    status_code=201,
    responses=problems(
        refusals.ExitCriteriaUnmet, refusals.OpportunityClosed, refusals.ReasonMissing, refusals.ReasonNotFitting
    ),
)
async def create_outcome(
    opportunity_id: UUID, body: OutcomeRequest, viewer: CurrentViewer, tx: CurrentWriting, house: CurrentHouse
) -> OpportunityAnswer:
    """Record that the opportunity was won or lost."""
    decided = await actions.decide(tx, viewer, opportunity_id, body.as_decision(), house.zone)
    return OpportunityAnswer.model_validate(decided)


@router.post(
    "/{opportunity_id}/contract-changes",
    status_code=201,
    responses=problems(refusals.ContractWithoutWin, refusals.ContractEndsTooSoon),
)
async def change_contract(
    opportunity_id: UUID, body: ContractChangeRequest, viewer: CurrentViewer, tx: CurrentWriting
) -> OpportunityAnswer:
    """Correct until when the contract runs that a won opportunity is."""
    changed = await actions.change_contract(tx, viewer, opportunity_id, body.contract_until)
    return OpportunityAnswer.model_validate(changed)


@router.post(
    "/{opportunity_id}/reopenings",
    status_code=201,
    responses=problems(UnknownStage, refusals.OpportunityOpen, refusals.ExitCriteriaUnmet),
)
async def create_reopening(
    opportunity_id: UUID, body: ReopeningRequest, viewer: CurrentViewer, tx: CurrentWriting
) -> OpportunityAnswer:
    """Take up again what was won or lost."""
    reopened = await actions.reopen(
        tx,
        viewer,
        opportunity_id,
        body.to_stage,
        reason=body.reason,
        ends_manual_probability=body.ends_manual_probability,
    )
    return OpportunityAnswer.model_validate(reopened)


@router.get("/{opportunity_id}/history")
async def list_stage_history(
    opportunity_id: UUID,
    query: Annotated[HistoryQuery, Query()],
    viewer: CurrentViewer,
    tx: CurrentReading,
    pages: CurrentPages,
) -> Page[StageChangeAnswer]:
    """Read where the opportunity stood since when, who moved it and why."""
    await opportunities.get(tx, viewer, opportunity_id)
    window = pages.window(query, *store.HISTORY.sorting)
    found = await store.HISTORY.page(tx, window, {"opportunity_id": opportunity_id}, viewer=viewer)
    return pages.page(query, found, StageChangeAnswer)


@reports_router.get(
    "", response_model=FunnelAnswer, responses=problems(AsOfInFuture, ScopeIncomplete) | forms("The funnel")
)
async def get_funnel(
    query: Annotated[FunnelQuery, Query()],
    request: Request,
    viewer: CurrentViewer,
    reach: CurrentReach,
    *,
    at_once: CurrentReading,
    tx: CurrentSnapshot,
    house: CurrentHouse,
) -> Response:
    """Read the funnel of a scope as of a day, with counts, amounts and health: as data, or as a picture (SVG)."""
    scope = await authorise(tx, viewer, reach, query.as_scope())
    asked = Asked(scope, query.as_of or house.today, house.currency, query.basis, house.zone, house.now)
    found = await reporting.report_at_once(at_once, asked) or await reporting.report_funnel(tx, asked)
    if wants_picture(request):
        return as_picture(draw(found, await whose(tx, scope), names_of((await up_to_date(tx)).latest)))
    return as_data(funnel_answer(found))
