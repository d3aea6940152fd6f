"""Routes: activities."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from orgchart.viewer import CurrentViewer
from servicekit.values.errors import NotVisible, PreconditionMissing, Stale
from servicekit.web.etags import IfMatch
from servicekit.web.pages import CurrentPages, Page
from servicekit.web.problems import problems
from servicekit.web.router import CurrentReading, CurrentWriting, Router
from servicekit.web.service import Today
from services.customer.activities import actions, checking, rules, store
from services.customer.activities.schemas import (
    ActivityAnswer,
    ActivityCheckAnswer,
    ActivityCheckQuery,
    ActivityInput,
    ActivityPatch,
    ActivityQuery,
    CancellationRequest,
    CompletionRequest,
)
from services.customer.customers.rules.refusals import FieldNotEmptied, UnknownPerson
from services.customer.reach import CurrentReach, ViewersPeople
from services.customer.relationships.rules import UnknownCustomer

router = Router(prefix="/v1/activities", tags=["Activities"])
checks = Router(prefix="/v1/activity-checks", tags=["Activities"])
routers = (router, checks)

NAMING = (rules.ActivityNotAllowed, rules.OwnerSeesNot, rules.UnknownContact, UnknownPerson)


@router.post(
    "",
    status_code=201,
    responses=problems(
        *NAMING, rules.ActivityWithoutDay, rules.DoneInFuture, rules.UnknownOpportunity, UnknownCustomer
    ),
)
async def create_activity(
    body: ActivityInput, viewer: CurrentViewer, tx: CurrentWriting, today: Today
) -> ActivityAnswer:
    """Plan an activity with a customer, or record one that is done."""
    return ActivityAnswer.of(await actions.plan(tx, viewer, body.typed(), today=today), today)


@router.get("")
async def list_activities(
    query: Annotated[ActivityQuery, Query()],
    *,
    viewer: CurrentViewer,
    people: ViewersPeople,
    reach: CurrentReach,
    tx: CurrentReading,
    pages: CurrentPages,
    today: Today,
) -> Page[ActivityAnswer]:
    """List the activities that you see, by day."""
    given = query.filters()
    if given.pop("mine", False):
        given["owner_id"] = viewer.acts_as
    if "below_id" in given:
        given["below_id"] = reach.below(given["below_id"])
    if "status" in given:
        given[given.pop("status").value] = today
    listing = store.listing(viewer)
    window = pages.window(query, *listing.sorting)
    found = await listing.page(tx, window, given, viewer=viewer, viewer_people=people)
    return pages.answered(query, found, [ActivityAnswer.of(one, today) for one in found.items], ActivityAnswer)


@router.get("/{activity_id}", responses=problems(NotVisible))
async def get_activity(activity_id: UUID, viewer: CurrentViewer, tx: CurrentReading, today: Today) -> ActivityAnswer:
    """Read an activity."""
    return ActivityAnswer.of(await store.get(tx, viewer, activity_id), today)


@router.patch(
    "/{activity_id}",
    responses=problems(NotVisible, PreconditionMissing, Stale, FieldNotEmptied, rules.ActivityClosed, *NAMING),
)
async def change_activity(
    activity_id: UUID, body: ActivityPatch, version: IfMatch, *, viewer: CurrentViewer, tx: CurrentWriting, today: Today
) -> ActivityAnswer:
    """Change an activity by a JSON merge patch."""
    changed = await actions.change(tx, viewer, activity_id, version, body.sent(), today=today)
    return ActivityAnswer.of(changed, today)


@router.post(
    "/{activity_id}/completions",
    status_code=201,
    responses=problems(NotVisible, rules.ActivityClosed, rules.ActivityNotAllowed, rules.DoneInFuture),
)
async def complete_activity(
    activity_id: UUID, body: CompletionRequest, viewer: CurrentViewer, tx: CurrentWriting, today: Today
) -> ActivityAnswer:
    """Say that an activity was done."""
    done = await actions.complete(tx, viewer, activity_id, body.done_on, body.outcome, today=today)
    return ActivityAnswer.of(done, today)


@router.post(
    "/{activity_id}/cancellations",
    status_code=201,
    responses=problems(NotVisible, rules.ActivityClosed, rules.ActivityNotAllowed),
)
async def cancel_activity(
    activity_id: UUID, body: CancellationRequest, viewer: CurrentViewer, tx: CurrentWriting, today: Today
) -> ActivityAnswer:
    """Say that an activity will not be done, and why."""
    return ActivityAnswer.of(await actions.cancel(tx, viewer, activity_id, body.reason, today=today), today)


@checks.get("", responses=problems(rules.PeriodEmpty))
async def check_activities(
    query: Annotated[ActivityCheckQuery, Query()],
    *,
    reach: CurrentReach,
    viewer: CurrentViewer,
    tx: CurrentReading,
    today: Today,
) -> ActivityCheckAnswer:
    """Check the activity plan of a period: what you, and people below you, planned and did; operations see all."""
    rules.check_period(query.from_date, query.until_date)
    subtrees = reach.subtrees(viewer, query.below_id)
    found = await checking.check_activities(tx, subtrees, query.from_date, query.until_date, today)
    period = {"from_date": query.from_date, "until_date": query.until_date}
    return ActivityCheckAnswer.model_validate(period | {"people": found})
