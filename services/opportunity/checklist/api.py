"""Routes of the checklist, and of the open duties of all opportunities."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from orgchart.viewer import CurrentViewer, Viewer
from servicekit.data.transactions import Questions
from servicekit.web.pages import CurrentPages, Page
from servicekit.web.problems import problems
from servicekit.web.router import CurrentReading, CurrentWriting, Router
from services.opportunity.checklist import actions, rules, store
from services.opportunity.checklist.schemas import (
    CriteriaAnswer,
    CriterionRequest,
    DutyAnswer,
    DutyQuery,
    DutyRequest,
    checklist_answer,
    duty_answer,
)
from services.opportunity.definitions.rules import UnknownCriterion
from services.opportunity.definitions.store import up_to
from services.opportunity.funnel.rules.refusals import DutyByRequest, OpportunityClosed
from services.opportunity.funnel.store import CriterionDone
from services.opportunity.scopes.seeing import CurrentReach
from services.opportunity.settings import CurrentHouse, House

router = Router(prefix="/v1/opportunities", tags=["Funnel"])
duties_router = Router(prefix="/v1/duties", tags=["Funnel"])


@router.get("/{opportunity_id}/criteria")
async def list_criteria(
    opportunity_id: UUID, viewer: CurrentViewer, tx: CurrentReading, house: CurrentHouse
) -> CriteriaAnswer:
    """Read the checklist: what is done, what must be before leaving a stage, who sees to it until when."""
    return await _checklist(tx, viewer, opportunity_id, house)


@router.put(
    "/{opportunity_id}/criteria/{criterion}",
    responses=problems(UnknownCriterion, rules.DoneInFuture, DutyByRequest),
)
async def mark_criterion(
    opportunity_id: UUID,
    criterion: str,
    *,
    body: CriterionRequest,
    viewer: CurrentViewer,
    tx: CurrentWriting,
    house: CurrentHouse,
) -> CriteriaAnswer:
    """Note that a duty of the checklist is done; one of the kind `resource_request` an approved request does."""
    done = CriterionDone(criterion, body.done_on or house.today, viewer.person_id, body.note, body.evidence)
    await actions.mark_criterion(tx, viewer, opportunity_id, done, today=house.today)
    return await _checklist(tx, viewer, opportunity_id, house)


@router.delete("/{opportunity_id}/criteria/{criterion}", responses=problems(UnknownCriterion, DutyByRequest))
async def unmark_criterion(
    opportunity_id: UUID, criterion: str, *, viewer: CurrentViewer, tx: CurrentWriting, house: CurrentHouse
) -> CriteriaAnswer:
    """Take back that a duty is done."""
    await actions.unmark_criterion(tx, viewer, opportunity_id, criterion)
    return await _checklist(tx, viewer, opportunity_id, house)


@router.put(
    "/{opportunity_id}/criteria/{criterion}/assignment",
    responses=problems(UnknownCriterion, rules.OwnerOutside, rules.DutyDone, rules.DueNotPossible, OpportunityClosed),
)
async def assign_duty(
    opportunity_id: UUID,
    criterion: str,
    *,
    body: DutyRequest,
    viewer: CurrentViewer,
    tx: CurrentWriting,
    house: CurrentHouse,
) -> CriteriaAnswer:
    """Let somebody who takes part see to a duty, perhaps until a day; said again, the later counts."""
    await actions.assign_duty(
        tx, viewer, opportunity_id, criterion, owner_id=body.owner_id, due_on=body.due_on, today=house.today
    )
    return await _checklist(tx, viewer, opportunity_id, house)


@router.delete("/{opportunity_id}/criteria/{criterion}/assignment", responses=problems(UnknownCriterion))
async def withdraw_duty(
    opportunity_id: UUID, criterion: str, *, viewer: CurrentViewer, tx: CurrentWriting, house: CurrentHouse
) -> CriteriaAnswer:
    """Leave a duty to the principal owner again, without a last day."""
    await actions.withdraw_duty(tx, viewer, opportunity_id, criterion)
    return await _checklist(tx, viewer, opportunity_id, house)


@duties_router.get("")
async def list_duties(
    query: Annotated[DutyQuery, Query()],
    viewer: CurrentViewer,
    reach: CurrentReach,
    *,
    tx: CurrentReading,
    pages: CurrentPages,
    house: CurrentHouse,
) -> Page[DutyAnswer]:
    """List the duties still to be done of yours and of the people below you, over all opportunities that you see."""
    window = pages.window(query, *store.SORTING)
    found = await store.list_open(tx, viewer, reach, window, query.binds(house.today))
    definitions = await up_to(tx, max((row.funnel_version for row in found.items), default=1))
    answers = [duty_answer(row, definitions, house.today) for row in found.items]
    return pages.answered(query, found, answers, DutyAnswer)


async def _checklist(tx: Questions, viewer: Viewer, opportunity_id: UUID, house: House) -> CriteriaAnswer:
    return checklist_answer(await actions.read_checklist(tx, viewer, opportunity_id, house.zone), house.today)
