"""Routes of people: the directory is open to everybody who is signed in, administrators write it."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from orgchart.viewer import CurrentViewer
from servicekit.values.errors import PreconditionMissing, Stale
from servicekit.web.etags import IfMatch
from servicekit.web.jobs.exporting import CurrentExports, ExportRequest, export_operation
from servicekit.web.pages import CurrentPages, Page
from servicekit.web.problems import problems
from servicekit.web.router import CurrentReading, CurrentWriting, Router
from servicekit.web.scopes import needs_scope
from services.team.org_chart.rules import AdministrationNotAllowed
from services.team.people import actions, store
from services.team.people.actions import GivenPerson
from services.team.people.rules import (
    LeftAlready,
    LeftBeforeJoining,
    OwnMatter,
    PersonReferenceTaken,
    RoleUnchanged,
    UnknownBusinessUnit,
    UsernameTaken,
)
from services.team.people.schemas import (
    DepartureInput,
    PeopleQuery,
    PersonAnswer,
    PersonInput,
    PersonPatch,
    RoleChangeInput,
)

router = Router(prefix="/v1/people", tags=["People"])

REFUSALS = (AdministrationNotAllowed, UnknownBusinessUnit, UsernameTaken)


@router.post("", status_code=201, responses=problems(*REFUSALS, PersonReferenceTaken), summary="Add a person")
async def create_person(body: PersonInput, viewer: CurrentViewer, tx: CurrentWriting) -> PersonAnswer:
    """Add a person or machine client; needs the role `admin`. Roles and superior are changes of their own."""
    reference = body.external_reference
    values = body.model_dump(exclude_unset=True, exclude={"external_reference"})
    given = GivenPerson(values, (reference.system, reference.id) if reference else None)
    return PersonAnswer.model_validate(await actions.add_person(tx, viewer, given))


@router.get("", summary="List people")
async def list_people(
    query: Annotated[PeopleQuery, Query()], pages: CurrentPages, tx: CurrentReading
) -> Page[PersonAnswer]:
    """List people, by name unless `sort` says otherwise (`name`, `created_at`)."""
    window = pages.window(query, *store.LISTING.sorting)
    return pages.page(query, await store.list_people(tx, window, query.filters()), PersonAnswer)


@export_operation(router, of=list_people, item=PersonAnswer, summary="Export people")
@needs_scope("team:read")
async def export_people(
    query: Annotated[PeopleQuery, Query()], body: ExportRequest, exports: CurrentExports
) -> Response:
    """Write people into a file, as a job."""
    return await exports.begin(query, body)


@router.get("/{person_id}", summary="Read a person")
async def get_person(person_id: UUID, tx: CurrentReading) -> PersonAnswer:
    """Read a person or machine client."""
    return PersonAnswer.model_validate(await store.get(tx, person_id))


@router.patch(
    "/{person_id}",
    responses=problems(*REFUSALS, LeftBeforeJoining, Stale, PreconditionMissing),
    summary="Change a person",
)
async def change_person(
    person_id: UUID, body: PersonPatch, version: IfMatch, viewer: CurrentViewer, tx: CurrentWriting
) -> PersonAnswer:
    """Change plain attributes of somebody; needs the role `admin`."""
    changes = body.model_dump(exclude_unset=True)
    return PersonAnswer.model_validate(await actions.change_person(tx, viewer, person_id, version, changes))


@router.post(
    "/{person_id}/role-changes",
    status_code=201,
    responses=problems(AdministrationNotAllowed, OwnMatter, RoleUnchanged),
    summary="Grant or withdraw a role",
)
@needs_scope("access:write")
async def create_role_change(
    person_id: UUID, body: RoleChangeInput, viewer: CurrentViewer, tx: CurrentWriting
) -> PersonAnswer:
    """Grant somebody a role or withdraw one; needs the role `admin`, and is never one's own."""
    changed = await actions.change_role(tx, viewer, person_id, body.role, body.change, reason=body.reason)
    return PersonAnswer.model_validate(changed)


@router.post(
    "/{person_id}/departures",
    status_code=201,
    responses=problems(AdministrationNotAllowed, OwnMatter, LeftBeforeJoining, LeftAlready),
    summary="Record a departure",
)
async def create_departure(
    person_id: UUID, body: DepartureInput, viewer: CurrentViewer, tx: CurrentWriting
) -> PersonAnswer:
    """Record from which day on somebody is there no longer; from then on they cannot sign in."""
    return PersonAnswer.model_validate(await actions.record_departure(tx, viewer, person_id, body.on))
