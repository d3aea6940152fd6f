"""What a draft holds: its own lines, what it gathered, and what its adjustments come to over the cells of that.

Of what it gathered only the cells that an adjustment may change are read; handing in adds up the others where they lie.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from servicekit.data.transactions import Questions
from services.forecast.confirmation.store import live
from services.forecast.cycles.rules.definition import Category, Cycle, Granularity
from services.forecast.rollup.rules import adjustments, sums
from services.forecast.rollup.rules.adjustments import Adjustment, Applied
from services.forecast.rollup.rules.cells import Cell, Figures, Part, Total, cell_of, summed
from services.forecast.rollup.rules.states import Record
from services.forecast.rollup.store import records, submissions

Totals = Mapping[Category, Total]


@dataclass(frozen=True, slots=True)
class Contents:
    """What a draft holds; `delivered_to` says where the customer of each confirmation is."""

    parts: Mapping[UUID, UUID]
    delivered_to: Mapping[UUID, str | None]
    own: Mapping[Cell, Figures]
    applied: Sequence[Applied]


async def contents_of(tx: Questions, cycle: Cycle, record: Record) -> Contents:
    """Return what a draft holds now."""
    parts = await records.gathered_by(tx, record.id)
    own = await live.own_lines(tx, record.seat_id)
    made = [each.as_rule() for each in await records.adjustments_in(tx, record.id)]
    return Contents(
        parts=parts,
        delivered_to={line.confirmation_id: line.delivered_to for line in own},
        own=summed(_own_part(cycle, line) for line in own),
        applied=await applied_to_cells(tx, cycle, made, parts),
    )


async def applied_to_cells(
    tx: Questions, cycle: Cycle, made: Sequence[Adjustment], parts: Mapping[UUID, UUID]
) -> list[Applied]:
    """Return what adjustments come to, and what each changes in which cell of what was gathered (record by seat)."""
    if not made:
        return []
    touched = sums.touched(made, cycle.plan)
    gathered = await submissions.results_of(tx, parts, touched)
    gathered += [part for part in sums_below(await totals_below(tx, parts)) if part.cell.category not in touched]
    return adjustments.applied(made, gathered, cycle.plan, cycle.scale)


async def totals_below(tx: Questions, parts: Mapping[UUID, UUID]) -> dict[UUID, Totals]:
    """Return the totals by category of submitted records, by seat."""
    found = await submissions.totals_of(tx, parts.values())
    return {seat_id: found[forecast_id] for seat_id, forecast_id in parts.items()}


def sums_below(below: Mapping[UUID, Totals]) -> list[Part]:
    """Return totals by category as parts, each in the name of its seat."""
    return [
        sums.part_of(seat_id, category, total.result)
        for seat_id, by_category in below.items()
        for category, total in by_category.items()
    ]


def _own_part(cycle: Cycle, own: live.OwnLine) -> Part:
    granularity = Granularity(cycle.granularity)
    cell = cell_of(own.category, own.line, granularity, own.delivered_to, is_by_week=cycle.is_by_week)
    return Part(None, cell, Figures(own.line.quantity or Decimal(0), own.line.amount))
