"""Routes: how far off the forecasts of a period were."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response

from orgchart.viewer import CurrentViewer, Viewer
from servicekit.web.pages import CurrentPages, Page
from servicekit.web.pictures import as_data, as_picture, forms, wants_picture
from servicekit.web.problems import problems
from servicekit.web.router import CurrentReading, CurrentSnapshot, Router
from services.forecast.accuracy.actions import looking_back, suggesting, tracking
from services.forecast.accuracy.actions.looking_back import Asked
from services.forecast.accuracy.actions.tracking import AskedTrack
from services.forecast.accuracy.rules.actuals import Actuals, MayNotMeasureByOrders, OrdersOfNoSeat
from services.forecast.accuracy.rules.drawing import draw
from services.forecast.accuracy.rules.versions import NoSuchVersion
from services.forecast.accuracy.schemas.by_product import ProductAccuracyAnswer, ProductAccuracyQuery
from services.forecast.accuracy.schemas.looking_back import (
    AccuracyAnswer,
    AccuracyListQuery,
    AccuracyQuery,
    SeatAccuracyAnswer,
    SeatAccuracyQuery,
)
from services.forecast.accuracy.schemas.suggesting import SuggestedRevisionAnswer, SuggestedRevisionQuery
from services.forecast.accuracy.schemas.tracking import TrackAnswer, TrackQuery
from services.forecast.accuracy.store import products, seats
from services.forecast.cycles.rules.definition import CycleNotOpen
from services.forecast.cycles.store import seats as frozen
from services.forecast.cycles.store.seats import NoSeat
from services.forecast.rollup.actions.working import open_cycle_of
from services.forecast.settings import CurrentPresent, Present

router = Router(prefix="/v1/forecast-cycles", tags=["Forecast accuracy"])


@router.get("/{cycle_id}/accuracy", responses=problems(CycleNotOpen, MayNotMeasureByOrders, OrdersOfNoSeat))
async def get_forecast_accuracy(
    cycle_id: UUID,
    query: Annotated[AccuracyQuery, Query()],
    viewer: CurrentViewer,
    tx: CurrentSnapshot,
    present: CurrentPresent,
) -> AccuracyAnswer:
    """Read how far off the forecasts of a period were: in all, level by level and by unit, as far as you may see."""
    return AccuracyAnswer.of(
        await looking_back.read_accuracy(tx, _asked(cycle_id, query, viewer, present, query.actuals))
    )


@router.get("/{cycle_id}/accuracy/seats", responses=problems(CycleNotOpen, NoSuchVersion))
async def list_seat_accuracy(
    cycle_id: UUID,
    query: Annotated[SeatAccuracyQuery, Query()],
    viewer: CurrentViewer,
    tx: CurrentReading,
    pages: CurrentPages,
    *,
    present: CurrentPresent,
) -> Page[SeatAccuracyAnswer]:
    """List how far off each person's forecast was, from the top down."""
    over, part = await looking_back.part_of_version(tx, _asked(cycle_id, query, viewer, present))
    window = pages.window(query, *seats.listing_of(part).sorting)
    found = await seats.list_seats(tx, part, window, query.chosen())
    answers = [SeatAccuracyAnswer.of(row, is_over=over) for row in found.items]
    return pages.answered(query, found, answers, SeatAccuracyAnswer)


@router.get(
    "/{cycle_id}/accuracy/products",
    responses=problems(CycleNotOpen, NoSuchVersion, MayNotMeasureByOrders, OrdersOfNoSeat),
)
async def list_product_accuracy(
    cycle_id: UUID,
    query: Annotated[ProductAccuracyQuery, Query()],
    viewer: CurrentViewer,
    tx: CurrentSnapshot,
    pages: CurrentPages,
    *,
    present: CurrentPresent,
) -> Page[ProductAccuracyAnswer]:
    """List how far off the forecast of each product was, month by month, from what was won or ordered."""
    asked = _asked(cycle_id, query, viewer, present, query.actuals)
    over, part = await looking_back.products_of_version(tx, asked)
    window = pages.window(query, *products.LISTS[query.actuals].sorting)
    found = await products.list_products(tx, part, query.actuals, window, query.chosen())
    answers = [ProductAccuracyAnswer.of(row, part, query.actuals, is_over=over) for row in found.items]
    return pages.answered(query, found, answers, ProductAccuracyAnswer)


@router.get("/{cycle_id}/suggested-revisions", responses=problems(CycleNotOpen))
async def list_suggested_revisions(
    cycle_id: UUID,
    query: Annotated[SuggestedRevisionQuery, Query()],
    viewer: CurrentViewer,
    tx: CurrentSnapshot,
    pages: CurrentPages,
    *,
    present: CurrentPresent,
) -> Page[SuggestedRevisionAnswer]:
    """List beside the figure of each seat that you see what the holder's past bias makes of it; nothing is applied."""
    cycle = await open_cycle_of(tx, cycle_id)
    window = pages.window(query, *frozen.SEATS.sorting)
    found = await frozen.list_seats(tx, viewer, cycle.id, window, query.filters())
    revisions = await suggesting.suggested(tx, viewer, cycle, found.items, present.today, str(present.zone))
    answers = [SuggestedRevisionAnswer.model_validate(each) for each in revisions]
    return pages.answered(query, found, answers, SuggestedRevisionAnswer)


@router.get(
    "/{cycle_id}/track", response_model=TrackAnswer, responses=problems(CycleNotOpen, NoSeat) | forms("The track")
)
async def get_forecast_track(
    cycle_id: UUID,
    query: Annotated[TrackQuery, Query()],
    request: Request,
    viewer: CurrentViewer,
    tx: CurrentSnapshot,
    *,
    present: CurrentPresent,
) -> Response:
    """Read forecast against quota and actuals, period by period up to a cycle's: as data, or as a picture (SVG)."""
    asked = AskedTrack(viewer, cycle_id, query.seat_id, query.periods, present.today, str(present.zone))
    found = await tracking.read_track(tx, asked)
    return as_picture(draw(found)) if wants_picture(request) else as_data(TrackAnswer.of(found))


def _asked(
    cycle_id: UUID,
    query: AccuracyQuery | AccuracyListQuery,
    viewer: Viewer,
    present: Present,
    actuals: Actuals = Actuals.WON,
) -> Asked:
    return Asked(viewer, cycle_id, query.version, query.seat_id, present.today, str(present.zone), actuals)
