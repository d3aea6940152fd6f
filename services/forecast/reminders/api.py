"""Route: what was reminded of."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from orgchart.viewer import CurrentViewer
from servicekit.web.pages import CurrentPages, Page
from servicekit.web.router import CurrentReading, Router
from services.forecast.cycles.store import definitions
from services.forecast.cycles.store.seats import SeatScope
from services.forecast.reminders import store
from services.forecast.reminders.schemas import ForecastReminderAnswer, ForecastReminderQuery

router = Router(prefix="/v1/forecast-cycles", tags=["Forecasts"])


@router.get("/{cycle_id}/reminders")
async def list_forecast_reminders(
    cycle_id: UUID,
    query: Annotated[ForecastReminderQuery, Query()],
    viewer: CurrentViewer,
    tx: CurrentReading,
    pages: CurrentPages,
) -> Page[ForecastReminderAnswer]:
    """List what was reminded of in a cycle, of your seat and all below it: once each turn, until handed in."""
    cycle = await definitions.get(tx, cycle_id)
    window = pages.window(query, *store.REMINDERS.sorting)
    found = await store.list_reminders(tx, SeatScope(viewer, cycle.id), window, query.filters())
    return pages.page(query, found, ForecastReminderAnswer)
