"""Routes of the reporting line: everybody who is signed in may see it, administrators change it."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from orgchart.viewer import CurrentViewer
from servicekit.web.pages import CurrentPages, Page
from servicekit.web.problems import problems
from servicekit.web.router import CurrentReading, CurrentSnapshot, CurrentWriting, Router
from servicekit.web.service import Today
from services.team.org_chart.rules import AdministrationNotAllowed
from services.team.people.rules import OwnMatter
from services.team.reporting_line import actions, store
from services.team.reporting_line.rules import (
    DecisionsNotShown,
    LineInCircle,
    SuperiorHasLeft,
    SuperiorUnchanged,
    UnknownSuperior,
)
from services.team.reporting_line.schemas import (
    OnQuery,
    SubordinateAnswer,
    SubordinatesQuery,
    SuperiorChangeAnswer,
    SuperiorChangeInput,
    SuperiorChangesQuery,
    SuperiorsAnswer,
)

router = Router(prefix="/v1/people/{person_id}", tags=["Reporting line"])


@router.post(
    "/superior-changes",
    status_code=201,
    responses=problems(
        AdministrationNotAllowed, OwnMatter, UnknownSuperior, SuperiorHasLeft, LineInCircle, SuperiorUnchanged
    ),
    summary="Change somebody's superior",
)
async def create_superior_change(
    person_id: UUID, body: SuperiorChangeInput, viewer: CurrentViewer, tx: CurrentWriting
) -> SuperiorChangeAnswer:
    """Give somebody another superior from a day on.

    What is in force on that day ends, what was planned after it falls away; a day to come takes effect by itself.
    """
    change = await actions.change_superior(
        tx, viewer, person_id, body.superior_id, from_date=body.from_date, reason=body.reason
    )
    return SuperiorChangeAnswer.model_validate(change)


@router.get(
    "/superior-changes",
    responses=problems(DecisionsNotShown),
    summary="List the decisions on somebody's superior",
)
async def list_superior_changes(
    person_id: UUID,
    query: Annotated[SuperiorChangesQuery, Query()],
    *,
    viewer: CurrentViewer,
    pages: CurrentPages,
    today: Today,
    tx: CurrentSnapshot,
) -> Page[SuperiorChangeAnswer]:
    """List who was to be somebody's superior from when on, who decided it and why; the latest decision first.

    For the person, those above them, administrators and auditors.
    """
    window = pages.window(query, *store.CHANGES.sorting)
    found = await actions.list_decisions(tx, viewer, window, person_id, today=today)
    return pages.page(query, found, SuperiorChangeAnswer)


@router.get("/superiors", summary="List somebody's superiors")
async def list_superiors(
    person_id: UUID, query: Annotated[OnQuery, Query()], today: Today, tx: CurrentSnapshot
) -> SuperiorsAnswer:
    """List everybody above somebody on a day, exactly: from the decisions, not from a copy."""
    return SuperiorsAnswer.model_validate(await store.line_above(tx, person_id, query.on or today))


@router.get("/subordinates", summary="List somebody's subordinates")
async def list_subordinates(
    person_id: UUID,
    query: Annotated[SubordinatesQuery, Query()],
    pages: CurrentPages,
    today: Today,
    tx: CurrentReading,
) -> Page[SubordinateAnswer]:
    """List everybody below somebody on a day, directly or not."""
    window = pages.window(query, *store.SUBORDINATES.sorting)
    found = await store.list_subordinates(tx, window, person_id, query.on or today, direct=query.direct)
    return pages.page(query, found, SubordinateAnswer)
