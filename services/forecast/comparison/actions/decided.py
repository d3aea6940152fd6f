"""The decided forecast: what the tops say, with the decided lines in place of what sales said of them.

The publication of a demand plan asks for it: `decided_forecast` refuses while a line that needs a decision has none.
"""

from collections.abc import Mapping, Sequence
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
from services.forecast.comparison.store import comparisons, lines, sides
from services.forecast.comparison.store.comparisons import Comparison
from services.forecast.comparison.store.lines import Decision
from services.forecast.confirmation.rules.lines import Item
from services.forecast.cycles.rules.definition import Cycle
from services.forecast.cycles.store import seats
from services.forecast.rollup.rules.cells import NOTHING, UNSPECIFIED, Figures, Part


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


async def decided_forecast(
    tx: Writing, cycle: Cycle, tops: Mapping[UUID, UUID], parts: Sequence[Part]
) -> list[DecidedLine]:
    """Return what is to be prepared, of every unit that has a top among `tops` (record by seat; seats are locked).

    `parts` are the cells of those records. In units without a source that forecasts for the cycle, sales stand.

    Raises:
        LinesUndecided: a unit with sources has not gathered or not decided what it must.
    """
    units = {top.id: top.business_unit_id for top in await seats.tops_of(tx, cycle.id)}
    said = await forecasts.current_in(tx, cycle.id)
    with_sources = {each.business_unit_id for each in said} & {
        unit for seat_id in tops if (unit := units[seat_id]) is not None
    }
    decisions = await _settled(tx, cycle, sorted(with_sources))
    sales = _sales_by_unit(cycle, parts, units)
    decided: list[DecidedLine] = []
    for unit in sorted({*sales, *decisions}, key=str):
        of_unit = [each for each in said if each.business_unit_id == unit]
        found = decisions.get(unit, {}) if unit else {}
        rows = await sides.rows_by_source(tx, of_unit) if found else {}
        decided += _lines_of_unit(unit, sales.get(unit, {}), found, rows, cycle.scale)
    return decided


async def _settled(tx: Writing, cycle: Cycle, units: Sequence[UUID]) -> dict[UUID | None, dict[Key, Decision]]:
    """Return the decisions that count in the comparisons of units, all locked, or refuse where one is not settled."""
    found = {each.business_unit_id: each for each in await comparisons.lock_of_units(tx, cycle.id, units)}
    unsettled: list[dict[str, Any]] = []
    decisions: dict[UUID | None, dict[Key, Decision]] = {}
    for unit in units:
        comparison = found.get(unit)
        open_lines = (await comparisons.counts_of(tx, comparison.id)).need_decision if comparison else None
        is_stale = comparison is not None and not await is_current(tx, comparison)
        if comparison is None or is_stale or open_lines:
            unsettled.append(_unsettled(unit, comparison, open_lines, is_stale=is_stale))
        else:
            known = {row.line.key for row in await lines.all_of(tx, comparison.id)}
            latest = await lines.latest_decisions(tx, comparison.id)
            decisions[unit] = {key: decision for key, decision in latest.items() if key in known}
    if unsettled:
        raise deciding.LinesUndecided(unsettled)
    return decisions


def _unsettled(unit: UUID, comparison: Comparison | None, count: int | None, *, is_stale: bool) -> dict[str, Any]:
    return {
        "business_unit_id": str(unit),
        "comparison_id": str(comparison.id) if comparison else None,
        "is_stale": is_stale,
        "lines": count,
    }


Where = tuple[Item, str, date | None]
"""An item, a place, and in a cycle by weeks a week."""

Sales = dict[Key, dict[Where, Figures]]


def _sales_by_unit(cycle: Cycle, parts: Sequence[Part], units: Mapping[UUID, UUID | None]) -> dict[UUID | None, Sales]:
    """Return what tops say in the categories of the plan: by unit and line, then by item and place."""
    sales: dict[UUID | None, Sales] = {}
    for part in parts:
        if part.cell.category not in cycle.plan or part.seat_id is None:
            continue
        key = Key(part.cell.item.product_line_id, part.cell.month)
        line = sales.setdefault(units[part.seat_id], {}).setdefault(key, {})
        where = (part.cell.item, part.cell.place, part.cell.week)
        line[where] = line.get(where, NOTHING) + part.figures
    return sales


def _lines_of_unit(
    unit: UUID | None,
    sales: Sales,
    decisions: Mapping[Key, Decision],
    rows: Mapping[UUID, Sequence[LineRow]],
    scale: int,
) -> list[DecidedLine]:
    decided: list[DecidedLine] = []
    for key in sorted({*sales, *decisions}, key=lambda each: each.order):
        own = sales.get(key, {})
        decision = decisions.get(key)
        if decision is None or decision.choice == Choice.SALES:
            decision_id = decision.id if decision else None
            decided += [
                DecidedLine(unit, item, key.month, place, week, figures, figures, decision_id)
                for (item, place, week), figures in own.items()
            ]
            continue
        portions = [Portion(item, place, figures, week) for (item, place, week), figures in own.items()]
        spread = spread_line(
            _figure(decision), key.product_line_id, portions, _source_portions(decision, key, rows), scale
        )
        decided += [
            DecidedLine(
                unit,
                each.item,
                key.month,
                each.place,
                each.week,
                each.figures,
                own.get((each.item, each.place, each.week), NOTHING),
                decision.id,
            )
            for each in spread
        ]
    return decided


def _figure(decision: Decision) -> DecidedFigure:
    return DecidedFigure(decision.amount, decision.quantity, decision.unit, decision.unit_is_whole)


def _source_portions(decision: Decision, key: Key, rows: Mapping[UUID, Sequence[LineRow]]) -> list[Portion]:
    """Return where the sources that a decision took have the line; of a figure by hand, all that know it."""
    taken = {UUID(each["source_id"]) for each in decision.weights if each["source_id"]}
    if decision.source_id is not None:
        taken = {decision.source_id}
    sums: dict[tuple[Item, str], Figures] = {}
    for source_id, listed in rows.items():
        for row in listed if not taken or source_id in taken else ():
            if (row.product_line_id, row.month) == (key.product_line_id, key.month):
                where = (row.item, row.place or UNSPECIFIED)
                said = Figures(row.quantity or ZERO, row.amount or ZERO)
                sums[where] = sums.get(where, NOTHING) + said
    return [Portion(item, place, figures) for (item, place), figures in sums.items()]
