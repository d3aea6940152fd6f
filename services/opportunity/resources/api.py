"""Routes of requests for sales resources."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from orgchart.viewer import CurrentViewer, Viewer
from servicekit.data.transactions import Questions
from servicekit.web.pages import CurrentPages, Page
from servicekit.web.problems import problems
from servicekit.web.router import CurrentReading, CurrentWriting, Router
from services.opportunity.clients.team import CurrentTeam, Team
from services.opportunity.funnel.rules.refusals import OpportunityClosed
from services.opportunity.opportunities import store as opportunities
from services.opportunity.resources import actions, rules, store
from services.opportunity.resources.actions import Limits, Line
from services.opportunity.resources.rules import RequestStep
from services.opportunity.resources.schemas import (
    CommentedDecision,
    OpportunityResourceQuery,
    RequestRelation,
    ResourceApproval,
    ResourceRequestAnswer,
    ResourceRequestHistoryAnswer,
    ResourceRequestInput,
    ResourceRequestQuery,
    ResourceWithdrawal,
    history_answer,
    request_answer,
)
from services.opportunity.settings import CurrentHouse, House

router = Router(prefix="/v1/opportunities", tags=["Resources"])
requests_router = Router(prefix="/v1/resource-requests", tags=["Resources"])
_DECIDING = problems(rules.ResourcesNotYours, rules.OwnResources, rules.RequestNotWaiting)
_ASKING = problems(rules.ResourceUnspecified, rules.NeededTooSoon, OpportunityClosed, rules.RequesterUnknown)


@router.post("/{opportunity_id}/resource-requests", status_code=201, responses=_ASKING)
async def create_resource_request(
    opportunity_id: UUID,
    *,
    body: ResourceRequestInput,
    viewer: CurrentViewer,
    reading: CurrentReading,
    tx: CurrentWriting,
    team: CurrentTeam,
    house: CurrentHouse,
) -> ResourceRequestAnswer:
    """Ask for sales resources; your superiors decide, up the reporting line."""
    line = await _line(team, await actions.requester_of(reading, viewer, opportunity_id))
    made = await actions.request_resources(tx, viewer, opportunity_id, body.as_wanted(), line=line, today=house.today)
    return request_answer(made)


@router.get("/{opportunity_id}/resource-requests")
async def list_opportunity_resource_requests(
    opportunity_id: UUID,
    query: Annotated[OpportunityResourceQuery, Query()],
    viewer: CurrentViewer,
    tx: CurrentReading,
    pages: CurrentPages,
) -> Page[ResourceRequestAnswer]:
    """List what was asked for, for the opportunity."""
    await opportunities.get(tx, viewer, opportunity_id)
    listing = store.OF_OPPORTUNITY
    window = pages.window(query, *listing.sorting)
    found = await listing.page(tx, window, {"opportunity_id": opportunity_id}, viewer=viewer)
    return pages.answered(query, found, [request_answer(one) for one in found.items], ResourceRequestAnswer)


@requests_router.get("")
async def list_resource_requests(
    query: Annotated[ResourceRequestQuery, Query()], viewer: CurrentViewer, tx: CurrentReading, pages: CurrentPages
) -> Page[ResourceRequestAnswer]:
    """List the requests that wait for your decision, or those that you made."""
    listing = store.WAITING if query.relation is RequestRelation.WAITING else store.MINE
    window = pages.window(query, *listing.sorting)
    found = await listing.page(tx, window, {}, viewer=viewer)
    return pages.answered(query, found, [request_answer(one) for one in found.items], ResourceRequestAnswer)


@requests_router.get("/{request_id}")
async def get_resource_request(
    request_id: UUID, viewer: CurrentViewer, tx: CurrentReading
) -> ResourceRequestHistoryAnswer:
    """Read a request and everything that was done with it."""
    request = await store.get(tx, viewer, request_id)
    return history_answer(request, await store.steps_of(tx, request_id))


@requests_router.post("/{request_id}/approvals", status_code=201, responses=_DECIDING)
async def approve_resource_request(
    request_id: UUID,
    *,
    body: ResourceApproval,
    viewer: CurrentViewer,
    reading: CurrentReading,
    tx: CurrentWriting,
    team: CurrentTeam,
    house: CurrentHouse,
) -> ResourceRequestAnswer:
    """Approve a request as a superior of who asked; above your level's limit it goes on to the next superior."""
    line = await _line_of(reading, viewer, team, request_id)
    made = await actions.approve(tx, viewer, request_id, body.comment, line=line, limits=_limits(house))
    return request_answer(made)


@requests_router.post("/{request_id}/returns", status_code=201, responses=_DECIDING)
async def return_resource_request(
    request_id: UUID,
    *,
    body: CommentedDecision,
    viewer: CurrentViewer,
    reading: CurrentReading,
    tx: CurrentWriting,
    team: CurrentTeam,
) -> ResourceRequestAnswer:
    """Return a request to who asked, saying what is to be asked for otherwise."""
    line = await _line_of(reading, viewer, team, request_id)
    step = RequestStep.RETURNED
    return request_answer(await actions.send_back(tx, viewer, request_id, body.comment, line=line, step=step))


@requests_router.post("/{request_id}/rejections", status_code=201, responses=_DECIDING)
async def reject_resource_request(
    request_id: UUID,
    *,
    body: CommentedDecision,
    viewer: CurrentViewer,
    reading: CurrentReading,
    tx: CurrentWriting,
    team: CurrentTeam,
) -> ResourceRequestAnswer:
    """Reject a request, saying why."""
    line = await _line_of(reading, viewer, team, request_id)
    step = RequestStep.REJECTED
    return request_answer(await actions.send_back(tx, viewer, request_id, body.comment, line=line, step=step))


@requests_router.post(
    "/{request_id}/withdrawals", status_code=201, responses=problems(rules.RequestNotYours, rules.RequestNotWaiting)
)
async def withdraw_resource_request(
    request_id: UUID, body: ResourceWithdrawal, viewer: CurrentViewer, tx: CurrentWriting
) -> ResourceRequestAnswer:
    """Take back what you asked for."""
    return request_answer(await actions.withdraw(tx, viewer, request_id, body.comment))


@requests_router.post(
    "/{request_id}/resubmissions",
    status_code=201,
    responses=problems(rules.RequestNotYours, rules.RequestNotWaiting, rules.ResourceUnspecified, OpportunityClosed),
)
async def resubmit_resource_request(
    request_id: UUID,
    *,
    body: ResourceRequestInput,
    viewer: CurrentViewer,
    reading: CurrentReading,
    tx: CurrentWriting,
    team: CurrentTeam,
    house: CurrentHouse,
) -> ResourceRequestAnswer:
    """Ask again for what was returned, changed or not."""
    line = await _line(team, (await store.get(reading, viewer, request_id)).requested_by)
    again = await actions.ask_again(tx, viewer, request_id, body.as_wanted(), line=line, today=house.today)
    return request_answer(again)


async def _line(team: Team, person_id: UUID) -> Line:
    above = await team.superiors_of(person_id)
    return Line(person_id, above.ids, above.chart_version)


async def _line_of(tx: Questions, viewer: Viewer, team: Team, request_id: UUID) -> Line:
    return await _line(team, (await store.get(tx, viewer, request_id)).line_from_id)


def _limits(house: House) -> Limits:
    return Limits(house.resource_limits, house.currency, house.today)
