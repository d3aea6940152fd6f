"""Routes by which ERPs answer plans, and people see what is open."""

from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Request

from orgchart.viewer import CurrentViewer
from servicekit.web.pages import CurrentPages, Page
from servicekit.web.problems import problems
from servicekit.web.router import CurrentReading, CurrentWriting, Router
from servicekit.web.scopes import needs_scope
from servicekit.web.service import service_of
from services.forecast.handover import actions, rules
from services.forecast.handover.rules import ACKNOWLEDGES
from services.forecast.handover.schemas import (
    AcknowledgementInput,
    LineAnswersInput,
    PlanAnswersTaken,
    PlanHandoverAnswer,
    PlanHandoverLineAnswer,
    PlanHandoverLineQuery,
    PlanHandoverQuery,
    PlanLineAnswerItem,
    PlanLineAnswerQuery,
)
from services.forecast.handover.store import answers, handovers

plans_router = Router(prefix="/v1/demand-plans", tags=["Plan handovers"], scopes="demand_plans")
router = Router(prefix="/v1/demand-plan-handovers", tags=["Plan handovers"], scopes="demand_plans")


async def _first_pause(request: Request) -> timedelta:
    return service_of(request).settings.plan_told_again


FirstPause = Annotated[timedelta, Depends(_first_pause)]


@plans_router.post("/{plan_id}/acknowledgements", status_code=201, responses=problems(rules.MayNotAcknowledge))
@needs_scope(ACKNOWLEDGES)
async def acknowledge_demand_plan(
    plan_id: UUID, body: AcknowledgementInput, *, viewer: CurrentViewer, tx: CurrentWriting, first_pause: FirstPause
) -> PlanAnswersTaken:
    """Acknowledge a version as a whole: every line that the ERP has not answered; what it has rejected stays so.

    Saying it again changes nothing. Of a version that is superseded it is taken as well, and the answer says so.
    """
    return PlanAnswersTaken.of(await actions.acknowledge(tx, viewer, plan_id, body.reference, first_pause))


@plans_router.post(
    "/{plan_id}/line-answers",
    status_code=201,
    responses=problems(
        rules.MayNotAcknowledge, rules.PlanLineUnknown, rules.LineAnsweredTwice, rules.RejectionIncomplete
    ),
)
@needs_scope(ACKNOWLEDGES)
async def answer_demand_plan_lines(
    plan_id: UUID, body: LineAnswersInput, *, viewer: CurrentViewer, tx: CurrentWriting, first_pause: FirstPause
) -> PlanAnswersTaken:
    """Acknowledge and reject lines of a version, up to 500, all of them or none.

    Saying the same again changes nothing; another answer to a line takes the place of the last one, which is kept.
    """
    given = [each.as_said() for each in body.answers]
    return PlanAnswersTaken.of(await actions.answer_lines(tx, viewer, plan_id, given, first_pause))


@router.get("")
async def list_demand_plan_handovers(
    query: Annotated[PlanHandoverQuery, Query()], viewer: CurrentViewer, tx: CurrentReading, pages: CurrentPages
) -> Page[PlanHandoverAnswer]:
    """List hand-overs: to production planners, sales operations and who else works by plans all, to an ERP its own."""
    window = pages.window(query, *handovers.HANDOVERS.sorting)
    found = await handovers.list_handovers(tx, viewer, window, query.filters())
    return pages.page(query, found, PlanHandoverAnswer)


@router.get("/{handover_id}")
async def get_demand_plan_handover(handover_id: UUID, viewer: CurrentViewer, tx: CurrentReading) -> PlanHandoverAnswer:
    """Read how far an ERP has answered a version."""
    return PlanHandoverAnswer.model_validate(await handovers.get(tx, viewer, handover_id))


@router.post("/{handover_id}/tellings", status_code=201, responses=problems(rules.MayNotTellAgain, rules.NothingToTell))
@needs_scope("forecast:write")
async def tell_demand_plan_handover(
    handover_id: UUID, viewer: CurrentViewer, tx: CurrentWriting, first_pause: FirstPause
) -> PlanHandoverAnswer:
    """Tell the ERP at once of lines that are open or rejected, as when an item that it lacked is there by now."""
    return PlanHandoverAnswer.model_validate(await actions.tell_now(tx, viewer, handover_id, first_pause))


@router.get("/{handover_id}/lines")
async def list_demand_plan_handover_lines(
    handover_id: UUID,
    query: Annotated[PlanHandoverLineQuery, Query()],
    viewer: CurrentViewer,
    tx: CurrentReading,
    pages: CurrentPages,
) -> Page[PlanHandoverLineAnswer]:
    """List the lines of the version, each with what the ERP has said of it last; `verdict=open` for the others."""
    handover = await handovers.get(tx, viewer, handover_id)
    window = pages.window(query, *answers.LINES.sorting)
    return pages.page(query, await answers.list_lines(tx, handover, window, query.filters()), PlanHandoverLineAnswer)


@router.get("/{handover_id}/answers")
async def list_demand_plan_answers(
    handover_id: UUID,
    query: Annotated[PlanLineAnswerQuery, Query()],
    viewer: CurrentViewer,
    tx: CurrentReading,
    pages: CurrentPages,
) -> Page[PlanLineAnswerItem]:
    """List all that the ERP has ever answered, the latest first, superseded answers too."""
    handover = await handovers.get(tx, viewer, handover_id)
    window = pages.window(query, *answers.ANSWERS.sorting)
    return pages.page(query, await answers.list_answers(tx, handover, window, query.filters()), PlanLineAnswerItem)
