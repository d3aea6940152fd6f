"""Routes of the flow through the funnel."""

from typing import Annotated

from fastapi import Query

from orgchart.viewer import CurrentViewer
from servicekit.web.problems import problems
from servicekit.web.router import CurrentReading, Router
from services.opportunity.flow import actions
from services.opportunity.flow.rules.standing import StandingAsked
from services.opportunity.flow.rules.window import WindowNotPossible, day_told
from services.opportunity.flow.schemas import (
    AgeingAnswer,
    CohortQuery,
    FunnelConversionAnswer,
    StageTimesAnswer,
    VelocityAnswer,
    VelocityQuery,
    WindowQuery,
    WinRateAnswer,
    ageing_answer,
    conversion_answer,
    times_answer,
    velocity_answer,
    win_rate_answer,
)
from services.opportunity.scopes.actions import authorise
from services.opportunity.scopes.rules import ScopeIncomplete
from services.opportunity.scopes.seeing import CurrentReach
from services.opportunity.settings import CurrentHouse

router = Router(prefix="/v1/funnel", tags=["Funnel"])


@router.get("/conversion", responses=problems(WindowNotPossible, ScopeIncomplete))
async def get_conversion(
    query: Annotated[CohortQuery, Query()],
    viewer: CurrentViewer,
    reach: CurrentReach,
    tx: CurrentReading,
    house: CurrentHouse,
) -> FunnelConversionAnswer:
    """Read how many of those that first reached a stage in a window reached each later stage."""
    scope = await authorise(tx, viewer, reach, query.as_scope())
    return conversion_answer(await actions.report_conversion(tx, scope, query.window(house.today), house.zone))


@router.get("/stage-times", responses=problems(WindowNotPossible, ScopeIncomplete))
async def get_stage_times(
    query: Annotated[WindowQuery, Query()],
    viewer: CurrentViewer,
    reach: CurrentReach,
    tx: CurrentReading,
    house: CurrentHouse,
) -> StageTimesAnswer:
    """Read how long opportunities stood in the stages that they left in a window."""
    scope = await authorise(tx, viewer, reach, query.as_scope())
    return times_answer(await actions.report_times(tx, scope, query.window(house.today), house.zone))


@router.get("/win-rate", responses=problems(WindowNotPossible, ScopeIncomplete))
async def get_win_rate(
    query: Annotated[WindowQuery, Query()],
    viewer: CurrentViewer,
    reach: CurrentReach,
    tx: CurrentReading,
    house: CurrentHouse,
) -> WinRateAnswer:
    """Read how many of what was decided in a window was won, by the day of the decision."""
    scope = await authorise(tx, viewer, reach, query.as_scope())
    window = query.window(house.today)
    found = await actions.report_velocity(
        tx, scope, window.as_of, decided_in=window.days, currency=house.currency, zone=house.zone
    )
    return win_rate_answer(found)


@router.get("/velocity", responses=problems(WindowNotPossible, ScopeIncomplete))
async def get_velocity(
    query: Annotated[VelocityQuery, Query()],
    viewer: CurrentViewer,
    reach: CurrentReach,
    tx: CurrentReading,
    house: CurrentHouse,
) -> VelocityAnswer:
    """Read what is won per day at the present win rate, amount and cycle, as of a day."""
    scope = await authorise(tx, viewer, reach, query.as_scope())
    as_of = day_told(query.as_of, house.today)
    found = await actions.report_velocity(tx, scope, as_of, currency=house.currency, zone=house.zone)
    return velocity_answer(found)


@router.get("/ageing", responses=problems(WindowNotPossible, ScopeIncomplete))
async def get_ageing(
    query: Annotated[VelocityQuery, Query()],
    viewer: CurrentViewer,
    reach: CurrentReach,
    tx: CurrentReading,
    house: CurrentHouse,
) -> AgeingAnswer:
    """Read how many open opportunities stand too long in their stage, or have had no activity lately."""
    scope = await authorise(tx, viewer, reach, query.as_scope())
    as_of = day_told(query.as_of, house.today)
    asked = StandingAsked(scope, as_of, house.now, house.zone, house.ageing_days, house.stalled_days)
    return ageing_answer(await actions.report_standing(tx, asked))
