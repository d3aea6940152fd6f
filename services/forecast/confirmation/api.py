"""Routes by which a cycle opens, and principals look through their opportunities and confirm them."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from orgchart.viewer import CurrentViewer
from servicekit.web.pages import CurrentPages, Page
from servicekit.web.problems import problems
from servicekit.web.router import CurrentReading, CurrentWriting, Router
from services.forecast.clients.opportunity import CurrentOpportunities
from services.forecast.confirmation.actions import confirming as actions
from services.forecast.confirmation.actions import opening
from services.forecast.confirmation.rules import confirming, lines
from services.forecast.confirmation.schemas import (
    CandidateAnswer,
    CandidateQuery,
    ConfirmationAnswer,
    ConfirmationRequest,
    CustomerForecastAnswer,
    OpeningAnswer,
)
from services.forecast.confirmation.store import candidates, known
from services.forecast.confirmation.store.of_customer import of_customer
from services.forecast.confirmation.tables import InAnotherForecast
from services.forecast.cycles import actions as cycles
from services.forecast.cycles.rules.definition import CycleNotOpen, CycleOpenAlready
from services.forecast.cycles.rules.rates import RateMissing
from services.forecast.cycles.rules.seats import NobodyTakesPart, ParticipantUnknown
from services.forecast.cycles.store import definitions
from services.forecast.cycles.store.seats import NoSeat
from services.forecast.settings import CurrentPresent

router = Router(prefix="/v1/forecast-cycles", tags=["Forecast cycles"])
customers_router = Router(prefix="/v1/forecasts/by-customer", tags=["Forecasts"])


@customers_router.get("/{customer_id}")
async def get_customer_forecast(customer_id: UUID, viewer: CurrentViewer, tx: CurrentReading) -> CustomerForecastAnswer:
    """Read what of a customer is confirmed in the open cycles, on the seats that you see; nothing where none is."""
    found = await of_customer(tx, viewer, customer_id)
    return CustomerForecastAnswer.model_validate({"items": found})


@router.post(
    "/{cycle_id}/openings",
    status_code=201,
    responses=problems(CycleOpenAlready, NobodyTakesPart, ParticipantUnknown, cycles.NotOperations),
)
async def open_forecast_cycle(
    cycle_id: UUID,
    *,
    viewer: CurrentViewer,
    reading: CurrentReading,
    tx: CurrentWriting,
    opportunities: CurrentOpportunities,
    present: CurrentPresent,
) -> OpeningAnswer:
    """Open a cycle: today's reporting lines and exchange rates are frozen with it, and what is won enters."""
    cycle = await definitions.get(reading, cycle_id)
    cycles.check_operations(viewer)
    rates = await opportunities.rates_into(cycle.currency, await known.currencies(reading), present.today)
    products = await opportunities.products(await known.products_never_told_of(reading))
    opened = await opening.open_cycle(tx, viewer, cycle_id, on=present.today, rates=rates, products=products)
    return OpeningAnswer.model_validate(opened)


@router.get("/{cycle_id}/candidates", responses=problems(NoSeat))
async def list_candidates(
    cycle_id: UUID,
    query: Annotated[CandidateQuery, Query()],
    viewer: CurrentViewer,
    tx: CurrentReading,
    pages: CurrentPages,
) -> Page[CandidateAnswer]:
    """List the opportunities that are expected in the period, and what was said of them."""
    cycle = await definitions.get(tx, cycle_id)
    seat = await cycles.seat_chosen(tx, viewer, cycle, query.seat_id)
    window = pages.window(query, *candidates.CANDIDATES.sorting)
    found = await candidates.list_candidates(tx, cycle, seat.holder_id, window, query.chosen())
    return pages.page(query, found, CandidateAnswer)


@router.post(
    "/{cycle_id}/confirmations",
    status_code=201,
    responses=problems(
        CycleNotOpen,
        InAnotherForecast,
        NoSeat,
        RateMissing,
        confirming.AmountUnknown,
        confirming.CategoryNotConfirmable,
        confirming.CloseOutsidePeriod,
        confirming.CloseUnknown,
        confirming.ForecastHandedIn,
        confirming.NotPrincipal,
        confirming.OpportunityDecided,
        confirming.OpportunityOutdated,
        confirming.OpportunityUnknownVersion,
        confirming.ProductUnknown,
        confirming.StageNotConfirmable,
        lines.LinesDoNotAddUp,
        lines.QuantityWrong,
    ),
)
async def confirm_opportunity(
    cycle_id: UUID,
    *,
    body: ConfirmationRequest,
    viewer: CurrentViewer,
    reading: CurrentReading,
    tx: CurrentWriting,
    opportunities: CurrentOpportunities,
) -> ConfirmationAnswer:
    """Confirm one of your opportunities into a category, or say that it is omitted; said again, the last holds."""
    cycle = await definitions.get(reading, cycle_id)
    known_version = await known.find_version(reading, body.opportunity_id)
    told = await opportunities.find_newer(body.opportunity_id, body.opportunity_version, known_version)
    unknown = await known.missing_products(reading, body.product_ids(told))
    heard = actions.Told(told, await opportunities.products(unknown))
    made, parts = await actions.confirm(tx, viewer, cycle_id, body.as_statement(), heard)
    return ConfirmationAnswer.of(made, parts, cycle.currency)
