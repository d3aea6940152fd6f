"""Routes: how often customers are to be visited, and whether that happens."""

from typing import Annotated

from fastapi import Query

from orgchart.viewer import CurrentViewer
from servicekit.web.pages import CurrentPages, Page
from servicekit.web.problems import problems
from servicekit.web.router import CurrentReading, CurrentWriting, Router
from servicekit.web.service import Today
from services.customer.activities.rules import PeriodEmpty, check_period
from services.customer.reach import CurrentReach, ViewersPeople
from services.customer.visiting import actions, rules, store
from services.customer.visiting.schemas import (
    VisitCheckAnswer,
    VisitCheckQuery,
    VisitFrequenciesAnswer,
    VisitFrequenciesInput,
    VisitFrequenciesQuery,
)

versions = Router(prefix="/v1/visit-frequencies", tags=["Activities"])
checks = Router(prefix="/v1/visit-checks", tags=["Activities"])
routers = (versions, checks)


@versions.post("", status_code=201, responses=problems(rules.VisitFrequenciesNotAllowed, rules.VisitFrequenciesInPast))
async def create_visit_frequencies(
    body: VisitFrequenciesInput, viewer: CurrentViewer, tx: CurrentWriting, today: Today
) -> VisitFrequenciesAnswer:
    """Say how often customers of each tier are to be visited from a day on; sales operations and administrators."""
    decided = await actions.decide(tx, viewer, body.frequencies(), body.from_date, body.reason, today=today)
    return VisitFrequenciesAnswer.model_validate(decided)


@versions.get("")
async def list_visit_frequencies(
    query: Annotated[VisitFrequenciesQuery, Query()], tx: CurrentReading, pages: CurrentPages
) -> Page[VisitFrequenciesAnswer]:
    """List the versions that were decided on; before the first, every 30, 60, 90 and 180 days are in force."""
    window = pages.window(query, *store.FREQUENCIES.sorting)
    return pages.page(query, await store.FREQUENCIES.page(tx, window, {}), VisitFrequenciesAnswer)


@checks.get("", responses=problems(PeriodEmpty))
async def check_visits(
    query: Annotated[VisitCheckQuery, Query()],
    *,
    viewer: CurrentViewer,
    people: ViewersPeople,
    reach: CurrentReach,
    tx: CurrentReading,
    pages: CurrentPages,
    today: Today,
) -> Page[VisitCheckAnswer]:
    """Check the visits of a period by customer: of those that you, and people below you, look after.

    What is expected by tier is so by the frequencies in force on the first day of the period.
    """
    check_period(query.from_date, query.until_date)
    given = query.filters()
    from_date, until_date = given.pop("from_date"), given.pop("until_date")
    if not given.get("missing", True):
        given.pop("missing")
    if "below_id" in given:
        given["below_id"] = reach.below(given["below_id"])
    listing = store.listing(viewer)
    window = pages.window(query, *listing.sorting)
    binds = store.binds_of(await store.frequencies_on(tx, from_date), from_date, until_date, today)
    found = await listing.page(tx, window, given, viewer=viewer, viewer_people=people, **binds)
    return pages.answered(query, found, [VisitCheckAnswer.of(one) for one in found.items], VisitCheckAnswer)
