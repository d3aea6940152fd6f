"""Routes of records: gather, adjust, submit, return, approve, and the roll-up of a cycle."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response

from orgchart.viewer import CurrentViewer
from servicekit.web.pages import CurrentPages, Page
from servicekit.web.pictures import as_data, as_picture, forms, wants_picture
from servicekit.web.problems import problems
from servicekit.web.router import CurrentReading, CurrentSnapshot, CurrentWriting, Router
from services.forecast.cycles.rules.definition import CycleNotOpen
from services.forecast.cycles.store import definitions
from services.forecast.cycles.store.seats import NoSeat, SeatScope
from services.forecast.rollup.actions import deciding, viewing, working
from services.forecast.rollup.actions.working import Judgement, StatedPlace
from services.forecast.rollup.rules import adjustments, states
from services.forecast.rollup.rules.drawing import draw
from services.forecast.rollup.schemas import (
    AdjustmentRequest,
    ApprovalRequest,
    ForecastAnswer,
    ForecastItem,
    ForecastLineAnswer,
    ForecastLineQuery,
    ForecastQuery,
    GatheringRequest,
    LevelAnswer,
    ReturnRequest,
    RollUpAnswer,
    TopQuery,
)
from services.forecast.rollup.store import records, submissions, tops
from services.forecast.settings import CurrentPresent

cycles_router = Router(prefix="/v1/forecast-cycles", tags=["Forecasts"])
router = Router(prefix="/v1/forecasts", tags=["Forecasts"])
WORK = (states.NotYourRecord, states.StaleRecord, states.WrongState)
DECISION = (states.NotDirectSuperior, states.OwnMatter, states.WrongState)


@cycles_router.get(
    "/{cycle_id}/roll-up", response_model=RollUpAnswer, responses=problems(CycleNotOpen) | forms("The roll-up")
)
async def get_roll_up(
    cycle_id: UUID, request: Request, viewer: CurrentViewer, tx: CurrentSnapshot, present: CurrentPresent
) -> Response:
    """Read the roll-up of a cycle, every seat that you may see, from the top down: as data, or as a tree (SVG)."""
    cycle, levels = await viewing.roll_up(tx, viewer, cycle_id, present.now)
    if wants_picture(request):
        drawn = [each.as_drawn() for each in levels]
        return as_picture(draw(drawn, title=f"Roll-up: {cycle.name}", currency=cycle.currency))
    told = {"cycle_id": cycle.id, "name": cycle.name, "currency": cycle.currency, "levels": levels}
    return as_data(RollUpAnswer.model_validate(told))


@cycles_router.get("/{cycle_id}/tops", responses=problems(CycleNotOpen))
async def list_forecast_tops(
    cycle_id: UUID,
    query: Annotated[TopQuery, Query()],
    viewer: CurrentViewer,
    tx: CurrentSnapshot,
    pages: CurrentPages,
    *,
    present: CurrentPresent,
) -> Page[LevelAnswer]:
    """List the tops that you may see, each as it stands; a unit's head approves those that end in the unit."""
    window = pages.window(query, *tops.TOPS.sorting)
    found, levels = await viewing.list_tops(tx, viewer, cycle_id, window, query.filters(), now=present.now)
    return pages.answered(query, found, [LevelAnswer.model_validate(each) for each in levels], LevelAnswer)


@cycles_router.post(
    "/{cycle_id}/forecasts", status_code=201, responses=problems(CycleNotOpen, NoSeat, *WORK), summary="Gather"
)
async def gather_forecast(
    cycle_id: UUID,
    viewer: CurrentViewer,
    tx: CurrentWriting,
    present: CurrentPresent,
    body: GatheringRequest | None = None,
) -> ForecastAnswer:
    """Begin or refresh your forecast: it holds your confirmed opportunities and what your reports have submitted."""
    record = await working.gather(tx, viewer, cycle_id, body.seat_id if body else None)
    return ForecastAnswer.of(await viewing.view(tx, viewer, record.id, present.now))


@router.get("")
async def list_forecasts(
    query: Annotated[ForecastQuery, Query()], viewer: CurrentViewer, tx: CurrentReading, pages: CurrentPages
) -> Page[ForecastItem]:
    """List the revisions of the forecasts that you may see in a cycle, the latest first."""
    cycle = await definitions.get(tx, query.cycle_id)
    window = pages.window(query, *records.FORECASTS.sorting)
    found = await records.list_records(tx, SeatScope(viewer, cycle.id), window, query.chosen())
    return pages.page(query, found, ForecastItem)


@router.get("/{forecast_id}")
async def get_forecast(
    forecast_id: UUID, viewer: CurrentViewer, tx: CurrentSnapshot, present: CurrentPresent
) -> ForecastAnswer:
    """Read a forecast with its reports, adjustments and decisions."""
    return ForecastAnswer.of(await viewing.view(tx, viewer, forecast_id, present.now))


@router.get("/{forecast_id}/lines", responses=problems(states.WrongState))
async def list_forecast_lines(
    forecast_id: UUID,
    query: Annotated[ForecastLineQuery, Query()],
    viewer: CurrentViewer,
    tx: CurrentReading,
    pages: CurrentPages,
) -> Page[ForecastLineAnswer]:
    """List the figures of a submitted forecast by category, item, month and place; they add up to its totals."""
    _, record = await working.seat_and_record(tx, viewer, forecast_id)
    states.check_handed_in(record.submitted_at, states.RecordState(record.state))
    window = pages.window(query, *submissions.CELLS.sorting)
    return pages.page(query, await submissions.list_cells(tx, record.id, window, query.filters()), ForecastLineAnswer)


@router.post(
    "/{forecast_id}/adjustments",
    status_code=201,
    responses=problems(
        *WORK,
        adjustments.AdjustmentValueWrong,
        adjustments.ClosedIsFact,
        adjustments.FigureImpossible,
        adjustments.NoLineBelow,
        working.NothingBelow,
        working.NotAReport,
    ),
)
async def adjust_forecast(
    forecast_id: UUID, body: AdjustmentRequest, viewer: CurrentViewer, tx: CurrentWriting, present: CurrentPresent
) -> ForecastAnswer:
    """Revise what came from below; said again for the same category, report and line, the last holds."""
    judged = Judgement(
        mode=body.mode,
        value=body.value,
        category=body.category,
        report_id=body.report_id,
        line=StatedPlace(**body.line.model_dump()) if body.line else None,
        reason=body.reason,
    )
    record = await working.adjust(tx, viewer, forecast_id, judged)
    return ForecastAnswer.of(await viewing.view(tx, viewer, record.id, present.now))


@router.post(
    "/{forecast_id}/adjustments/{adjustment_id}/confirmations",
    status_code=201,
    responses=problems(*WORK, adjustments.FigureImpossible, adjustments.NoLineBelow),
)
async def confirm_adjustment(
    forecast_id: UUID, adjustment_id: UUID, viewer: CurrentViewer, tx: CurrentWriting, present: CurrentPresent
) -> ForecastAnswer:
    """Say that an adjustment still holds, now that what lies below has changed."""
    record = await working.confirm_adjustment(tx, viewer, forecast_id, adjustment_id)
    return ForecastAnswer.of(await viewing.view(tx, viewer, record.id, present.now))


@router.delete("/{forecast_id}/adjustments/{adjustment_id}", responses=problems(*WORK))
async def withdraw_adjustment(
    forecast_id: UUID, adjustment_id: UUID, viewer: CurrentViewer, tx: CurrentWriting, present: CurrentPresent
) -> ForecastAnswer:
    """Take an adjustment back while the forecast is a draft."""
    record = await working.withdraw_adjustment(tx, viewer, forecast_id, adjustment_id)
    return ForecastAnswer.of(await viewing.view(tx, viewer, record.id, present.now))


@router.post("/{forecast_id}/submissions", status_code=201, responses=problems(*WORK, adjustments.AdjustmentsOpen))
async def submit_forecast(
    forecast_id: UUID, viewer: CurrentViewer, tx: CurrentWriting, present: CurrentPresent
) -> ForecastAnswer:
    """Hand a forecast in to the superior; what it holds never changes, a later revision supersedes it."""
    record = await working.submit(tx, viewer, forecast_id)
    return ForecastAnswer.of(await viewing.view(tx, viewer, record.id, present.now))


@router.post("/{forecast_id}/returns", status_code=201, responses=problems(*DECISION))
async def return_forecast(
    forecast_id: UUID, body: ReturnRequest, viewer: CurrentViewer, tx: CurrentWriting, present: CurrentPresent
) -> ForecastAnswer:
    """Send a forecast back to its holder; whatever gathered it is stale, up to the top."""
    record = await deciding.send_back(tx, viewer, forecast_id, body.comment)
    return ForecastAnswer.of(await viewing.view(tx, viewer, record.id, present.now))


@router.post("/{forecast_id}/approvals", status_code=201, responses=problems(*DECISION, states.StaleRecord))
async def approve_forecast(
    forecast_id: UUID,
    viewer: CurrentViewer,
    tx: CurrentWriting,
    present: CurrentPresent,
    body: ApprovalRequest | None = None,
) -> ForecastAnswer:
    """Approve a submitted forecast that still holds."""
    record = await deciding.approve(tx, viewer, forecast_id, body.comment if body else None)
    return ForecastAnswer.of(await viewing.view(tx, viewer, record.id, present.now))
