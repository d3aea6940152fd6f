"""Routes: the coverage plan."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from orgchart.viewer import CurrentViewer
from servicekit.values.errors import NotVisible
from servicekit.web.pages import CurrentPages, Page
from servicekit.web.problems import problems
from servicekit.web.router import CurrentReading, CurrentWriting, Router
from servicekit.web.service import Today
from services.customer.activities.rules import UnknownContact
from services.customer.coverage import actions, rules, store
from services.customer.coverage.schemas import CoverageAnswer, CoverageEndRequest, CoverageInput, CoverageQuery
from services.customer.customers.rules.refusals import ChangeNotAllowed, UnknownPerson
from services.customer.reach import CurrentReach, ViewersPeople

router = Router(prefix="/v1/coverages", tags=["Coverage"])


@router.post(
    "",
    status_code=201,
    responses=problems(ChangeNotAllowed, UnknownContact, UnknownPerson, rules.CoverageExists),
)
async def create_coverage(
    body: CoverageInput, viewer: CurrentViewer, tx: CurrentWriting, today: Today
) -> CoverageAnswer:
    """Say who of ours covers a contact, and how often."""
    from_date = body.from_date or today
    planned = await actions.plan(
        tx, viewer, body.contact_id, body.person_id, body.every_days, from_date=from_date, today=today
    )
    return CoverageAnswer.of(planned, today)


@router.get("")
async def list_coverages(
    query: Annotated[CoverageQuery, Query()],
    *,
    viewer: CurrentViewer,
    people: ViewersPeople,
    reach: CurrentReach,
    tx: CurrentReading,
    pages: CurrentPages,
    today: Today,
) -> Page[CoverageAnswer]:
    """List who covers whom, when they last did something together, and where there is a gap."""
    given = query.filters()
    if given.pop("gap", False):
        given["gap"] = today
    if "below_id" in given:
        given["below_id"] = reach.below(given["below_id"])
    listing = store.listing(viewer)
    window = pages.window(query, *listing.sorting)
    found = await listing.page(tx, window, given, viewer=viewer, viewer_people=people)
    return pages.answered(query, found, [CoverageAnswer.of(one, today) for one in found.items], CoverageAnswer)


@router.post(
    "/{coverage_id}/endings",
    status_code=201,
    responses=problems(NotVisible, ChangeNotAllowed, rules.CoverageEnded, rules.CoverageEndsTooSoon),
)
async def end_coverage(
    coverage_id: UUID, body: CoverageEndRequest, viewer: CurrentViewer, tx: CurrentWriting, today: Today
) -> CoverageAnswer:
    """Let a person cover a contact no more from a day on."""
    ended = await actions.end(tx, viewer, coverage_id, body.until_date or today, today=today)
    return CoverageAnswer.of(ended, today)
