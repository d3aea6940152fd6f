"""Routes: what was handed in and when, what stood at an instant, and what moved between two."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response

from orgchart.viewer import CurrentViewer
from servicekit.web.pages import CurrentPages, Page
from servicekit.web.pictures import as_data, as_picture, forms, wants_picture
from servicekit.web.problems import problems
from servicekit.web.router import CurrentSnapshot, Router
from services.forecast.cycles.rules.definition import CycleNotOpen
from services.forecast.history import actions
from services.forecast.history.actions import Between
from services.forecast.history.rules.drawing import draw
from services.forecast.history.rules.movement import InstantsNotInOrder, Movement
from services.forecast.history.schemas import (
    ForecastMovementAnswer,
    ForecastMovementQuery,
    HandedInAnswer,
    HistoryQuery,
    SnapshotAnswer,
    SnapshotQuery,
)
from services.forecast.history.store import standing
from services.forecast.settings import CurrentPresent

router = Router(prefix="/v1/forecast-cycles", tags=["Forecasts"])


@router.get("/{cycle_id}/snapshots", responses=problems(CycleNotOpen))
async def list_forecast_snapshots(
    cycle_id: UUID,
    query: Annotated[SnapshotQuery, Query()],
    viewer: CurrentViewer,
    tx: CurrentSnapshot,
    pages: CurrentPages,
    *,
    present: CurrentPresent,
) -> Page[SnapshotAnswer]:
    """List what stood at an instant on the seats that you may see: the same for ever, whatever comes after."""
    window = pages.window(query, *standing.SNAPSHOTS.sorting)
    cycle, found, figures = await actions.list_snapshots(
        tx, viewer, cycle_id, window, query.chosen(), as_of=query.as_of or present.now
    )
    items = [
        SnapshotAnswer.of(each, figures.get(each.forecast_id) if each.forecast_id else None, cycle.currency)
        for each in found.items
    ]
    return pages.answered(query, found, items, SnapshotAnswer)


@router.get("/{cycle_id}/seats/{seat_id}/history", responses=problems(CycleNotOpen))
async def list_forecast_history(
    cycle_id: UUID,
    seat_id: UUID,
    query: Annotated[HistoryQuery, Query()],
    viewer: CurrentViewer,
    tx: CurrentSnapshot,
    *,
    pages: CurrentPages,
) -> Page[HandedInAnswer]:
    """List what a seat has handed in, with its figures and dates, the latest first."""
    window = pages.window(query, *standing.HISTORY.sorting)
    cycle, found, figures = await actions.list_history(tx, viewer, cycle_id, seat_id, window)
    items = [HandedInAnswer.of(each, figures[each.id], cycle.currency) for each in found.items]
    return pages.answered(query, found, items, HandedInAnswer)


@router.get(
    "/{cycle_id}/seats/{seat_id}/movement",
    response_model=ForecastMovementAnswer,
    responses=problems(CycleNotOpen, InstantsNotInOrder) | forms("The movement"),
)
async def get_forecast_movement(
    cycle_id: UUID,
    seat_id: UUID,
    query: Annotated[ForecastMovementQuery, Query()],
    request: Request,
    viewer: CurrentViewer,
    *,
    tx: CurrentSnapshot,
    present: CurrentPresent,
) -> Response:
    """Read what moved in a seat's forecast between two instants, in parts that add up, or as a waterfall (SVG)."""
    between = Between(query.from_at, query.to_at, query.category)
    cycle, seat, found = await actions.movement(tx, viewer, cycle_id, seat_id, between, now=present.now)
    if wants_picture(request):
        return as_picture(draw(found, seat.name, cycle.name))
    ends = {"cycle_id": cycle.id, "seat_id": seat.id}
    told = {name: getattr(found, name) for name in Movement.__dataclass_fields__}
    return as_data(ForecastMovementAnswer.model_validate(ends | told))
