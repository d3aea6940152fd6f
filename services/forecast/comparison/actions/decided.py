"""The decided forecast: what the tops say, with the decided lines in place of what sales said of them.

The publication of a demand plan asks for it: `decided_forecast` refuses while a line that needs a decision has none.
"""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from servicekit.data.transactions import Writing
from services.forecast.channels.store import forecasts
from services.forecast.channels.store.forecasts import LineRow
from services.forecast.comparison.actions.gathering import is_current
from services.forecast.comparison.rules import deciding
from services.forecast.comparison.rules.comparing import ZERO, Key
from services.forecast.comparison.rules.deciding import Choice, DecidedFigure
from services.forecast.comparison.rules.spreading import Portion, spread_line
from services.forecast.comparison.store import comparisons, lines
from services.forecast.comparison.store.comparisons import Comparison
from services.forecast.comparison.store.lines import Decision
from services.forecast.comparison.store.walking import Lines, by_line, side_by_side
from services.forecast.confirmation.rules.lines import Item
from services.forecast.cycles.rules.definition import Cycle
from services.forecast.cycles.store import seats
from services.forecast.rollup.rules.cells import NOTHING, UNSPECIFIED, Figures, Part
from services.forecast.rollup.store import submissions


@dataclass(frozen=True, slots=True)
class DecidedLine:
    """A figure of the decided forecast and where it comes from.

    `sales` is what the unit's tops say of this item, month and place; without a `decision_id` the figure is that.
    With one, the decision's line as a whole (`decision_id`) was spread over its items and places.
    """

    business_unit_id: UUID | None
    item: Item
    month: date
    place: str
    week: date | None
    figures: Figures
    sales: Figures
    decision_id: UUID | None


async def decided_forecast(tx: Writing, cycle: Cycle, tops: Mapping[UUID, UUID]) -> AsyncIterator[DecidedLine]:
    """Yield what is to be prepared, of every unit that has a top among `tops` (record by seat; seats are locked).

    It goes from line to line of each unit and holds one line at a time. In units without a source that forecasts for
    the cycle, sales stand.

    Raises:
        LinesUndecided: a unit with sources has not gathered or not decided what it must.
    """
    said = await forecasts.current_in(tx, cycle.id)
    of_units: dict[UUID | None, dict[UUID, UUID]] = {}
    for top in await seats.tops_of(tx, cycle.id):
        if top.id in tops:
            of_units.setdefault(top.business_unit_id, {})[top.id] = tops[top.id]
    comparisons_of = await _settled(tx, cycle, sorted({each.business_unit_id for each in said} & {*of_units}))
    for unit, records in sorted(of_units.items(), key=lambda each: str(each[0])):
        sources = {each.id: each.source_id for each in said if each.business_unit_id == unit}
        sales = by_line(submissions.each_result(tx, records, cycle.plan), _line_of_part)
        comparison = comparisons_of.get(unit)
        sides: list[Lines[Any]] = [sales]
        if comparison is not None:
            sides.append(by_line(lines.each_decision(tx, comparison.id), lambda decision: decision.key))
            sides.append(by_line(forecasts.each_line(tx, list(sources)), _line_of_row))
        async for key, (parts, *others) in side_by_side(*sides):
            decisions, rows = others or ([], [])
            said_by = [(sources[row.channel_forecast_id], row) for row in rows]
            decision = next(iter(decisions), None)
            for line in _decided_line(unit, key, _sales_of(parts), decision, said_by, scale=cycle.scale):
                yield line


def _line_of_part(part: Part) -> Key:
    return Key(part.cell.item.product_line_id, part.cell.month)


def _line_of_row(row: LineRow) -> Key:
    return Key(row.product_line_id, row.month)


async def _settled(tx: Writing, cycle: Cycle, units: Sequence[UUID]) -> dict[UUID | None, Comparison]:
    """Return the comparisons of units, all locked and with every decision taken, or refuse where one is not settled."""
    found = {each.business_unit_id: each for each in await comparisons.lock_of_units(tx, cycle.id, units)}
    unsettled: list[dict[str, Any]] = []
    settled: dict[UUID | None, Comparison] = {}
    for unit in units:
        comparison = found.get(unit)
        open_lines = (await comparisons.counts_of(tx, comparison.id)).need_decision if comparison else None
        is_stale = comparison is not None and not await is_current(tx, comparison)
        if comparison is None or is_stale or open_lines:
            unsettled.append(_unsettled(unit, comparison, open_lines, is_stale=is_stale))
        else:
            settled[unit] = comparison
    if unsettled:
        raise deciding.LinesUndecided(unsettled)
    return settled


def _unsettled(unit: UUID, comparison: Comparison | None, count: int | None, *, is_stale: bool) -> dict[str, Any]:
    return {
        "business_unit_id": str(unit),
        "comparison_id": str(comparison.id) if comparison else None,
        "is_stale": is_stale,
        "lines": count,
    }


Where = tuple[Item, str, date | None]
"""An item, a place, and in a cycle by weeks a week."""

Sales = dict[Where, Figures]


def _sales_of(parts: Iterable[Part]) -> Sales:
    """Return what tops say of a line, by item and place."""
    sales: Sales = {}
    for part in parts:
        where = (part.cell.item, part.cell.place, part.cell.week)
        sales[where] = sales.get(where, NOTHING) + part.figures
    return sales


def _decided_line(
    unit: UUID | None,
    key: Key,
    sales: Sales,
    decision: Decision | None,
    said: Iterable[tuple[UUID, LineRow]],
    *,
    scale: int,
) -> list[DecidedLine]:
    """Return a line as it was decided, or else as sales say it; `said`: what the sources say of it."""
    if decision is None or decision.choice == Choice.SALES:
        decision_id = decision.id if decision else None
        return [
            DecidedLine(unit, item, key.month, place, week, figures, figures, decision_id)
            for (item, place, week), figures in sales.items()
        ]
    portions = [Portion(item, place, figures, week) for (item, place, week), figures in sales.items()]
    spread = spread_line(_figure(decision), key.product_line_id, portions, _source_portions(decision, said), scale)
    return [
        DecidedLine(
            unit,
            each.item,
            key.month,
            each.place,
            each.week,
            each.figures,
            sales.get((each.item, each.place, each.week), NOTHING),
            decision.id,
        )
        for each in spread
    ]


def _figure(decision: Decision) -> DecidedFigure:
    return DecidedFigure(decision.amount, decision.quantity, decision.unit, decision.unit_is_whole)


def _source_portions(decision: Decision, said: Iterable[tuple[UUID, LineRow]]) -> list[Portion]:
    """Return where the sources that a decision took have the line; of a figure by hand, all that know it."""
    taken = {UUID(each["source_id"]) for each in decision.weights if each["source_id"]}
    if decision.source_id is not None:
        taken = {decision.source_id}
    sums: dict[tuple[Item, str], Figures] = {}
    for source_id, row in said:
        if not taken or source_id in taken:
            where = (row.item, row.place or UNSPECIFIED)
            figures = Figures(row.quantity or ZERO, row.amount or ZERO)
            sums[where] = sums.get(where, NOTHING) + figures
    return [Portion(item, place, figures) for (item, place), figures in sums.items()]
