"""Routes: what many assessments say."""

from typing import Annotated

from fastapi import Query, Request, Response

from orgchart.viewer import CurrentViewer
from servicekit.web.pictures import as_data, as_picture, forms, wants_picture
from servicekit.web.problems import problems
from servicekit.web.router import CurrentReading, Router
from services.opportunity.assessment.actions import reporting
from services.opportunity.assessment.rules.drawing import draw
from services.opportunity.assessment.rules.models import ModelNotPublished
from services.opportunity.assessment.rules.reports import BandsNotPossible
from services.opportunity.assessment.schemas.reports import (
    DecidedQuery,
    DistributionQuery,
    QuestionWinRatesAnswer,
    ScoreDistributionAnswer,
    ScoreWinRatesAnswer,
    WinRatesQuery,
    distribution_answer,
    questions_answer,
    win_rates_answer,
)
from services.opportunity.flow.rules.window import WindowNotPossible, window_of
from services.opportunity.scopes.actions import authorise, whose
from services.opportunity.scopes.rules import ScopeIncomplete
from services.opportunity.scopes.seeing import CurrentReach
from services.opportunity.settings import CurrentHouse

router = Router(prefix="/v1/assessments", tags=["Value assessment"])


@router.get(
    "/distribution",
    response_model=ScoreDistributionAnswer,
    responses=problems(WindowNotPossible, ScopeIncomplete) | forms("The distribution"),
)
async def get_score_distribution(
    query: Annotated[DistributionQuery, Query()],
    request: Request,
    viewer: CurrentViewer,
    reach: CurrentReach,
    *,
    tx: CurrentReading,
    house: CurrentHouse,
) -> Response:
    """Read how the opportunities of a scope were assessed as of a day, as data or as a picture (SVG)."""
    scope = await authorise(tx, viewer, reach, query.as_scope())
    found = await reporting.report_distribution(tx, scope, query.day(house.today), query.state, house)
    if wants_picture(request):
        return as_picture(draw(found, await whose(tx, scope)))
    return as_data(distribution_answer(found))


@router.get("/win-rates", responses=problems(WindowNotPossible, ScopeIncomplete, BandsNotPossible, ModelNotPublished))
async def get_score_win_rates(
    query: Annotated[WinRatesQuery, Query()],
    viewer: CurrentViewer,
    reach: CurrentReach,
    tx: CurrentReading,
    house: CurrentHouse,
) -> ScoreWinRatesAnswer:
    """Read how much of what was decided was won, by the score it had then."""
    scope = await authorise(tx, viewer, reach, query.as_scope())
    days = window_of(query.from_date, query.until_date, None, house.today).days
    found = await reporting.report_win_rates(tx, scope, days, model_number=query.model, edges=query.edges, house=house)
    return win_rates_answer(found)


@router.get("/questions", responses=problems(WindowNotPossible, ScopeIncomplete, ModelNotPublished))
async def get_question_win_rates(
    query: Annotated[DecidedQuery, Query()],
    viewer: CurrentViewer,
    reach: CurrentReach,
    tx: CurrentReading,
    house: CurrentHouse,
) -> QuestionWinRatesAnswer:
    """Read how much of what was decided was won by the answer to each question: does a yes go with winning?"""
    scope = await authorise(tx, viewer, reach, query.as_scope())
    days = window_of(query.from_date, query.until_date, None, house.today).days
    return questions_answer(await reporting.report_questions(tx, scope, days, model_number=query.model, house=house))
