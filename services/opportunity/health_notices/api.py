"""Route: what was told of health."""

from typing import Annotated

from fastapi import Query

from servicekit.web.pages import CurrentPages, Page
from servicekit.web.router import CurrentReading, Router
from services.opportunity.health_notices import store
from services.opportunity.health_notices.schemas import HealthNoticeAnswer, HealthNoticeQuery
from services.opportunity.scopes.seeing import CurrentReach

router = Router(prefix="/v1/funnel/health-notices", tags=["Funnel"])


@router.get("")
async def list_health_notices(
    query: Annotated[HealthNoticeQuery, Query()], reach: CurrentReach, tx: CurrentReading, pages: CurrentPages
) -> Page[HealthNoticeAnswer]:
    """List what was told of the funnels of yours and of everybody below you: good and falling, or come to a warning."""
    listing = store.listing(reach)
    window = pages.window(query, *listing.sorting)
    found = await listing.page(tx, window, query.filters(), people=reach.people)
    return pages.page(query, found, HealthNoticeAnswer)
