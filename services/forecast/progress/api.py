"""Routes: who has handed in nothing, and how far a part of a cycle has come."""

from dataclasses import asdict
from typing import Annotated
from uuid import UUID

from fastapi import Query

from orgchart.viewer import CurrentViewer
from servicekit.web.pages import CurrentPages, Page
from servicekit.web.problems import problems
from servicekit.web.router import CurrentReading, CurrentSnapshot, Router
from services.forecast.cycles.rules.definition import CycleNotOpen
from services.forecast.progress import actions, store
from services.forecast.progress.schemas import (
    ForecastProgressAnswer,
    MissingForecastAnswer,
    MissingForecastQuery,
    ProgressQuery,
)
from services.forecast.rollup.store.progress import Progress
from services.forecast.settings import CurrentPresent

router = Router(prefix="/v1/forecast-cycles", tags=["Forecasts"])


@router.get("/{cycle_id}/missing-forecasts", responses=problems(CycleNotOpen))
async def list_missing_forecasts(
    cycle_id: UUID,
    query: Annotated[MissingForecastQuery, Query()],
    viewer: CurrentViewer,
    tx: CurrentReading,
    pages: CurrentPages,
    *,
    present: CurrentPresent,
) -> Page[MissingForecastAnswer]:
    """List who has handed in nothing, of the seats that you may see, and for how long they are late."""
    window = pages.window(query, *store.MISSING.sorting)
    found, missing = await actions.list_missing(tx, viewer, cycle_id, window, query.filters(), now=present.now)
    items = [MissingForecastAnswer.model_validate(each) for each in missing]
    return pages.answered(query, found, items, MissingForecastAnswer)


@router.get("/{cycle_id}/progress", responses=problems(CycleNotOpen))
async def get_forecast_progress(
    cycle_id: UUID,
    query: Annotated[ProgressQuery, Query()],
    viewer: CurrentViewer,
    tx: CurrentSnapshot,
    present: CurrentPresent,
) -> ForecastProgressAnswer:
    """Read how many have handed in, are missing and late in the whole part below a seat, and on each level of it."""
    cycle, levels = await actions.progress_of(tx, viewer, cycle_id, query.seat_id, present.now)
    names = Progress.__dataclass_fields__
    whole = {name: sum(getattr(each, name) for each in levels.values()) for name in names}
    by_level = [{"level": level, "due_at": cycle.due_at(level), **asdict(each)} for level, each in levels.items()]
    return ForecastProgressAnswer.model_validate(
        {"cycle_id": cycle.id, "seat_id": query.seat_id, **whole, "levels": by_level}
    )
