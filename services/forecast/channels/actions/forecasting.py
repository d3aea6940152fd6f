"""What a source says for a cycle is taken in: as a whole, superseding what it said before."""

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

from orgchart.viewer import Viewer
from servicekit.data.chunks import Done
from servicekit.data.transactions import Questions, Writing
from servicekit.values.ids import new_id
from services.forecast import events
from services.forecast.channels.actions.keeping import works_for_unit
from services.forecast.channels.rules import forecasts as rules
from services.forecast.channels.rules import sources as source_rules
from services.forecast.channels.rules.forecasts import ChannelForecast, StatedLine
from services.forecast.channels.rules.sources import Source
from services.forecast.channels.store import forecasts, sources
from services.forecast.cycles.rules.definition import CycleState, check_open
from services.forecast.cycles.store import definitions


async def submit(
    tx: Writing,
    viewer: Viewer,
    source_id: UUID,
    cycle_id: UUID,
    stated: Sequence[StatedLine],
    *,
    note: str | None = None,
) -> ChannelForecast:
    """Take in all that a source says for a cycle; what it said before is superseded and kept."""
    source = await sources.lock(tx, viewer, source_id)
    await _check_may_forecast(tx, viewer, source)
    source_rules.check_open(source)
    cycle = await definitions.get(tx, cycle_id)
    check_open(CycleState(cycle.state))
    if not await forecasts.takes_part(tx, cycle.id, source.business_unit_id):
        raise rules.UnitNotInCycle
    items = await forecasts.items_of(tx, {line.product_line_id for line in stated})
    rates = await definitions.rates_by_currency(tx, cycle.id)
    lines = rules.counted(stated, items, cycle, rates)
    latest = await forecasts.find_latest(tx, source.id, cycle.id)
    rules.check_news(lines, latest, await forecasts.said_in(tx, latest.id) if latest else [])
    forecast_id, number = new_id(), latest.number + 1 if latest else 1
    values = {
        "id": forecast_id,
        "source_id": source.id,
        "cycle_id": cycle.id,
        "number": number,
        "currency": cycle.currency,
        "total": sum((line.amount or Decimal(0) for line in lines), Decimal(0)),
        "note": note,
        "submitted_by": viewer.person_id,
        "on_behalf_of": viewer.on_behalf_of,
        "submitted_at": tx.now,
    }
    await forecasts.append(tx, values, lines)
    told = {"id": str(forecast_id), "source_id": str(source.id), "cycle_id": str(cycle.id), "number": number}
    tx.publish(events.CHANNEL_FORECAST_SUBMITTED, forecast_id, told)
    return await forecasts.get(tx, viewer, forecast_id)


async def upsert(
    tx: Writing, viewer: Viewer, source_id: UUID, cycle_id: UUID, stated: Sequence[StatedLine], *, note: str | None
) -> Done:
    """Take in what a source says, unless its latest says so already."""
    try:
        made = await submit(tx, viewer, source_id, cycle_id, stated, note=note)
    except rules.ForecastUnchanged as refusal:
        return Done("unchanged", UUID(refusal.channel_forecast_id))
    return Done("created" if made.number == 1 else "updated", made.id)


async def _check_may_forecast(tx: Questions, viewer: Viewer, source: Source) -> None:
    if viewer.acts_as is not None and source.responsible_id == viewer.acts_as:
        return
    if not await works_for_unit(tx, viewer, source.business_unit_id):
        raise source_rules.MayNotForecast
