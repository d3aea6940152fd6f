"""Routes: how long customers may be neglected, and which are to be reclaimed."""

from typing import Annotated

from fastapi import Query

from orgchart.viewer import CurrentViewer
from servicekit.web.pages import CurrentPages, Page
from servicekit.web.problems import problems
from servicekit.web.router import CurrentReading, CurrentWriting, Router
from servicekit.web.service import Today
from services.customer.reach import ViewersPeople
from services.customer.reclaiming import actions, rules, store
from services.customer.reclaiming.schemas import (
    ReclaimNoticeAnswer,
    ReclaimNoticeQuery,
    ReclaimRulesAnswer,
    ReclaimRulesInput,
    ReclaimRulesQuery,
)

versions = Router(prefix="/v1/reclaim-rules", tags=["Reclaiming"])
notices = Router(prefix="/v1/reclaim-notices", tags=["Reclaiming"])
routers = (versions, notices)


@versions.post(
    "",
    status_code=201,
    responses=problems(rules.ReclaimRulesNotAllowed, rules.ReclaimRulesInPast, rules.NoticeTooLong),
)
async def create_reclaim_rules(
    body: ReclaimRulesInput, viewer: CurrentViewer, tx: CurrentWriting, today: Today
) -> ReclaimRulesAnswer:
    """Say how long customers may be neglected from a day on; sales operations and administrators."""
    decided = await actions.decide_rules(tx, viewer, body.as_rules(), body.from_date, body.reason, today=today)
    return ReclaimRulesAnswer.model_validate(decided)


@versions.get("")
async def list_reclaim_rules(
    query: Annotated[ReclaimRulesQuery, Query()], tx: CurrentReading, pages: CurrentPages
) -> Page[ReclaimRulesAnswer]:
    """List the versions that were decided on; before the first, 180 and 365 days with a notice of 14 are in force."""
    window = pages.window(query, *store.RULES.sorting)
    return pages.page(query, await store.RULES.page(tx, window, {}), ReclaimRulesAnswer)


@notices.get("")
async def list_reclaim_notices(
    query: Annotated[ReclaimNoticeQuery, Query()],
    *,
    viewer: CurrentViewer,
    people: ViewersPeople,
    tx: CurrentReading,
    pages: CurrentPages,
) -> Page[ReclaimNoticeAnswer]:
    """List which customers that you, or people below you, look after are to be reclaimed, the next one first."""
    listing = store.listing(viewer)
    window = pages.window(query, *listing.sorting)
    found = await listing.page(tx, window, query.filters(), viewer=viewer, viewer_people=people)
    return pages.page(query, found, ReclaimNoticeAnswer)
