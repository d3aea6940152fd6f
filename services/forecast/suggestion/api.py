"""Routes of suggestions."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request, Response

from orgchart.viewer import CurrentViewer
from servicekit.jobs import store as jobs
from servicekit.jobs.store import Asked
from servicekit.run.tracing import current_trace_id
from servicekit.web.jobs.accepting import job_answer
from servicekit.web.jobs.schemas import JobAnswer
from servicekit.web.pages import CurrentPages, Page
from servicekit.web.problems import problems
from servicekit.web.router import CurrentReading, CurrentWriting, Router
from services.forecast.cycles.actions import NotOperations
from services.forecast.cycles.rules.definition import CycleNotOpen
from services.forecast.cycles.store import definitions
from services.forecast.settings import CurrentPresent
from services.forecast.suggestion import actions
from services.forecast.suggestion.making import KIND
from services.forecast.suggestion.rules.periods import SuggestedTooLate
from services.forecast.suggestion.schemas import (
    SuggestedFigureAnswer,
    SuggestedFigureQuery,
    SuggestionAnswer,
    SuggestionQuery,
    SuggestionRequest,
)
from services.forecast.suggestion.store import suggestions

router = Router(prefix="/v1/forecast-cycles", tags=["Forecasts"])
TAKEN_IN: dict[int | str, dict[str, Any]] = {
    202: {"description": "It was taken in as a job; `Location` says where to follow it.", "model": JobAnswer}
}


@router.post(
    "/{cycle_id}/suggestions",
    status_code=202,
    response_model=JobAnswer,
    responses=problems(NotOperations, CycleNotOpen, SuggestedTooLate) | TAKEN_IN,
)
async def suggest_figures(
    cycle_id: UUID,
    viewer: CurrentViewer,
    tx: CurrentWriting,
    present: CurrentPresent,
    *,
    request: Request,
    body: SuggestionRequest | None = None,
) -> Response:
    """Suggest figures for everybody in a cycle from what they have won before, as a job; sales operations.

    They stand beside what is confirmed and change nothing of it.
    """
    as_of = await actions.check_may_suggest(tx, viewer, cycle_id, present.today, body.as_of if body else None)
    asked = Asked(KIND, "suggest_figures", {"cycle_id": str(cycle_id), "as_of": as_of.isoformat()})
    job = await jobs.insert(tx, request.state.caller.subject, asked, current_trace_id())
    await actions.begin(tx, job.id, cycle_id, as_of)
    return job_answer(request, job)


@router.get("/{cycle_id}/suggestions")
async def list_suggestions(
    cycle_id: UUID,
    query: Annotated[SuggestionQuery, Query()],
    _: CurrentViewer,
    tx: CurrentReading,
    pages: CurrentPages,
) -> Page[SuggestionAnswer]:
    """List when figures of a cycle were suggested, and as of which day."""
    cycle = await definitions.get(tx, cycle_id)
    window = pages.window(query, *suggestions.SUGGESTIONS.sorting)
    return pages.page(query, await suggestions.SUGGESTIONS.page(tx, window, {}, cycle_id=cycle.id), SuggestionAnswer)


@router.get("/{cycle_id}/suggested-figures")
async def list_suggested_figures(
    cycle_id: UUID,
    query: Annotated[SuggestedFigureQuery, Query()],
    viewer: CurrentViewer,
    tx: CurrentReading,
    pages: CurrentPages,
) -> Page[SuggestedFigureAnswer]:
    """List what won history lets one expect of the seats that you may see, beside what is confirmed.

    With an interval, and how good such figures were in past months; no figure where there is too little history.
    """
    window = pages.window(query, *suggestions.FIGURES.sorting)
    found = await actions.list_shown(tx, viewer, cycle_id, window, query.filters())
    items = [SuggestedFigureAnswer.of_shown(each) for each in found.items]
    return pages.answered(query, found, items, SuggestedFigureAnswer)
