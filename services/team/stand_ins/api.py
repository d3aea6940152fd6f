"""Routes of stand-ins: everybody who is signed in may see them, whom it concerns agrees on them."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from orgchart.viewer import CurrentViewer
from servicekit.web.pages import CurrentPages, Page
from servicekit.web.problems import problems
from servicekit.web.router import CurrentReading, CurrentWriting, Router
from services.team.stand_ins import actions, store
from services.team.stand_ins.rules import (
    StandInEnded,
    StandInMalformed,
    StandInNotAllowed,
    StandInOverlaps,
    UnknownStandIn,
)
from services.team.stand_ins.schemas import StandInAnswer, StandInEndingInput, StandInInput, StandInsQuery

router = Router(prefix="/v1/stand-ins", tags=["Stand-ins"])


@router.post(
    "",
    status_code=201,
    responses=problems(StandInNotAllowed, StandInMalformed, StandInOverlaps, UnknownStandIn),
    summary="Agree on a stand-in",
)
async def create_stand_in(body: StandInInput, viewer: CurrentViewer, tx: CurrentWriting) -> StandInAnswer:
    """Let somebody act for somebody: agreed by the person, a superior of theirs or an administrator.

    Whoever stands in sends `On-Behalf-Of`; it is recorded, is not passed on, and conveys no `admin`.
    """
    agreed = await actions.agree(
        tx, viewer, body.person_id, body.stand_in_id, from_date=body.from_date, until_date=body.until_date
    )
    return StandInAnswer.model_validate(agreed)


@router.get("", summary="List stand-ins")
async def list_stand_ins(
    query: Annotated[StandInsQuery, Query()], pages: CurrentPages, tx: CurrentReading
) -> Page[StandInAnswer]:
    """List who acts for whom, past and to come; the latest first unless `sort` says otherwise."""
    window = pages.window(query, *store.LISTING.sorting)
    return pages.page(query, await store.list_stand_ins(tx, window, query.filters()), StandInAnswer)


@router.post(
    "/{stand_in_id}/endings",
    status_code=201,
    responses=problems(StandInNotAllowed, StandInMalformed, StandInEnded),
    summary="End a stand-in",
)
async def create_stand_in_ending(
    stand_in_id: UUID, body: StandInEndingInput, viewer: CurrentViewer, tx: CurrentWriting
) -> StandInAnswer:
    """Let a stand-in end on a day; one that has not begun by then never begins."""
    return StandInAnswer.model_validate(await actions.end(tx, viewer, stand_in_id, body.on))
