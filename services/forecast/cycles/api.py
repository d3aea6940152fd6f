"""Routes of forecast cycles and their seats."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from orgchart.viewer import CurrentViewer
from servicekit.web.jobs.exporting import CurrentExports, ExportRequest, export_operation
from servicekit.web.pages import CurrentPages, Page
from servicekit.web.problems import problems
from servicekit.web.router import CurrentReading, CurrentWriting, Router
from servicekit.web.scopes import needs_scope
from services.forecast.cycles import actions
from services.forecast.cycles.rules import definition
from services.forecast.cycles.rules import seats as seat_rules
from services.forecast.cycles.schemas import (
    CycleAnswer,
    CycleQuery,
    CycleRequest,
    FrozenRatesAnswer,
    SeatAnswer,
    SeatQuery,
    SeatRequest,
    SuccessionRequest,
)
from services.forecast.cycles.stages import CurrentPublishedStages
from services.forecast.cycles.store import definitions, seats

router = Router(prefix="/v1/forecast-cycles", tags=["Forecast cycles"])


@router.get("")
async def list_forecast_cycles(
    query: Annotated[CycleQuery, Query()], _: CurrentViewer, tx: CurrentReading, pages: CurrentPages
) -> Page[CycleAnswer]:
    """List forecast cycles, the latest period first."""
    window = pages.window(query, *definitions.CYCLES.sorting)
    return pages.page(query, await definitions.list_cycles(tx, window, query.filters()), CycleAnswer)


@router.post(
    "",
    status_code=201,
    responses=problems(
        definition.PeriodStartWrong,
        definition.DeadlinesOutOfOrder,
        definition.PlanCategoriesWrong,
        definition.ConfirmableStageUnknown,
        actions.NotOperations,
    ),
)
async def create_forecast_cycle(
    body: CycleRequest, viewer: CurrentViewer, tx: CurrentWriting, stages: CurrentPublishedStages
) -> CycleAnswer:
    """Define a forecast cycle; it takes part in nothing before it is opened."""
    actions.check_operations(viewer)
    published = await stages.keys() if body.confirmable_stages else []
    wanted = actions.Definition(
        name=body.name,
        period_kind=body.period.kind,
        period_start=body.period.start,
        currency=body.currency,
        amount_basis=body.amount_basis,
        granularity=body.granularity,
        plan_period=body.plan_period,
        confirmable_stages=body.confirmable_stages,
        plan_categories=body.plan_categories,
        head_ids=body.head_ids,
        deadlines=[definition.Deadline(each.level, each.at) for each in body.deadlines],
        remind_before_days=body.remind_before_days,
        remind_after_days=body.remind_after_days,
    )
    return CycleAnswer.model_validate(await actions.define(tx, viewer, wanted, published))


@export_operation(router, of=list_forecast_cycles, item=CycleAnswer)
@needs_scope("forecast:read")
async def export_forecast_cycles(
    query: Annotated[CycleQuery, Query()], body: ExportRequest, exports: CurrentExports
) -> Response:
    """Write forecast cycles into a file, as a job."""
    return await exports.begin(query, body)


@router.get("/{cycle_id}")
async def get_forecast_cycle(cycle_id: UUID, _: CurrentViewer, tx: CurrentReading) -> CycleAnswer:
    """Read a forecast cycle."""
    return CycleAnswer.model_validate(await definitions.get(tx, cycle_id))


@router.get("/{cycle_id}/rates")
async def list_frozen_rates(cycle_id: UUID, _: CurrentViewer, tx: CurrentReading) -> FrozenRatesAnswer:
    """List the exchange rates that were frozen when the cycle opened."""
    cycle = await definitions.get(tx, cycle_id)
    return FrozenRatesAnswer.model_validate({"items": await definitions.frozen_rates(tx, cycle.id)})


@router.get("/{cycle_id}/seats")
async def list_seats(
    cycle_id: UUID,
    query: Annotated[SeatQuery, Query()],
    viewer: CurrentViewer,
    tx: CurrentReading,
    pages: CurrentPages,
) -> Page[SeatAnswer]:
    """List the seats that you hold and those below them, or all where your role shows them."""
    cycle = await definitions.get(tx, cycle_id)
    window = pages.window(query, *seats.SEATS.sorting)
    return pages.page(query, await seats.list_seats(tx, viewer, cycle.id, window, query.filters()), SeatAnswer)


@router.post(
    "/{cycle_id}/seats",
    status_code=201,
    responses=problems(
        definition.CycleNotOpen,
        seat_rules.HasSeatAlready,
        seat_rules.SeatOfAnother,
        actions.PersonUnknown,
        actions.SuperiorHasNoSeat,
    ),
)
async def add_seat(cycle_id: UUID, body: SeatRequest, viewer: CurrentViewer, tx: CurrentWriting) -> SeatAnswer:
    """Add somebody who is new to the cycle below their superior; the decision is recorded."""
    added = await actions.add_person(
        tx, viewer, cycle_id, person_id=body.person_id, superior_id=body.superior_id, reason=body.reason
    )
    return SeatAnswer.model_validate(added)


@router.post(
    "/{cycle_id}/seats/{seat_id}/successions",
    status_code=201,
    responses=problems(seat_rules.SeatOfAnother, actions.PersonUnknown),
)
async def pass_seat(
    cycle_id: UUID, seat_id: UUID, body: SuccessionRequest, viewer: CurrentViewer, tx: CurrentWriting
) -> SeatAnswer:
    """Pass a leaver's seat to a successor, or to the superior; the decision is recorded."""
    passed = await actions.pass_seat(tx, viewer, cycle_id, seat_id, successor_id=body.successor_id, reason=body.reason)
    return SeatAnswer.model_validate(passed)
