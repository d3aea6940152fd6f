"""Deciding lines of a comparison, and saying by how much sources may differ."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from orgchart.viewer import Viewer
from servicekit.data.transactions import Questions, Writing
from servicekit.values.ids import new_id
from servicekit.values.versions import check_version
from services.forecast import events
from services.forecast.channels.actions.keeping import works_for_unit
from services.forecast.comparison.actions.gathering import is_current, told
from services.forecast.comparison.rules import comparing, deciding
from services.forecast.comparison.rules.deciding import DecidedFigure, Wish
from services.forecast.comparison.store import comparisons, lines, sides
from services.forecast.comparison.store.comparisons import Comparison
from services.forecast.comparison.store.lines import LineRow, StandingLine
from services.forecast.cycles.store import definitions
from services.forecast.rollup.rules.states import OwnMatter


@dataclass(frozen=True, slots=True)
class Tolerance:
    """By how much sources may differ, why, and whether that holds for the cycle alone or for the unit."""

    tolerance: Decimal
    reason: str
    is_for_unit: bool


async def decide(tx: Writing, viewer: Viewer, comparison_id: UUID, version: int, wishes: Sequence[Wish]) -> Comparison:
    """Decide lines, all of them or none; what was decided before is kept and counts no more."""
    comparison = await _lock(tx, viewer, comparison_id, version)
    await _check_own_matter(tx, viewer, comparison)
    if not await is_current(tx, comparison):
        raise deciding.ComparisonStale
    cycle = await definitions.get(tx, comparison.cycle_id)
    rows = {row.line.key: row for row in await lines.all_of(tx, comparison.id)}
    before = await lines.latest_decisions(tx, comparison.id)
    written: list[dict[str, Any]] = []
    standing: dict[UUID, StandingLine] = {}
    for place, wish in enumerate(wishes):
        field = f"/decisions/{place}"
        row = rows.get(wish.key)
        if row is None:
            raise deciding.ComparedLineUnknown("The comparison has no such line.", field=field)
        if row.id in standing:
            raise deciding.DecisionUnclear("This line is decided twice.", field=field)
        figure = deciding.decided_figure(wish, row.line, cycle.scale, field)
        number = before[wish.key].number + 1 if wish.key in before else 1
        values = _decision(wish, row, figure) | {"number": number, "decided_at": tx.now}
        values |= {"decided_by": viewer.person_id, "on_behalf_of": viewer.on_behalf_of}
        written.append(values)
        standing[row.id] = StandingLine(row.line, row.is_beyond, values["id"], decision_is_stale=False)
    await lines.append_decisions(tx, written)
    await lines.stand(tx, comparison.id, standing)
    await comparisons.touch(tx, comparison, comparison.tolerance)
    return await told(tx, viewer, comparison.id, events.COMPARISON_DECIDED)


async def set_tolerance(
    tx: Writing, viewer: Viewer, comparison_id: UUID, version: int, wanted: Tolerance
) -> Comparison:
    """Say by how much sources may differ, in this cycle or wherever the unit says nothing else."""
    comparison = await _lock(tx, viewer, comparison_id, version)
    values = {
        "comparison_id": comparison.id,
        "business_unit_id": comparison.business_unit_id,
        "cycle_id": None if wanted.is_for_unit else comparison.cycle_id,
        "tolerance": wanted.tolerance,
        "reason": wanted.reason,
        "set_by": viewer.person_id,
    }
    await comparisons.add_tolerance(tx, values)
    tolerance = await comparisons.tolerance_of(tx, comparison.cycle_id, comparison.business_unit_id)
    changed = {
        row.id: StandingLine(row.line, beyond, row.decision_id, row.decision_is_stale)
        for row in await lines.all_of(tx, comparison.id)
        if (beyond := comparing.is_beyond(row.line, tolerance)) != row.is_beyond
    }
    await lines.stand(tx, comparison.id, changed)
    await comparisons.touch(tx, comparison, tolerance)
    return await told(tx, viewer, comparison.id, events.COMPARISON_TOLERANCE_SET)


async def _lock(tx: Writing, viewer: Viewer, comparison_id: UUID, version: int) -> Comparison:
    comparison = await comparisons.lock(tx, viewer, comparison_id)
    if viewer.person_id is None or not await works_for_unit(tx, viewer, comparison.business_unit_id):
        raise deciding.MayNotDecide
    check_version(comparison.version, version)
    return comparison


async def _check_own_matter(tx: Questions, viewer: Viewer, comparison: Comparison) -> None:
    """Refuse who holds a top of the unit: the sales forecast that is judged is their own."""
    people = {viewer.person_id, viewer.on_behalf_of}
    tops = await sides.tops_of(tx, comparison.cycle_id, comparison.business_unit_id)
    if any(top.holder_id in people for top in tops.seats):
        raise OwnMatter


def _decision(wish: Wish, row: LineRow, figure: DecidedFigure) -> dict[str, Any]:
    return {
        "id": new_id(),
        "comparison_id": row.comparison_id,
        "product_line_id": wish.key.product_line_id,
        "month": wish.key.month,
        "choice": wish.choice.value,
        "source_id": wish.source_id,
        "weights": [
            {"source_id": str(each.source_id) if each.source_id else None, "weight": str(each.share)}
            for each in wish.weights
        ],
        "parts": [
            {"source_id": str(source_id) if source_id else None, "amount": format(amount, "f")}
            for source_id, amount in figure.parts
        ],
        "basis": row.basis,
        "amount": figure.amount,
        "quantity": figure.quantity,
        "unit": figure.unit,
        "unit_is_whole": figure.unit_is_whole,
        "reason": wish.reason,
    }
