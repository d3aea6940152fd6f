"""Routes: what moved between two days, as data or as a picture, and the opportunities behind each part."""

from typing import Annotated

from fastapi import Query, Request, Response

from orgchart.viewer import CurrentViewer
from servicekit.web.pages import CurrentPages, Page
from servicekit.web.pictures import as_data, as_picture, forms, wants_picture
from servicekit.web.problems import problems
from servicekit.web.router import CurrentSnapshot, Router
from services.opportunity.movement import actions, store
from services.opportunity.movement.actions import Asked
from services.opportunity.movement.rules.drawing import draw
from services.opportunity.movement.rules.report import Breakdown, DatesNotInOrder, MovementInFuture, NobodyBelow
from services.opportunity.movement.schemas import (
    FunnelMovementAnswer,
    MovedOpportunityAnswer,
    MovedOpportunityQuery,
    MovementQuery,
    MovementScopeQuery,
    movement_answer,
)
from services.opportunity.scopes.actions import authorise, whose
from services.opportunity.scopes.rules import Scope, ScopeIncomplete
from services.opportunity.scopes.seeing import CurrentReach
from services.opportunity.settings import CurrentHouse, House

router = Router(prefix="/v1/funnel/movement", tags=["Funnel"])


@router.get(
    "",
    response_model=FunnelMovementAnswer,
    responses=problems(ScopeIncomplete, DatesNotInOrder, MovementInFuture, NobodyBelow) | forms("The movement"),
)
async def get_movement(
    query: Annotated[MovementQuery, Query()],
    request: Request,
    viewer: CurrentViewer,
    reach: CurrentReach,
    *,
    tx: CurrentSnapshot,
    house: CurrentHouse,
) -> Response:
    """Read what moved in a pipeline between two days, in parts that add up: as data, or as a waterfall (SVG)."""
    scope = await authorise(tx, viewer, reach, query.as_scope())
    found = await actions.read_movement(tx, _asked(query, scope, house, query.by))
    if wants_picture(request):
        return as_picture(draw(found, await whose(tx, scope)))
    return as_data(movement_answer(found, query))


@router.get("/opportunities", responses=problems(ScopeIncomplete, DatesNotInOrder, MovementInFuture))
async def list_moved_opportunities(
    query: Annotated[MovedOpportunityQuery, Query()],
    viewer: CurrentViewer,
    reach: CurrentReach,
    *,
    tx: CurrentSnapshot,
    pages: CurrentPages,
    house: CurrentHouse,
) -> Page[MovedOpportunityAnswer]:
    """List the opportunities behind a part of a movement: those of them that you may see by now."""
    scope = await authorise(tx, viewer, reach, query.as_scope())
    window = pages.window(query, *store.sorting())
    found = await actions.list_moved(tx, viewer, _asked(query, scope, house), query.part, window)
    return pages.page(query, found, MovedOpportunityAnswer)


def _asked(query: MovementScopeQuery, scope: Scope, house: House, by: Breakdown | None = None) -> Asked:
    from_date, to_date = query.days(house.today)
    period = (query.expected_close_gte, query.expected_close_lt)
    return Asked(scope, from_date, to_date, *period, house.currency, house.zone, house.now, by)
