"""Routes: classification schemes."""

from typing import Annotated

from fastapi import Path, Query

from orgchart.viewer import CurrentViewer
from servicekit.values.errors import NotVisible
from servicekit.web.pages import CurrentPages, Page
from servicekit.web.problems import problems
from servicekit.web.router import CurrentReading, CurrentWriting, Router
from servicekit.web.service import Today
from services.customer.classification.actions import schemes as acting
from services.customer.classification.actions.previewing import movement_of, moving
from services.customer.classification.rules.refusals import (
    DayTaken,
    SchemeMalformed,
    SchemesKept,
    SchemeStarted,
    StartInPast,
)
from services.customer.classification.schemas.schemes import (
    LARGEST_NUMBER,
    MovingAnswer,
    PreviewAnswer,
    PreviewQuery,
    SchemeAnswer,
    SchemeInForceAnswer,
    SchemeQuery,
    SchemeRequest,
    StartRequest,
)
from services.customer.classification.store import gaps, schemes

router = Router(prefix="/v1/classification-schemes", tags=["Classification"])
Number = Annotated[int, Path(ge=1, le=LARGEST_NUMBER)]


@router.post("", status_code=201, responses=problems(SchemeMalformed, SchemesKept))
async def create_classification_scheme(body: SchemeRequest, viewer: CurrentViewer, tx: CurrentWriting) -> SchemeAnswer:
    """Make a draft of a scheme."""
    return SchemeAnswer.model_validate(await acting.create(tx, viewer, body.name, body.as_scheme()))


@router.get("")
async def list_classification_schemes(
    query: Annotated[SchemeQuery, Query()], _: CurrentViewer, tx: CurrentReading, pages: CurrentPages
) -> Page[SchemeAnswer]:
    """List the schemes, the latest first."""
    found = await schemes.SCHEMES.page(tx, pages.window(query, *schemes.SCHEMES.sorting), {})
    return pages.page(query, found, SchemeAnswer)


@router.get("/in-force")
async def get_classification_scheme_in_force(_: CurrentViewer, tx: CurrentReading, today: Today) -> SchemeInForceAnswer:
    """Read the scheme that customers are evaluated by today."""
    found = await schemes.in_force(tx, today)
    return SchemeInForceAnswer(as_of=today, scheme=SchemeAnswer.model_validate(found))


@router.get("/{number}", responses=problems(NotVisible))
async def get_classification_scheme(number: Number, _: CurrentViewer, tx: CurrentReading) -> SchemeAnswer:
    """Read a scheme; 1 is always there."""
    return SchemeAnswer.model_validate(await schemes.get(tx, number))


@router.post(
    "/{number}/starts",
    status_code=201,
    responses=problems(NotVisible, SchemesKept, StartInPast, SchemeStarted, DayTaken),
)
async def start_classification_scheme(
    number: Number, body: StartRequest, viewer: CurrentViewer, tx: CurrentWriting, today: Today
) -> SchemeAnswer:
    """Put a draft in force from a date on, instead of the one before."""
    return SchemeAnswer.model_validate(await acting.start(tx, viewer, number, body.from_date, body.reason, today=today))


@router.get("/{number}/preview", responses=problems(NotVisible, SchemesKept))
async def preview_classification_scheme(number: Number, viewer: CurrentViewer, tx: CurrentReading) -> PreviewAnswer:
    """Count how many customers a scheme would move between tiers, by their latest evaluations."""
    return PreviewAnswer.model_validate(await movement_of(tx, viewer, number))


@router.get("/{number}/preview/customers", responses=problems(NotVisible, SchemesKept))
async def list_customers_moved_by_scheme(
    number: Number,
    query: Annotated[PreviewQuery, Query()],
    viewer: CurrentViewer,
    tx: CurrentReading,
    pages: CurrentPages,
) -> Page[MovingAnswer]:
    """List the customers that a scheme would move from one tier to another place."""
    window = pages.window(query, *gaps.MOVING.sorting)
    found = await moving(tx, viewer, number, query.from_tier, query.to, window)
    return pages.page(query, found, MovingAnswer)
