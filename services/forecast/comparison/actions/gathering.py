"""Gathering what is compared: the unit's top records, and what each of its open sources said last."""

from uuid import UUID

from orgchart.viewer import Viewer
from servicekit.data.transactions import Questions, Writing
from services.forecast import events
from services.forecast.channels.actions.keeping import works_for_unit
from services.forecast.channels.rules.forecasts import UnitNotInCycle
from services.forecast.comparison.rules import comparing, deciding
from services.forecast.comparison.store import comparisons, lines, sides
from services.forecast.comparison.store.comparisons import Comparison
from services.forecast.comparison.store.lines import StandingLine
from services.forecast.comparison.store.sides import Tops
from services.forecast.cycles.rules.definition import Cycle, CycleState, check_open
from services.forecast.cycles.store import definitions


async def gather(tx: Writing, viewer: Viewer, cycle_id: UUID, business_unit_id: UUID) -> Comparison:
    """Begin or refresh a unit's comparison in a cycle; decisions that rest on other figures are flagged.

    Gathered again while nothing has changed, it stays as it is.
    """
    if viewer.person_id is None or not await works_for_unit(tx, viewer, business_unit_id):
        raise deciding.MayNotDecide
    cycle = await definitions.get(tx, cycle_id)
    check_open(CycleState(cycle.state))
    tops = await ready_tops(tx, cycle, business_unit_id)
    comparison = await comparisons.begin(tx, cycle.id, business_unit_id, viewer.person_id)
    said = await sides.forecasts_of(tx, cycle.id, business_unit_id)
    tolerance = await comparisons.tolerance_of(tx, cycle.id, business_unit_id)
    forecast_ids = [each.id for each in said]
    gathered = (tops.record_ids, forecast_ids, tolerance)
    if comparison.version and gathered == (
        comparison.top_ids,
        comparison.channel_forecast_ids,
        comparison.tolerance,
    ):
        return comparison
    rows = await sides.rows_by_source(tx, said)
    found = comparing.compared(await sides.sales_lines(tx, cycle, tops), sides.source_lines(rows))
    decisions = await lines.latest_decisions(tx, comparison.id)
    standing = []
    for line in found:
        decision = decisions.get(line.key)
        is_stale = decision is not None and deciding.is_stale(decision.basis, line)
        beyond = comparing.is_beyond(line, tolerance)
        standing.append(StandingLine(line, beyond, decision.id if decision else None, is_stale))
    await lines.rewrite(tx, comparison.id, standing)
    await comparisons.set_gathered(
        tx,
        comparison,
        tolerance=tolerance,
        tops=tops.record_ids,
        forecasts=forecast_ids,
        by=viewer.person_id,
    )
    return await told(tx, viewer, comparison.id, events.COMPARISON_GATHERED)


async def ready_tops(tx: Questions, cycle: Cycle, business_unit_id: UUID) -> Tops:
    """Return the tops of a unit's lines, all of them handed in and true.

    Raises:
        UnitNotInCycle: no line of the unit has its top in the cycle.
        SalesForecastNotReady: a top is missing, in the making or stale.
    """
    tops = await sides.tops_of(tx, cycle.id, business_unit_id)
    if not tops.seats:
        raise UnitNotInCycle
    if tops.wanting:
        raise deciding.SalesForecastNotReady(tops.wanting)
    return tops


async def is_current(tx: Questions, comparison: Comparison) -> bool:
    """Tell whether a comparison still holds what the tops and the sources say."""
    tops = await sides.tops_of(tx, comparison.cycle_id, comparison.business_unit_id)
    said = await sides.forecasts_of(tx, comparison.cycle_id, comparison.business_unit_id)
    same_sources = [each.id for each in said] == comparison.channel_forecast_ids
    return not tops.wanting and tops.record_ids == comparison.top_ids and same_sources


async def told(tx: Writing, viewer: Viewer, comparison_id: UUID, event: str) -> Comparison:
    """Tell of what a comparison is now, and return it."""
    found = await comparisons.get(tx, viewer, comparison_id)
    said = {"id": str(found.id), "version": found.version, "cycle_id": str(found.cycle_id)}
    tx.publish(event, found.id, said | {"business_unit_id": str(found.business_unit_id)})
    return found
