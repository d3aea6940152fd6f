"""Routes of sources and of what they forecast."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from orgchart.viewer import CurrentViewer
from servicekit.data.chunks import Done, one_by_one
from servicekit.data.transactions import Writing
from servicekit.web.batches import Batch, BatchAnswer, CurrentBatches
from servicekit.web.etags import IfMatch
from servicekit.web.jobs.accepting import batch_operation
from servicekit.web.pages import CurrentPages, Page
from servicekit.web.problems import problems
from servicekit.web.router import CurrentReading, CurrentWriting, Router
from services.forecast.channels.actions import forecasting, keeping
from services.forecast.channels.actions.keeping import Fields, Reference
from services.forecast.channels.rules import forecasts as rules
from services.forecast.channels.rules import sources as source_rules
from services.forecast.channels.schemas import (
    ChannelForecastAnswer,
    ChannelForecastInput,
    ChannelForecastLineAnswer,
    ChannelForecastLineQuery,
    ChannelForecastQuery,
    ForecastSourceAnswer,
    ForecastSourceImport,
    ForecastSourceInput,
    ForecastSourcePatch,
    ForecastSourceQuery,
    ForecastSourceRequest,
)
from services.forecast.channels.store import forecasts, sources
from services.forecast.cycles.rules.definition import CycleNotOpen

sources_router = Router(prefix="/v1/forecast-sources", tags=["Channel forecasts"])
router = Router(prefix="/v1/channel-forecasts", tags=["Channel forecasts"])
KEEPING = (source_rules.MayNotKeepSources, source_rules.ResponsibleUnknown, source_rules.SourceNameTaken)


def _fields(body: ForecastSourceInput) -> Fields:
    return Fields(body.name, body.kind, body.responsible_id)


@sources_router.get("")
async def list_forecast_sources(
    query: Annotated[ForecastSourceQuery, Query()], viewer: CurrentViewer, tx: CurrentReading, pages: CurrentPages
) -> Page[ForecastSourceAnswer]:
    """List the sources of the units whose forecast you see, and those that you are responsible for."""
    window = pages.window(query, *sources.SOURCES.sorting)
    return pages.page(query, await sources.list_sources(tx, viewer, window, query.filters()), ForecastSourceAnswer)


@sources_router.post(
    "",
    status_code=201,
    responses=problems(*KEEPING, source_rules.UnitUnknown, source_rules.SourceReferenceTaken),
)
async def create_forecast_source(
    body: ForecastSourceRequest, viewer: CurrentViewer, tx: CurrentWriting
) -> ForecastSourceAnswer:
    """Name a source of a business unit: a channel, or somebody else who knows what will be sold."""
    given = body.external_reference
    reference = Reference(given.system, given.id) if given else None
    return ForecastSourceAnswer.of(await keeping.create(tx, viewer, body.business_unit_id, _fields(body), reference))


@batch_operation(sources_router)
async def import_forecast_sources(
    body: Batch[ForecastSourceImport], viewer: CurrentViewer, batches: CurrentBatches
) -> BatchAnswer:
    """Add or change up to 500 sources by their references."""

    async def step(tx: Writing, item: ForecastSourceImport) -> Done:
        given = item.external_reference
        reference = Reference(given.system, given.id)
        return await keeping.upsert(tx, viewer, reference, item.business_unit_id, _fields(item))

    return await batches.run(body, one_by_one(step))


@sources_router.get("/{source_id}")
async def get_forecast_source(source_id: UUID, viewer: CurrentViewer, tx: CurrentReading) -> ForecastSourceAnswer:
    """Read a source."""
    return ForecastSourceAnswer.of(await sources.get(tx, viewer, source_id))


@sources_router.patch("/{source_id}", responses=problems(*KEEPING, source_rules.SourceClosed))
async def change_forecast_source(
    source_id: UUID, body: ForecastSourcePatch, version: IfMatch, viewer: CurrentViewer, tx: CurrentWriting
) -> ForecastSourceAnswer:
    """Change what is said of a source."""
    present = keeping.fields_of(await sources.get(tx, viewer, source_id))
    named = "responsible_id" in body.model_fields_set
    fields = Fields(
        body.name or present.name,
        body.kind or present.kind,
        body.responsible_id if named else present.responsible_id,
    )
    return ForecastSourceAnswer.of(await keeping.change(tx, viewer, source_id, fields, version))


@sources_router.post(
    "/{source_id}/closings",
    status_code=201,
    responses=problems(source_rules.MayNotKeepSources, source_rules.SourceClosed),
)
async def close_forecast_source(source_id: UUID, viewer: CurrentViewer, tx: CurrentWriting) -> ForecastSourceAnswer:
    """End a source: it forecasts no more and is compared with no more; what it said is kept."""
    return ForecastSourceAnswer.of(await keeping.close(tx, viewer, source_id))


@router.get("")
async def list_channel_forecasts(
    query: Annotated[ChannelForecastQuery, Query()], viewer: CurrentViewer, tx: CurrentReading, pages: CurrentPages
) -> Page[ChannelForecastAnswer]:
    """List what sources said, the latest first; what was superseded too."""
    window = pages.window(query, *forecasts.FORECASTS.sorting)
    found = await forecasts.list_forecasts(tx, viewer, window, query.filters())
    return pages.page(query, found, ChannelForecastAnswer)


@router.post(
    "",
    status_code=201,
    responses=problems(
        source_rules.MayNotForecast,
        source_rules.SourceClosed,
        CycleNotOpen,
        rules.UnitNotInCycle,
        rules.LinesRefused,
        rules.ForecastUnchanged,
    ),
)
async def submit_channel_forecast(
    body: ChannelForecastInput, viewer: CurrentViewer, tx: CurrentWriting
) -> ChannelForecastAnswer:
    """Enter all that a source says for a cycle; it supersedes what the source said before, which is kept."""
    made = await forecasting.submit(tx, viewer, body.source_id, body.cycle_id, body.stated(), note=body.note)
    return ChannelForecastAnswer.model_validate(made)


@batch_operation(router)
async def import_channel_forecasts(
    body: Batch[ChannelForecastInput], viewer: CurrentViewer, batches: CurrentBatches
) -> BatchAnswer:
    """Enter what up to 500 sources say; what the latest of a source says already is `unchanged`."""

    async def step(tx: Writing, item: ChannelForecastInput) -> Done:
        return await forecasting.upsert(tx, viewer, item.source_id, item.cycle_id, item.stated(), note=item.note)

    return await batches.run(body, one_by_one(step))


@router.get("/{channel_forecast_id}")
async def get_channel_forecast(
    channel_forecast_id: UUID, viewer: CurrentViewer, tx: CurrentReading
) -> ChannelForecastAnswer:
    """Read what a source said, without its lines."""
    return ChannelForecastAnswer.model_validate(await forecasts.get(tx, viewer, channel_forecast_id))


@router.get("/{channel_forecast_id}/lines")
async def list_channel_forecast_lines(
    channel_forecast_id: UUID,
    query: Annotated[ChannelForecastLineQuery, Query()],
    viewer: CurrentViewer,
    tx: CurrentReading,
    pages: CurrentPages,
) -> Page[ChannelForecastLineAnswer]:
    """List the figures of what a source said, by product line, month and place."""
    found = await forecasts.get(tx, viewer, channel_forecast_id)
    window = pages.window(query, *forecasts.LINES.sorting)
    rows = await forecasts.list_lines(tx, found.id, window, query.filters())
    return pages.page(query, rows, ChannelForecastLineAnswer)
